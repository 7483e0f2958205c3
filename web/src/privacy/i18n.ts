// Texts of the privacy pages.
import { texts } from '../ui/lang.svelte.ts';

const de = {
  title: 'Datenschutz',
  tabs: { deletion: 'Löschen', record: 'Verzeichnis', log: 'Protokoll' },
  deletionIntro:
    'Was Obhut wann von selbst löscht. Fristen ab einem Tag enden um Mitternacht der Organisation.',
  kind: 'Datenart',
  period: 'Frist',
  start: 'ab',
  rows: 'Datensätze',
  next: 'Nächste Löschung',
  overdue: 'überfällig',
  overdueText: (n: number) =>
    `${n} Datensätze sind überfällig. Obhut löscht sie, sobald der Dienst wieder läuft; bleibt das so, verständigen Sie die Verwaltung des Servers.`,
  nothingDue: 'nichts fällig',
  default: (text: string) => `Vorgabe: ${text}`,
  change: 'Ändern',
  changeTitle: (name: string) => `Frist für „${name}“`,
  changeText:
    'Die neue Frist gilt sofort, auch für das, was schon da ist. Wird sie kürzer, wird das Überfällige gleich gelöscht; das lässt sich nicht zurücknehmen.',
  count: 'Dauer',
  unit: 'Einheit',
  units: { H: 'Stunden', D: 'Tage', M: 'Monate', Y: 'Jahre' },
  iso: 'Frist (ISO 8601)',
  isoHelp: 'Zum Beispiel P30D für 30 Tage oder PT24H für 24 Stunden.',
  deletionEmpty: 'Noch keine Löschregeln. Sie erscheinen, sobald Daten erklärt sind.',
  recordIntro:
    'Das Verzeichnis der Verarbeitungstätigkeiten (Art. 30 DSGVO), erzeugt aus den Erklärungen neben jeder Tabelle. Es stimmt darum immer mit dem überein, was gespeichert wird.',
  controller: 'Verantwortlich',
  generated: 'Stand',
  download: 'Herunterladen',
  files: {
    'de html': 'Deutsch, Dokument',
    'de json': 'Deutsch, Daten',
    'en html': 'Englisch, Dokument',
    'en json': 'Englisch, Daten',
  } as Record<string, string>,
  categories: 'Daten',
  subjects: 'Betroffene',
  basis: 'Rechtsgrundlage',
  recipients: 'Empfänger',
  third: 'Drittländer',
  deletion: 'Löschung',
  tables: 'Tabellen',
  nobody: 'keine',
  logIntro:
    'Was Wichtiges geschah, in einem Protokoll, das jede nachträgliche Änderung zeigt und trotzdem vergessen kann: Einzelheiten über Personen liegen unter Schlüsseln, die beim Löschen vernichtet werden.',
  log: 'Protokoll',
  size: 'Einträge',
  root: 'Prüfsumme des Ganzen',
  checkpoint: 'Prüfstand herunterladen',
  checkpointWhy:
    'Heben Sie einen Prüfstand außerhalb dieses Servers auf. Wer einen früheren hat, kann beweisen, dass seither nichts umgeschrieben wurde, auch nicht von jemandem mit vollem Zugriff: obhut audit verify --against DATEI.',
  entries: 'Einträge',
  logEmpty:
    'Noch kein Eintrag. Der erste entsteht mit der nächsten Handlung, etwa einer Anmeldung oder einem Alarm.',
  number: 'Nr.',
  at: 'Zeit',
  action: 'Handlung',
  actor: 'Wer',
  object: 'Womit',
  details: 'Einzelheiten',
  erased: 'gelöscht',
  erasedHelp:
    'Der Schlüssel zu den Einzelheiten wurde vernichtet; der Eintrag selbst bleibt beweisbar.',
  proof: 'Beweis',
  proofTitle: (n: number) => `Beweis für Eintrag ${n}`,
  proofText: (size: number) =>
    `Dieser Eintrag ist Teil des Protokolls mit ${size} Einträgen. Aus seiner Prüfsumme und den Prüfsummen unten ergibt sich die des Ganzen.`,
  proofHere: 'Von diesem Browser nachgerechnet: stimmt.',
  proofWrong:
    'Von diesem Browser nachgerechnet: stimmt nicht. Bewahren Sie den letzten Prüfstand auf und verständigen Sie die Verwaltung.',
  leaf: 'Prüfsumme des Eintrags',
  path: 'Weg zur Wurzel',
  note: 'Unterschriebener Prüfstand',
  older: 'Ältere laden',
};

