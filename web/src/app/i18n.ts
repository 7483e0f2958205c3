// Texts of the frame: places, connection, sound, banners, foot.
import { texts } from '../ui/lang.svelte.ts';
import type { Part } from '../api/types.ts';

const de = {
  skip: 'Zum Inhalt',
  places: 'Bereiche',
  alarm: 'Alarm',
  video: 'Video',
  people: 'Personen',
  privacy: 'Datenschutz',
  settings: 'Einstellungen',
  allUnits: 'Alle Einheiten',
  unit: 'Einheit',
  connecting: 'Verbindet …',
  live: 'Verbunden',
  lost: 'Getrennt',
  lostBanner:
    'Keine Verbindung zum Server. Neue Alarme kommen erst wieder an, wenn sie steht. Obhut versucht es weiter.',
  soundReady: 'Ton bereit',
  soundOff: 'Ton aus',
  soundTap: '– antippen',
  soundBlockedTitle: 'Der Browser erlaubt Ton erst nach einer Berührung.',
  soundNone: 'Kein Ton möglich',
  newVersion: 'Eine neue Fassung von Obhut ist da.',
  takeOver: 'Jetzt wechseln',
  running: (n: number) => (n === 1 ? '1 Alarm läuft' : `${n} Alarme laufen`),
  see: 'Ansehen',
  privacyNotice: 'Datenschutz',
  imprint: 'Impressum',
  help: 'Hilfe',
  language: 'English',
  languageLabel: 'Switch to English',
  signOut: 'Abmelden',
  notFound: 'Diese Seite gibt es nicht',
  notFoundText: 'Vielleicht ist die Adresse vertippt.',
  toAlarms: 'Zu den Alarmen',
  parts: {
    database: 'Die Datenbank',
    mail: 'Der Mailversand',
    push: 'Der Push-Versand',
    deletion: 'Das fristgerechte Löschen',
    clock: 'Die Uhr des Servers',
    ledger: 'Das Protokoll',
  } as Record<Part, string>,
  degraded: (part: string, waiting: number) =>
    `${part} arbeitet gerade verzögert${waiting > 0 ? `; ${waiting} warten` : ''}. Nichts geht verloren.`,
  down: (part: string, waiting: number) =>
    `${part} ist gestört${waiting > 0 ? `; ${waiting} warten` : ''}. Obhut holt alles nach, sobald es wieder geht.`,
};

const en: typeof de = {
  skip: 'To the content',
  places: 'Places',
  alarm: 'Alarm',
  video: 'Video',
  people: 'People',
  privacy: 'Privacy',
  settings: 'Settings',
  allUnits: 'All units',
  unit: 'Unit',
  connecting: 'Connecting …',
  live: 'Connected',
  lost: 'Offline',
  lostBanner:
    'No connection to the server. New alarms arrive again as soon as it is back. Obhut keeps trying.',
  soundReady: 'Sound ready',
  soundOff: 'Sound off',
  soundTap: '– tap',
  soundBlockedTitle: 'The browser allows sound only after a touch.',
  soundNone: 'No sound possible',
  newVersion: 'A new version of Obhut is here.',
  takeOver: 'Switch now',
  running: (n) => (n === 1 ? '1 alarm is running' : `${n} alarms are running`),
  see: 'See',
  privacyNotice: 'Privacy notice',
  imprint: 'Imprint',
  help: 'Help',
  language: 'Deutsch',
  languageLabel: 'Auf Deutsch umschalten',
  signOut: 'Sign out',
  notFound: 'There is no such page',
  notFoundText: 'The address may be mistyped.',
  toAlarms: 'To the alarms',
  parts: {
    database: 'The database',
    mail: 'Sending mail',
    push: 'Sending pushes',
    deletion: 'Deletion on time',
    clock: 'The server’s clock',
    ledger: 'The log',
  },
  degraded: (part, waiting) =>
    `${part} is slow right now${waiting > 0 ? `; ${waiting} waiting` : ''}. Nothing is lost.`,
  down: (part, waiting) =>
    `${part} is out of order${waiting > 0 ? `; ${waiting} waiting` : ''}. Obhut catches up as soon as it works again.`,
};

export const t = texts(de, {}, en);
