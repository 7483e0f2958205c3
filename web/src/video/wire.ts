// The shapes of video's API as its pages read them: ids as text, bytes base64url, times RFC 3339.

export type GapCause =
  | 'unreachable'
  | 'refused'
  | 'password'
  | 'no_stream'
  | 'dropped'
  | 'silent'
  | 'unsupported'
  | 'loss'
  | 'no_key_frame'
  | 'disk_full'
  | 'disarmed'
  | 'agent_stopped'
  | 'clock';

export interface Named {
  id: string;
  name: string;
}

export interface ViewingKey {
  id: string;
  public_key: string;
  kdf: { name: string; memory_kib: number; passes: number; lanes: number };
  salt: string;
  pass: string;
  sheet: string;
  created_at: string;
}

export interface NewViewingKey {
  id: string;
  public_key: string;
  salt: string;
  pass: string;
  sheet: string;
  replace: boolean;
}

export type RoleKind = 'recording' | 'live' | 'custodian';

export interface Member {
  person: string;
  name: string;
  state: 'holds' | 'waiting' | 'no_key';
  viewing_key: string | null;
  public_key: string | null;
}

export interface Role {
  id: string;
  kind: RoleKind;
  generation: { id: string; public_key: string; created_at: string } | null;
  rotate_due: boolean;
  members: Member[];
}

export interface Mine {
  generation: string;
  role: string;
  kind: RoleKind;
  current: boolean;
  wrapped: string;
}

export interface Circle {
  hub_key: string;
  custodian: { generation: string; public_key: string; fingerprint: string } | null;
  list: { number: number; issued_at: string; cose: string } | null;
  me: { viewing_key: string | null };
  roles: Role[];
  mine: Mine[];
}

export interface Wrapped {
  generation: string;
  viewing_key: string;
  cose: string;
}

export interface NewGeneration {
  generation: string;
  public_key: string;
}

export interface SetUpCircle {
  custodian: NewGeneration;
  recording: NewGeneration;
  live: NewGeneration;
  wrapped: Wrapped[];
  list: string;
}

export interface Rotation extends NewGeneration {
  role: string;
  wrapped: Wrapped[];
  list: string;
}

export type CameraState = 'recording' | 'waiting' | 'off' | 'fault' | 'offline';

export interface Camera {
  id: string;
  name: string;
  place: string | null;
  unit: Named | null;
  group: Named;
  agent: Named;
  label: string;
  armed: boolean;
  state: CameraState;
  cause: GapCause | null;
  since: string | null;
  codec: string | null;
  width: number | null;
  height: number | null;
  fps: number | null;
  kbit: number | null;
  last_picture_at: string | null;
  storage: { bytes: number; oldest_at: string | null };
  period: string;
  may: { live: boolean; playback: boolean; configure: boolean };
}

export interface Cameras {
  cameras: Camera[];
  circle: 'none' | 'ready';
  look_back_us: number | null;
}

export interface CameraChange {
  name?: string;
  place?: string | null;
  unit?: string | null;
  group?: string;
  armed?: boolean;
  period?: string;
}

export interface Spool {
  bytes: number;
  free: number;
  waiting: number;
  oldest: string | null;
}

export interface Agent {
  id: string;
  name: string;
  state: 'waiting_for_enrolment' | 'online' | 'offline' | 'revoked';
  enrolled_at: string | null;
  last_seen_at: string | null;
  version: string | null;
  spool: Spool | null;
  second_try_at: string | null;
  list: number | null;
  refused_list: { number: number; why: string } | null;
}

export interface NewAgent {
  agent: Agent;
  token: string;
  command_lines: { short: string; file: string };
}

export interface Timeline {
  from: string;
  to: string;
  earliest: string | null;
  forgets_early_minutes: number;
  spans: { from: string; to: string }[];
  gaps: { from: string; to: string | null; cause: GapCause }[];
  bookmarks: { id: string; at: string; alarm: string }[];
  due: { from: string; to: string; due_at: string }[];
}

export interface OpenSegment {
  id: string;
  started_at: string;
  ended_at: string;
  bytes: number;
  state: string;
  record: string;
}

export interface OpenBucket {
  id: string;
  hour: string;
  run: string;
  hub_share: string;
  role_shares: string[];
  agent_key: string;
  agent: string;
  segments: OpenSegment[];
}

export interface Bookmark {
  id: string;
  camera: Named;
  at: string;
  may_playback: boolean;
}

export interface Storage {
  bytes: number;
  free: number | null;
  state: 'ok' | 'full' | 'slow' | 'refusing';
}

/** What the live socket says in text. */
export type LiveWord =
  | { type: 'state'; state?: CameraState; cause?: GapCause | null; since?: string | null }
  | { type: 'end'; why?: string };