const du: Partial<typeof de> = {
  overdueText: (n) =>
    `${n} Datensätze sind überfällig. Obhut löscht sie, sobald der Dienst wieder läuft; bleibt das so, verständige die Verwaltung des Servers.`,
  checkpointWhy:
    'Heb einen Prüfstand außerhalb dieses Servers auf. Wer einen früheren hat, kann beweisen, dass seither nichts umgeschrieben wurde, auch nicht von jemandem mit vollem Zugriff: obhut audit verify --against DATEI.',
  proofWrong:
    'Von diesem Browser nachgerechnet: stimmt nicht. Bewahr den letzten Prüfstand auf und verständige die Verwaltung.',
};

const en: typeof de = {
  title: 'Privacy',
  tabs: { deletion: 'Deletion', record: 'Record', log: 'Log' },
  deletionIntro:
    'What Obhut deletes by itself, and when. Periods of a day or more end at the organisation’s midnight.',
  kind: 'Kind of data',
  period: 'Period',
  start: 'from',
  rows: 'Records',
  next: 'Next deletion',
  overdue: 'overdue',
  overdueText: (n) =>
    `${n} records are overdue. Obhut deletes them as soon as the service runs again; if this stays, tell whoever runs the server.`,
  nothingDue: 'nothing due',
  default: (text) => `Default: ${text}`,
  change: 'Change',
  changeTitle: (name) => `Period for “${name}”`,
  changeText:
    'The new period holds at once, also for what is there already. If it gets shorter, what is overdue is deleted right away; this can not be undone.',
  count: 'How long',
  unit: 'Unit',
  units: { H: 'hours', D: 'days', M: 'months', Y: 'years' },
  iso: 'Period (ISO 8601)',
  isoHelp: 'For example P30D for 30 days or PT24H for 24 hours.',
  deletionEmpty: 'No deletion rules yet. They appear as soon as data are declared.',
  recordIntro:
    'The record of processing activities (Art. 30 GDPR), made from the declarations beside each table. So it always matches what is stored.',
  controller: 'Controller',
  generated: 'As of',
  download: 'Download',
  files: {
    'de html': 'German, document',
    'de json': 'German, data',
    'en html': 'English, document',
    'en json': 'English, data',
  },
  categories: 'Data',
  subjects: 'People concerned',
  basis: 'Legal basis',
  recipients: 'Recipients',
  third: 'Third countries',
  deletion: 'Deletion',
  tables: 'Tables',
  nobody: 'none',
  logIntro:
    'What mattered, in a log that shows every later change and can still forget: details on people lie under keys that are destroyed on erasure.',
  log: 'Log',
  size: 'Entries',
  root: 'Checksum of the whole',
  checkpoint: 'Download a checkpoint',
  checkpointWhy:
    'Keep a checkpoint outside this server. Whoever has an earlier one can prove that nothing was rewritten since, not even by someone with full access: obhut audit verify --against FILE.',
  entries: 'Entries',
  logEmpty: 'No entry yet. The first comes with the next act, such as a sign-in or an alarm.',
  number: 'No.',
  at: 'Time',
  action: 'Act',
  actor: 'Who',
  object: 'With what',
  details: 'Details',
  erased: 'erased',
  erasedHelp: 'The key to the details was destroyed; the entry itself can still be proven.',
  proof: 'Proof',
  proofTitle: (n) => `Proof for entry ${n}`,
  proofText: (size) =>
    `This entry is part of the log with ${size} entries. Its checksum and the checksums below make that of the whole.`,
  proofHere: 'Recomputed by this browser: it holds.',
  proofWrong:
    'Recomputed by this browser: it does not hold. Keep the last checkpoint and tell the administrator.',
  leaf: 'Checksum of the entry',
  path: 'Way to the root',
  note: 'Signed checkpoint',
  older: 'Load older',
};

export const t = texts(de, du, en);
