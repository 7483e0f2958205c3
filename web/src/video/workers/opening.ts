// One segment on its way to the page: fetched, checked, and opened some way ahead of whoever takes its fragments. They
// come in their order, each only after it has been authenticated.
import { readU32, SealError } from '../crypto/bytes.ts';
import { verifyClosing, type Closing, type Piece } from '../crypto/closing.ts';
import {
  agrees,
  belongs,
  HEAD,
  headerBytes,
  Opener,
  TAG,
  type Fragment,
  type Header,
} from '../crypto/segment.ts';
import type { Source } from './protocol.ts';
import { Failed } from './serve.ts';
import { Reader } from './stream.ts';

/** So many bytes of fragments may lie opened; WebCrypto opens them beside each other on threads of its own. */
const AHEAD = 4 * 1024 * 1024;
/** When so little is left to be read, the next segment is asked for: earlier it would take this one's line, later
    nothing would come for as long as the hub needs to answer. */
const NEARLY = 1024 * 1024;

export interface Order {
  source: Source;
  /** Begin with the picture of this moment (milliseconds), or with the first one. */
  at: number;
  signal: AbortSignal;
  /** Waits until somebody wants what begins at a moment (milliseconds); throws when nobody will. */
  wanted: (start: number) => Promise<void>;
}

/** Records verified already. */
const records = new Map<string, Closing>();

async function recordOf(source: Source): Promise<Closing> {
  const known = records.get(source.id);
  if (known) return known;
  const record = await verifyClosing(source.record, source.agentKey, source.agent);
  if (record.segment !== source.id || record.bucket !== source.bucket)
    throw new SealError('foreign', 'the record of another segment');
  records.set(source.id, record);
  return record;
}

/** The fragment to begin with: the last key frame not after `at`, else the first one. */
function first({ pieces }: Closing, at: number): number {
  let found = 0;
  pieces.forEach((piece, n) => {
    if (piece.key && piece.start <= at * 1000) found = n;
  });
  return found;
}

interface Begun {
  record: Closing;
  opener: Opener;
  /** The fragment to begin with, and the one that comes next. */
  first: number;
  n: number;
  stream: Reader;
}

/** A fragment in the line; it lies there while it is being opened. */
interface Turn {
  bytes: number;
  opened: Promise<Fragment>;
}

export class Opening {
  readonly source: Source;
  /** Kept when the next segment may be asked for. */
  readonly nearly: Promise<void>;
  /** Whether the file ended as it should; known when all fragments were taken. */
  whole = true;
  /** The file's head, with the first fragment: each is sealed together with it, so it is authentic then. */
  header: Header | null = null;
  readonly #order: Order;
  readonly #begun: Promise<Begun | null>;
  readonly #line: ReadableStreamDefaultReader<Turn>;
  #near: () => void = () => undefined;

  constructor(order: Order) {
    this.source = order.source;
    this.#order = order;
    this.nearly = new Promise((resolve) => (this.#near = resolve));
    this.#begun = this.#begin();
    this.#begun.catch(() => undefined);
    this.#line = new ReadableStream<Turn>(
      { pull: (line) => this.#pull(line), cancel: () => this.#leave() },
      { highWaterMark: AHEAD, size: ({ bytes }) => bytes },
    ).getReader();
  }

  /** The next fragment, or nothing behind the last. */
  async next(): Promise<Fragment | null> {
    const { value } = await this.#line.read();
    const fragment = value ? await value.opened : null;
    this.header ??= (await this.#begun)?.opener.header ?? null;
    return fragment;
  }

  /** Nobody will take the rest. */
  stop(): void {
    this.#near();
    void this.#line.cancel().catch(() => undefined);
  }

  /** The record, the file's head, and the stream where the first fragment begins. */
  async #begin(): Promise<Begun | null> {
    const { source, at, signal, wanted } = this.#order;
    const record = await recordOf(source);
    const { pieces } = record;
    const head = pieces[0];
    if (!head) return null;
    const n = first(record, at);
    const piece = pieces[n] ?? head;
    await wanted(piece.start / 1000);
    // When it begins in the middle, two ranges at once.
    const room = head.offset - 4;
    const middle = n > 0 ? Reader.of(source.url, piece.offset - 4, null, signal) : null;
    middle?.catch(() => undefined);
    const front = await Reader.of(source.url, 0, middle ? room : null, signal);
    const beginning = await front.take(room);
    if (!beginning) throw new SealError('cut', 'the header is cut');
    const header = headerBytes(beginning);
    if (HEAD + header.length !== room) throw new SealError('tampered', 'another header');
    const opener = await Opener.begin(source.key, header);
    if (!belongs(opener.header, record)) throw new SealError('foreign', 'another segment');
    if (middle) front.cancel();
    return { record, opener, first: n, n, stream: middle ? await middle : front };
  }

  /** Puts the next fragment into the line. A failure takes its turn there too: what is before it still counts. */
  async #pull(line: ReadableStreamDefaultController<Turn>): Promise<void> {
    try {
      const begun = await this.#begun;
      const piece = begun?.record.pieces[begun.n];
      if (begun && piece) {
        await this.#order.wanted(piece.start / 1000);
        line.enqueue({ bytes: piece.length, ...(await turn(begun, piece)) });
        begun.n += 1;
        if (begun.record.length - piece.offset - piece.length < NEARLY) this.#near();
        return;
      }
      if (begun) this.whole = await ended(begun);
    } catch (thrown) {
      line.enqueue({ bytes: 0, opened: handled(Promise.reject(thrown)) });
    }
    this.#near();
    line.close();
    await this.#leave();
  }

  async #leave(): Promise<void> {
    const begun = await this.#begun.catch(() => null);
    begun?.stream.cancel();
  }
}

/** A promise whose failure is looked at later, or never. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Reads a fragment and has it opened, without waiting for that. */
async function turn(
  { opener, stream, first, n }: Begun,
  piece: Piece,
): Promise<Pick<Turn, 'opened'>> {
  const sealed = await stream.take(4 + piece.length);
  if (!sealed) throw new SealError('cut', 'the file is cut');
  if (readU32(sealed, 0) !== piece.length) throw new SealError('tampered', 'another length');
  // WebCrypto takes its copy within this call; the stream may write over the bytes then.
  const opened = opener.open(n, sealed.subarray(4)).then(
    (fragment) => {
      if (!agrees(piece, fragment)) throw new SealError('tampered', 'the record says otherwise');
      return fragment;
    },
    (thrown: unknown) => {
      // The first one that is opened shows whether the key fits at all.
      throw n === first ? new Failed('key') : thrown;
    },
  );
  return { opened: handled(opened) };
}

/** Whether the file ends as it should: with the empty fragment, or as a record that says it was interrupted. */
async function ended({ opener, record, stream, n }: Begun): Promise<boolean> {
  const end = await stream.take(4 + TAG);
  if (!end) return record.interrupted;
  if (readU32(end, 0) !== TAG)
    throw new SealError('tampered', 'something behind the last fragment');
  await opener.end(n, end.subarray(4));
  return true;
}
