// Plays sealed segments one after the other: hands fragmented MP4 to the page, no further ahead than the page wants.
// While one is being opened the next is already fetched.
import { sampleCount } from '../mp4.ts';
import { Opening } from './opening.ts';
import type { PlayNews, PlayOrder, Source } from './protocol.ts';
import { failing } from './serve.ts';
import { Fetching } from './stream.ts';

declare const self: DedicatedWorkerGlobalScope;

let sources: Source[] = [];
let round = 0;
/** Up to here (milliseconds) the page wants fragments. */
let until = 0;
let waiting: (() => void)[] = [];
let abort = new AbortController();

function tell(news: PlayNews): void {
  const moved = news.type === 'fragment' ? [news.mp4.buffer] : [];
  self.postMessage(news, moved);
}

/** The page said something: whoever waits looks again. */
function wake(): void {
  const all = waiting;
  waiting = [];
  all.forEach((one) => one());
}

const woken = () => new Promise<void>((resolve) => waiting.push(resolve));

/** Waits until the page wants what begins at `start` (milliseconds). */
async function wanted(start: number, mine: number): Promise<void> {
  while (mine === round && start >= until) await woken();
  if (mine !== round) throw new DOMException('', 'AbortError');
}

function open(source: Source, at: number, mine: number): Opening {
  const { signal } = abort;
  return new Opening({ source, at, signal, wanted: (start) => wanted(start, mine) });
}

/** The segment that plays at a moment (milliseconds), or the next one behind it. */
const from = (at: number) => sources.find((one) => one.to > at);

async function play(opening: Opening, mine: number): Promise<void> {
  const segment = opening.source.id;
  let begun = false;
  for (;;) {
    const fragment = await opening.next();
    if (mine !== round) return;
    if (!fragment) break;
    if (!begun && opening.header) {
      const { codec, init, start } = opening.header;
      tell({ type: 'init', round: mine, segment, codec, start, init });
      begun = true;
    }
    const { start, duration, mp4 } = fragment;
    const pictures = sampleCount(mp4);
    tell({ type: 'fragment', round: mine, segment, start, duration, pictures, mp4 });
  }
  if (!opening.whole) tell({ type: 'cut', round: mine, segment });
}

/** Plays from `begin` (milliseconds) on, segment after segment; one that can't be played is said and skipped. */
async function run(begin: number, mine: number): Promise<void> {
  let at = begin;
  let ahead: Opening | null = null;
  for (;;) {
    const source = from(at);
    if (!source) {
      tell({ type: 'end', round: mine, at });
      const known = sources.length;
      while (mine === round && sources.length === known) await woken();
      if (mine !== round) return;
      continue;
    }
    // The list may have grown meanwhile, before what was thought to be next.
    if (ahead?.source.id !== source.id) {
      ahead?.stop();
      ahead = open(source, at, mine);
    }
    const opening: Opening = ahead;
    const next: number = Math.max(source.to, at + 1);
    const following: Promise<Opening | null> = opening.nearly.then(() => {
      const then = mine === round && !abort.signal.aborted ? from(next) : undefined;
      return then ? open(then, next, mine) : null;
    });
    try {
      await play(opening, mine);
    } catch (thrown) {
      if (mine !== round) return;
      const problem = thrown instanceof Fetching ? thrown.problem : failing(thrown);
      const { id: segment, from: start, to } = source;
      tell({ type: 'problem', round: mine, segment, problem, at: start, to });
      if (problem === 'signed-out' || problem === 'offline') {
        abort.abort();
        return;
      }
    } finally {
      opening.stop();
    }
    if (mine !== round) return;
    ahead = await following;
    at = next;
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
