// Bytes: joining, comparing, big-endian numbers, texts. Everything in this folder is pure and works on these.
import { base64url, unbase64url } from '../../push/keys.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** Why something sealed can't be used. `key`: the key does not fit; `malformed`: not our format; `tampered`: it was
    changed; `cut`: its end is missing; `foreign`: it belongs elsewhere or another one signed it. */
export type Refusal = 'key' | 'malformed' | 'tampered' | 'cut' | 'foreign';

export class SealError extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal, what: string) {
    super(what);
    this.name = 'SealError';
    this.refusal = refusal;
  }
}

const encoder = new TextEncoder();

export const utf8 = (text: string): Bytes => encoder.encode(text) as Bytes;

/** One after the other. */
export function join(...parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

export function u32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function readU32(bytes: Uint8Array, at: number): number {
  if (at < 0 || at + 4 > bytes.length) throw new SealError('malformed', 'too short');
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);
}

/** A time in microseconds; all of them fit a double. */
export function readTime(bytes: Uint8Array, at: number): number {
  if (at < 0 || at + 8 > bytes.length) throw new SealError('malformed', 'too short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const value = Number(view.getBigInt64(at));
  if (!Number.isSafeInteger(value)) throw new SealError('malformed', 'not a time');
  return value;
}

export function time(value: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value));
  return bytes;
}

export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

export async function sha256(bytes: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Bytes));
}

export const toBase64 = base64url;

export function fromBase64(text: string): Bytes {
  try {
    return unbase64url(text);
  } catch {
    throw new SealError('malformed', 'not base64url');
  }
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A fingerprint as people compare it: groups of four. */
export function groups(bytes: Uint8Array): string {
  return hex(bytes).replace(/(.{4})(?=.)/g, '$1 ');
}
