// Times as people say them.
import { describe, expect, it } from 'vitest';
import { ago, joinPeriod, period, running, splitPeriod } from './time.ts';

const NOW = Date.parse('2026-11-22T04:00:00Z');
const before = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

describe('times', () => {
  it.each([
    [5, 'gerade eben', 'just now'],
    [60, 'vor 1 Min.', '1 min. ago'],
    [120, 'vor 2 Min.', '2 min. ago'],
    [3600, 'vor 1 Std.', '1 hr. ago'],
    [3 * 86400, 'vor 3 Tagen', '3 days ago'],
    [-600, 'in 10 Min.', 'in 10 min.'],
  ])('%d s ago', (seconds, de, en) => {
    expect(ago(before(seconds), NOW, 'de').replace(/\u00a0/g, ' ')).toBe(de);
    expect(ago(before(seconds), NOW, 'en').replace(/\u00a0/g, ' ')).toBe(en);
  });

  it.each([
    [0, '0:00'],
    [42, '0:42'],
    [727, '12:07'],
    [3600 * 3 + 240, '3:04 Std.'],
    [-5, '0:00'],
  ])('%d s running', (seconds, text) => {
    expect(running(before(seconds), NOW, 'de')).toBe(text);
  });

  it.each([
    ['P30D', '30 Tage', '30 days'],
    ['P1D', '1 Tag', '1 day'],
    ['PT24H', '24 Stunden', '24 hours'],
    ['P1Y6M', '1 Jahr, 6 Monate', '1 year, 6 months'],
    ['nonsense', 'nonsense', 'nonsense'],
  ])('period %s', (iso, de, en) => {
    expect(period(iso, 'de')).toBe(de);
    expect(period(iso, 'en')).toBe(en);
  });

  it.each(['P30D', 'PT24H', 'P6M', 'P1Y'])('period %s survives the form', (iso) => {
    const split = splitPeriod(iso);
    expect(split && joinPeriod(split.count, split.unit)).toBe(iso);
  });

  it('leaves a mixed period to the text field', () => expect(splitPeriod('P1Y6M')).toBeNull());
});
