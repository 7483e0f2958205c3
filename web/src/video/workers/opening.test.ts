// Segments on their way to the page: in order, no further than wanted, and nothing that was not authenticated.
import { afterEach, expect, it, vi } from 'vitest';
import { combine } from '../crypto/bucket.ts';
import { random, type Bytes } from '../crypto/bytes.ts';
import { record, segment } from '../crypto/testing.ts';
import { Opening } from './opening.ts';
import type { Source } from './protocol.ts';

const MEGABYTE = 1024 * 1024;
let count = 0;

interface Made {
  file: Bytes;
  pieces: number[][];
  source: Source;
}

/** A segment with pieces of a second from second 5 on, and how the page is told of it. */
async function made(pictures: number, length = 1000, ended = true): Promise<Made> {
  const bucket = await combine('bkt_1', random(32), [random(32)]);
  const picture = (n: number) => new Uint8Array(length).fill(n);
  // Verified records are known by the segment's id.
  count += 1;
  const id = `seg_${count}`;
  const { file, pieces } = await segment(bucket, pictures, { id, ended, picture });
  const { agent, signed } = await record(file, pieces, { id, state: ended ? 0 : 1 });
  const source = {
    id,
    bucket: 'bkt_1',
    key: bucket,
    url: '/x',
    record: signed,
    agent: 'agt_1',
    agentKey: agent.point,
    from: 5000,
    to: 5000 + pictures * 1000,
  };
  return { file, pieces, source };
}

interface Asked {
  range: string | undefined;
  read: number;
}

/** A hub that gives this file in parts; with `bytes` as browsers do whose streams read into our memory. */
function hub(file: Bytes, { bytes = true, ranges = true, part = 700 } = {}): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', (_url: string, { headers }: { headers: Record<string, string> }) => {
    const one: Asked = { range: headers.range, read: 0 };
    asked.push(one);
    const [, from = '0', to = ''] = (ranges && /=(\d+)-(\d*)/.exec(headers.range ?? '')) || [];
    let at = Number(from);
    const end = to === '' ? file.length : Number(to) + 1;
    const source = {
      pull(line: ReadableStreamDefaultController | ReadableByteStreamController) {
        if (at >= end) {
          line.close();
          // As browsers do: a read that waits for bytes is told that none will come.
          if ('byobRequest' in line) line.byobRequest?.respond(0);
          return;
        }
        const some = file.slice(at, Math.min(end, at + part));
        at += some.length;
        one.read += some.length;
        line.enqueue(some);
      },
    };
    const body = bytes
      ? new ReadableStream({ ...source, type: 'bytes' } as UnderlyingByteSource)
      : new ReadableStream(source as UnderlyingDefaultSource<Uint8Array>);
    const status = ranges && headers.range !== undefined ? 206 : 200;
    return Promise.resolve({ ok: true, status, body });
  });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

const always = () => Promise.resolve();

function begin(source: Source, at = 0, wanted: (start: number) => Promise<void> = always): Opening {
  return new Opening({ source, at, signal: new AbortController().signal, wanted });
}

/** The numbers of all fragments, and the word with which it refused to go on. */
async function all(opening: Opening): Promise<{ numbers: number[]; failing: string | null }> {
  const numbers: number[] = [];
  try {
    for (let one; (one = await opening.next());) {
      expect(new Set(one.mp4).size).toBe(1);
      expect(one.start).toBe(5_000_000 + (one.mp4[0] ?? 0) * 1_000_000);
      numbers.push(one.mp4[0] ?? -1);
    }
    return { numbers, failing: null };
  } catch (thrown) {
    const of = thrown as { failing?: string; refusal?: string; problem?: string };
    return { numbers, failing: of.failing ?? of.refusal ?? of.problem ?? String(thrown) };
  }
}

it.each([
  ['bytes', { bytes: true }],
  ['parts', { bytes: false }],
])('opens a whole file in order, out of a stream of %s', async (_name, how) => {
  const { file, source } = await made(12);
  const asked = hub(file, how);
  const opening = begin(source);
  expect(await all(opening)).toEqual({
    numbers: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    failing: null,
  });
  expect(opening.whole).toBe(true);
  expect(opening.header?.codec).toBe('avc1.4d401f');
  expect(asked.map((one) => one.range)).toEqual([undefined]);
});

it.each([
  ['knows ranges', true],
  ['does not', false],
])('begins in the middle, where the hub %s', async (_name, ranges) => {
  const { file, pieces, source } = await made(4);
  const asked = hub(file, { ranges });
  expect((await all(begin(source, 7500))).numbers).toEqual([2, 3]);
  const [head, from] = [(pieces[0]?.[0] ?? 0) - 5, (pieces[2]?.[0] ?? 0) - 4];
  expect(asked.map((one) => one.range).sort()).toEqual([`bytes=0-${head}`, `bytes=${from}-`]);
});

