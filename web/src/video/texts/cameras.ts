// Texts of cameras, recorders and groups.
import type { Agent, CameraState } from '../wire.ts';

export const de = {
  camerasIntro:
    'Ein Recorder steht neben den Kameras, versiegelt ihre Bilder und schickt sie hierher. Aufgenommen wird erst, wenn Sie eine Kamera scharf schalten. Ton wird nie aufgenommen.',
  camerasEmpty:
    'Noch keine Kamera. Sobald ein Recorder läuft, stehen seine Kameras hier, unscharf.',
  name: 'Name',
  place: 'Ort',
  placeHelp: 'Wo sie hängt, damit es im Einsatz alle verstehen: „Fahrzeughalle, Tor 2“.',
  unit: 'Einheit',
  unitHelp: 'Alarme dieser Einheit setzen in den Aufnahmen eine Marke.',
  noUnit: 'keine',
  group: 'Gruppe',
  groupHelp: 'Rechte auf Bilder gelten für Gruppen.',
  period: 'Kürzere Frist in Stunden',
  periodHelp: (text: string) =>
    `Leer gilt die Frist der Organisation. Für diese Kamera gelten zurzeit ${text}.`,
  state: 'Zustand',
  stored: 'Gespeichert',
  oldest: 'älteste',
  picture: 'Bild',
  recorder: 'Recorder',
  cameraStates: {
    recording: 'Nimmt auf',
    waiting: 'Startet',
    off: 'Unscharf',
    fault: 'Störung',
    offline: 'Getrennt',
  } as Record<CameraState, string>,
  arm: 'Scharf schalten',
  armTitle: (name: string) => `„${name}“ scharf schalten?`,
  armText: (period: string) =>
    `Ab jetzt wird durchgehend aufgenommen, versiegelt und ohne Ton. Jede Stunde wird nach ${period} unlesbar. Wer hier vorbeikommt, muss das wissen: Hängen Sie das Hinweisschild auf.`,
  disarm: 'Unscharf schalten',
  disarmTitle: (name: string) => `„${name}“ unscharf schalten?`,
  disarmText:
    'Es wird nichts mehr aufgenommen und nichts mehr übertragen. Was da ist, bleibt bis zu seiner Frist.',
  edit: 'Bearbeiten',
  editTitle: (name: string) => `Kamera „${name}“`,
  label: 'Name in der Datei des Recorders',
  deleteCamera: 'Kamera löschen',
  deleteText: (name: string) =>
    `Die Schlüssel zu allen Aufnahmen von „${name}“ werden sofort vernichtet. Niemand kann sie danach öffnen, auch nicht aus einer Sicherung. Das geht nicht rückgängig.`,
  recorders: 'Recorder',
  recordersEmpty: 'Noch kein Recorder.',
  agentStates: {
    waiting_for_enrolment: 'Wartet auf Anmeldung',
    online: 'Verbunden',
    offline: 'Getrennt',
    revoked: 'Gesperrt',
  } as Record<Agent['state'], string>,
  agentName: 'Wie soll der Recorder heißen?',
  agentNameHelp: 'Etwa nach seinem Standort: „Wache Nord“.',
  makeToken: 'Zugang erzeugen',
  tokenOnce:
    'Diesen Zugang zeigt Obhut nur jetzt. Er gilt für genau einen Recorder und nennt ihm, wem er vertrauen darf.',
  tokenLabel: 'Zugang',
  shortLine:
    'Für eine Kamera: auf dem Rechner beim Recorder ausführen, Adresse der Kamera einsetzen',
  fileLine: 'Für mehrere Kameras: mit einer Datei cameras.toml',
  tokenCompare:
    'Hinter --custodian steht der Fingerabdruck des Verwahrers. Vergleichen Sie ihn mit dem, den Sie außerhalb des Servers notiert haben: Sonst könnte ein Server, der lügt, den Recorder für andere versiegeln lassen.',
  tokenDone: 'Ich habe ihn',
  tokenThen: 'Der Recorder erscheint gleich in der Liste, seine Kameras unscharf.',
  needCircle: 'Erst die Schlüssel',
  needCircleText:
    'Ein Recorder braucht jemanden, für den er versiegelt. Richten Sie zuerst Ihren Schlüssel und den Schlüsselkreis ein.',
  renew: 'Neuer Zugang',
  revoke: 'Sperren',
  revokeTitle: (name: string) => `Recorder „${name}“ sperren?`,
  revokeText:
    'Er kann nichts mehr liefern und keine Livebilder senden. Was er noch nicht geschickt hat, bleibt auf seinem Speicher. Aufnahmen hier bleiben bis zu ihrer Frist.',
  secondTry: (when: string) =>
    `Jemand hat den Zugang ${when} ein zweites Mal benutzt und wurde abgewiesen.`,
  secondTryDo:
    'Waren Sie es selbst, ist nichts zu tun. Sonst sperren Sie den Recorder und erzeugen einen neuen Zugang.',
  refusedList: (why: string) => `Der Recorder nimmt die Empfängerliste nicht an: ${why}.`,
  refusedListDo:
    'Er versiegelt weiter nach der letzten, die er annahm. Melden Sie es der Verwaltung: Vielleicht hat jemand den Server verändert.',
  aside: (count: number, size: string, since: string) =>
    `Der Server nimmt ${count} Teile (${size}) nicht an, das älteste: ${since}.`,
  asideDo:
    'Sie liegen beim Recorder in spool/refused, den Grund nennt sein Log. Ist er behoben, starten Sie den Recorder neu: Dann bietet er sie noch einmal an.',
  spoolWaiting: (count: number, size: string) => `${count} Teile (${size}) noch nicht übertragen`,
  spoolFree: (size: string) => `${size} frei`,
  version: 'Version',
  lastSeen: 'Zuletzt da',
  groups: 'Gruppen',
  groupsIntro: 'Wer welche Bilder sehen darf, wird je Gruppe vergeben.',
  addGroup: 'Gruppe hinzufügen',
  rename: 'Umbenennen',
  deleteGroup: 'Gruppe löschen',
  deleteGroupText: (name: string) =>
    `„${name}“ muss leer sein. Rechte, die an der Gruppe hängen, gehen mit.`,
  storage: {
    ok: '',
    full: 'Der Speicher des Servers ist voll. Recorder behalten, was ansteht, und liefern nach, sobald Platz ist. Schaffen Sie Platz oder verkürzen Sie Fristen.',
    slow: 'Der Speicher des Servers ist langsam. Aufnahmen kommen verspätet an; nichts geht verloren.',
    refusing:
      'Der Speicher des Servers nimmt nichts an. Recorder behalten, was ansteht. Sehen Sie nach dem Speicher.',
  },
  unlisted: (files: number, size: string, until: string) =>
    `Hier liegen ${files} Stücke (${size}), die die Datenbank nicht kennt: Vielleicht kam eine ältere aus einer Sicherung zurück. Mit der neueren gehen sie wieder auf. Bis zu ihrer Frist bleiben sie, längstens: ${until}.`,
  storageUse: (used: string, free: string) => `${used} belegt, ${free} frei`,
};

