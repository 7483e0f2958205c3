// A fictional fire brigade in the contract's shapes, for looking at pages without the real server.
const MINUTE = 60_000;
export const ago = (ms) => new Date(Date.now() - ms).toISOString();
export const ahead = (ms) => new Date(Date.now() + ms).toISOString();

const QUALIFICATIONS = [
  ['GF', 'Gruppenführer', 1],
  ['Ma', 'Maschinist', 2],
  ['AGT', 'Atemschutz', 4],
  ['San', 'Sanitäter', 1],
];
const FIRST =
  'Anna Bernd Çelik Dörte Emre Frieda Gustav Hanne Ivo Jörg Käthe Leon Mara Nils Olga Paweł'.split(
    ' ',
  );
const LAST =
  'Achterberg Brückner Çalışkan Dietz Eßer Fuhrmann-Lindenau Groß Hülsmann Ißler Jäger Köhler Wiśniewski'.split(
    ' ',
  );

export const people = Array.from({ length: 48 }, (_, n) => ({
  membership_id: `mem_${n}`,
  given_name: FIRST[n % FIRST.length],
  family_name: LAST[(n * 5) % LAST.length],
  email: `person${n}@auental.example`,
  state: n % 11 === 10 ? 'invited' : 'active',
  unit_id: n % 3 === 2 ? 'unt_2' : 'unt_1',
  roles: [n === 0 ? { id: 'rol_1', name: 'Leitung' } : { id: 'rol_2', name: 'Einsatzkraft' }],
  groups: n % 4 === 0 ? [{ id: 'grp_1', name: 'Atemschutz' }] : [],
  qualifications: QUALIFICATIONS.filter((_q, at) => (n + at) % 3 === 0).map(([short]) => short),
  reach: {
    devices: n % 5 === 4 ? 0 : 1,
    push: n % 5 < 3 ? 1 : 0,
    last_seen_at: n % 11 === 10 ? null : ago(n * 37 * MINUTE),
  },
}));

export const answers = [
  { id: 'ans_1', meaning: 'coming', label: 'Komme', minutes: 5 },
  { id: 'ans_2', meaning: 'later', label: 'Komme später', minutes: 15 },
  { id: 'ans_3', meaning: 'not_coming', label: 'Komme nicht', minutes: null },
  { id: 'ans_4', meaning: 'coming', label: 'Direkt zur Einsatzstelle', minutes: 10 },
  { id: 'ans_5', meaning: 'other', label: 'Im Gerätehaus', minutes: null },
];

export const units = [
  {
    id: 'unt_1',
    name: 'Löschzug Nord',
    groups: [
      { id: 'grp_1', name: 'Atemschutz', ric: '2312001', members: 14 },
      { id: 'grp_2', name: 'Führung', ric: null, members: 5 },
    ],
    vehicles: [
      { id: 'veh_1', name: 'HLF 20', call_sign: 'Florian Auental 1-46-1', ric: null },
      { id: 'veh_2', name: 'DLK 23', call_sign: 'Florian Auental 1-33-1', ric: '2312044' },
    ],
    answers,
    needs: QUALIFICATIONS.map(([short, name, needed], n) => ({
      qualification_id: `qua_${n}`,
      short,
      name,
      needed,
    })),
  },
  { id: 'unt_2', name: 'Löschzug Süd', groups: [], vehicles: [], answers, needs: [] },
];

