// COSE_Sign1 with ES256 (RFC 9052): recipient lists and closing records.
import {
  asArray,
  asBytes,
  asMap,
  asNumber,
  map,
  read,
  readTagged,
  write,
  writeTagged,
} from './cbor.ts';
import { same, SealError, type Bytes } from './bytes.ts';
import { verifyingPoint } from './keys.ts';

const TAG = 18;
const ES256 = { name: 'ECDSA', hash: 'SHA-256' };

const signed = (protect: Bytes, external: Bytes, payload: Bytes): Bytes =>
  write(['Signature1', protect, external, payload]);

/** Signs a payload in the name of `kid`. */
export async function sign(
  payload: Bytes,
  key: CryptoKey,
  kid: Bytes,
  external: Bytes,
): Promise<Bytes> {
  const protect = write(
    map([
      [1, -7],
      [4, kid],
    ]),
  );
  const signature = await crypto.subtle.sign(ES256, key, signed(protect, external, payload));
  return writeTagged(TAG, [protect, new Map(), payload, new Uint8Array(signature)]);
}

interface Parts {
  protect: Bytes;
  kid: Bytes;
  payload: Bytes;
  signature: Bytes;
}

function parse(bytes: Uint8Array): Parts {
  const parts = asArray(readTagged(TAG, bytes), 'the signed text', 4);
  const protect = asBytes(parts[0], 'the protected part');
  const fields = asMap(read(protect), 'the protected part', [1, 4]);
  if (asNumber(fields.get(1), 'the algorithm') !== -7)
    throw new SealError('malformed', 'another way of signing');
  asMap(parts[1], 'the open part', []);
  return {
    protect,
    kid: asBytes(fields.get(4), 'kid'),
    payload: asBytes(parts[2], 'the payload'),
    signature: asBytes(parts[3], 'the signature', 64),
  };
}

/** The payload when `point` signed it in the name of `kid`. */
export async function verify(
  bytes: Uint8Array,
  point: Uint8Array,
  kid: Bytes,
  external: Bytes,
): Promise<Bytes> {
  const parts = parse(bytes);
  if (!same(parts.kid, kid)) throw new SealError('foreign', 'signed by another key');
  const key = await verifyingPoint(point);
  const text = signed(parts.protect, external, parts.payload);
  if (!(await crypto.subtle.verify(ES256, key, parts.signature, text)))
    throw new SealError('foreign', 'the signature does not fit');
  return parts.payload;
}

/** The payload, whoever signed it; for showing, never for trusting. */
export function unverified(bytes: Uint8Array): Bytes {
  return parse(bytes).payload;
}
