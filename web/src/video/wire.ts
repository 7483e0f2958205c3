// The shapes of video's API: aliases onto the generated ones, with the closed lists of words that the description calls
// text. Ids are text, bytes base64url, times RFC 3339.
import type { components } from '../api/schema.ts';

type Schemas = components['schemas'];

/** What the server tells: where it has nothing it writes null, though the description says "may be missing". */
type Told<T> = T extends readonly (infer Item)[]
  ? Told<Item>[]
  : T extends object
    ? { [Key in keyof T]-?: Told<Exclude<T[Key], undefined>> }
    : T;

type Precise<Name extends keyof Schemas, Fields> = Omit<Told<Schemas[Name]>, keyof Fields> & Fields;

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
  | 'clock'
  /** Only of a camera: the recorder's file no longer names it. */
  | 'not_listed'
  /** Not here yet, may still come. */
  | 'pending'
  | 'unknown';

export type Named = Schemas['NamedView'];

export type ViewingKey = Told<Schemas['ViewingKeyView']>;
export type NewViewingKey = Schemas['PutViewingKeyRequest'];

export type RoleKind = 'recording' | 'live' | 'custodian';
export type Member = Precise<'CircleMemberView', { state: 'holds' | 'waiting' | 'no_key' }>;
export type Role = Precise<'ViewingRoleView', { kind: RoleKind; members: Member[] }>;
export type Mine = Precise<'HeldKeyView', { kind: RoleKind }>;
export type Circle = Precise<'CircleView', { roles: Role[]; mine: Mine[] }>;
export type Wrapped = Schemas['WrappedInput'];
export type SetUpCircle = Schemas['FoundCircleRequest'];
export type Rotation = Schemas['AddGenerationRequest'];

export type CameraState = 'recording' | 'waiting' | 'off' | 'fault' | 'offline';
export type Camera = Precise<'CameraView', { state: CameraState; cause: GapCause | null }>;
export type Cameras = Precise<'CamerasView', { cameras: Camera[]; circle: 'none' | 'ready' }>;
/** What is left out stays; `unit: null` and `period: null` take it away. */
export type CameraChange = Partial<Schemas['ChangeCameraRequest']>;
export type Group = Told<Schemas['CameraGroupView']>;
export type GroupRights = Told<Schemas['CameraRightsView']>;
export type GroupMember = Precise<'CameraGroupMemberView', { state: 'active' | 'invited' }>;

export type Agent = Precise<
  'AgentView',
  { state: 'waiting_for_enrolment' | 'online' | 'offline' | 'revoked' }
>;
export type NewAgent = Precise<'ShownAgentView', { agent: Agent }>;

export type Timeline = Precise<
  'TimelineView',
  { gaps: { from: string; to: string | null; cause: GapCause }[] }
>;
export type OpenBucket = Told<Schemas['OpenedBucketView']>;
export type Bookmark = Schemas['AlarmBookmarkView'];
export type Storage = Precise<'VideoStorageView', { state: 'ok' | 'full' | 'slow' | 'refusing' }>;
