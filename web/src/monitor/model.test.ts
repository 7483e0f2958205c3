// Keys in the address, turning pages, noticing another version.
import { expect, it } from 'vitest';
import { keyIn, scriptOf, showing, TURN } from './model.ts';

it.each([
  ['#key=mon_abc', 'mon_abc'],
  ['#key=a%2Bb', 'a+b'],
  ['', null],
  ['#key=', null],
  ['#other=1', null],
])('the key in %j', (hash, key) => expect(keyIn(hash)).toBe(key));

it('splits and turns', () => {
  expect(showing(['a'], 2, 0)).toEqual({ shown: ['a'], page: 0, pages: 1 });
  expect(showing(['a', 'b'], 2, 5 * TURN).shown).toEqual(['a', 'b']);
  expect(showing(['a', 'b', 'c'], 2, 0).shown).toEqual(['a', 'b']);
  expect(showing(['a', 'b', 'c'], 2, TURN).shown).toEqual(['c']);
  expect(showing(['a', 'b', 'c'], 2, 2 * TURN).shown).toEqual(['a', 'b']);
  expect(showing([], 2, 0)).toEqual({ shown: [], page: 0, pages: 1 });
});

it('reads the entry script', () => {
  const html = '<script type="module" crossorigin src="/assets/monitor-abc.js"></script>';
  expect(scriptOf(html)).toBe('/assets/monitor-abc.js');
  expect(scriptOf('<p>down</p>')).toBeNull();
});
