// Live pictures: the session's header, and opening one picture after the other.
import { asBytes, asMap, asNumber, asText, read, upTo } from './cbor.ts';
import { join, readTime, readU32, SealError, sha256, u32, utf8, type Bytes } from './bytes.ts';
import { deriveGcm, hkdfKey } from './keys.ts';

export interface LiveHeader {
  camera: string;
  session: string;
  key: string;
  hour: number;
  codec: string;
  width: number;
  height: number;
  /** The codec's configuration record (`avcC`, `hvcC`). */
  config: Bytes;
  /** The envelope of L. */
  envelope: Bytes;
}

export interface Picture {
  number: number;
  key: boolean;
  /** Microseconds since 1970. */
  time: number;
  unit: Bytes;
}

export function decodeLive(bytes: Bytes): LiveHeader {
  const fields = asMap(read(bytes), 'the live header', upTo(10));
  if (asNumber(fields.get(1), 'the version') !== 1)
    throw new SealError('malformed', 'another version');
  return {
    camera: asText(fields.get(2), 'the camera'),
    session: asText(fields.get(3), 'the session'),
    key: asText(fields.get(4), 'the live key'),
    hour: asNumber(fields.get(5), 'the hour'),
    codec: asText(fields.get(6), 'the codec'),
    width: asNumber(fields.get(7), 'the width'),
    height: asNumber(fields.get(8), 'the height'),
    config: asBytes(fields.get(9), 'the configuration'),
    envelope: asBytes(fields.get(10), 'the envelope'),
  };
}

/** The session's key out of L. */
export async function sessionKey(live: Bytes, session: string): Promise<CryptoKey> {
  const key = await hkdfKey(live);
  return deriveGcm(key, utf8(`obhut/live/1${session}`), ['decrypt']);
}

export class LiveOpener {
  readonly #key: CryptoKey;
  readonly #hash: Bytes;
  #last = -1;

  private constructor(key: CryptoKey, hash: Bytes) {
    this.#key = key;
    this.#hash = hash;
  }

  static async begin(key: CryptoKey, header: Bytes): Promise<LiveOpener> {
    return new LiveOpener(key, await sha256(header));
  }

  /** Opens one picture; numbers must rise. */
  async open(bytes: Uint8Array): Promise<Picture> {
    const flags = bytes[0];
    if (flags !== 0 && flags !== 1) throw new SealError('malformed', 'a flag we do not know');
    const number = readU32(bytes, 1);
    if (number <= this.#last) throw new SealError('tampered', 'a picture was repeated');
    this.#last = number;
    let plain: Bytes;
    try {
      plain = new Uint8Array(
        await crypto.subtle.decrypt(
          {
            name: 'AES-GCM',
            iv: join(new Uint8Array(7), u32(number), new Uint8Array(1)),
            additionalData: join(this.#hash, new Uint8Array([flags])),
          },
          this.#key,
          bytes.subarray(5) as Bytes,
        ),
      );
    } catch {
      throw new SealError('key', 'the picture does not open');
    }
    return { number, key: flags === 1, time: readTime(plain, 0), unit: plain.subarray(8) };
  }
}
