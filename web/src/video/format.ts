// Numbers and times of the video pages as people read them.
import type { Lang } from '../ui/time.ts';

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** "3,4 GB". */
export function size(bytes: number, lang: Lang): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = value < 10 && unit > 0 ? 1 : 0;
  const text = new Intl.NumberFormat(lang === 'de' ? 'de-DE' : 'en-GB', {
    maximumFractionDigits: digits,
  }).format(value);
  return `${text} ${UNITS[unit]}`;
}

/** "So., 22.11., 08:30:12,4": the moment on the screen, to a tenth of a second. */
export function exactly(at: number, lang: Lang, zone: string | undefined): string {
  return new Intl.DateTimeFormat(lang === 'de' ? 'de-DE' : 'en-GB', {
    weekday: 'short',
    day: '2-digit',
    month: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 1,
    timeZone: zone,
  }).format(Math.floor(at / 100) * 100);
}

/** Hours and minutes, with seconds where the view is close; the day where a mark begins one. */
export function mark(
  at: number,
  day: boolean,
  close: boolean,
  lang: Lang,
  zone: string | undefined,
): string {
  const locale = lang === 'de' ? 'de-DE' : 'en-GB';
  if (day)
    return new Intl.DateTimeFormat(locale, {
      weekday: 'short',
      day: 'numeric',
      month: 'numeric',
      timeZone: zone,
    }).format(at);
  return new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: close ? '2-digit' : undefined,
    timeZone: zone,
  }).format(at);
}

/** What a field for date and time holds: local to the organisation's zone. */
export function toField(at: number, offset: number): string {
  return new Date(at + offset).toISOString().slice(0, 19);
}

/** The inverse; nothing when the field is empty or wrong. */
export function fromField(text: string, offset: number): number | null {
  const at = Date.parse(`${text.length === 16 ? `${text}:00` : text}Z`) - offset;
  return Number.isFinite(at) ? at : null;
}

/** A codec as people call it. */
export function codecName(codec: string): string {
  if (/^avc/.test(codec)) return 'H.264';
  if (/^h(vc|ev)1/.test(codec)) return 'H.265';
  return codec;
}

/** "So., 22.11., 09:08:19 – 09:11:19"; the second day only where it is another one. */
export function between(from: number, to: number, lang: Lang, zone: string | undefined): string {
  const format = (fields: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(lang === 'de' ? 'de-DE' : 'en-GB', { ...fields, timeZone: zone });
  const day = format({ weekday: 'short', day: '2-digit', month: '2-digit' });
  const time = format({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const same = day.format(from) === day.format(to);
  const first = `${day.format(from)}, ${time.format(from)}`;
  return `${first} – ${same ? '' : `${day.format(to)}, `}${time.format(to)}`;
}
