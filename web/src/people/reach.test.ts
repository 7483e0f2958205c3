// Would it ring, and the order of names.
import { expect, it } from 'vitest';
import { byName, reachOf } from './reach.ts';

it.each([
  ['invited', 1, 1, 'invited'],
  ['active', 2, 1, 'push'],
  ['active', 1, 0, 'open'],
  ['active', 0, 0, 'device'],
] as const)('%s with %d devices, %d push', (state, devices, push, expected) => {
  expect(reachOf({ state, reach: { devices, push, last_seen_at: null } })).toBe(expected);
});

it('sorts umlauts where people look for them', () => {
  const row = (family_name: string) =>
    ({ family_name, given_name: '' }) as Parameters<typeof byName>[0][number];
  const sorted = byName(['Zeller', 'Özdemir', 'Adam', 'Oder'].map(row), 'de');
  expect(sorted.map((one) => one.family_name)).toEqual(['Adam', 'Oder', 'Özdemir', 'Zeller']);
});
