// Keeps one socket to the live channel open for ever: back-off with jitter, a watchdog for silence, and an end
// only when the session ends (4401). Timers, chance and the socket are passed in, so that tests need no network.
import { parse } from './board.ts';
import type { LiveMessage } from '../api/types.ts';

export type LinkState = 'connecting' | 'live' | 'lost' | 'ended';

/** The little of a WebSocket we use. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  close(): void;
}

export interface World {
  open(): Socket;
  later(ms: number, act: () => void): () => void;
  random(): number;
}

export interface Listener {
  message(message: LiveMessage): void;
  state(state: LinkState): void;
  /** Close code 4401: nobody is signed in any more. */
  ended(): void;
}

const SESSION_ENDED = 4401;
/** The server pings every 25 s; twice that and a little is silence. */
const SILENCE = 60_000;
/** A handshake that takes longer has failed. */
const HANDSHAKE = 15_000;

/** How long to wait before try `n` (from 0): at once, then doubling to 30 s, half of it by chance. */
export function backOff(n: number, random: number): number {
  if (n === 0) return Math.round(300 * random);
  const full = Math.min(30_000, 1000 * 2 ** (n - 1));
  return Math.round(full / 2 + (full / 2) * random);
}

export class Connection {
  readonly #world: World;
  readonly #listener: Listener;
  #socket: Socket | null = null;
  #cancel: (() => void) | null = null;
  #tries = 0;
  #stopped = false;

  constructor(world: World, listener: Listener) {
    this.#world = world;
    this.#listener = listener;
  }

  /** Connects now; also when the network or the page came back and waiting makes no sense. */
  start(): void {
    if (this.#stopped || this.#socket) return;
    this.#wait(null);
    this.#listener.state(this.#tries === 0 ? 'connecting' : 'lost');
    let socket: Socket;
    try {
      socket = this.#world.open();
    } catch {
      this.#again();
      return;
    }
    this.#socket = socket;
    this.#watch(HANDSHAKE);
    socket.onopen = () => this.#watch(SILENCE);
    socket.onmessage = (event) => {
      if (socket !== this.#socket) return;
      this.#watch(SILENCE);
      const message = typeof event.data === 'string' ? parse(event.data) : null;
      if (!message) return;
      if (message.type === 'snapshot') {
        this.#tries = 0;
        this.#listener.state('live');
      }
      this.#listener.message(message);
    };
    socket.onclose = (event) => {
      if (socket !== this.#socket) return;
      this.#socket = null;
      if (event.code === SESSION_ENDED) {
        this.stop();
        this.#listener.state('ended');
        this.#listener.ended();
      } else {
        this.#again();
      }
    };
  }

  /** Ends it for good. */
  stop(): void {
    this.#stopped = true;
    this.#wait(null);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** Drops the socket and connects anew, for example after the computer slept. */
  renew(): void {
    if (this.#stopped) return;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.start();
  }

  #again(): void {
    if (this.#stopped) return;
    this.#listener.state('lost');
    const pause = backOff(this.#tries, this.#world.random());
    this.#tries += 1;
    this.#wait(this.#world.later(pause, () => this.start()));
  }

  #watch(ms: number): void {
    this.#wait(
      this.#world.later(ms, () => {
        const socket = this.#socket;
        this.#socket = null;
        socket?.close();
        this.#again();
      }),
    );
  }

  #wait(cancel: (() => void) | null): void {
    this.#cancel?.();
    this.#cancel = cancel;
  }
}
