// The monitor's life without anybody at it: signing in with the key, coming back after every outage, and loading a
// new version when nothing runs. It never reloads unless the server has just answered.
import { api } from '../api/api.ts';
import { onSignedOut } from '../api/client.ts';
import { asProblem } from '../api/problem.ts';
import type { MonitorState } from '../api/types.ts';
import { backOff } from '../live/connection.ts';
import { connect, live } from '../live/live.svelte.ts';
import { stayAwake } from '../live/awake.ts';
import { speech } from '../ui/lang.svelte.ts';
import { learnTime } from '../ui/now.svelte.ts';
import { keyIn, scriptOf } from './model.ts';

export const monitor = $state<{
  place: MonitorState | null;
  refused: boolean;
  /** The server does not answer while the screen wants to sign in. */
  unheard: boolean;
}>({ place: null, refused: false, unheard: false });

/** Kept in memory alone, to sign in again should the cookie end. */
let key: string | null = null;
const DAY = 24 * 3_600_000;
const CHECK = 10 * 60_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Signs in and learns the place; does not come back before it has. */
async function arrive(): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      if (key !== null) await api.monitorSession(key);
      await look();
      monitor.refused = false;
      monitor.unheard = false;
      return;
    } catch (thrown) {
      const { status } = asProblem(thrown);
      monitor.refused = status === 401 || status === 403;
      monitor.unheard = !monitor.refused;
      await pause(monitor.refused ? 30_000 : backOff(tries + 1, Math.random()));
    }
  }
}

async function look(): Promise<void> {
  const place = await api.monitorState();
  monitor.place = place;
  speech.zone = place.organisation.zone;
  learnTime(place.server_time);
}

/** Starts everything; called once. */
export async function startMonitor(): Promise<void> {
  key = keyIn(location.hash);
  if (location.hash) history.replaceState(null, '', location.pathname);
  onSignedOut(() => undefined);
  stayAwake(true);
  const started = Date.now();
  await arrive();
  follow();
  setInterval(() => void renew(started), CHECK);
}

/** Follows the live channel; when the session ends, signs in and follows again. */
function follow(): void {
  connect(() => void arrive().then(follow));
}

/** Learns the time anew; loads another version, or the same one once a day, when no alarm runs. */
async function renew(started: number): Promise<void> {
  try {
    await look();
    if (live.state !== 'live' || live.open.length > 0) return;
    const response = await fetch('/monitor', { cache: 'no-store' });
    const theirs = response.ok ? scriptOf(await response.text()) : null;
    const ours = document.querySelector<HTMLScriptElement>('script[src]')?.getAttribute('src');
    if (theirs && (theirs !== ours || Date.now() - started > DAY)) location.reload();
  } catch {
    // Down for now; the live channel shows it and keeps trying.
  }
}
