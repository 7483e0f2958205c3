// Sealed files from the hub: asks for a piece of one, and reads exact numbers of bytes out of what comes.
import type { Bytes } from '../crypto/bytes.ts';
import type { PlayProblem } from './protocol.ts';

const ATTEMPTS = 4;
const PAUSE = 500;

/** The hub does not give the file; says why with one of the page's words. */
export class Fetching extends Error {
  readonly problem: PlayProblem;
  constructor(problem: PlayProblem) {
    super(problem);
    this.problem = problem;
  }
}

const REFUSALS: Record<number, PlayProblem> = {
  401: 'signed-out',
  403: 'denied',
  404: 'gone',
  410: 'gone',
};

async function ask(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(url, {
        headers,
        credentials: 'same-origin',
        cache: 'no-store',
        signal,
      });
      if (response.ok) return response;
      const refusal = REFUSALS[response.status];
      if (refusal) throw new Fetching(refusal);
    } catch (thrown) {
      if (signal.aborted || thrown instanceof Fetching) throw thrown;
    }
    if (attempt === ATTEMPTS) throw new Fetching('offline');
    await new Promise((resolve) => setTimeout(resolve, PAUSE * 2 ** (attempt - 1)));
  }
}

type Source =
  | { kind: 'into'; reader: ReadableStreamBYOBReader }
  | { kind: 'parts'; reader: ReadableStreamDefaultReader<Uint8Array>; rest: Uint8Array };

/** Straight into our memory where the browser can; otherwise out of the parts it hands over. */
function sourceOf(body: ReadableStream<Uint8Array>): Source {
  try {
    return { kind: 'into', reader: body.getReader({ mode: 'byob' }) };
  } catch {
    return { kind: 'parts', reader: body.getReader(), rest: new Uint8Array(0) };
  }
}

/** The connection broke; an end that we asked for is none. */
function broken(thrown: unknown): never {
  throw thrown instanceof DOMException && thrown.name === 'AbortError'
    ? thrown
    : new Fetching('offline');
}

/** Reads one after the other into one piece of memory, because fresh memory costs as much as the bytes in it. */
export class Reader {
  readonly #source: Source;
  #memory = new ArrayBuffer(0);

  constructor(body: ReadableStream<Uint8Array>) {
    this.#source = sourceOf(body);
  }

  /** The file from `from` on, up to before `to`. */
  static async of(
    url: string,
    from: number,
    to: number | null,
    signal: AbortSignal,
  ): Promise<Reader> {
    const range = `bytes=${from}-${to === null ? '' : to - 1}`;
    const headers = from === 0 && to === null ? undefined : { range };
    const { body, status } = await ask(url, headers ?? {}, signal);
    if (!body) throw new Fetching('offline');
    const reader = new Reader(body);
    // A server that does not know ranges sends the file from its beginning.
    if (status === 200) await reader.#skip(from);
    return reader;
  }

  /** The next bytes, or nothing when the file is over before. They are valid until the next call. */
  async take(length: number): Promise<Bytes | null> {
    if (this.#memory.byteLength < length) this.#memory = new ArrayBuffer(length);
    for (let at = 0; at < length;) {
      const some = await this.#read(at, length).catch(broken);
      if (some === 0) return null;
      at += some;
    }
    return new Uint8Array(this.#memory, 0, length);
  }

  cancel(): void {
    void this.#source.reader.cancel().catch(() => undefined);
  }

  /** Reads some more to `at`; says how much. */
  async #read(at: number, end: number): Promise<number> {
    const source = this.#source;
    if (source.kind === 'into') {
      // The browser takes the memory away and gives it back filled; when cancelled, it keeps it.
      const { value } = await source.reader.read(new Uint8Array(this.#memory, at, end - at));
      this.#memory = value?.buffer ?? new ArrayBuffer(0);
      return value?.length ?? 0;
    }
    while (source.rest.length === 0) {
      const { value } = await source.reader.read();
      if (!value) return 0;
      source.rest = value;
    }
    const some = source.rest.subarray(0, end - at);
    new Uint8Array(this.#memory).set(some, at);
    source.rest = source.rest.subarray(some.length);
    return some.length;
  }

  async #skip(length: number): Promise<void> {
    for (let left = length; left > 0;) {
      const some = Math.min(left, 65_536);
      if (!(await this.take(some))) return;
      left -= some;
    }
  }
}