export const du: Partial<typeof de> = {
  camerasIntro:
    'Ein Recorder steht neben den Kameras, versiegelt ihre Bilder und schickt sie hierher. Aufgenommen wird erst, wenn du eine Kamera scharf schaltest. Ton wird nie aufgenommen.',
  armText: (period) =>
    `Ab jetzt wird durchgehend aufgenommen, versiegelt und ohne Ton. Jede Stunde wird nach ${period} unlesbar. Wer hier vorbeikommt, muss das wissen: Häng das Hinweisschild auf.`,
  needCircleText:
    'Ein Recorder braucht jemanden, für den er versiegelt. Richte zuerst deinen Schlüssel und den Schlüsselkreis ein.',
  tokenCompare:
    'Hinter --custodian steht der Fingerabdruck des Verwahrers. Vergleich ihn mit dem, den du außerhalb des Servers notiert hast: Sonst könnte ein Server, der lügt, den Recorder für andere versiegeln lassen.',
  secondTryDo:
    'Warst du es selbst, ist nichts zu tun. Sonst sperr den Recorder und erzeug einen neuen Zugang.',
  refusedListDo:
    'Er versiegelt weiter nach der letzten, die er annahm. Melde es der Verwaltung: Vielleicht hat jemand den Server verändert.',
  asideDo:
    'Sie liegen beim Recorder in spool/refused, den Grund nennt sein Log. Ist er behoben, starte den Recorder neu: Dann bietet er sie noch einmal an.',
  storage: {
    ok: '',
    full: 'Der Speicher des Servers ist voll. Recorder behalten, was ansteht, und liefern nach, sobald Platz ist. Schaff Platz oder verkürz Fristen.',
    slow: 'Der Speicher des Servers ist langsam. Aufnahmen kommen verspätet an; nichts geht verloren.',
    refusing:
      'Der Speicher des Servers nimmt nichts an. Recorder behalten, was ansteht. Sieh nach dem Speicher.',
  },
};

