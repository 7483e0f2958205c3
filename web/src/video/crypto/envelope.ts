// Envelopes: COSE_Encrypt (RFC 9052) to P-256 keys, ECDH-ES + A256KW and A256GCM; see "Envelope" in the format.
import { asArray, asBytes, asMap, asNumber, map, readTagged, write, writeTagged } from './cbor.ts';
import type { Cbor } from './cbor.ts';
import { random, same, SealError, utf8, type Bytes } from './bytes.ts';
import { agree, deriveWrap, newKey, agreementKey } from './keys.ts';

const PROTECTED = write(map([[1, 3]]));
const RECIPIENT = write(map([[1, -31]]));
const TAG = 96;

/** The wrapping key's context: COSE_KDF_Context for A256KW. */
const CONTEXT = write([-5, [null, null, null], [null, null, null], [256, RECIPIENT]]);

const additional = (external: Bytes): Bytes => write(['Encrypt', PROTECTED, external]);

export interface To {
  kid: string;
  point: Uint8Array;
}

interface Recipient {
  kid: string;
  ephemeral: Bytes;
  wrapped: Bytes;
}

/** Seals to everyone in `to`, with a fresh content key and a fresh ephemeral key for each. */
export async function seal(plain: Bytes, to: To[], external: Bytes): Promise<Bytes> {
  if (to.length === 0 || to.length > MOST_RECIPIENTS)
    throw new SealError('malformed', 'to nobody, or too many');
  const content = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, [
    'encrypt',
  ]);
  const iv = random(12);
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: additional(external) },
    content,
    plain,
  );
  const recipients: Cbor[] = [];
  for (const { kid, point } of to) {
    const ephemeral = await newKey();
    const own = await agreementKey(ephemeral.pkcs8);
    ephemeral.pkcs8.fill(0);
    const wrapping = await deriveWrap(await agree(own, point), CONTEXT, ['wrapKey']);
    const wrapped = await crypto.subtle.wrapKey('raw', content, wrapping, 'AES-KW');
    const key = map([
      [1, 2],
      [-1, 1],
      [-2, ephemeral.point.slice(1, 33)],
      [-3, ephemeral.point.slice(33)],
    ]);
    recipients.push([
      RECIPIENT,
      map([
        [4, utf8(kid)],
        [-1, key],
      ]),
      new Uint8Array(wrapped),
    ]);
  }
  return writeTagged(TAG, [PROTECTED, map([[5, iv]]), new Uint8Array(sealed), recipients]);
}

const MOST_RECIPIENTS = 16;
const LONGEST = 8 * 1024;

function parse(bytes: Uint8Array): { iv: Bytes; sealed: Bytes; recipients: Recipient[] } {
  if (bytes.length > LONGEST) throw new SealError('malformed', 'too long');
  const [protect, open, sealed, to] = asArray(readTagged(TAG, bytes), 'the envelope', 4);
  if (!same(asBytes(protect, 'the protected part'), PROTECTED))
    throw new SealError('malformed', 'another way of sealing');
  const recipients = asArray(to, 'the recipients').map((entry): Recipient => {
    const [kind, header, wrapped] = asArray(entry, 'a recipient', 3);
    if (!same(asBytes(kind, 'a recipient'), RECIPIENT))
      throw new SealError('malformed', 'another way of wrapping');
    const fields = asMap(header, 'a recipient', [4, -1]);
    const key = asMap(fields.get(-1), 'the ephemeral key', [1, -1, -2, -3]);
    if (asNumber(key.get(1), 'kty') !== 2 || asNumber(key.get(-1), 'curve') !== 1)
      throw new SealError('malformed', 'another curve');
    const ephemeral = new Uint8Array(65);
    ephemeral[0] = 4;
    ephemeral.set(asBytes(key.get(-2), 'x', 32), 1);
    ephemeral.set(asBytes(key.get(-3), 'y', 32), 33);
    const kid = new TextDecoder().decode(asBytes(fields.get(4), 'kid'));
    return { kid, ephemeral, wrapped: asBytes(wrapped, 'the wrapped key', 40) };
  });
  if (new Set(recipients.map(({ kid }) => kid)).size !== recipients.length)
    throw new SealError('malformed', 'somebody stands twice');
  const iv = asBytes(asMap(open, 'the open part', [5]).get(5), 'iv', 12);
  return { iv, sealed: asBytes(sealed, 'the ciphertext'), recipients };
}

/** To whom an envelope is sealed. */
export function kids(bytes: Uint8Array): string[] {
  return parse(bytes).recipients.map(({ kid }) => kid);
}

/** Opens an envelope with the key of one recipient. */
export async function open(
  bytes: Uint8Array,
  kid: string,
  key: CryptoKey,
  external: Bytes,
): Promise<Bytes> {
  const { iv, sealed, recipients } = parse(bytes);
  const mine = recipients.find((one) => one.kid === kid);
  if (!mine) throw new SealError('key', 'not sealed to this key');
  const wrapping = await deriveWrap(await agree(key, mine.ephemeral), CONTEXT, ['unwrapKey']);
  try {
    const content = await crypto.subtle.unwrapKey(
      'raw',
      mine.wrapped,
      wrapping,
      'AES-KW',
      'AES-GCM',
      false,
      ['decrypt'],
    );
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv, additionalData: additional(external) },
      content,
      sealed,
    );
    return new Uint8Array(plain);
  } catch {
    throw new SealError('key', 'the key does not fit');
  }
}
