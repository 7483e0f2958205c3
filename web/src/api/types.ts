// The shapes of the API: aliases onto what is generated from its description (`schema.ts`), with the closed lists of
// words that the description calls text. Everything else imports from here.
import type { components } from './schema.ts';

type Schemas = components['schemas'];

/** What the server tells: where it has nothing it writes null, though the description says "may be missing". */
type Told<T> = T extends readonly (infer Item)[]
  ? Told<Item>[]
  : T extends object
    ? { [Key in keyof T]-?: Told<Exclude<T[Key], undefined>> }
    : T;

/** A told shape with some of its fields said more precisely. */
type Precise<Name extends keyof Schemas, Fields> = Omit<Told<Schemas[Name]>, keyof Fields> & Fields;

export type Ts = string;

export type Permission =
  | 'alarm.trigger'
  | 'alarm.read'
  | 'alarm.close'
  | 'alarm.trace'
  | 'video.live'
  | 'video.playback'
  | 'video.configure'
  | 'people.manage'
  | 'org.configure'
  | 'ledger.read'
  | 'privacy.read'
  | 'privacy.configure'
  | 'jobs.manage';

export type Named = Schemas['Named'];

export interface Page<T> {
  items: T[];
  next?: string | null;
}

export type Me = Precise<
  'MeView',
  {
    person: Precise<'MyPersonView', { language: 'de' | 'en' }>;
    permissions: Permission[];
  }
>;

export type Meaning = 'coming' | 'later' | 'not_coming' | 'other';

export type Answer = Precise<'AnswerView', { meaning: Meaning }>;
/** An answer as it is set: without an id. */
export type NewAnswer = Omit<Answer, 'id'>;

export type Responder = Precise<'ResponderView', { meaning: Meaning }>;

export type Strength = Schemas['StrengthView'];

/** A vehicle; without a radio address the field is left out. */
export type Vehicle = Omit<Told<Schemas['VehicleView']>, 'ric'> & { ric?: string | null };

export type AlarmView = Precise<
  'AlarmView',
  {
    state: 'open' | 'closed';
    source: { kind: 'machine' | 'person'; name: string };
    vehicles: Vehicle[];
    answers: Answer[];
    /** Only who answered; lists of closed alarms leave it empty. */
    people: Responder[];
  }
>;

export type NewAlarm = Schemas['RaiseAlarmRequest'];

export type DeliveryState =
  'waiting' | 'handed' | 'received' | 'shown' | 'opened' | 'answered' | 'failed' | 'unreachable';

export type Delivery = Precise<
  'DeliveryView',
  { family: 'live' | 'push' | 'none'; state: DeliveryState }
>;

export type LiveMessage =
  | { type: 'snapshot'; alarms: AlarmView[] }
  | { type: 'alarm'; alarm: AlarmView }
  | { type: 'alarm_gone'; id: string }
  | { type: 'ping' };

export type PushKeys = Schemas['PushRequest'];
export type Device = Told<Schemas['DeviceView']>;
export type NewDevice = Schemas['EnrolDeviceRequest'];

export type PushFamily = Precise<
  'FamilyView',
  { id: 'google' | 'mozilla' | 'apple' | 'microsoft' | 'local' }
>;
export type PushSettings = Precise<'PushView', { families: PushFamily[] }>;

export type Group = Told<Schemas['GroupView']>;
export type Need = Schemas['NeedView'];
export type Qualification = Schemas['QualificationView'];
export type Unit = Precise<'UnitView', { vehicles: Vehicle[]; answers: Answer[] }>;

export type PersonRow = Precise<'PersonView', { state: 'active' | 'invited' }>;
export type Invitation = Schemas['InvitePersonRequest'];
export type PersonChange = Schemas['ChangePersonRequest'];
export type Role = Precise<'RoleView', { permissions: Permission[] }>;

export type MachineKey = Precise<'MachineKeyView', { kind: 'intake' | 'monitor' }>;
export type NewKey = Schemas['ShownKeyView'];
export type MergeRule = Schemas['MergeRuleView'];
export type SessionRow = Schemas['SessionView'];
export type MonitorState = Schemas['MonitorStateView'];
export type Organisation = Schemas['OrganisationView'];
export type OrganisationChange = Schemas['ChangeOrganisationRequest'];

export type RecordOfProcessing = Schemas['RecordView'];
export type DeletionRule = Told<Schemas['DeletionRuleView']>;
export type Log = Told<Schemas['LogView']>;
export type LogEntry = Precise<'LogEntryView', { outcome: 'done' | 'denied' | 'failed' }>;
export type Proof = Schemas['LogProofView'];
export type DeadJob = Schemas['DeadJobView'];

export type Part = 'database' | 'mail' | 'push' | 'deletion' | 'clock' | 'ledger';
export type PartState = Precise<'PartView', { part: Part; state: 'ok' | 'degraded' | 'down' }>;
