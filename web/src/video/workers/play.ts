// Fetches sealed segments, opens them fragment by fragment and hands fragmented MP4 to the page, no further ahead than
// the page wants. Each closing record is verified with the agent's key before anything of its segment is shown.
import { readU32, SealError, type Bytes } from '../crypto/bytes.ts';
import { verifyClosing, type Closing } from '../crypto/closing.ts';
import { agrees, belongs, HEAD, headerBytes, Opener } from '../crypto/segment.ts';
import { sampleCount } from '../mp4.ts';
import type { PlayNews, PlayOrder, PlayProblem, Source } from './protocol.ts';
import { Failed, failing } from './serve.ts';

declare const self: DedicatedWorkerGlobalScope;

let sources: Source[] = [];
let round = 0;
/** Up to here (milliseconds) the page wants fragments. */
let until = 0;
let wake: () => void = () => undefined;
let abort = new AbortController();
/** Records verified already. */
const records = new Map<string, Closing>();

function tell(news: PlayNews): void {
  const moved = news.type === 'fragment' ? [news.mp4.buffer] : [];
  self.postMessage(news, moved);
}

class Fetching extends Error {
  readonly problem: PlayProblem;
  constructor(problem: PlayProblem) {
    super(problem);
    this.problem = problem;
  }
}

/** Asks for a range of a sealed file; a refusal becomes one of the page's words. */
async function range(source: Source, from: number, signal: AbortSignal): Promise<Response> {
  for (let attempt = 0; ; attempt += 1) {
    let response: Response;
    try {
      response = await fetch(source.url, {
        headers: { range: `bytes=${from}-` },
        credentials: 'same-origin',
        cache: 'no-store',
        signal,
      });
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      if (attempt === 3) throw new Fetching('offline');
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
      continue;
    }
    if (response.ok) return response;
    if (response.status === 401) throw new Fetching('signed-out');
    if (response.status === 403) throw new Fetching('denied');
    if (response.status === 404 || response.status === 410) throw new Fetching('gone');
    if (attempt === 3) throw new Fetching('offline');
    await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
  }
}

/** Reads exact numbers of bytes out of a stream. */
class Reader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #parts: Uint8Array[] = [];
  #have = 0;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  /** The next bytes, or nothing when the stream is over before. */
  async take(length: number): Promise<Bytes | null> {
    while (this.#have < length) {
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#parts.push(value);
      this.#have += value.length;
    }
    const out = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const part = this.#parts[0];
      if (!part) break;
      const some = part.subarray(0, length - at);
      out.set(some, at);
      at += some.length;
      if (some.length === part.length) this.#parts.shift();
      else this.#parts[0] = part.subarray(some.length);
    }
    this.#have -= length;
    return out;
  }

  cancel(): void {
    void this.#reader.cancel().catch(() => undefined);
  }
}

async function reader(source: Source, from: number, signal: AbortSignal): Promise<Reader> {
  const response = await range(source, from, signal);
  if (!response.body) throw new Fetching('offline');
  const stream = new Reader(response.body);
  // A server that does not know ranges sends the file from its beginning.
  if (response.status === 200 && from > 0) await stream.take(from);
  return stream;
}

/** Waits until the page wants what begins at `start` (milliseconds). */
async function wanted(start: number, mine: number): Promise<void> {
  while (mine === round && start >= until) {
    await new Promise<void>((resolve) => (wake = resolve));
  }
  if (mine !== round) throw new DOMException('', 'AbortError');
}

/** The fragment to begin with: the last key frame not after `at`, else the first one. */
function first(record: Closing, at: number): number {
  let found = 0;
  record.pieces.forEach((piece, n) => {
    if (piece.key && piece.start <= at * 1000) found = n;
  });
  return found;
}

