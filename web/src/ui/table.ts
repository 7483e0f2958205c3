// What a data table needs beside its markup: columns, the filter, the remembered choice.

export interface Column<Row> {
  id: string;
  label: string;
  /** The cell as plain text: shown, and searched by the filter. */
  text: (row: Row) => string;
  /** Drawn by the page's own snippet instead. */
  rich?: boolean;
  number?: boolean;
  /** Hidden until chosen. */
  extra?: boolean;
  /** Can't be hidden. */
  fixed?: boolean;
}

/** Whether every word of the filter is somewhere in the row; case and accents do not matter. */
export function matches<Row>(row: Row, columns: Column<Row>[], filter: string): boolean {
  const words = plain(filter).split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = plain(columns.map((column) => column.text(row)).join(' '));
  return words.every((word) => text.includes(word));
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '');
}

/** The hidden columns of a table, as kept in this browser; before any choice, the extra ones. */
export function storedColumns<Row>(table: string, columns: Column<Row>[]): string[] {
  const extra = columns.filter((column) => column.extra).map((column) => column.id);
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(`obhut.columns.${table}`) ?? 'null');
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : extra;
  } catch {
    return extra;
  }
}

/** Keeps the choice. */
export function rememberColumns(table: string, hidden: string[]): void {
  localStorage.setItem(`obhut.columns.${table}`, JSON.stringify(hidden));
}
