// The shapes of the contract, by hand until `schema.ts` is generated; everything else imports from here.
export type Ts = string;

export type Permission =
  | 'alarm.trigger'
  | 'alarm.read'
  | 'alarm.close'
  | 'alarm.trace'
  | 'people.manage'
  | 'org.configure'
  | 'ledger.read'
  | 'privacy.read'
  | 'privacy.configure'
  | 'jobs.manage';

export interface Named {
  id: string;
  name: string;
}

export interface Page<T> {
  items: T[];
  next?: string | number | null;
}

export interface Me {
  person: { id: string; email: string; language: 'de' | 'en' };
  membership: { id: string; given_name: string; family_name: string };
  organisation: { id: string; name: string; zone: string; familiar: boolean };
  units: Named[];
  permissions: Permission[];
  demo: boolean;
}

export type Meaning = 'coming' | 'later' | 'not_coming' | 'other';

export interface Answer {
  id: string;
  meaning: Meaning;
  label: string;
  minutes: number | null;
}

export interface Responder {
  membership_id: string;
  name: string;
  answer_id: string;
  meaning: Meaning;
  label: string;
  minutes: number | null;
  answered_at: Ts;
  qualifications: string[];
}

export interface Strength {
  short: string;
  name: string;
  coming: number;
  needed: number;
}

export interface AlarmView {
  id: string;
  version: number;
  number: number;
  foreign_number: string | null;
  unit: Named;
  title: string;
  text: string | null;
  address: string | null;
  lat: number | null;
  lng: number | null;
  priority: boolean;
  state: 'open' | 'closed';
  created_at: Ts;
  closes_at: Ts;
  closed_at: Ts | null;
  delete_at: Ts;
  source: { kind: 'machine' | 'person'; name: string };
  groups: Named[];
  vehicles: (Named & { call_sign: string })[];
  answers: Answer[];
  my: { addressed: boolean; answer_id: string | null; answered_at: Ts | null };
  /** Only who answered; lists of closed alarms leave it out. */
  people?: Responder[];
  counts: {
    addressed: number;
    reached: number;
    coming: number;
    later: number;
    not_coming: number;
    unanswered: number;
  };
  strength: Strength[];
}

export interface NewAlarm {
  unit_id: string;
  title: string;
  text?: string;
  address?: string;
  lat?: number;
  lng?: number;
  priority?: boolean;
  group_ids?: string[];
  vehicle_ids?: string[];
  number?: string;
}

export type DeliveryState =
  'waiting' | 'handed' | 'received' | 'shown' | 'opened' | 'answered' | 'failed' | 'unreachable';

export interface Delivery {
  membership_id: string;
  name: string;
  device_id: string | null;
  device_name: string | null;
  family: 'live' | 'push' | null;
  state: DeliveryState;
  handed_at: Ts | null;
  received_at: Ts | null;
  shown_at: Ts | null;
  opened_at: Ts | null;
  answered_at: Ts | null;
  problem: string | null;
}

export type LiveMessage =
  | { type: 'snapshot'; alarms: AlarmView[] }
  | { type: 'alarm'; alarm: AlarmView }
  | { type: 'alarm_gone'; id: string }
  | { type: 'ping' };

export interface PushKeys {
  endpoint: string;
  p256dh: string;
  auth: string;
}

export interface Device {
  id: string;
  name: string;
  platform: string;
  enrolled_at: Ts;
  last_seen_at: Ts | null;
  push: { family: string } | null;
  this: boolean;
}

export interface NewDevice {
  name: string;
  platform: string;
  public_key: string;
  push: PushKeys | null;
}

export interface PushFamily {
  id: 'google' | 'mozilla' | 'apple' | 'microsoft' | 'local';
  name: string;
  operator: string;
  country: string;
  enabled: boolean;
}

export interface PushSettings {
  public_key: string;
  families: PushFamily[];
}

export interface Group extends Named {
  ric: string | null;
  members: number;
}

export interface Vehicle extends Named {
  call_sign: string;
  ric: string | null;
}

export interface Unit extends Named {
  groups: Group[];
  vehicles: Vehicle[];
  answers: Answer[];
  needs: { qualification_id: string; short: string; name: string; needed: number }[];
}

export interface PersonRow {
  membership_id: string;
  given_name: string;
  family_name: string;
  email: string;
  state: 'active' | 'invited';
  unit_id: string | null;
  roles: Named[];
  groups: Named[];
  qualifications: string[];
  reach: { devices: number; push: number; last_seen_at: Ts | null };
}

export interface Invitation {
  email: string;
  given_name: string;
  family_name: string;
  unit_id: string;
  role_id: string;
  group_ids: string[];
}

export interface Role extends Named {
  permissions: Permission[];
}

export interface MachineKey {
  id: string;
  name: string;
  kind: 'intake' | 'monitor';
  unit_id: string;
  created_at: Ts;
  last_used_at: Ts | null;
  hint: string;
}

export interface NewKey {
  id?: string;
  key: string;
  url: string;
}

export interface SessionRow {
  id: string;
  started_at: Ts;
  last_seen_at: Ts;
  expires_at: Ts;
  browser: string;
  this: boolean;
}

export interface MonitorState {
  organisation: { name: string; zone: string };
  unit: Named;
  server_time: Ts;
}

export interface RecordOfProcessing {
  generated_at: Ts;
  controller: string;
  entries: {
    purpose: string;
    categories: string[];
    subjects: string[];
    basis: string;
    recipients: string[];
    third_countries: string[];
    deletion: { kind: string; rule: string }[];
    tables: string[];
  }[];
}

export interface DeletionRule {
  kind: string;
  name: string;
  period: string;
  default_period: string;
  start: string;
  rows: number;
  next_due_at: Ts | null;
  overdue: number;
}

export interface Log {
  id: string;
  origin: string;
  size: number;
  root: string;
  checked_at: Ts | null;
}

export interface LogEntry {
  index: number;
  id: string;
  at: Ts;
  action: string;
  actor: string;
  subject: string | null;
  object: string | null;
  details: Record<string, string> | null;
  erased: boolean;
  leaf_hash: string;
}

export interface Proof {
  index: number;
  size: number;
  leaf_hash: string;
  path: string[];
  root: string;
  note: string;
  verified: boolean;
}

export interface DeadJob {
  id: string;
  topic: string;
  object: string;
  attempts: number;
  error: string;
  last_at: Ts;
}

export type Part = 'database' | 'mail' | 'push' | 'deletion' | 'clock' | 'ledger';

export interface PartState {
  part: Part;
  state: 'ok' | 'degraded' | 'down';
  code: string;
  since: Ts | null;
  waiting: number;
}
