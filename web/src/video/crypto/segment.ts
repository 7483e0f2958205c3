// Segments: the file's head, and opening its fragments with the rules of the format (nonce, AAD, the empty last one).
import { asBytes, asMap, asNumber, asText, asTextOrNil, read, upTo } from './cbor.ts';
import {
  join,
  readTime,
  readU32,
  same,
  SealError,
  sha256,
  u32,
  utf8,
  type Bytes,
} from './bytes.ts';
import type { Closing, Piece } from './closing.ts';
import { deriveGcm } from './keys.ts';

const MAGIC = utf8('OBHUTSG1');
/** Where the header begins. */
export const HEAD = MAGIC.length + 4;
const LONGEST_HEADER = 128 * 1024;
/** What sealing adds; the empty last fragment is nothing but this. */
export const TAG = 16;

export interface Header {
  camera: string;
  stream: string;
  bucket: string;
  /** Seconds since 1970. */
  hour: number;
  segment: string;
  run: string;
  number: number;
  before: string | null;
  /** Microseconds since 1970. */
  start: number;
  codec: string;
  width: number;
  height: number;
  init: Bytes;
}

export interface Fragment {
  start: number;
  duration: number;
  key: boolean;
  mp4: Bytes;
}

export function decodeHeader(bytes: Bytes): Header {
  const fields = asMap(read(bytes), 'the header', upTo(14));
  if (asNumber(fields.get(1), 'the version') !== 1)
    throw new SealError('malformed', 'another version');
  const codec = asText(fields.get(11), 'the codec');
  const number = asNumber(fields.get(8), 'the number');
  const before = asTextOrNil(fields.get(9), 'the one before');
  if (!/^[A-Za-z0-9._+-]{1,64}$/.test(codec)) throw new SealError('malformed', 'the codec');
  if ((number === 0) !== (before === null))
    throw new SealError('malformed', 'number and the one before contradict');
  return {
    camera: asText(fields.get(2), 'the camera'),
    stream: asText(fields.get(3), 'the stream'),
    bucket: asText(fields.get(4), 'the bucket'),
    hour: asNumber(fields.get(5), 'the hour'),
    segment: asText(fields.get(6), 'the segment'),
    run: asText(fields.get(7), 'the run'),
    number,
    before,
    start: asNumber(fields.get(10), 'the start'),
    codec,
    width: asNumber(fields.get(12), 'the width'),
    height: asNumber(fields.get(13), 'the height'),
    init: asBytes(fields.get(14), 'the initialisation segment'),
  };
}

/** The header's bytes out of a file's beginning. */
export function headerBytes(file: Uint8Array): Bytes {
  if (!same(file.subarray(0, MAGIC.length), MAGIC)) throw new SealError('malformed', 'no segment');
  const length = readU32(file, MAGIC.length);
  if (length > LONGEST_HEADER || HEAD + length > file.length)
    throw new SealError('malformed', 'the header is cut');
  return file.slice(HEAD, HEAD + length);
}

/** The nonce of fragment `n`. */
export function nonce(n: number, last: boolean): Bytes {
  return join(new Uint8Array(7), u32(n), new Uint8Array([last ? 1 : 0]));
}

export class Opener {
  readonly header: Header;
  readonly #key: CryptoKey;
  readonly #aad: Bytes;

  private constructor(header: Header, key: CryptoKey, aad: Bytes) {
    this.header = header;
    this.#key = key;
    this.#aad = aad;
  }

  /** Takes the bucket's key and the file's header. The first fragment shows whether the key fits. */
  static async begin(bucket: CryptoKey, header: Bytes): Promise<Opener> {
    const fields = decodeHeader(header);
    const info = utf8(`obhut/segment/1${fields.segment}`);
    const key = await deriveGcm(bucket, info, ['decrypt']);
    return new Opener(fields, key, await sha256(header));
  }

  /** Opens fragment `n`. */
  async open(n: number, ciphertext: Uint8Array): Promise<Fragment> {
    const plain = await this.#decrypt(n, ciphertext, false);
    const flags = plain[12];
    if (flags !== 0 && flags !== 1) throw new SealError('malformed', 'a fragment without a head');
    return {
      start: readTime(plain, 0),
      duration: readU32(plain, 8),
      key: flags === 1,
      mp4: plain.subarray(13),
    };
  }

  /** Checks the empty end: without it the segment was cut. */
  async end(n: number, ciphertext: Uint8Array): Promise<void> {
    const plain = await this.#decrypt(n, ciphertext, true);
    if (plain.length !== 0) throw new SealError('tampered', 'the end is not empty');
  }

  async #decrypt(n: number, ciphertext: Uint8Array, last: boolean): Promise<Bytes> {
    try {
      const plain = await crypto.subtle.decrypt(
        { name: 'AES-GCM', iv: nonce(n, last), additionalData: this.#aad },
        this.#key,
        ciphertext as Bytes,
      );
      return new Uint8Array(plain);
    } catch {
      throw new SealError(n === 0 ? 'key' : 'tampered', `fragment ${n} does not open`);
    }
  }
}

/** Whether what was opened is what the record promised; the times inside count, so they must agree. */
export function agrees(piece: Piece, fragment: Fragment): boolean {
  return (
    piece.start === fragment.start &&
    piece.duration === fragment.duration &&
    piece.key === fragment.key
  );
}

/** Whether header and record speak of the same segment. */
export function belongs(header: Header, record: Closing): boolean {
  return (
    header.segment === record.segment &&
    header.bucket === record.bucket &&
    header.before === record.before
  );
}

/** Opens a whole file and checks everything: for tests and small files. */
export async function openWhole(
  bucket: CryptoKey,
  file: Bytes,
  record: Closing,
): Promise<Fragment[]> {
  if (file.length !== record.length || !same(await sha256(file), record.hash))
    throw new SealError('tampered', 'not the file the record speaks of');
  const header = headerBytes(file);
  const opener = await Opener.begin(bucket, header);
  if (!belongs(opener.header, record)) throw new SealError('foreign', 'another segment');
  const fragments: Fragment[] = [];
  let at = HEAD + header.length;
  let ended = false;
  while (at < file.length) {
    const length = readU32(file, at);
    const ciphertext = file.subarray(at + 4, at + 4 + length);
    if (ciphertext.length !== length || length < TAG)
      throw new SealError('cut', 'a fragment is cut');
    if (ended) throw new SealError('tampered', 'something behind the end');
    const n = fragments.length;
    if (length === TAG) {
      await opener.end(n, ciphertext);
      ended = true;
    } else {
      const fragment = await opener.open(n, ciphertext);
      const piece = record.pieces[n];
      if (!piece || piece.offset !== at + 4 || piece.length !== length || !agrees(piece, fragment))
        throw new SealError('tampered', 'the record says otherwise');
      fragments.push(fragment);
    }
    at += 4 + length;
  }
  if (fragments.length !== record.count) throw new SealError('cut', 'fragments are missing');
  if (!ended && !record.interrupted) throw new SealError('cut', 'the end is missing');
  return fragments;
}
