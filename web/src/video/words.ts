// What stands between somebody and a picture, in one word each; and which comes first.
import type { KeyState } from './keys.svelte.ts';
import type { LiveProblem } from './liveview.svelte.ts';
import type { Camera, GapCause } from './wire.ts';

/** What a tile shows. */
export type TileState =
  | { kind: 'live' }
  | { kind: 'delayed'; seconds: number }
  | { kind: 'connecting' }
  | { kind: 'lost' }
  | { kind: 'sealed' }
  | { kind: 'no-key' }
  | { kind: 'waiting' }
  | { kind: 'denied' }
  | { kind: 'off' }
  | { kind: 'starting' }
  | { kind: 'offline'; since: string | null }
  | { kind: 'fault'; cause: GapCause | null; since: string | null }
  | { kind: 'codec'; codec: string }
  | { kind: 'broken' };

export interface Seen {
  /** Whether a picture stands, and by how many seconds it is late. */
  captured: boolean;
  late: number | null;
  link: 'connecting' | 'open' | 'lost' | null;
  problem: LiveProblem | null;
  codec: string;
}

/** What keeps a camera from being looked at at all, before anything is opened. */
export function closed(
  camera: Camera,
  key: KeyState,
  standing: 'none' | 'waiting' | 'holds',
): TileState | null {
  if (!camera.may.live) return { kind: 'denied' };
  if (key === 'unknown') return { kind: 'connecting' };
  if (camera.state === 'off') return { kind: 'off' };
  if (key === 'none') return { kind: 'no-key' };
  if (standing !== 'holds') return { kind: 'waiting' };
  if (key === 'locked') return { kind: 'sealed' };
  return null;
}

/** What a tile says. A fresh picture beats whatever the server thinks of the camera. */
export function tile(camera: Camera, shut: TileState | null, seen: Seen): TileState {
  if (shut) return shut;
  if (seen.problem === 'locked') return { kind: 'sealed' };
  if (seen.problem === 'missing') return { kind: 'waiting' };
  if (seen.problem === 'ended') return { kind: 'denied' };
  if (seen.problem === 'codec') return { kind: 'codec', codec: seen.codec };
  if (seen.captured && seen.late === null && seen.link !== 'lost') return { kind: 'live' };
  if (camera.state === 'offline') return { kind: 'offline', since: camera.since };
  if (camera.state === 'fault') return { kind: 'fault', cause: camera.cause, since: camera.since };
  if (seen.problem) return { kind: 'broken' };
  if (seen.captured && seen.late !== null) return { kind: 'delayed', seconds: seen.late };
  if (seen.link === 'lost') return { kind: 'lost' };
  if (camera.state === 'waiting') return { kind: 'starting' };
  return { kind: 'connecting' };
}
