// Every endpoint of the contract as one function, named like what it does. Pages call nothing else.
import { address, call, send } from './client.ts';
import type * as T from './types.ts';

/** One segment of a path, safe for any id. */
const seg = encodeURIComponent;

export const api = {
  me: () => call<T.Me>('GET', '/me'),
  setLanguage: (language: 'de' | 'en') => call<void>('PATCH', '/me', { body: { language } }),
  state: () => call<T.Page<T.PartState>>('GET', '/state'),

  alarms: (state: 'open' | 'closed', after?: string | null) =>
    call<T.Page<T.AlarmView>>('GET', '/alarms', { query: { state, after, limit: 50 } }),
  alarm: (id: string) => call<T.AlarmView>('GET', `/alarms/${seg(id)}`),
  trigger: (alarm: T.NewAlarm, key: string) =>
    call<T.AlarmView>('POST', '/alarms', { body: alarm, headers: { 'idempotency-key': key } }),
  answer: (id: string, answer_id: string) =>
    call<T.AlarmView>('POST', `/alarms/${seg(id)}/actions/answer`, { body: { answer_id } }),
  close: (id: string) =>
    call<T.AlarmView>('POST', `/alarms/${seg(id)}/actions/close`, { body: {} }),
  opened: (id: string) => call<void>('POST', `/alarms/${seg(id)}/actions/opened`, { body: {} }),
  deliveries: (id: string, after?: string | null) =>
    call<T.Page<T.Delivery>>('GET', `/alarms/${seg(id)}/deliveries`, {
      query: { after, limit: 200 },
    }),
  demoAlarm: () => call<{ id: string }>('POST', '/demo/alarm', { body: {} }),

  devices: () => call<T.Page<T.Device>>('GET', '/devices'),
  enrol: (device: T.NewDevice) => call<{ id: string }>('POST', '/devices', { body: device }),
  renameDevice: (id: string, name: string) =>
    call<void>('PATCH', `/devices/${seg(id)}`, { body: { name } }),
  setPush: (id: string, push: T.PushKeys) =>
    call<void>('PUT', `/devices/${seg(id)}/push`, { body: push }),
  dropPush: (id: string) => call<void>('DELETE', `/devices/${seg(id)}/push`),
  dropDevice: (id: string) => call<void>('DELETE', `/devices/${seg(id)}`),
  testDevice: (id: string) => call<void>('POST', `/devices/${seg(id)}/actions/test`, { body: {} }),
  push: () => call<T.PushSettings>('GET', '/push'),
  setFamily: (id: string, enabled: boolean) =>
    call<void>('PUT', `/push/families/${seg(id)}`, { body: { enabled } }),

  units: () => call<T.Page<T.Unit>>('GET', '/units'),
  addUnit: (name: string) => call<{ id: string }>('POST', '/units', { body: { name } }),
  addGroup: (unit: string, group: { name: string; ric?: string }) =>
    call<T.Named>('POST', `/units/${seg(unit)}/groups`, { body: group }),
  addVehicle: (unit: string, vehicle: { name: string; call_sign: string; ric?: string }) =>
    call<{ id: string }>('POST', `/units/${seg(unit)}/vehicles`, { body: vehicle }),
  setAnswers: (unit: string, answers: T.NewAnswer[]) =>
    call<void>('PUT', `/units/${seg(unit)}/answers`, { body: { answers } }),
  setNeeds: (unit: string, needs: { qualification_id: string; needed: number }[]) =>
    call<void>('PUT', `/units/${seg(unit)}/needs`, { body: { needs } }),
  qualifications: () => call<T.Page<T.Qualification>>('GET', '/qualifications'),
  addQualification: (qualification: { short: string; name: string }) =>
    call<T.Qualification>('POST', '/qualifications', { body: qualification }),
  organisation: () => call<T.Organisation>('GET', '/organisation'),
  changeOrganisation: (change: T.OrganisationChange) =>
    call<void>('PATCH', '/organisation', { body: change }),
  dropGroup: (id: string) => call<void>('DELETE', `/groups/${seg(id)}`),
  dropVehicle: (id: string) => call<void>('DELETE', `/vehicles/${seg(id)}`),

  people: (after?: string | null) =>
    call<T.Page<T.PersonRow>>('GET', '/people', { query: { after, limit: 200 } }),
  invite: (invitation: T.Invitation) =>
    call<unknown>('POST', '/people/invitations', { body: invitation }),
  inviteAgain: (id: string) =>
    call<void>('POST', `/people/${seg(id)}/actions/invite-again`, { body: {} }),
  changePerson: (id: string, change: T.PersonChange) =>
    call<unknown>('PATCH', `/people/${seg(id)}`, { body: change }),
  dropPerson: (id: string) => call<void>('DELETE', `/people/${seg(id)}`),
  roles: () => call<T.Page<T.Role>>('GET', '/roles'),

  keys: () => call<T.Page<T.MachineKey>>('GET', '/machine-keys'),
  addKey: (key: { name: string; kind: 'intake' | 'monitor'; unit_id: string }) =>
    call<T.NewKey>('POST', '/machine-keys', { body: key }),
  rotateKey: (id: string) =>
    call<T.NewKey>('POST', `/machine-keys/${seg(id)}/actions/rotate`, { body: {} }),
  mergeRule: (id: string) => call<T.MergeRule>('GET', `/machine-keys/${seg(id)}/merge`),
  setMergeRule: (id: string, rule: T.MergeRule) =>
    call<void>('PUT', `/machine-keys/${seg(id)}/merge`, { body: rule }),
  dropKey: (id: string) => call<void>('DELETE', `/machine-keys/${seg(id)}`),

  sessions: () => call<T.Page<T.SessionRow>>('GET', '/sessions'),
  dropSession: (id: string) => call<void>('DELETE', `/sessions/${seg(id)}`),

  record: (lang: string) =>
    call<T.RecordOfProcessing>('GET', '/privacy/record', { query: { lang } }),
  recordFile: (lang: string, format: 'html' | 'json') =>
    address('/privacy/record/file', { lang, format }),
  deletion: () => call<T.Page<T.DeletionRule>>('GET', '/privacy/deletion'),
  setPeriod: (kind: string, period: string) =>
    call<void>('PUT', `/privacy/deletion/${seg(kind)}`, { body: { period } }),

  logs: () => call<T.Page<T.Log>>('GET', '/ledger/logs'),
  checkpoint: async (log: string) =>
    (
      await send('GET', `/ledger/${seg(log)}/checkpoint`, { headers: { accept: 'text/plain' } })
    ).blob(),
  entries: (log: string, before?: string | null) =>
    call<T.Page<T.LogEntry>>('GET', `/ledger/${seg(log)}/entries`, {
      query: { before, limit: 50 },
    }),
  proof: (log: string, index: number) =>
    call<T.Proof>('GET', `/ledger/${seg(log)}/entries/${index}/proof`),

  deadJobs: () => call<T.Page<T.DeadJob>>('GET', '/jobs/dead'),
  retryJob: (id: string) => call<void>('POST', `/jobs/${seg(id)}/actions/retry`, { body: {} }),
  dropJob: (id: string) => call<void>('DELETE', `/jobs/${seg(id)}`),

  monitorSession: (key: string) => call<void>('POST', '/monitor/session', { body: { key } }),
  monitorState: () => call<T.MonitorState>('GET', '/monitor/state'),
};
