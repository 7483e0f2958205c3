// Recomputes an inclusion proof (RFC 9162, 2.1.3.2) in the browser, so that the page need not believe the server.
import type { Proof } from '../api/types.ts';

/** Bytes of a hash in hex, or of base64 as some readers write it. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  if (/^([0-9a-f]{2})+$/i.test(text)) {
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  }
  return Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
}

async function node(left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
  const joined = new Uint8Array(1 + left.length + right.length);
  joined[0] = 1;
  joined.set(left, 1);
  joined.set(right, 1 + left.length);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', joined));
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** Whether leaf and path make the root of a tree of this size. */
export async function holds(
  proof: Pick<Proof, 'index' | 'size' | 'leaf_hash' | 'path' | 'root'>,
): Promise<boolean> {
  if (proof.index < 0 || proof.index >= proof.size) return false;
  let [fn, sn] = [proof.index, proof.size - 1];
  let hash: Uint8Array = bytes(proof.leaf_hash);
  for (const step of proof.path) {
    if (sn === 0) return false;
    const sibling = bytes(step);
    if (fn % 2 === 1 || fn === sn) {
      hash = await node(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      hash = await node(hash, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && equal(hash, bytes(proof.root));
}
