// Proves the contrast the design promises: text 7:1, controls 4.5:1, on every surface, in both themes.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync('src/look/tokens.css', 'utf8');
const [dark = '', light = ''] = css.split('@media (prefers-color-scheme: light)');

/** Every custom colour of one theme. */
function colours(text: string): Map<string, string> {
  return new Map([...text.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1]!, m[2]!]));
}

/** Relative luminance (WCAG 2.2). */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio of two colours. */
function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

describe.each([
  ['dark', colours(dark)],
  ['light', colours(light)],
])('%s theme', (_name, theme) => {
  const of = (role: string) => theme.get(role) ?? '#000000';

  it.each(['text', 'quiet', 'act', 'alarm-text', 'warn-text', 'ok-text', 'private-text'])(
    'text in %s is readable everywhere',
    (role) => {
      for (const surface of ['page', 'card', 'overlay']) {
        expect(contrast(of(role), of(surface)), `${role} on ${surface}`).toBeGreaterThanOrEqual(7);
      }
    },
  );

  it.each(['act', 'alarm', 'warn', 'ok', 'private'])('text on a filled %s is readable', (role) => {
    expect(contrast(of(`on-${role}`), of(role))).toBeGreaterThanOrEqual(7);
  });

  it.each(['edge', 'focus', 'warn', 'ok', 'private'])(
    'the control colour %s is visible',
    (role) => {
      for (const surface of ['page', 'card', 'overlay']) {
        expect(contrast(of(role), of(surface)), `${role} on ${surface}`).toBeGreaterThanOrEqual(
          4.5,
        );
      }
    },
  );
});
