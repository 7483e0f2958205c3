// The strip of time under a recording, as pure numbers (milliseconds): what is in view, zooming, marks, gaps.
import type { GapCause, Timeline } from './wire.ts';

export interface View {
  from: number;
  to: number;
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
const NARROWEST = 30 * SECOND;

/** A view moved and shrunk so that it lies within its bounds. */
export function within(view: View, bounds: View): View {
  const room = Math.max(NARROWEST, bounds.to - bounds.from);
  const length = Math.min(Math.max(view.to - view.from, NARROWEST), room);
  const from = Math.min(Math.max(view.from, bounds.from), bounds.from + room - length);
  return { from, to: from + length };
}

/** Zooms by a factor (below 1 looks closer); what is at `anchor` stays where it is. */
export function zoom(view: View, factor: number, anchor: number, bounds: View): View {
  const room = Math.max(NARROWEST, bounds.to - bounds.from);
  const length = view.to - view.from;
  const next = Math.min(Math.max(length * factor, NARROWEST), room);
  const part = length === 0 ? 0.5 : (anchor - view.from) / length;
  const from = anchor - next * Math.min(1, Math.max(0, part));
  return within({ from, to: from + next }, bounds);
}

export function pan(view: View, by: number, bounds: View): View {
  return within({ from: view.from + by, to: view.to + by }, bounds);
}

/** Moves the view just so far that a moment is in it, with a little room ahead. */
export function follow(view: View, at: number, bounds: View): View {
  const length = view.to - view.from;
  if (at >= view.from && at <= view.to - length * 0.05) return view;
  return within({ from: at - length * 0.2, to: at + length * 0.8 }, bounds);
}

/** Where a moment stands in the view, from 0 to 1. */
export const place = (view: View, at: number): number => (at - view.from) / (view.to - view.from);
export const moment = (view: View, part: number): number =>
  view.from + part * (view.to - view.from);

const STEPS = [
  5 * SECOND,
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  24 * HOUR,
];

/** Marks at round times of day; `offset` is the zone's distance from UTC, `most` how many fit. */
export function ticks(view: View, most: number, offset: number): { at: number; day: boolean }[] {
  const length = view.to - view.from;
  const step =
    STEPS.find((one) => length / one <= most) ?? Math.ceil(length / most / (24 * HOUR)) * 24 * HOUR;
  const marks = [];
  for (
    let local = Math.ceil((view.from + offset) / step) * step;
    local - offset <= view.to;
    local += step
  ) {
    marks.push({ at: local - offset, day: local % (24 * HOUR) === 0 });
  }
  return marks;
}

/** How far a zone is from UTC at a moment. */
export function zoneOffset(at: number, zone: string | undefined): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(at);
  const of = (name: string) => Number(parts.find((part) => part.type === name)?.value ?? 0);
  const local = Date.UTC(
    of('year'),
    of('month') - 1,
    of('day'),
    of('hour'),
    of('minute'),
    of('second'),
  );
  return local - Math.floor(at / 1000) * 1000;
}

export interface Piece {
  from: number;
  to: number;
}

export interface Gap extends Piece {
  cause: GapCause;
}

export interface Mark {
  id: string;
  at: number;
  alarm: string;
}

export interface Strip {
  bounds: View;
  /** Nothing before this can be seen: it was deleted, or lies beyond the right. */
  earliest: number;
  early: number;
  spans: Piece[];
  gaps: Gap[];
  marks: Mark[];
}

const ms = (text: string): number => Date.parse(text);

/** Joins what touches, in order. */
export function merge(pieces: Piece[], slack = 1500): Piece[] {
  const joined: Piece[] = [];
  for (const piece of [...pieces].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && piece.from - last.to <= slack) last.to = Math.max(last.to, piece.to);
    else joined.push({ ...piece });
  }
  return joined;
}

/** The strip out of what the server tells. A hole between recordings that nobody explained is a gap, too. */
export function strip(of: Timeline, now: number): Strip {
  const bounds = { from: ms(of.from), to: ms(of.to) };
  const spans = merge(of.spans.map(({ from, to }) => ({ from: ms(from), to: ms(to) })));
  const gaps: Gap[] = of.gaps
    .map(({ from, to, cause }) => ({
      from: Math.max(ms(from), bounds.from),
      to: Math.min(to === null ? now : ms(to), bounds.to),
      cause,
    }))
    .filter((gap) => gap.to > gap.from);
  const holes: Gap[] = [];
  spans.forEach((span, at) => {
    const next = spans[at + 1];
    if (!next) return;
    const said = gaps.some((gap) => gap.from < next.from && gap.to > span.to);
    if (!said) holes.push({ from: span.to, to: next.from, cause: 'unknown' });
  });
  const marks = of.bookmarks.map(({ id, at, alarm }) => ({ id, at: ms(at), alarm }));
  return {
    bounds,
    earliest: ms(of.earliest),
    early: of.forgets_early_minutes,
    spans,
    gaps: [...gaps, ...holes].sort((a, b) => a.from - b.from),
    marks: marks.sort((a, b) => a.at - b.at),
  };
}

export type Here =
  | { kind: 'recorded' }
  | { kind: 'gap'; gap: Gap }
  /** Older than anything that is still there. */
  | { kind: 'gone' }
  | { kind: 'future' }
  | { kind: 'nothing' };

/** What lies at a moment. */
export function here(of: Strip, at: number, now: number): Here {
  if (of.spans.some((span) => at >= span.from && at < span.to)) return { kind: 'recorded' };
  if (at > now) return { kind: 'future' };
  const gap = of.gaps.find((one) => at >= one.from && at < one.to);
  if (gap) return { kind: 'gap', gap };
  if (at < of.earliest) return { kind: 'gone' };
  return { kind: 'nothing' };
}

/** Where playing goes on after a moment without recording; null at the end. */
export function nextRecorded(of: Strip, at: number): number | null {
  const span = of.spans.find((one) => one.to > at);
  return span ? Math.max(span.from, at) : null;
}

/** The alarm before or after a moment; standing on one goes to the next. */
export function nextMark(of: Strip, at: number, direction: 1 | -1): Mark | null {
  const before = of.marks.filter((mark) => mark.at < at - 1500);
  const after = of.marks.filter((mark) => mark.at > at + 500);
  return (direction === 1 ? after[0] : before.at(-1)) ?? null;
}