/** An alarm; `coming` people have said they come, a few more something else. */
export function alarm(n, change = {}, coming = 7) {
  const responders = people.slice(0, coming + 3).map((one, at) => {
    const answer = at < coming ? answers[at % 4 === 3 ? 3 : 0] : answers[at === coming ? 1 : 2];
    return {
      membership_id: one.membership_id,
      name: `${one.given_name} ${one.family_name}`,
      answer_id: answer.id,
      meaning: answer.meaning,
      label: answer.label,
      minutes: answer.minutes,
      answered_at: ago((coming + 3 - at) * 9000),
      qualifications: one.qualifications,
    };
  });
  const there = responders.filter((one) => one.meaning === 'coming');
  return {
    id: `alm_${n}`,
    version: 1,
    number: 4000 + n,
    foreign_number: `2026-${1100 + n}`,
    unit: { id: 'unt_1', name: 'Löschzug Nord' },
    title: 'B 3 Wohnungsbrand, Menschen in Gefahr',
    text: 'Rauch aus dem Dachgeschoss, zwei Personen am Fenster. Anfahrt über Mühlgasse, Zufahrt Nord durch Baustelle gesperrt.',
    address: 'Mühlgasse 4, 09999 Auental-Niederdorf',
    lat: 50.9012,
    lng: 12.8843,
    priority: true,
    state: 'open',
    created_at: ago(4 * MINUTE + 12_000),
    closes_at: ahead(24 * 60 * MINUTE),
    closed_at: null,
    delete_at: ahead(30 * 24 * 60 * MINUTE),
    source: { kind: 'machine', name: 'Leitstelle Auental' },
    groups: [],
    vehicles: [
      { id: 'veh_1', name: 'HLF 20', call_sign: 'Florian Auental 1-46-1' },
      { id: 'veh_2', name: 'DLK 23', call_sign: 'Florian Auental 1-33-1' },
    ],
    answers,
    my: { addressed: true, answer_id: null, answered_at: null },
    people: responders,
    counts: {
      addressed: 31,
      reached: 26,
      coming: there.length,
      later: responders.filter((one) => one.meaning === 'later').length,
      not_coming: responders.filter((one) => one.meaning === 'not_coming').length,
      unanswered: 31 - responders.length,
    },
    strength: QUALIFICATIONS.map(([short, name, needed]) => ({
      short,
      name,
      needed,
      coming: there.filter((one) => one.qualifications.includes(short)).length,
    })),
    ...change,
  };
}

const STATES = [
  'waiting',
  'handed',
  'received',
  'shown',
  'opened',
  'answered',
  'failed',
  'unreachable',
];
export const deliveries = people.slice(0, 31).map((one, n) => {
  const state = STATES[n % STATES.length];
  const step = STATES.indexOf(state);
  const at = (needed) =>
    step >= needed && step < 6 ? ago(240_000 - n * 500 - needed * 700) : null;
  return {
    membership_id: one.membership_id,
    name: `${one.given_name} ${one.family_name}`,
    device_id: state === 'unreachable' ? null : `dev_${n}`,
    device_name: state === 'unreachable' ? null : n % 2 ? 'Chrome, Android' : 'Safari, iPhone',
    family: state === 'unreachable' ? 'none' : n % 3 === 0 ? 'live' : 'push',
    state,
    handed_at: at(1),
    received_at: at(2),
    shown_at: at(3),
    opened_at: at(4),
    answered_at: at(5),
    problem: state === 'failed' ? 'push_gone' : null,
  };
});

