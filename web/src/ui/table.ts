// What a data table needs beside its markup: columns, the filter, the remembered choice.

export interface Column<Row> {
  id: string;
  label: string;
  /** The cell as plain text: shown, and searched by the filter. */
  text: (row: Row) => string;
  /** Drawn by the page's own snippet instead. */
  rich?: boolean;
  number?: boolean;
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

/** The hidden columns of a table, as kept in this browser. */
export function storedColumns(table: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(`obhut.columns.${table}`) ?? '[]');
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

/** Keeps the choice. */
export function rememberColumns(table: string, hidden: string[]): void {
  localStorage.setItem(`obhut.columns.${table}`, JSON.stringify(hidden));
}
