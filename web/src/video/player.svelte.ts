// Plays a recording: asks the hub to open its hours, lets the worker open its fragments, feeds the video element, and
// says which second of the recording is on the screen. The element's time is the recording's, from a fixed hour on.
import { asProblem, type Problem } from '../api/problem.ts';
import { signedOut } from '../api/client.ts';
import { videoApi } from './api.ts';
import { fromBase64, type Bytes } from './crypto/bytes.ts';
import { bucketKey } from './keys.svelte.ts';
import { Refused } from './remote.ts';
import { mediaSource, plays } from './support.ts';
import { HOUR, MINUTE, SECOND } from './timeline.ts';
import type { OpenBucket } from './wire.ts';
import { startWorker } from './worker-url.ts';
import type { PlayNews, PlayOrder, PlayProblem, Source } from './workers/protocol.ts';

export type Trouble =
  | { kind: PlayProblem; at: number; to: number | null }
  | { kind: 'codec'; codec: string }
  | { kind: 'api'; problem: Problem };

/** How far ahead of the picture we read, at normal speed; and how much stays behind it. */
const AHEAD = 20 * SECOND;
const BEHIND = 20 * SECOND;
/** The first picture comes from here, the rest follows once it stands. */
const FIRST = 2 * SECOND;

interface Append {
  bytes: Bytes;
  /** Media time offset in seconds. */
  offset: number;
  codec?: string;
}

export class Player {
  /** Which moment of the recording is on the screen (milliseconds). */
  at = $state(0);
  playing = $state(false);
  /** Waiting for data. */
  busy = $state(false);
  speed = $state(1);
  trouble = $state.raw<Trouble | null>(null);
  /** A segment without its end was played. */
  cut = $state(false);
  /** Nothing is recorded behind this. */
  ended = $state(false);
  /** Whether any picture of this place stands. */
  shown = $state(false);
  size = $state.raw<{ width: number; height: number } | null>(null);

  /** Pieces ahead that can't be played: told when the picture gets there, never skipped silently. */
  #bad: { kind: PlayProblem; at: number; to: number }[] = [];
  readonly #video: HTMLVideoElement;
  readonly #camera: string;
  readonly #zero: number;
  readonly #worker: Worker;
  readonly #skip: (at: number) => number | null;
  readonly #until: () => number;
  #media: MediaSource | null = null;
  #buffer: SourceBuffer | null = null;
  #queue: Append[] = [];
  #round = 0;
  #want = 0;
  /** Until here the hub has opened (milliseconds), and from where. */
  #opened: { from: number; to: number } | null = null;
  #opening: Promise<void> | null = null;
  #codec = '';
  #offset = 0;
  #picture = 40;
  #timer: ReturnType<typeof setInterval>;
  #frame = 0;
  #stopped = false;