it('gives what lies before a changed fragment, and nothing behind it', async () => {
  const { file, pieces, source } = await made(6);
  const bad = file.slice();
  const at = (pieces[3]?.[0] ?? 0) + 20;
  bad[at] = (bad[at] ?? 0) ^ 1;
  hub(bad);
  const opening = begin(source);
  expect(await all(opening)).toEqual({ numbers: [0, 1, 2], failing: 'tampered' });
});

it('gives nothing when the first one does not open', async () => {
  const { file, source } = await made(3);
  const key = await combine('bkt_1', random(32), [random(32)]);
  hub(file);
  expect(await all(begin({ ...source, key }))).toEqual({ numbers: [], failing: 'key' });
  // In the middle it is the same: what is opened first shows whether the key fits.
  expect(await all(begin({ ...source, key }, 6500))).toEqual({ numbers: [], failing: 'key' });
});

it('refuses fragments in another order', async () => {
  const { file, pieces, source } = await made(4);
  const [one, two] = [pieces[1] ?? [], pieces[2] ?? []];
  const piece = ([offset = 0, length = 0]: number[]) => file.slice(offset, offset + length);
  const swapped = file.slice();
  swapped.set(piece(two), one[0]);
  swapped.set(piece(one), two[0]);
  hub(swapped);
  expect(await all(begin(source))).toEqual({ numbers: [0], failing: 'tampered' });
});

it('refuses another segment’s file and another one’s record', async () => {
  const [a, b] = [await made(3), await made(3)];
  hub(b.file);
  expect(await all(begin(a.source))).toEqual({ numbers: [], failing: 'foreign' });
  hub(a.file);
  const { record: signed, agentKey } = b.source;
  count += 1;
  const source = { ...a.source, id: `seg_${count}`, record: signed, agentKey };
  expect(await all(begin(source))).toEqual({ numbers: [], failing: 'foreign' });
});

it('tells an interrupted segment from one whose end was cut off', async () => {
  const interrupted = await made(3, 1000, false);
  hub(interrupted.file);
  const said = begin(interrupted.source);
  expect((await all(said)).numbers).toEqual([0, 1, 2]);
  expect(said.whole).toBe(true);

  const closed = await made(3);
  hub(closed.file.slice(0, -20));
  const cut = begin(closed.source);
  expect((await all(cut)).numbers).toEqual([0, 1, 2]);
  expect(cut.whole).toBe(false);

  hub(closed.file.slice(0, -500));
  expect(await all(begin(closed.source))).toEqual({ numbers: [0, 1], failing: 'cut' });

  const bad = closed.file.slice();
  bad.fill(9, -16);
  hub(bad);
  expect(await all(begin(closed.source))).toEqual({ numbers: [0, 1, 2], failing: 'tampered' });
});

it('reads no further than somebody wants', async () => {
  const { file, source } = await made(6, 10_000);
  const asked = hub(file);
  let until = 0;
  let wake = () => undefined as void;
  const opening = begin(source, 0, async (start) => {
    while (start >= until) await new Promise<void>((resolve) => (wake = resolve));
  });
  const first = opening.next();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(asked).toEqual([]);
  until = 7000;
  wake();
  expect((await first)?.start).toBe(5_000_000);
  expect((await opening.next())?.start).toBe(6_000_000);
  const third = opening.next();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(asked[0]?.read).toBeLessThan(25_000);
  until = Infinity;
  wake();
  expect((await third)?.start).toBe(7_000_000);
  expect((await all(opening)).numbers).toEqual([3, 4, 5]);
});

it('opens a few megabytes ahead of whoever takes them, and then waits', async () => {
  const { file, source } = await made(12, MEGABYTE);
  const asked = hub(file, { part: 256 * 1024 });
  const opening = begin(source);
  let near = false;
  void opening.nearly.then(() => (near = true));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const before = asked[0]?.read ?? 0;
  expect(before).toBeGreaterThan(3 * MEGABYTE);
  expect(before).toBeLessThan(7 * MEGABYTE);
  expect(near).toBe(false);
  expect((await all(opening)).numbers).toHaveLength(12);
  expect(near).toBe(true);
});

it('says that the hub went away in the middle', async () => {
  const { file, source } = await made(3);
  let sent = false;
  const body = new ReadableStream({
    pull(line) {
      if (sent) return line.error(new TypeError('network error'));
      sent = true;
      line.enqueue(file.slice(0, -1500));
    },
  });
  vi.stubGlobal('fetch', () => Promise.resolve({ ok: true, status: 200, body }));
  expect(await all(begin(source))).toEqual({ numbers: [0], failing: 'offline' });
});

it.each([
  [401, 'signed-out'],
  [403, 'denied'],
  [404, 'gone'],
  [410, 'gone'],
])('says what %i means', async (status, problem) => {
  const { source } = await made(2);
  vi.stubGlobal('fetch', () => Promise.resolve({ ok: false, status, body: null }));
  expect(await all(begin(source))).toEqual({ numbers: [], failing: problem });
});
