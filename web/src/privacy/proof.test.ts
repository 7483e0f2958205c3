// Inclusion proofs against a tree built the other way round (recursively, as the RFC defines it).
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { holds } from './proof.ts';

const hash = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const leafHash = (n: number) => hash(Buffer.from([0]), Buffer.from(`entry ${n}`));
const inner = (a: Buffer, b: Buffer) => hash(Buffer.from([1]), a, b);
const cut = (n: number) => 2 ** Math.floor(Math.log2(n - 1));

function root(leaves: Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0]!;
  const k = cut(leaves.length);
  return inner(root(leaves.slice(0, k)), root(leaves.slice(k)));
}

function path(m: number, leaves: Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = cut(leaves.length);
  return m < k
    ? [...path(m, leaves.slice(0, k)), root(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), root(leaves.slice(0, k))];
}

describe.each([1, 2, 3, 5, 8, 13, 33])('a tree of %d', (size) => {
  const leaves = Array.from({ length: size }, (_, n) => leafHash(n));
  const proofs = leaves.map((leaf, index) => ({
    index,
    size,
    leaf_hash: leaf.toString('hex'),
    path: path(index, leaves).map((one) => one.toString('hex')),
    root: root(leaves).toString('hex'),
  }));

  it('holds for each entry', async () => {
    for (const proof of proofs) expect(await holds(proof)).toBe(true);
  });

  it('fails for another leaf, another place, another size', async () => {
    for (const proof of proofs) {
      const other = leafHash(1000).toString('hex');
      expect(await holds({ ...proof, leaf_hash: other })).toBe(false);
      expect(await holds({ ...proof, index: size })).toBe(false);
      if (size > 1) expect(await holds({ ...proof, index: (proof.index + 1) % size })).toBe(false);
      expect(await holds({ ...proof, path: [...proof.path, other] })).toBe(false);
    }
  });
});
