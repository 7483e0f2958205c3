// Starts one of video's workers, by an address that the page's policy knows as ours.
import type {} from '../push/worker.ts';
import keysUrl from './workers/keys.ts?worker&url';
import liveUrl from './workers/live.ts?worker&url';
import passphraseUrl from './workers/passphrase.ts?worker&url';
import playUrl from './workers/play.ts?worker&url';

const URLS = { keys: keysUrl, live: liveUrl, passphrase: passphraseUrl, play: playUrl };

export function startWorker(name: keyof typeof URLS): Worker {
  return new Worker(globalThis.obhutWorkerUrl?.(URLS[name]) ?? URLS[name]);
}
