// What video needs of the browser, and what works without it.

export type Need = 'secure' | 'crypto' | 'storage' | 'decoder' | 'canvas' | 'media';

/** What this browser lacks for keys and pictures at all. */
export function lacksKeys(scope: Partial<typeof globalThis> = globalThis): Need[] {
  const needs: Need[] = [];
  if (scope.isSecureContext === false) needs.push('secure');
  if (!scope.crypto?.subtle) needs.push('crypto');
  if (!scope.indexedDB || !scope.Worker) needs.push('storage');
  return needs;
}

/** What it lacks for live pictures. */
export function lacksLive(scope: Partial<typeof globalThis> = globalThis): Need[] {
  const needs = lacksKeys(scope);
  if (!scope.VideoDecoder) needs.push('decoder');
  const canvas = scope.HTMLCanvasElement?.prototype;
  if (!scope.OffscreenCanvas || !canvas || !('transferControlToOffscreen' in canvas))
    needs.push('canvas');
  return needs;
}

/** MediaSource as this browser has it (Safari on phones has only the managed one). */
export function mediaSource(
  scope: Partial<typeof globalThis> = globalThis,
): typeof MediaSource | null {
  const managed = (scope as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource;
  return scope.MediaSource ?? managed ?? null;
}

/** What it lacks for recordings. */
export function lacksPlayback(scope: Partial<typeof globalThis> = globalThis): Need[] {
  const needs = lacksKeys(scope);
  if (!mediaSource(scope)) needs.push('media');
  return needs;
}

/** Whether a codec is one of the family that many browsers can't play. */
export const isH265 = (codec: string | null): boolean => /^(hvc1|hev1)/.test(codec ?? '');

/** Whether recordings of this codec play here. */
export function plays(codec: string): boolean {
  return mediaSource()?.isTypeSupported(`video/mp4; codecs="${codec}"`) ?? false;
}