export const rest = {
  '/devices': {
    items: [
      {
        id: 'dev_1',
        name: 'Chrome, Android',
        platform: 'Chrome, Android',
        enrolled_at: ago(9e8),
        last_seen_at: ago(6e5),
        push: { family: 'google' },
        this: false,
      },
      {
        id: 'dev_2',
        name: 'Tablet im Fahrzeug',
        platform: 'Safari, iPad',
        enrolled_at: ago(9e8),
        last_seen_at: null,
        push: null,
        this: false,
      },
    ],
  },
  '/push': {
    public_key:
      'BDd3_hVL9fZi9Ybo2UUzA284WG5FZR30_95YeZJsiApwXKpNcF1rRPF3foIiBHXRdJI2Qhumhf6_LFTeZaNndIo',
    families: [
      {
        id: 'google',
        name: 'Firebase Cloud Messaging',
        operator: 'Google LLC',
        country: 'US',
        enabled: false,
      },
      {
        id: 'mozilla',
        name: 'Mozilla Push',
        operator: 'Mozilla Corporation',
        country: 'US',
        enabled: true,
      },
      { id: 'apple', name: 'Apple Push', operator: 'Apple Inc.', country: 'US', enabled: false },
      {
        id: 'microsoft',
        name: 'Windows Push',
        operator: 'Microsoft Corporation',
        country: 'US',
        enabled: false,
      },
    ],
  },
  '/units': { items: units },
  '/qualifications': {
    items: QUALIFICATIONS.map(([short, name], n) => ({ id: `qua_${n}`, short, name })),
  },
  '/organisation': {
    id: 'org_1',
    name: 'Freiwillige Feuerwehr Auental',
    zone: 'Europe/Berlin',
    language: 'de',
    familiar: false,
    address: 'Am Gerätehaus 1\n09999 Auental',
    contact: '',
    protection_officer: '',
  },
  '/machine-keys/key_1/merge': { by_number: true, window_seconds: 300 },
  '/people': { items: people, next: null },
  '/roles': {
    items: [
      {
        id: 'rol_1',
        name: 'Leitung',
        permissions: ['alarm.trigger', 'people.manage', 'org.configure'],
      },
      { id: 'rol_2', name: 'Einsatzkraft', permissions: ['alarm.read'] },
    ],
  },
  '/machine-keys': {
    items: [
      {
        id: 'key_1',
        name: 'Leitstelle Auental',
        kind: 'intake',
        unit_id: 'unt_1',
        created_at: ago(9e9),
        last_used_at: ago(252_000),
        hint: '…x7Qp',
      },
      {
        id: 'key_2',
        name: 'Fahrzeughalle',
        kind: 'monitor',
        unit_id: 'unt_1',
        created_at: ago(9e9),
        last_used_at: null,
        hint: '…9fLa',
      },
    ],
  },
  '/sessions': {
    items: [
      {
        id: 'ses_1',
        started_at: ago(4e6),
        last_seen_at: ago(1e4),
        expires_at: ahead(9e8),
        browser: 'Chrome, Linux',
        this: true,
      },
      {
        id: 'ses_2',
        started_at: ago(4e8),
        last_seen_at: ago(9e7),
        expires_at: ahead(4e8),
        browser: 'Firefox, Windows',
        this: false,
      },
    ],
  },
  '/jobs/dead': {
    items: [
      {
        id: 'job_1',
        topic: 'mail.invitation',
        object: 'inv_7f3k2',
        attempts: 12,
        error: 'connection refused',
        last_at: ago(5e6),
      },
    ],
  },
  '/privacy/deletion': {
    items: [
      {
        kind: 'alarm',
        name: 'Alarme und ihre Zustellung',
        period: 'P30D',
        default_period: 'P30D',
        longest_period: 'P10Y',
        start: 'nach Ende des Alarms',
        rows: 212,
        next_due_at: ahead(7e7),
        overdue: 0,
      },
      {
        kind: 'session',
        name: 'Anmeldungen',
        period: 'P14D',
        default_period: 'P14D',
        longest_period: null,
        start: 'nach der Anmeldung',
        rows: 61,
        next_due_at: ahead(5e6),
        overdue: 3,
      },
      {
        kind: 'request_log',
        name: 'Zugriffsprotokoll',
        period: 'P7D',
        default_period: 'P7D',
        longest_period: null,
        start: 'nach der Aufzeichnung',
        rows: 18_211,
        next_due_at: null,
        overdue: 0,
      },
    ],
  },
  '/privacy/record': {
    generated_at: ago(1000),
    language: 'de',
    controller: 'Freiwillige Feuerwehr Auental',
    contact: 'wehr@auental.example',
    protection_officer: '',
    measures: ['Verschlüsselung der Übertragung', 'Rechte je Rolle'],
    entries: [
      {
        purpose: 'Alarmierung der Einsatzkräfte',
        why: 'Einsatzkräfte alarmieren und ihre Rückmeldung erfassen.',
        categories: ['Name', 'Gerät', 'Antwort'],
        subjects: ['Einsatzkräfte'],
        basis: 'Art. 6 Abs. 1 lit. e DSGVO',
        recipients: ['Mozilla Corporation'],
        third_countries: ['USA'],
        deletion: [{ kind: 'alarm', rule: 'Alarme: 30 Tage nach Ende des Alarms' }],
        tables: ['alarm', 'alarm_answer', 'delivery'],
      },
      {
        purpose: 'Anmelden am System',
        why: 'Nur Berechtigte hereinlassen.',
        categories: ['E-Mail', 'Sitzung'],
        subjects: ['Einsatzkräfte', 'Verwaltung'],
        basis: 'Art. 6 Abs. 1 lit. b DSGVO',
        recipients: [],
        third_countries: [],
        deletion: [{ kind: 'session', rule: '14 Tage nach letzter Nutzung' }],
        tables: ['session'],
      },
    ],
  },
};
