// New ids, as the server writes them: 128 bits in Crockford's base 32 behind a prefix.
import { random } from './bytes.ts';

export const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new id that sorts behind older ones: 48 bits of milliseconds, then chance. */
export function freshId(prefix: 'vky' | 'vgn', now = Date.now()): string {
  const bytes = random(16);
  new DataView(bytes.buffer).setUint16(0, Math.floor(now / 2 ** 32));
  new DataView(bytes.buffer).setUint32(2, now % 2 ** 32);
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let digit = 25; digit >= 0; digit -= 1) {
    text += ALPHABET[Number((bits >> BigInt(5 * digit)) & 31n)];
  }
  return `${prefix}_${text}`;
}
