// Push families and device names by user agent.
import { expect, it } from 'vitest';
import { guessFamily, guessName, needsHomeScreen } from './browser.ts';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';
it.each([
  [
    `Mozilla/5.0 (Linux; Android 15; K) ${WEBKIT} Chrome/156.0.0.0 Mobile Safari/537.36`,
    'google',
    'Chrome, Android',
  ],
  [
    'Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0',
    'mozilla',
    'Firefox, Linux',
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64) ${WEBKIT} Chrome/156.0.0.0 Safari/537.36 Edg/156.0`,
    'microsoft',
    'Edge, Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Mobile/15E148 Safari/604.1',
    'apple',
    'Safari, iPhone',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15',
    'apple',
    'Safari, Mac',
  ],
])('%s', (agent, family, name) => {
  const around = { agent, standalone: false, touchMac: false };
  expect(guessFamily(around)).toBe(family);
  expect(guessName(around)).toBe(name);
  expect(needsHomeScreen(around)).toBe(agent.includes('iPhone'));
  expect(needsHomeScreen({ ...around, standalone: true })).toBe(false);
});
