// Order in a list that people arrange.

/** The list with one entry moved by so many places; out of the list it stays where it is. */
export function move<T>(list: T[], from: number, by: number): T[] {
  const to = from + by;
  const entry = list[from];
  if (entry === undefined || to < 0 || to >= list.length) return list;
  const rest = list.filter((_, at) => at !== from);
  return [...rest.slice(0, to), entry, ...rest.slice(to)];
}
