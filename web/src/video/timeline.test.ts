// The strip of time: zooming, marks, gaps with their causes, and where playing goes on.
import { describe, expect, it } from 'vitest';
import { delay, LagRule } from './lag.ts';
import {
  follow,
  here,
  HOUR,
  merge,
  MINUTE,
  nextMark,
  nextRecorded,
  pan,
  strip,
  ticks,
  within,
  zoneOffset,
  zoom,
} from './timeline.ts';
import { stillGood } from './unlocked.ts';
import type { Timeline } from './wire.ts';

const BOUNDS = { from: 0, to: 72 * HOUR };

describe('zooming', () => {
  it('keeps what is under the pointer', () => {
    const view = zoom({ from: 10 * HOUR, to: 20 * HOUR }, 0.5, 12 * HOUR, BOUNDS);
    expect(view).toEqual({ from: 11 * HOUR, to: 16 * HOUR });
    expect(zoom(view, 2, 12 * HOUR, BOUNDS)).toEqual({ from: 10 * HOUR, to: 20 * HOUR });
  });

  it('never leaves the bounds, nor the narrowest view', () => {
    expect(zoom(BOUNDS, 3, 5 * HOUR, BOUNDS)).toEqual(BOUNDS);
    expect(pan({ from: HOUR, to: 2 * HOUR }, -5 * HOUR, BOUNDS)).toEqual({ from: 0, to: HOUR });
    expect(pan({ from: 70 * HOUR, to: 71 * HOUR }, 9 * HOUR, BOUNDS).to).toBe(72 * HOUR);
    const near = zoom({ from: 0, to: MINUTE }, 0.001, 30_000, BOUNDS);
    expect(near.to - near.from).toBe(30_000);
    expect(within({ from: -HOUR, to: 100 * HOUR }, BOUNDS)).toEqual(BOUNDS);
  });

  it('follows what plays', () => {
    const view = { from: HOUR, to: 2 * HOUR };
    expect(follow(view, 1.5 * HOUR, BOUNDS)).toBe(view);
    expect(follow(view, 2.1 * HOUR, BOUNDS).from).toBeCloseTo(1.9 * HOUR);
  });
});

describe('marks', () => {
  it('stand at round times of the zone', () => {
    const from = Date.UTC(2026, 10, 21, 20);
    const offset = zoneOffset(from, 'Europe/Berlin');
    expect(offset).toBe(HOUR);
    expect(zoneOffset(Date.UTC(2026, 6, 1), 'Europe/Berlin')).toBe(2 * HOUR);
    const marks = ticks({ from, to: from + 12 * HOUR }, 6, offset);
    expect(marks.map(({ at }) => new Date(at).getUTCHours())).toEqual([21, 23, 1, 3, 5, 7]);
    expect(marks.filter(({ day }) => day)).toHaveLength(1);
    const days = ticks({ from, to: from + 72 * HOUR }, 4, offset);
    expect(days.every(({ day }) => day)).toBe(true);
    expect(days).toHaveLength(3);
  });
});

const at = (minutes: number) => new Date(minutes * MINUTE).toISOString();
const TOLD: Timeline = {
  from: at(0),
  to: at(600),
  earliest: at(60),
  forgets_early_minutes: 59,
  spans: [
    { from: at(60), to: at(70) },
    { from: at(70), to: at(120) },
    { from: at(180), to: at(200) },
    { from: at(220), to: at(300) },
  ],
  gaps: [
    { from: at(120), to: at(180), cause: 'password' },
    { from: at(300), to: null, cause: 'unreachable' },
  ],
  bookmarks: [
    { id: 'bmk_2', at: at(250), alarm: 'alm_2' },
    { id: 'bmk_1', at: at(190), alarm: 'alm_1' },
  ],
  due: [],
};

describe('the strip', () => {
  const of = strip(TOLD, 400 * MINUTE);

  it('joins recordings that touch and names every gap', () => {
    expect(
      merge([
        { from: 5, to: 6 },
        { from: 0, to: 5 },
      ]),
    ).toEqual([{ from: 0, to: 6 }]);
    expect(of.spans).toHaveLength(3);
    expect(of.gaps.map(({ cause }) => cause)).toEqual(['password', 'unknown', 'unreachable']);
    expect(of.gaps.at(-1)?.to).toBe(400 * MINUTE);
  });

  it('says what lies where', () => {
    const kinds = [30, 65, 150, 210, 350, 450].map(
      (minutes) => here(of, minutes * MINUTE, 400 * MINUTE).kind,
    );
    expect(kinds).toEqual(['gone', 'recorded', 'gap', 'gap', 'gap', 'future']);
  });

  it('knows where playing goes on, and the alarms', () => {
    expect(nextRecorded(of, 130 * MINUTE)).toBe(180 * MINUTE);
    expect(nextRecorded(of, 190 * MINUTE)).toBe(190 * MINUTE);
    expect(nextRecorded(of, 500 * MINUTE)).toBeNull();
    expect(nextMark(of, 0, 1)?.alarm).toBe('alm_1');
    expect(nextMark(of, 190 * MINUTE, 1)?.alarm).toBe('alm_2');
    expect(nextMark(of, 190 * MINUTE, -1)).toBeNull();
    expect(nextMark(of, 260 * MINUTE, -1)?.alarm).toBe('alm_2');
  });
});

describe('live pictures', () => {
  it('may be late for a moment, then drop to the next key frame', () => {
    const rule = new LagRule();
    rule.drew(0);
    expect(rule.next({ time: 40, key: true }, 0)).toBe('decode');
    expect(rule.next({ time: 2000, key: false }, 100)).toBe('decode');
    expect(rule.next({ time: 4000, key: false }, 2000)).toBe('decode');
    expect(rule.next({ time: 4300, key: false }, 2300)).toBe('drop');
    expect(rule.next({ time: 4340, key: false }, 2340)).toBe('drop');
    expect(rule.next({ time: 4380, key: true }, 2380)).toBe('restart');
    expect(rule.next({ time: 4420, key: false }, 2420)).toBe('decode');
  });

  it('that catch up are forgiven', () => {
    const rule = new LagRule();
    rule.drew(0);
    rule.next({ time: 3000, key: false }, 0);
    rule.drew(2900);
    expect(rule.next({ time: 3040, key: false }, 100)).toBe('decode');
    expect(rule.next({ time: 6000, key: false }, 5000)).toBe('decode');
  });

  it('go on after a break only with a key frame', () => {
    const rule = new LagRule();
    rule.broke();
    expect(rule.next({ time: 0, key: false }, 0)).toBe('drop');
    expect(rule.next({ time: 40, key: true }, 40)).toBe('restart');
  });

  it('say by how much they are delayed', () => {
    expect(delay(null, 5000)).toBeNull();
    expect(delay(4000, 5000)).toBeNull();
    expect(delay(1000, 8500)).toBe(7);
  });
});

it('a kept key belongs to one session, one key pair and twelve hours', () => {
  const kept = { session: 'ses_1', viewing: 'vky_1', until: 12 * HOUR };
  expect(stillGood(kept, 'ses_1', 'vky_1', HOUR)).toBe(true);
  expect(stillGood(kept, 'ses_2', 'vky_1', HOUR)).toBe(false);
  expect(stillGood(kept, 'ses_1', 'vky_2', HOUR)).toBe(false);
  expect(stillGood(kept, 'ses_1', 'vky_1', 12 * HOUR - 1000)).toBe(true);
  expect(stillGood(kept, 'ses_1', 'vky_1', 12 * HOUR)).toBe(false);
  expect(stillGood(kept, 'ses_1', 'vky_1', -1)).toBe(false);
});
