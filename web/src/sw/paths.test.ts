// The worker and the router agree on which paths are the application's.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { APPLICATION } from './paths.ts';

it('draws the same paths as the router', () => {
  const router = readFileSync('src/ui/router.svelte.ts', 'utf8');
  expect(router).toContain(`const OURS = ${String(APPLICATION)};`);
});

it.each([
  ['/', true],
  ['/alarm', true],
  ['/alarm/alm_1', true],
  ['/settings', true],
  ['/sign-in', false],
  ['/monitor', false],
  ['/alarm/alm_1/x', false],
])('%s', (path, expected) => expect(APPLICATION.test(path)).toBe(expected));
