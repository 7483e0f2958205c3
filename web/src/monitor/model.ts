// What the screen shows at a moment: how many alarms side by side, which page of them, and the key in the address.

/** The key in a fragment such as `#key=mon_…`, or nothing. */
export function keyIn(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get('key') || null;
}

/** How long one page of alarms stands before the next. */
export const TURN = 10_000;

/** The alarms to show now: `room` of them side by side, turning every ten seconds. */
export function showing<T>(
  alarms: T[],
  room: number,
  now: number,
): { shown: T[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(alarms.length / room));
  const page = pages === 1 ? 0 : Math.floor(now / TURN) % pages;
  return { shown: alarms.slice(page * room, (page + 1) * room), page, pages };
}

/** The entry script a page names; another one means another version. */
export function scriptOf(html: string): string | null {
  return /<script[^>]+src="([^"]+)"/.exec(html)?.[1] ?? null;
}