async function play(source: Source, at: number, mine: number): Promise<void> {
  const { signal } = abort;
  let record = records.get(source.id);
  if (!record) {
    record = await verifyClosing(source.record, source.agentKey, source.agent);
    if (record.segment !== source.id || record.bucket !== source.bucket)
      throw new SealError('foreign', 'the record of another segment');
    records.set(source.id, record);
  }
  const { pieces } = record;
  const head = pieces[0];
  if (!head) return;
  let n = first(record, at);
  await wanted((pieces[n]?.start ?? 0) / 1000, mine);

  // The header and what follows; when playing begins in the middle, two ranges at once.
  const body = n === 0 ? null : reader(source, (pieces[n]?.offset ?? 4) - 4, signal);
  body?.catch(() => undefined);
  const front = await reader(source, 0, signal);
  const beginning = await front.take(head.offset - 4);
  if (!beginning) throw new SealError('cut', 'the header is cut');
  const header = headerBytes(beginning);
  if (HEAD + header.length !== head.offset - 4) throw new SealError('tampered', 'another header');
  const opener = await Opener.begin(source.key, header);
  if (!belongs(opener.header, record)) throw new SealError('foreign', 'another segment');
  let stream = front;
  if (body) {
    front.cancel();
    stream = await body;
  }

  const { codec, init, start } = opener.header;
  if (mine !== round) return;
  tell({ type: 'init', round: mine, segment: source.id, codec, start, init });
  const began = n;
  for (; n < pieces.length; n += 1) {
    const piece = pieces[n];
    if (!piece) break;
    await wanted(piece.start / 1000, mine);
    const length = await stream.take(4);
    const ciphertext = length && (await stream.take(piece.length));
    if (!length || !ciphertext) throw new SealError('cut', 'the file is cut');
    if (readU32(length, 0) !== piece.length) throw new SealError('tampered', 'another length');
    const fragment = await opener.open(n, ciphertext).catch((thrown: unknown) => {
      // The first piece that is opened shows whether the key fits at all.
      if (n === began) throw new Failed('key');
      throw thrown;
    });
    if (!agrees(piece, fragment)) throw new SealError('tampered', 'the record says otherwise');
    if (mine !== round) return;
    tell({
      type: 'fragment',
      round: mine,
      segment: source.id,
      start: fragment.start,
      duration: fragment.duration,
      pictures: sampleCount(fragment.mp4),
      mp4: fragment.mp4.slice(),
    });
  }
  const length = await stream.take(4);
  const end = length && (await stream.take(readU32(length, 0)));
  if (end) await opener.end(n, end);
  else if (!record.interrupted) tell({ type: 'cut', round: mine, segment: source.id });
  stream.cancel();
}

/** Plays from `at` (milliseconds) on, segment after segment; a segment that can't be played is said and skipped. */
async function run(at: number, mine: number): Promise<void> {
  let from = at;
  for (;;) {
    const source = sources.find((one) => one.to > from);
    if (!source) {
      tell({ type: 'end', round: mine, at: from });
      const known = sources.length;
      while (mine === round && sources.length === known) {
        await new Promise<void>((resolve) => (wake = resolve));
      }
      if (mine !== round) return;
      continue;
    }
    try {
      await play(source, from, mine);
    } catch (thrown) {
      if (mine !== round) return;
      const problem = thrown instanceof Fetching ? thrown.problem : failing(thrown);
      const { id: segment, from: begin, to } = source;
      tell({ type: 'problem', round: mine, segment, problem, at: begin, to });
      if (problem === 'signed-out' || problem === 'offline') return;
    }
    if (mine !== round) return;
    from = Math.max(source.to, from + 1);
  }
}

self.addEventListener('message', (event: MessageEvent<PlayOrder>) => {
  const order = event.data;
  if (order.type === 'sources') {
    const known = new Map(sources.map((one) => [one.id, one]));
    order.sources.forEach((one) => known.set(one.id, one));
    sources = [...known.values()].sort((a, b) => a.from - b.from || a.to - b.to);
    wake();
  } else if (order.type === 'seek') {
    abort.abort();
    abort = new AbortController();
    round = order.round;
    until = order.until;
    wake();
    void run(order.at, round);
  } else if (order.type === 'want') {
    if (order.round === round) until = Math.max(until, order.until);
    wake();
  } else {
    round += 1;
    abort.abort();
    wake();
  }
});
