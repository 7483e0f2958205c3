// Segments and their records as an agent makes them, for tests.
import { join, sha256, time, u32, utf8, type Bytes } from './bytes.ts';
import { map, write } from './cbor.ts';
import { verifyClosing } from './closing.ts';
import { deriveGcm, newKey, signingKey } from './keys.ts';
import { nonce } from './segment.ts';
import { sign } from './sign1.ts';

/** Seals a segment as an agent does. */
export async function segment(
  bucket: CryptoKey,
  count: number,
  { id = 'seg_1', ended = true, picture = (n: number): Bytes => utf8(`picture ${n}`) } = {},
) {
  const header = write(
    map([
      [1, 1],
      [2, 'cam_1'],
      [3, 'main'],
      [4, 'bkt_1'],
      [5, 1_700_000_000],
      [6, id],
      [7, 'run_1'],
      [8, 0],
      [9, null],
      [10, 5_000_000],
      [11, 'avc1.4d401f'],
      [12, 640],
      [13, 360],
      [14, utf8('init')],
    ]),
  );
  const key = await deriveGcm(bucket, utf8(`obhut/segment/1${id}`), ['encrypt']);
  const aad = await sha256(header);
  let file = join(utf8('OBHUTSG1'), u32(header.length), header);
  const pieces: number[][] = [];
  const put = async (n: number, plain: Bytes, last: boolean) => {
    const sealed = new Uint8Array(
      await crypto.subtle.encrypt(
        { name: 'AES-GCM', iv: nonce(n, last), additionalData: aad },
        key,
        plain,
      ),
    );
    if (!last)
      pieces.push([file.length + 4, sealed.length, 5_000_000 + n * 1_000_000, 1_000_000, 1]);
    file = join(file, u32(sealed.length), sealed);
  };
  for (let n = 0; n < count; n += 1) {
    const head = join(time(5_000_000 + n * 1_000_000), u32(1_000_000), new Uint8Array([1]));
    await put(n, join(head, picture(n)), false);
  }
  if (ended) await put(count, new Uint8Array(0), true);
  return { file, pieces };
}

/** The record that an agent signs about it. */
export async function record(
  file: Bytes,
  pieces: number[][],
  { id = 'seg_1', state }: { id?: string; state: 0 | 1 },
) {
  const agent = await newKey();
  const payload = write(
    map([
      [1, 1],
      [2, id],
      [3, 'bkt_1'],
      [4, pieces.length],
      [5, await sha256(file)],
      [6, file.length],
      [7, null],
      [8, 8_000_000],
      [9, state],
      [10, pieces],
      [11, state === 0 ? 'length' : 'crash'],
    ]),
  );
  const signed = await sign(
    payload,
    await signingKey(agent.pkcs8),
    utf8('agt_1'),
    utf8('obhut/closing/1'),
  );
  return { agent, signed, closing: await verifyClosing(signed, agent.point, 'agt_1') };
}
