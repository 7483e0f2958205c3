// CBOR, deterministic (RFC 8949, 4.2.1) when written, strict when read; and typed ways into what was read.
import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import { same, SealError, type Bytes } from './bytes.ts';

export type Cbor =
  number | string | boolean | null | Uint8Array | Cbor[] | Map<number | string, Cbor>;

/** A map with integer keys, in the order given; the encoder sorts. */
export const map = (entries: [number, Cbor][]): Map<number, Cbor> => new Map(entries);

export function write(value: Cbor): Bytes {
  return encode(value, rfc8949EncodeOptions).slice();
}

/** A tagged value; the tags we use fit one or two bytes. */
export function writeTagged(tag: 18 | 96, value: Cbor): Bytes {
  const head = tag < 24 ? [0xc0 | tag] : [0xd8, tag];
  const body = write(value);
  const all = new Uint8Array(head.length + body.length);
  all.set(head);
  all.set(body, head.length);
  return all;
}

export function read(bytes: Uint8Array): Cbor {
  let value: Cbor;
  try {
    value = decode(bytes, {
      useMaps: true,
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowBigInt: false,
      allowInfinity: false,
      allowNaN: false,
      rejectDuplicateMapKeys: true,
    }) as Cbor;
  } catch {
    throw new SealError('malformed', 'not CBOR');
  }
  // One value, one sequence of bytes: shortest numbers, keys in their order.
  if (!same(write(value), bytes)) throw new SealError('malformed', 'not the CBOR we write');
  return value;
}

export function readTagged(tag: 18 | 96, bytes: Uint8Array): Cbor {
  const head = tag < 24 ? [0xc0 | tag] : [0xd8, tag];
  if (head.some((byte, at) => bytes[at] !== byte)) throw new SealError('malformed', 'another tag');
  return read(bytes.subarray(head.length));
}

const wrong = (what: string): never => {
  throw new SealError('malformed', `${what} is missing or of another kind`);
};

export function asArray(value: Cbor | undefined, what: string, length?: number): Cbor[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length))
    return wrong(what);
  return value;
}

/** A map with exactly these keys. */
export function asMap(
  value: Cbor | undefined,
  what: string,
  keys: number[],
): Map<number | string, Cbor> {
  const fits =
    value instanceof Map && value.size === keys.length && keys.every((key) => value.has(key));
  return fits ? value : wrong(what);
}

/** The keys from 1 to `last`. */
export const upTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1);

export function asBytes(value: Cbor | undefined, what: string, length?: number): Bytes {
  if (!(value instanceof Uint8Array) || (length !== undefined && value.length !== length))
    return wrong(what);
  return value.slice();
}

export function asText(value: Cbor | undefined, what: string): string {
  return typeof value === 'string' ? value : wrong(what);
}

export function asNumber(value: Cbor | undefined, what: string): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : wrong(what);
}

/** A text, or nothing where the format says nil. */
export function asTextOrNil(value: Cbor | undefined, what: string): string | null {
  return value === null ? null : asText(value, what);
}
