// The cameras I may see anything of, asked again every ten seconds while somebody looks.
import { session } from '../ui/session.svelte.ts';
import { load, type Loaded } from '../ui/load.svelte.ts';
import { videoApi } from './api.ts';
import type { Camera, Cameras } from './wire.ts';

let shared: Loaded<Cameras> | null = null;

/** One list for all of video's pages. */
export function cameras(): Loaded<Cameras> {
  shared ??= load(videoApi.cameras);
  return shared;
}

/** Keeps the list fresh; returns how to stop. */
export function watchCameras(every = 10_000): () => void {
  const ask = () => {
    if (!document.hidden) void cameras().reload();
  };
  if (cameras().value) ask();
  const timer = setInterval(ask, every);
  document.addEventListener('visibilitychange', ask);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', ask);
  };
}

/** Those of the unit that was chosen in the frame. */
export function ofPlace(all: Camera[]): Camera[] {
  return all.filter((one) => session.unit === null || one.unit?.id === session.unit);
}
