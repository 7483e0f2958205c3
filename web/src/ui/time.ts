// Times as people say them: "vor 2 Min.", "heute 14:03", durations and ISO 8601 periods in words.

export type Lang = 'de' | 'en';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "gerade eben", "vor 2 Min.", "in 3 Std."; days as days. */
export function ago(at: string | number, now: number, lang: Lang): string {
  const span = new Date(at).getTime() - now;
  const size = Math.abs(span);
  if (size < 45_000) {
    if (span > 10_000) return lang === 'de' ? 'gleich' : 'in a moment';
    return lang === 'de' ? 'gerade eben' : 'just now';
  }
  const [value, unit] =
    size < 59.5 * MINUTE
      ? [Math.max(1, Math.round(size / MINUTE)), 'minute' as const]
      : size < DAY
        ? [Math.round(size / HOUR), 'hour' as const]
        : [Math.round(size / DAY), 'day' as const];
  const format = new Intl.RelativeTimeFormat(lang, { style: 'short', numeric: 'always' });
  return format.format(span < 0 ? -value : value, unit);
}

/** How long an alarm runs, for reading at arm's length: "0:42", "12:07", "3:04 Std.". */
export function running(since: string, now: number, lang: Lang): string {
  const seconds = Math.max(0, Math.floor((now - new Date(since).getTime()) / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  const hours = Math.floor(seconds / 3600);
  const unit = lang === 'de' ? 'Std.' : 'h';
  return `${hours}:${two(Math.floor((seconds % 3600) / 60))} ${unit}`;
}

/** Date and time, exact to the second, in the organisation's zone. */
export function exact(at: string | number, lang: Lang, zone?: string): string {
  return new Intl.DateTimeFormat(lang === 'de' ? 'de-DE' : 'en-GB', {
    dateStyle: 'medium',
    timeStyle: 'medium',
    timeZone: zone,
  }).format(new Date(at));
}

/** "22.11. 04:00", with the year only when it is another one. */
export function moment(at: string | number, now: number, lang: Lang, zone?: string): string {
  const date = new Date(at);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(lang === 'de' ? 'de-DE' : 'en-GB', {
    day: '2-digit',
    month: '2-digit',
    year: sameYear ? undefined : 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zone,
  }).format(date);
}

/** The time of day, to the minute or to the second. */
export function clock(at: string | number, lang: Lang, zone?: string, seconds = false): string {
  return new Intl.DateTimeFormat(lang === 'de' ? 'de-DE' : 'en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: seconds ? '2-digit' : undefined,
    timeZone: zone,
  }).format(new Date(at));
}

const UNITS: Record<string, [de: string, deMany: string, en: string]> = {
  Y: ['Jahr', 'Jahre', 'year'],
  M: ['Monat', 'Monate', 'month'],
  W: ['Woche', 'Wochen', 'week'],
  D: ['Tag', 'Tage', 'day'],
  TH: ['Stunde', 'Stunden', 'hour'],
  TM: ['Minute', 'Minuten', 'minute'],
};

/** "P30D" → "30 Tage". What it can't read it returns as it is. */
export function period(iso: string, lang: Lang): string {
  const match = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(
    iso,
  );
  if (!match) return iso;
  const parts = ['Y', 'M', 'W', 'D', 'TH', 'TM'].flatMap((unit, at) => {
    const count = match[at + 1];
    const words = UNITS[unit];
    if (count === undefined || words === undefined) return [];
    const n = Number(count);
    if (lang === 'en') return [`${n} ${words[2]}${n === 1 ? '' : 's'}`];
    return [`${n} ${n === 1 ? words[0] : words[1]}`];
  });
  return parts.length > 0 ? parts.join(', ') : iso;
}

/** The one number and unit of a period, for a form; null when it has several. */
export function splitPeriod(iso: string): { count: number; unit: 'H' | 'D' | 'M' | 'Y' } | null {
  const match = /^P(?:(\d+)(D|M|Y|W)|T(\d+)H)$/.exec(iso);
  if (!match) return null;
  if (match[3] !== undefined) return { count: Number(match[3]), unit: 'H' };
  if (match[2] === 'W') return { count: Number(match[1]) * 7, unit: 'D' };
  return { count: Number(match[1]), unit: match[2] as 'D' | 'M' | 'Y' };
}

/** The inverse of `splitPeriod`. */
export function joinPeriod(count: number, unit: 'H' | 'D' | 'M' | 'Y'): string {
  return unit === 'H' ? `PT${count}H` : `P${count}${unit}`;
}
