// Bucket keys: the hub's share and the roles' shares together, never one alone.
import { join, SealError, utf8, type Bytes } from './bytes.ts';
import { deriveHkdf, hkdfKey } from './keys.ts';

const SHARE = 32;

/** K of a bucket, as a key from which segment keys are derived. */
export async function combine(bucket: string, hub: Bytes, roles: Bytes[]): Promise<CryptoKey> {
  const shares = [hub, ...roles];
  if (roles.length === 0 || roles.length > 3 || shares.some((one) => one.length !== SHARE))
    throw new SealError('malformed', 'not the shares of a bucket');
  const together = join(...shares);
  const key = await hkdfKey(together);
  together.fill(0);
  return deriveHkdf(key, utf8(bucket));
}
