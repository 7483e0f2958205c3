// Viewing keys: a person's own key pair, kept by the hub only under their passphrase and their recovery sheet; and role
// keys handed from one viewing key to another.
import { join, random, SealError, utf8, type Bytes } from './bytes.ts';
import { open, seal } from './envelope.ts';
import { deriveGcm, hkdfKey } from './keys.ts';

export type Way = 'pass' | 'sheet';

const aad = (way: Way, id: string): Bytes => utf8(`obhut/viewing-key/1 ${way} ${id}`);

/** The key that the recovery sheet's secret makes. */
export async function sheetKey(secret: Bytes, id: string): Promise<CryptoKey> {
  const from = await hkdfKey(secret);
  return deriveGcm(from, utf8('obhut/recovery/1'), ['encrypt', 'decrypt'], utf8(id));
}

/** Wraps a private key (PKCS #8) under the passphrase's or the sheet's key. */
export async function wrap(pkcs8: Bytes, id: string, way: Way, key: CryptoKey): Promise<Bytes> {
  const iv = random(12);
  const algorithm = { name: 'AES-GCM', iv, additionalData: aad(way, id) };
  return join(iv, new Uint8Array(await crypto.subtle.encrypt(algorithm, key, pkcs8)));
}

/** The private key; `key` means the passphrase or the sheet was another. */
export async function unwrap(wrapped: Bytes, id: string, way: Way, key: CryptoKey): Promise<Bytes> {
  const algorithm = { name: 'AES-GCM', iv: wrapped.slice(0, 12), additionalData: aad(way, id) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, wrapped.slice(12)));
  } catch {
    throw new SealError('key', 'not the right one');
  }
}

const handing = (generation: string, viewing: string): Bytes =>
  utf8(`obhut/role-key/1 ${generation} ${viewing}`);

/** A generation's private key, to one member's viewing key. */
export async function handOver(
  pkcs8: Bytes,
  generation: string,
  viewing: string,
  to: Uint8Array,
): Promise<Bytes> {
  return seal(pkcs8, [{ kid: viewing, point: to }], handing(generation, viewing));
}

/** The generation's private key out of what was handed over. */
export async function takeOver(
  bytes: Uint8Array,
  generation: string,
  viewing: string,
  key: CryptoKey,
): Promise<Bytes> {
  return open(bytes, viewing, key, handing(generation, viewing));
}
