// Live pictures: socket, opening, decoding and drawing, all off the page's thread. Decodes at once; what stays behind is
// dropped to the next key frame; what breaks is tried again.
import { LiveOpener, decodeLive, type LiveHeader } from '../crypto/live.ts';
import { SealError, type Bytes } from '../crypto/bytes.ts';
import { LagRule } from '../lag.ts';
import { backOff } from '../../live/connection.ts';
import type { LiveNews, LiveOrder } from './protocol.ts';

declare const self: DedicatedWorkerGlobalScope;

/** The hub says nothing for so long: the link is dead (pictures or states come far more often). */
const SILENCE = 30_000;
const MOST_WAITING = 400;

let url = '';
let canvas: OffscreenCanvas | null = null;
let context: OffscreenCanvasRenderingContext2D | null = null;
let socket: WebSocket | null = null;
let tries = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let paused = false;
let closed = false;

let header: LiveHeader | null = null;
let headerBytes: Bytes | null = null;
let opener: LiveOpener | null = null;
let decoder: VideoDecoder | null = null;
let waiting: Uint8Array[] = [];
let working = false;
let last = -1;
let broken = 0;
const lag = new LagRule();
/** Number and time of pictures inside the decoder, by timestamp. */
const inside = new Map<number, number>();

const tell = (news: LiveNews) => self.postMessage(news);

function connect(): void {
  clearTimeout(timer);
  if (closed || paused || socket) return;
  tell({ type: 'link', state: tries === 0 ? 'connecting' : 'lost' });
  let mine: WebSocket;
  try {
    mine = new WebSocket(url);
  } catch {
    return again();
  }
  socket = mine;
  mine.binaryType = 'arraybuffer';
  watch();
  mine.onopen = () => {
    if (mine !== socket) return;
    tell({ type: 'link', state: 'open' });
    watch();
  };
  mine.onmessage = (event: MessageEvent<ArrayBuffer | string>) => {
    if (mine !== socket) return;
    watch();
    if (typeof event.data === 'string') return said(event.data);
    hear(new Uint8Array(event.data));
  };
  mine.onclose = (event) => {
    if (mine !== socket) return;
    socket = null;
    // The session ended, or the right or the camera went: nothing to try again.
    if (event.code === 4401 || event.code === 4403) {
      closed = true;
      tell({ type: 'ended', code: event.code });
    } else again();
  };
}

function again(): void {
  clearTimeout(timer);
  if (closed || paused) return;
  tell({ type: 'link', state: 'lost' });
  timer = setTimeout(connect, backOff(tries, Math.random()));
  tries += 1;
}

function hangUp(): void {
  const mine = socket;
  socket = null;
  mine?.close();
}

function watch(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    hangUp();
    again();
  }, SILENCE);
}

function said(text: string): void {
  try {
    tell({ type: 'word', word: JSON.parse(text) as unknown });
  } catch {
    // A word we do not know yet.
  }
}

function hear(message: Uint8Array): void {
  const payload = message.slice(1);
  if (message[0] === 0) return begin(payload);
  if (message[0] !== 1) return;
  waiting.push(payload);
  if (waiting.length > MOST_WAITING) {
    waiting = [];
    lag.broke();
  }
  void work();
}

/** A new session: its key comes from the page. */
function begin(bytes: Bytes): void {
  try {
    header = decodeLive(bytes);
  } catch {
    return tell({ type: 'problem', problem: 'key', codec: '' });
  }
  headerBytes = bytes;
  opener = null;
  waiting = [];
  last = -1;
  lag.reset();
  shut();
  tell({ type: 'header', session: header.session, header: bytes });
}

function shut(): void {
  inside.clear();
  if (decoder && decoder.state !== 'closed') decoder.close();
  decoder = null;
}

async function start(of: LiveHeader): Promise<boolean> {
  const config: VideoDecoderConfig = {
    codec: of.codec,
    description: of.config,
    codedWidth: of.width,
    codedHeight: of.height,
    optimizeForLatency: true,
  };
  const able = await VideoDecoder.isConfigSupported(config).catch(() => null);
  if (!able?.supported) {
    tell({ type: 'problem', problem: 'codec', codec: of.codec });
    return false;
  }
  const mine = new VideoDecoder({
    output: draw,
    error: () => {
      if (decoder !== mine) return;
      // A damaged picture: begin anew with the next key frame, unless nothing ever works.
      decoder = null;
      inside.clear();
      lag.broke();
      broken += 1;
      if (broken > 5) tell({ type: 'problem', problem: 'decoder', codec: of.codec });
    },
  });
  mine.configure(config);
  decoder = mine;
  return true;
}

function draw(frame: VideoFrame): void {
  const number = inside.get(frame.timestamp) ?? 0;
  inside.delete(frame.timestamp);
  const time = frame.timestamp / 1000;
  lag.drew(time);
  broken = 0;
  tries = 0;
  if (canvas && context) {
    const { displayWidth: width, displayHeight: height } = frame;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    context.drawImage(frame, 0, 0, width, height);
    tell({ type: 'picture', number, time, width, height });
  }
  frame.close();
}

/** Opens and decodes what waits, in order. */
async function work(): Promise<void> {
  if (working) return;
  working = true;
  try {
    while (opener && header && waiting.length > 0) {
      const session = header;
      const bytes = waiting.shift();
      if (!bytes) break;
      const picture = await opener.open(bytes).catch((thrown: unknown) => {
        // A number that does not rise is refused; the next picture may be fine.
        if (thrown instanceof SealError && thrown.refusal === 'tampered') return null;
        throw thrown;
      });
      if (session !== header || !picture) continue;
      if (picture.number !== last + 1 && last >= 0 && !picture.key) lag.broke();
      last = picture.number;
      const verdict = lag.next({ time: picture.time / 1000, key: picture.key }, performance.now());
      if (verdict === 'drop') continue;
      if (verdict === 'restart') shut();
      if (!decoder) {
        if (!picture.key) {
          lag.broke();
          continue;
        }
        if (!(await start(session))) {
          opener = null;
          break;
        }
      }
      inside.set(picture.time, picture.number);
      decoder?.decode(
        new EncodedVideoChunk({
          type: picture.key ? 'key' : 'delta',
          timestamp: picture.time,
          data: picture.unit,
        }),
      );
    }
  } catch {
    opener = null;
    tell({ type: 'problem', problem: 'key', codec: header?.codec ?? '' });
  } finally {
    working = false;
  }
}

self.addEventListener('message', (event: MessageEvent<LiveOrder>) => {
  const order = event.data;
  if (order.type === 'open') {
    url = order.url;
    canvas = order.canvas;
    context = canvas.getContext('2d', { alpha: false, desynchronized: true });
    connect();
  } else if (order.type === 'key') {
    if (!header || !headerBytes || header.session !== order.session) return;
    const bytes = headerBytes;
    void LiveOpener.begin(order.key, bytes).then((made) => {
      if (bytes !== headerBytes) return;
      opener = made;
      void work();
    });
  } else if (order.type === 'again') {
    tries = 0;
    hangUp();
    connect();
  } else if (order.type === 'pause') {
    paused = order.on;
    if (paused) {
      clearTimeout(timer);
      hangUp();
      shut();
      header = null;
      opener = null;
      waiting = [];
    } else {
      tries = 0;
      connect();
    }
  } else {
    closed = true;
    clearTimeout(timer);
    hangUp();
    shut();
  }
});