  constructor(
    video: HTMLVideoElement,
    camera: string,
    of: {
      /** Nothing before this is ever played (milliseconds). */
      earliest: number;
      /** Where playing goes on when a moment has no recording. */
      skip: (at: number) => number | null;
      /** Up to when there may be recordings. */
      until: () => number;
    },
  ) {
    this.#video = video;
    this.#camera = camera;
    this.#zero = Math.floor(of.earliest / HOUR) * HOUR - HOUR;
    this.#skip = of.skip;
    this.#until = of.until;
    this.#worker = startWorker('play');
    this.#worker.onmessage = (event: MessageEvent<PlayNews>) => this.#hear(event.data);
    video.addEventListener('playing', this.#state);
    video.addEventListener('pause', this.#state);
    video.addEventListener('waiting', this.#state);
    video.addEventListener('seeked', this.#state);
    video.addEventListener('loadeddata', this.#state);
    video.addEventListener('resize', this.#state);
    this.#timer = setInterval(() => this.#tick(), 250);
    this.#watch();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#order({ type: 'stop' });
    this.#worker.terminate();
    this.#video.removeAttribute('src');
    this.#video.srcObject = null;
    this.#video.load();
  }

  /** Goes to a moment; plays on if it was playing. */
  async seek(at: number, play = this.playing): Promise<void> {
    const target = this.#skip(at) ?? at;
    this.at = target;
    this.trouble = null;
    this.cut = false;
    this.ended = false;
    const media = this.#media;
    const time = this.#mediaTime(target);
    if (media && this.#has(time)) {
      this.#video.currentTime = time;
      this.#extend();
      if (play) void this.play();
      return;
    }
    const mine = ++this.#round;
    this.busy = true;
    this.shown = false;
    this.#queue = [];
    this.#bad = [];
    try {
      await this.#open(target);
      if (mine !== this.#round) return;
      await this.#ready();
    } catch (thrown) {
      if (mine === this.#round) this.#refuse(thrown);
      return;
    }
    if (mine !== this.#round) return;
    this.#empty();
    this.#video.currentTime = time;
    this.#want = target + FIRST;
    this.#order({ type: 'seek', round: mine, at: target, until: this.#want });
    if (play) void this.play();
  }

  async play(): Promise<void> {
    this.playing = true;
    this.#video.playbackRate = this.speed;
    await this.#video.play().catch(() => undefined);
  }

  pause(): void {
    this.playing = false;
    this.#video.pause();
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.#video.playbackRate = speed;
    this.#extend();
  }

  /** One picture on or back; stands still there. A little more than its beginning, so that rounding can't miss it. */
  async step(direction: 1 | -1): Promise<void> {
    this.pause();
    await this.seek(this.at + direction * this.#picture + 2, false);
  }

  /** The strip grew: goes on where nothing was before. */
  more(): void {
    if (!this.ended) return;
    this.ended = false;
    void this.#onwards(this.at);
  }

  #mediaTime(at: number): number {
    return (at - this.#zero) / SECOND;
  }

  #recorded(time: number): number {
    return this.#zero + time * SECOND;
  }

  #order(order: PlayOrder): void {
    this.#worker.postMessage(order);
  }

  #refuse(thrown: unknown): void {
    this.busy = false;
    if (thrown instanceof Refused) this.trouble = { kind: thrown.failing, at: this.at, to: null };
    else this.trouble = { kind: 'api', problem: asProblem(thrown) };
  }

  /** Asks the hub for the keys from `at` to the end of its hour; what is open already is not asked again. */
  async #open(at: number): Promise<void> {
    const opened = this.#opened;
    if (opened && at >= opened.from && at < opened.to) return;
    const hour = Math.floor(at / HOUR) * HOUR;
    const from = at - 5 * SECOND;
    const to = Math.min(Math.max(hour + HOUR, at + 2 * MINUTE), this.#until());
    const buckets = await videoApi.open(
      this.#camera,
      new Date(from).toISOString(),
      new Date(Math.max(to, from + SECOND)).toISOString(),
    );
    const sources: Source[] = [];
    for (const bucket of buckets) {
      if (bucket.segments.length === 0) continue;
      const key = await bucketKey(bucket);
      sources.push(...bucket.segments.map((one) => source(bucket, key, one)));
    }
    this.#order({ type: 'sources', sources });
    const now = this.#opened;
    this.#opened =
      now && from <= now.to && from >= now.from ? { from: now.from, to } : { from, to };
  }

  /** A video element that takes data. */
  async #ready(): Promise<void> {
    if (this.#media?.readyState === 'open') return;
    const Kind = mediaSource();
    if (!Kind) throw new Refused('unexpected', 'no MediaSource');
    const media = new Kind();
    this.#media = media;
    this.#buffer = null;
    this.#codec = '';
    const opened = new Promise((resolve) =>
      media.addEventListener('sourceopen', resolve, { once: true }),
    );
    this.#video.disableRemotePlayback = true;
    const url = URL.createObjectURL(media);
    this.#video.src = url;
    await opened;
    URL.revokeObjectURL(url);
    media.duration = 400 * 24 * 3600;
  }

  #has(time: number): boolean {
    const { buffered } = this.#video;
    for (let n = 0; n < buffered.length; n += 1) {
      if (time >= buffered.start(n) - 0.001 && time < buffered.end(n) - 0.02) return true;
    }
    return false;
  }

  #empty(): void {
    const buffer = this.#buffer;
    if (!buffer) return;
    try {
      buffer.abort();
      buffer.remove(0, Infinity);
    } catch {
      // It was closed meanwhile; the next one begins empty.
    }
  }

  #hear(news: PlayNews): void {
    if (news.round !== this.#round || this.#stopped) return;
    if (news.type === 'init') {
      if (!plays(news.codec)) {
        this.trouble = { kind: 'codec', codec: news.codec };
        this.busy = false;
        // What is on its way already must not look as if it played.
        this.#round += 1;
        this.#order({ type: 'stop' });
        return;
      }
      this.#offset = this.#mediaTime(news.start / 1000);
      this.#put({ bytes: news.init, offset: this.#offset, codec: news.codec });
    } else if (news.type === 'fragment') {
      this.#picture = Math.max(5, news.duration / 1000 / Math.max(1, news.pictures));
      this.#put({ bytes: news.mp4, offset: this.#offset });
    } else if (news.type === 'end') {
      void this.#onwards(news.at);
    } else if (news.type === 'cut') {
      this.cut = true;
    } else {
      if (news.problem === 'signed-out') return signedOut();
      const { problem: kind, at, to } = news;
      if (kind === 'offline') this.#stand({ kind, at, to: null });
      else if (!this.shown && this.#queue.length === 0 && this.at >= at - SECOND)
        this.#stand({ kind, at, to });
      else this.#bad.push({ kind, at, to });
    }
  }

  /** Stops where a piece can't be played, and says why. */
  #stand(trouble: Trouble): void {
    this.pause();
    this.busy = false;
    this.trouble = trouble;
  }

  /** The worker knows no more: opens the next hour when there is one. */
  async #onwards(at: number): Promise<void> {
    if (this.#opening) return;
    const from = Math.max(at, this.#opened?.to ?? at);
    const next = this.#skip(from);
    if (next === null || next >= this.#until()) {
      this.ended = true;
      this.busy = false;
      return;
    }
    const mine = this.#round;
    this.#opening = this.#open(next);
    try {
      await this.#opening;
    } catch (thrown) {
      if (mine === this.#round) this.#refuse(thrown);
    } finally {
      this.#opening = null;
    }
  }

  #put(append: Append): void {
    this.#queue.push(append);
    this.#pump();
  }

  #pump(): void {
    const media = this.#media;
    const next = this.#queue[0];
    if (!media || !next || media.readyState === 'closed' || this.#buffer?.updating) return;
    try {
      if (next.codec !== undefined && next.codec !== this.#codec) {
        const type = `video/mp4; codecs="${next.codec}"`;
        if (this.#buffer) this.#buffer.changeType(type);
        else {
          this.#buffer = media.addSourceBuffer(type);
          this.#buffer.addEventListener('updateend', () => {
            this.#state();
            this.#pump();
          });
        }
        this.#codec = next.codec;
      }
      const buffer = this.#buffer;
      if (!buffer) return;
      if (Math.abs(buffer.timestampOffset - next.offset) > 0.0005)
        buffer.timestampOffset = next.offset;
      buffer.appendBuffer(next.bytes);
      this.#queue.shift();
    } catch (thrown) {
      if (thrown instanceof DOMException && thrown.name === 'QuotaExceededError') this.#trim(5);
      else if (!(thrown instanceof DOMException && thrown.name === 'InvalidStateError'))
        this.#refuse(thrown);
    }
  }

  /** Drops what lies far behind the picture. */
  #trim(behind = BEHIND / SECOND): void {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || this.#queue.length > 0) return;
    const edge = this.#video.currentTime - behind;
    if (buffer.buffered.length > 0 && buffer.buffered.start(0) < edge - 5) buffer.remove(0, edge);
  }

  /** Lets the worker read on: further, the faster it plays. */
  #extend(): void {
    const until = this.at + Math.min(AHEAD * Math.max(1, this.speed), 2 * MINUTE);
    if (until <= this.#want) return;
    this.#want = until;
    this.#order({ type: 'want', round: this.#round, until });
  }

  #state = () => {
    const video = this.#video;
    const has = this.#has(video.currentTime);
    if (has && video.readyState >= 2) {
      this.shown = true;
      this.busy = false;
      if (video.videoWidth > 0) this.size = { width: video.videoWidth, height: video.videoHeight };
      this.#extend();
    } else if (!this.trouble) {
      const bad = this.shown
        ? this.#between(video.currentTime - 0.1, video.currentTime + 0.5)
        : undefined;
      if (bad) this.#stand(bad);
      else if (!this.ended) this.busy = true;
    }
  };

  /** Keeps the shown moment, jumps over holes, reads on. */
  #tick(): void {
    const video = this.#video;
    if (this.#stopped) return;
    // Where the browser tells of each picture, that is the moment; the element's clock runs between pictures.
    if (this.shown && !video.seeking && this.#frame === 0)
      this.at = this.#recorded(video.currentTime);
    if (this.shown) this.#extend();
    const { buffered, currentTime } = video;
    for (let n = 0; n < buffered.length; n += 1) {
      const start = buffered.start(n);
      const inside = this.#has(currentTime);
      // At a hole the picture stands; what comes behind it is the next recording.
      if (!inside && start > currentTime && (this.playing || start - currentTime < 1)) {
        const bad = this.#between(currentTime, start);
        if (bad) {
          if (!this.trouble) this.#stand(bad);
          break;
        }
        video.currentTime = start + 0.001;
        break;
      }
    }
    if (this.playing && video.paused && this.#has(currentTime))
      void video.play().catch(() => undefined);
    this.#trim();
    this.#pump();
  }

  /** What can't be played between two moments of the element. */
  #between(from: number, to: number): { kind: PlayProblem; at: number; to: number } | undefined {
    const [a, b] = [this.#recorded(from), this.#recorded(to)];
    return this.#bad.find((one) => one.to > a && one.at < b);
  }

  /** Follows each picture where the browser tells of them, so that the shown time is the picture's. */
  #watch(): void {
    const video = this.#video as HTMLVideoElement & {
      requestVideoFrameCallback?: HTMLVideoElement['requestVideoFrameCallback'];
    };
    if (!video.requestVideoFrameCallback) return;
    const seen = (_now: number, { mediaTime }: { mediaTime: number }) => {
      if (this.#stopped) return;
      this.#frame += 1;
      this.at = this.#recorded(mediaTime);
      video.dataset.recorded = String(Math.round(this.at));
      video.dataset.pictures = String(this.#frame);
      this.shown = true;
      this.busy = false;
      video.requestVideoFrameCallback(seen);
    };
    video.requestVideoFrameCallback(seen);
  }
}

function source(
  bucket: OpenBucket,
  key: CryptoKey,
  segment: OpenBucket['segments'][number],
): Source {
  return {
    id: segment.id,
    bucket: bucket.id,
    key,
    url: videoApi.segment(segment.id),
    record: fromBase64(segment.record),
    agent: bucket.agent,
    agentKey: fromBase64(bucket.agent_key),
    from: Date.parse(segment.started_at),
    to: Date.parse(segment.ended_at),
  };
}
