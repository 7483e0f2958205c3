// Closing records: what the agent says, signed with its device key, about a segment that is over.
import { asArray, asBytes, asMap, asNumber, asText, asTextOrNil, read, upTo } from './cbor.ts';
import { SealError, utf8, type Bytes } from './bytes.ts';
import { unverified, verify } from './sign1.ts';

const EXTERNAL = utf8('obhut/closing/1');

/** Start, duration, flags and the tag. */
const SHORTEST = 29;

export interface Piece {
  /** Where its ciphertext begins in the file, and how long that is. */
  offset: number;
  length: number;
  /** Microseconds. */
  start: number;
  duration: number;
  key: boolean;
}

export interface Closing {
  segment: string;
  bucket: string;
  /** Fragments without the empty end. */
  count: number;
  hash: Bytes;
  length: number;
  before: string | null;
  end: number;
  interrupted: boolean;
  pieces: Piece[];
  why: string;
}

export function decodeClosing(payload: Bytes): Closing {
  const fields = asMap(read(payload), 'the record', upTo(11));
  if (asNumber(fields.get(1), 'the version') !== 1)
    throw new SealError('malformed', 'another version');
  const pieces = asArray(fields.get(10), 'the fragments').map((value): Piece => {
    const five = asArray(value, 'a fragment', 5);
    const [offset = 0, length = 0, start = 0, duration = 0, flags = 0] = five.map((one) =>
      asNumber(one, 'a fragment'),
    );
    if (flags !== 0 && flags !== 1) throw new SealError('malformed', 'a flag we do not know');
    return { offset, length, start, duration, key: flags === 1 };
  });
  const count = asNumber(fields.get(4), 'the count');
  const length = asNumber(fields.get(6), 'the length');
  const state = asNumber(fields.get(9), 'the state');
  if (count !== pieces.length || (state !== 0 && state !== 1))
    throw new SealError('malformed', 'the record contradicts itself');
  // One piece lies behind the other, and a closed file has nothing but the empty end behind the last.
  pieces.forEach((piece, n) => {
    const before = pieces[n - 1];
    const begins = before ? before.offset + before.length + 4 : piece.offset;
    if (piece.length < SHORTEST || piece.offset !== begins)
      throw new SealError('malformed', 'fragments overlap');
  });
  const last = pieces.at(-1);
  const end = last ? last.offset + last.length + (state === 0 ? 20 : 0) : length;
  if (end !== length) throw new SealError('malformed', 'the length is another');
  return {
    segment: asText(fields.get(2), 'the segment'),
    bucket: asText(fields.get(3), 'the bucket'),
    count,
    hash: asBytes(fields.get(5), 'the hash', 32),
    length,
    before: asTextOrNil(fields.get(7), 'the one before'),
    end: asNumber(fields.get(8), 'the end'),
    interrupted: state === 1,
    pieces,
    why: asText(fields.get(11), 'why'),
  };
}

/** The record, when this agent's device key signed it. */
export async function verifyClosing(
  bytes: Uint8Array,
  point: Uint8Array,
  agent: string,
): Promise<Closing> {
  return decodeClosing(await verify(bytes, point, utf8(agent), EXTERNAL));
}

export const readClosing = (bytes: Uint8Array): Closing => decodeClosing(unverified(bytes));
