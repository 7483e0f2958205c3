// P-256 keys in WebCrypto: agreement and signing, points, fingerprints, derivation. Keys are non-extractable wherever
// WebCrypto allows; the one exception (making and handing on) exports PKCS #8 inside the keys worker.
import { groups, sha256, SealError, type Bytes } from './bytes.ts';

export const POINT = 65;
const ECDH = { name: 'ECDH', namedCurve: 'P-256' };
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256' };

/** A point as WebCrypto takes it; anything that is not on the curve is refused. */
export async function agreementPoint(point: Uint8Array): Promise<CryptoKey> {
  return importPoint(point, ECDH, []);
}

export async function verifyingPoint(point: Uint8Array): Promise<CryptoKey> {
  return importPoint(point, ECDSA, ['verify']);
}

async function importPoint(
  point: Uint8Array,
  algorithm: EcKeyImportParams,
  usages: KeyUsage[],
): Promise<CryptoKey> {
  if (point.length !== POINT || point[0] !== 4) throw new SealError('malformed', 'not a point');
  try {
    return await crypto.subtle.importKey('raw', point as Bytes, algorithm, true, usages);
  } catch {
    throw new SealError('malformed', 'not a point on the curve');
  }
}

/** A private key for agreement from PKCS #8, non-extractable. */
export async function agreementKey(pkcs8: Bytes): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('pkcs8', pkcs8, ECDH, false, ['deriveKey']);
  } catch {
    throw new SealError('malformed', 'not a private key');
  }
}

export async function signingKey(pkcs8: Bytes): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('pkcs8', pkcs8, ECDSA, false, ['sign']);
  } catch {
    throw new SealError('malformed', 'not a private key');
  }
}

export interface NewKey {
  pkcs8: Bytes;
  point: Bytes;
}

/** A new pair as bytes, to be wrapped at once. P-256 keys serve agreement and signatures alike. */
export async function newKey(): Promise<NewKey> {
  const pair = await crypto.subtle.generateKey(ECDH, true, ['deriveKey']);
  const [pkcs8, point] = await Promise.all([
    crypto.subtle.exportKey('pkcs8', pair.privateKey),
    crypto.subtle.exportKey('raw', pair.publicKey),
  ]);
  return { pkcs8: new Uint8Array(pkcs8), point: new Uint8Array(point) };
}

/** The shared secret as a key for HKDF; its bytes stay inside WebCrypto. */
export async function agree(key: CryptoKey, point: Uint8Array): Promise<CryptoKey> {
  const other = await agreementPoint(point);
  return crypto.subtle.deriveKey({ name: 'ECDH', public: other }, key, 'HKDF', false, [
    'deriveKey',
    'deriveBits',
  ]);
}

const NO_SALT = new Uint8Array(0);

function hkdf(info: Bytes, salt: Bytes): HkdfParams {
  return { name: 'HKDF', hash: 'SHA-256', salt, info };
}

/** Bytes as a key for HKDF. */
export async function hkdfKey(bytes: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey', 'deriveBits']);
}

/** Derives a key for AES-256-GCM. */
export async function deriveGcm(
  from: CryptoKey,
  info: Bytes,
  usages: KeyUsage[],
  salt = NO_SALT,
): Promise<CryptoKey> {
  const algorithm = { name: 'AES-GCM', length: 256 };
  return crypto.subtle.deriveKey(hkdf(info, salt), from, algorithm, false, usages);
}

/** Derives a key that wraps keys (RFC 3394). */
export async function deriveWrap(
  from: CryptoKey,
  info: Bytes,
  usages: KeyUsage[],
): Promise<CryptoKey> {
  const algorithm = { name: 'AES-KW', length: 256 };
  return crypto.subtle.deriveKey(hkdf(info, NO_SALT), from, algorithm, false, usages);
}

/** Derives a key from which others are derived: WebCrypto wants the bytes for that, which are wiped here. */
export async function deriveHkdf(from: CryptoKey, info: Bytes): Promise<CryptoKey> {
  const bytes = new Uint8Array(await crypto.subtle.deriveBits(hkdf(info, NO_SALT), from, 256));
  const key = await hkdfKey(bytes);
  bytes.fill(0);
  return key;
}

/** SHA-256 of a point, as people compare it. */
export async function fingerprint(point: Uint8Array): Promise<string> {
  return groups(await sha256(point));
}
