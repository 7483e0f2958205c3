// Which alarms ring.
import { describe, expect, it } from 'vitest';
import { rings, YOUNG } from './ring.ts';
import { alarm } from './sample.ts';

const CAME = Date.parse('2026-11-22T02:00:00Z');
const at = (change: Partial<Parameters<typeof rings>[1]> = {}) => ({
  now: CAME + 1000,
  first: false,
  muted: () => false,
  ...change,
});

describe('rings', () => {
  it('for a new alarm addressed to me', () => expect(rings(alarm('a'), at())).toBe(true));
  it('not when answered', () =>
    expect(
      rings(alarm('a', { my: { addressed: true, answer_id: 'x', answered_at: null } }), at()),
    ).toBe(false));
  it('not when others are addressed', () =>
    expect(
      rings(alarm('a', { my: { addressed: false, answer_id: null, answered_at: null } }), at()),
    ).toBe(false));
  it('not when closed', () => expect(rings(alarm('a', { state: 'closed' }), at())).toBe(false));
  it('not when muted before', () =>
    expect(rings(alarm('a'), at({ muted: () => true }))).toBe(false));
  it('on opening the page only while young', () => {
    expect(rings(alarm('a'), at({ first: true, now: CAME + YOUNG - 1000 }))).toBe(true);
    expect(rings(alarm('a'), at({ first: true, now: CAME + YOUNG + 1000 }))).toBe(false);
  });
  it('also when it came long ago during an outage', () =>
    expect(rings(alarm('a'), at({ now: CAME + 10 * YOUNG }))).toBe(true));
});
