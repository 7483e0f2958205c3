// Passphrases: made of words by chance, or chosen; how they are written before they become a key; which are too weak.
import { wordlist as english } from '@scure/bip39/wordlists/english.js';
import { COMMON } from './common.ts';
import { german } from './words-de.ts';

export const WORDS = 6;
export const SHORTEST = 16;

/** The one spelling that becomes a key: Unicode form NFKC, words joined by one space. */
export function normalised(passphrase: string): string {
  return passphrase
    .normalize('NFKC')
    .split(/\p{White_Space}+/u)
    .filter(Boolean)
    .join(' ');
}

/** A number below `bound`, each as likely as the other. */
function below(bound: number): number {
  const limit = Math.floor(2 ** 32 / bound) * bound;
  for (;;) {
    const [value = limit] = crypto.getRandomValues(new Uint32Array(1));
    if (value < limit) return value % bound;
  }
}

/** Six words by chance: 62 bits in German, 66 in English, each guess costing 64 MiB and a tenth of a second. */
export function generate(lang: 'de' | 'en'): string {
  const words = lang === 'de' ? german : english;
  return Array.from({ length: WORDS }, () => words[below(words.length)]).join(' ');
}

export type Weakness = 'short' | 'known' | 'repeated' | 'row';

/** What is wrong with a chosen passphrase, or null. */
export function weakness(typed: string): Weakness | null {
  const text = normalised(typed);
  if ([...text].length < SHORTEST) return 'short';
  const plain = text.toLowerCase();
  const letters = plain.replace(/[^\p{L}\p{N}]/gu, '');
  if (new Set(letters).size < 6 || /^(.{1,6})\1+.?$/u.test(letters)) return 'repeated';
  const words = plain.split(' ');
  if (words.length > 2 && new Set(words).size < words.length / 2) return 'repeated';
  if (ROWS.some((row) => covered(letters, row))) return 'row';
  // What everybody tries: a well-known password, with or without digits and signs around it, or several in a row.
  const core = letters.replace(/^\p{N}+|\p{N}+$/gu, '');
  if (madeOfCommon(letters) || madeOfCommon(core)) return 'known';
  return null;
}

const ROWS = [
  '12345678901234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertzuiopasdfghjklyxcvbnm',
  'qwertyuiopasdfghjklzxcvbnm',
  '1qay2wsx3edc4rfv5tgb6zhn7ujm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
].flatMap((row) => [row, [...row].reverse().join('')]);

/** Whether most of a text is a run along a keyboard's row. */
function covered(text: string, row: string): boolean {
  let longest = 0;
  for (let from = 0; from < text.length; from += 1) {
    let to = from + longest + 1;
    while (to <= text.length && row.includes(text.slice(from, to))) longest = to++ - from;
  }
  return longest >= text.length * 0.6;
}

/** Whether a text is nothing but one to three well-known passwords, up to four digits between them. */
function madeOfCommon(text: string, left = 3): boolean {
  const rest = text.replace(/^\p{N}{1,4}/u, '');
  if (rest === '') return left < 3;
  if (left === 0) return false;
  for (let length = rest.length; length >= 3; length -= 1) {
    if (COMMON.has(rest.slice(0, length)) && madeOfCommon(rest.slice(length), left - 1))
      return true;
  }
  return false;
}
