// One live picture as its tile reads it: what the worker is doing, the newest picture's time, what stands in the way.
import { Problem } from '../api/problem.ts';
import { signedOut } from '../api/client.ts';
import { videoApi } from './api.ts';
import { liveKey } from './keys.svelte.ts';
import { Refused } from './remote.ts';
import { startWorker } from './worker-url.ts';
import type { LiveNews, LiveOrder } from './workers/protocol.ts';

export type LiveProblem = 'codec' | 'key' | 'missing' | 'locked' | 'decoder' | 'ended';

/** A page nobody looks at lets go of its pictures after this. */
const UNSEEN = 30_000;

export class LiveView {
  link = $state<'connecting' | 'open' | 'lost'>('connecting');
  /** When the newest picture was taken (milliseconds). */
  captured = $state<number | null>(null);
  size = $state.raw<{ width: number; height: number } | null>(null);
  problem = $state<LiveProblem | null>(null);
  codec = $state('');
  /** Why the hub ended it. */
  why = $state<string | null>(null);

  readonly #worker: Worker;
  readonly #canvas: HTMLCanvasElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(camera: string, canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#worker = startWorker('live');
    this.#worker.onmessage = (event: MessageEvent<LiveNews>) => this.#hear(event.data);
    const offscreen = canvas.transferControlToOffscreen();
    this.#order({ type: 'open', url: videoApi.live(camera), canvas: offscreen }, [offscreen]);
    document.addEventListener('visibilitychange', this.#seen);
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.#seen);
    clearTimeout(this.#timer);
    this.#order({ type: 'close' });
    this.#worker.terminate();
  }

  #seen = () => {
    clearTimeout(this.#timer);
    if (document.hidden) {
      this.#timer = setTimeout(() => this.#order({ type: 'pause', on: true }), UNSEEN);
    } else this.#order({ type: 'pause', on: false });
  };

  #order(order: LiveOrder, moved: Transferable[] = []): void {
    this.#worker.postMessage(order, moved);
  }

  #hear(news: LiveNews): void {
    if (news.type === 'picture') {
      // Read by whoever measures: which picture is on the canvas, and when it was taken.
      this.#canvas.dataset.number = String(news.number);
      this.#canvas.dataset.captured = String(news.time);
      this.captured = news.time;
      if (this.size?.width !== news.width || this.size.height !== news.height)
        this.size = { width: news.width, height: news.height };
      // What was being decoded when it ended still comes, and changes nothing about the end.
      if (this.why === null || this.why === 'connect_again') {
        this.problem = null;
        this.why = null;
      }
    } else if (news.type === 'link') {
      this.link = news.state;
    } else if (news.type === 'header') {
      void this.#unlock(news.session, news.header);
    } else if (news.type === 'problem') {
      this.problem = news.problem;
      this.codec = news.codec;
    } else if (news.type === 'ended') {
      this.problem = 'ended';
      if (news.code === 4401) signedOut();
    } else {
      const word = news.word as { type?: unknown; why?: unknown } | null;
      if (word?.type === 'end') this.why = typeof word.why === 'string' ? word.why : 'ended';
    }
  }

  async #unlock(session: string, header: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      const { key } = await liveKey(header);
      this.problem = null;
      this.#order({ type: 'key', session, key });
    } catch (thrown) {
      const failing = thrown instanceof Refused ? thrown.failing : 'unexpected';
      this.problem = failing === 'locked' || failing === 'missing' ? failing : 'key';
      if (!(thrown instanceof Refused) && !(thrown instanceof Problem)) throw thrown;
    }
  }
}
