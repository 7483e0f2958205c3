// The recipient list: to whom an agent may seal. Written and signed in the browser of a custodian.
import { asArray, asBytes, asMap, asNumber, asText, map, read, upTo, write } from './cbor.ts';
import { sha256, SealError, utf8, type Bytes } from './bytes.ts';
import { POINT } from './keys.ts';
import { sign, verify } from './sign1.ts';

const EXTERNAL = utf8('obhut/recipients/1');

export interface Recipient {
  generation: string;
  point: Bytes;
}

export interface List {
  org: string;
  number: number;
  /** Microseconds since 1970. */
  issued: number;
  hub: Bytes;
  /** One entry for each share R₁, R₂, R₃. */
  recording: Recipient[][];
  live: Recipient[];
}

const entry = ({ generation, point }: Recipient) =>
  map([
    [1, generation],
    [2, point],
  ]);

export function encode(list: List): Bytes {
  return write(
    map([
      [1, 1],
      [2, list.org],
      [3, list.number],
      [4, list.issued],
      [5, list.hub],
      [6, list.recording.map((share) => share.map(entry))],
      [7, list.live.map(entry)],
    ]),
  );
}

function recipient(value: Parameters<typeof asMap>[0]): Recipient {
  const fields = asMap(value, 'a recipient', [1, 2]);
  return {
    generation: asText(fields.get(1), 'the generation'),
    point: asBytes(fields.get(2), 'its key', POINT),
  };
}

export function decode(bytes: Bytes): List {
  const fields = asMap(read(bytes), 'the list', upTo(7));
  if (asNumber(fields.get(1), 'the version') !== 1)
    throw new SealError('malformed', 'another version');
  const several = (value: Parameters<typeof asArray>[0], most: number, what: string) => {
    const found = asArray(value, what);
    if (found.length === 0 || found.length > most) throw new SealError('malformed', what);
    return found;
  };
  const generations = (value: Parameters<typeof asArray>[0], what: string) => {
    const found = several(value, 16, what).map(recipient);
    if (new Set(found.map(({ generation }) => generation)).size !== found.length)
      throw new SealError('malformed', 'a generation stands twice');
    return found;
  };
  return {
    org: asText(fields.get(2), 'the organisation'),
    number: asNumber(fields.get(3), 'the number'),
    issued: asNumber(fields.get(4), 'the time'),
    hub: asBytes(fields.get(5), 'the hub key', POINT),
    recording: several(fields.get(6), 3, 'recording').map((share) => generations(share, 'a share')),
    live: generations(fields.get(7), 'live'),
  };
}

/** Signs a list with the custodian's key. */
export async function signList(
  list: List,
  custodian: CryptoKey,
  point: Uint8Array,
): Promise<Bytes> {
  return sign(encode(list), custodian, await sha256(point), EXTERNAL);
}

/** The list, when this custodian signed it. */
export async function verifyList(bytes: Uint8Array, custodian: Uint8Array): Promise<List> {
  return decode(await verify(bytes, custodian, await sha256(custodian), EXTERNAL));
}
