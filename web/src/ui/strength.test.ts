// Strength in words.
import { expect, it } from 'vitest';
import { strengthWords } from './strength.ts';

const need = (name: string, coming: number, needed: number) => ({
  short: name.slice(0, 2).toUpperCase(),
  name,
  coming,
  needed,
});
const counts = (coming: number) => ({
  addressed: 20,
  reached: 18,
  coming,
  later: 0,
  not_coming: 0,
  unanswered: 0,
});

it.each([
  [0, [], 'Noch niemand kommt', 'Nobody coming yet'],
  [1, [], '1 kommt', '1 coming'],
  [3, [need('Maschinist', 0, 1)], '3 kommen, 1 Maschinist fehlt', '3 coming, 1 Maschinist missing'],
  [
    2,
    [need('Maschinist', 0, 1), need('Atemschutz', 1, 4)],
    '2 kommen, 1 Maschinist und 3 Atemschutz fehlen',
    '2 coming, 1 Maschinist and 3 Atemschutz missing',
  ],
  [
    1,
    [need('Maschinist', 0, 1), need('Atemschutz', 1, 4), need('Sanitäter', 0, 1)],
    '1 kommt, 1 MA, 3 AT und 1 SA fehlen',
    '1 coming, 1 MA, 3 AT and 1 SA missing',
  ],
  [0, [need('Maschinist', 0, 1)], 'Noch niemand kommt', 'Nobody coming yet'],
  [9, [need('Maschinist', 2, 1)], '9 kommen', '9 coming'],
])('%d coming', (coming, strength, de, en) => {
  expect(strengthWords({ counts: counts(coming), strength }, 'de')).toBe(de);
  expect(strengthWords({ counts: counts(coming), strength }, 'en')).toBe(en);
});