export const en: typeof de = {
  camerasIntro:
    'A recorder stands beside the cameras, seals their pictures and sends them here. Nothing is recorded before you arm a camera. Sound is never recorded.',
  camerasEmpty: 'No camera yet. Once a recorder runs, its cameras stand here, disarmed.',
  name: 'Name',
  place: 'Place',
  placeHelp: 'Where it hangs, so that everybody understands: “Engine bay, door 2”.',
  unit: 'Unit',
  unitHelp: 'Alarms of this unit set a mark in the recordings.',
  noUnit: 'none',
  group: 'Group',
  groupHelp: 'Rights to pictures are given by group.',
  period: 'Shorter period in hours',
  periodHelp: (text) =>
    `Empty means the organisation’s period. At present ${text} hold for this camera.`,
  state: 'State',
  stored: 'Stored',
  oldest: 'oldest',
  picture: 'Picture',
  recorder: 'Recorder',
  cameraStates: {
    recording: 'Recording',
    waiting: 'Starting',
    off: 'Disarmed',
    fault: 'Fault',
    offline: 'Offline',
  },
  arm: 'Arm',
  armTitle: (name) => `Arm “${name}”?`,
  armText: (period) =>
    `From now on it records all the time, sealed and without sound. Each hour becomes unreadable after ${period}. Whoever comes by must know: put up the sign.`,
  disarm: 'Disarm',
  disarmTitle: (name) => `Disarm “${name}”?`,
  disarmText:
    'Nothing more is recorded and nothing more is sent. What is there stays until its deadline.',
  edit: 'Edit',
  editTitle: (name) => `Camera “${name}”`,
  label: 'Name in the recorder’s file',
  deleteCamera: 'Delete the camera',
  deleteText: (name) =>
    `The keys to all recordings of “${name}” are destroyed at once. Nobody can open them afterwards, not even from a backup. This can not be undone.`,
  recorders: 'Recorders',
  recordersEmpty: 'No recorder yet.',
  agentStates: {
    waiting_for_enrolment: 'Waiting for enrolment',
    online: 'Connected',
    offline: 'Offline',
    revoked: 'Revoked',
  },
  agentName: 'What shall the recorder be called?',
  agentNameHelp: 'For example by its site: “North station”.',
  makeToken: 'Make an access token',
  tokenOnce:
    'Obhut shows this token only now. It works for exactly one recorder and tells it whom to trust.',
  tokenLabel: 'Token',
  shortLine: 'For one camera: run on the recorder’s computer, with the camera’s address',
  fileLine: 'For several cameras: with a file cameras.toml',
  tokenCompare:
    'Behind --custodian stands the custodian’s fingerprint. Compare it with the one you noted outside of the server: otherwise a server that lies could make the recorder seal for others.',
  tokenDone: 'I have it',
  tokenThen: 'The recorder appears in the list in a moment, its cameras disarmed.',
  needCircle: 'Keys first',
  needCircleText:
    'A recorder needs someone to seal for. Set up your key and the circle of keys first.',
  renew: 'New token',
  revoke: 'Revoke',
  revokeTitle: (name) => `Revoke recorder “${name}”?`,
  revokeText:
    'It can deliver nothing more and send no live pictures. What it has not sent yet stays on its disk. Recordings here stay until their deadline.',
  secondTry: (when) => `Someone used the token a second time ${when} and was refused.`,
  secondTryDo:
    'If it was you, there is nothing to do. Otherwise revoke the recorder and make a new token.',
  refusedList: (why) => `The recorder does not accept the list of recipients: ${why}.`,
  refusedListDo:
    'It goes on sealing by the last one it accepted. Tell the administrator: someone may have changed the server.',
  aside: (count, size, since) =>
    `The server does not take ${count} pieces (${size}), the oldest: ${since}.`,
  asideDo:
    'They lie at the recorder in spool/refused; its log says why. Once that is settled start the recorder anew: it then offers them once more.',
  spoolWaiting: (count, size) => `${count} pieces (${size}) not delivered yet`,
  spoolFree: (size) => `${size} free`,
  version: 'Version',
  lastSeen: 'Last seen',
  groups: 'Groups',
  groupsIntro: 'Who may see which pictures is given by group.',
  addGroup: 'Add a group',
  rename: 'Rename',
  deleteGroup: 'Delete the group',
  deleteGroupText: (name) => `“${name}” must be empty. Rights given on the group go with it.`,
  storage: {
    ok: '',
    full: 'The server’s disk is full. Recorders keep what is waiting and deliver once there is room. Make room or shorten periods.',
    slow: 'The server’s disk is slow. Recordings arrive late; nothing is lost.',
    refusing:
      'The server’s storage takes nothing. Recorders keep what is waiting. Look after the storage.',
  },
  unlisted: (files, size, until) =>
    `${files} pieces (${size}) lie here that the database does not know: perhaps an older one was restored. With the newer one they open again. They stay until their deadline, at the latest: ${until}.`,
  storageUse: (used, free) => `${used} used, ${free} free`,
};
