// What the mock server needs of the sealed formats; loaded by video-mock.mjs through Vite, because it is TypeScript.
export { combine } from '../src/video/crypto/bucket.ts';
export {
  fromBase64,
  join,
  random,
  sha256,
  time,
  toBase64,
  u32,
  utf8,
} from '../src/video/crypto/bytes.ts';
export { map, write } from '../src/video/crypto/cbor.ts';
export { seal } from '../src/video/crypto/envelope.ts';
export { freshId } from '../src/video/crypto/ids.ts';
export { deriveGcm, fingerprint, hkdfKey, newKey, signingKey } from '../src/video/crypto/keys.ts';
export { normalised } from '../src/video/crypto/passphrase.ts';
export { signList } from '../src/video/crypto/recipients.ts';
export { nonce } from '../src/video/crypto/segment.ts';
export { sign } from '../src/video/crypto/sign1.ts';
export { handOver, sheetKey, wrap } from '../src/video/crypto/viewing.ts';
