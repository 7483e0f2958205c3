// Texts of the monitor.
import { texts } from '../ui/lang.svelte.ts';

const de = {
  idle: 'Kein Alarm',
  connected: 'Verbunden',
  connecting: 'Verbindet …',
  lost: (since: string) => `Keine Verbindung seit ${since}`,
  lostWhy:
    'Neue Alarme erscheinen hier erst wieder, wenn die Verbindung steht. Der Monitor versucht es weiter.',
  refused: 'Dieser Monitor ist nicht angemeldet',
  refusedWhy:
    'Öffnen Sie die Adresse mit dem Monitorschlüssel noch einmal (Einstellungen, Schlüssel). Der Monitor versucht es weiter.',
  alarm: 'Alarm',
  priority: 'Sonderrechte',
  coming: 'Kommen',
  later: 'Später',
  more: (n: number) => `und ${n} weitere`,
  of: (n: number, all: number) => `${n} von ${all}`,
  nobody: 'Noch keine Antwort',
  at: (time: string) => time,
};

const en: typeof de = {
  idle: 'No alarm',
  connected: 'Connected',
  connecting: 'Connecting …',
  lost: (since) => `No connection for ${since}`,
  lostWhy: 'New alarms appear here only when the connection is back. The monitor keeps trying.',
  refused: 'This monitor is not signed in',
  refusedWhy:
    'Open the address with the monitor key once more (Settings, Keys). The monitor keeps trying.',
  alarm: 'Alarm',
  priority: 'Blue lights',
  coming: 'Coming',
  later: 'Later',
  more: (n) => `and ${n} more`,
  of: (n, all) => `${n} of ${all}`,
  nobody: 'No answer yet',
  at: (time) => time,
};

export const t = texts(de, {}, en);
