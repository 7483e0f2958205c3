// The recovery sheet's secret as people read it: 28 characters in groups of four, with 12 bits to find typing errors.
import { random, sha256, SealError, type Bytes } from './bytes.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 28;

export const newSecret = (): Bytes => random(16);

/** The printed text. */
export async function sheetText(secret: Bytes): Promise<string> {
  const check = await sha256(secret);
  let bits = 0n;
  for (const byte of secret) bits = (bits << 8n) | BigInt(byte);
  bits = (bits << 12n) | BigInt(((check[0] ?? 0) << 4) | ((check[1] ?? 0) >> 4));
  let text = '';
  for (let digit = LENGTH - 1; digit >= 0; digit -= 1) {
    text += ALPHABET[Number((bits >> BigInt(5 * digit)) & 31n)];
    if (digit > 0 && digit % 4 === 0) text += '-';
  }
  return text;
}

/** Reads what was typed: small letters, other groups and the usual mix-ups (O, I, L) are fine. */
export async function parseSheet(typed: string): Promise<Bytes> {
  const text = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  if (text.length !== LENGTH) throw new SealError('malformed', 'not 28 characters');
  let bits = 0n;
  for (const digit of text) {
    const value = ALPHABET.indexOf(digit);
    if (value < 0) throw new SealError('malformed', 'not a character of the sheet');
    bits = (bits << 5n) | BigInt(value);
  }
  const secret = new Uint8Array(16);
  for (let at = 0; at < 16; at += 1) secret[at] = Number((bits >> BigInt(132 - 8 * at)) & 255n);
  if ((await sheetText(secret)).replaceAll('-', '') !== text)
    throw new SealError('tampered', 'a typing error');
  return secret;
}
