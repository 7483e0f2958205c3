// Texts of the video pages.
import { texts } from '../ui/lang.svelte.ts';
import type { Weakness } from './crypto/passphrase.ts';
import type { Need } from './support.ts';
import type { Agent, CameraState, GapCause, RoleKind } from './wire.ts';

const de = {
  title: 'Video',
  tabs: { live: 'Live', recordings: 'Aufnahmen', cameras: 'Kameras', keys: 'Schlüssel' },

  // What the browser lacks
  lacksTitle: 'Dieser Browser kann die Bilder nicht entschlüsseln',
  lacksText:
    'Bilder werden erst hier bei Ihnen entschlüsselt; der Server kann es nicht. Dafür fehlt diesem Browser:',
  needs: {
    secure: 'eine sichere Verbindung (https oder localhost)',
    crypto: 'die eingebaute Verschlüsselung (WebCrypto)',
    storage: 'ein Platz für Schlüssel (IndexedDB) und Hintergrundarbeit (Worker)',
    decoder: 'das direkte Dekodieren von Livebildern (WebCodecs)',
    canvas: 'das Zeichnen im Hintergrund (OffscreenCanvas)',
    media: 'das Abspielen aus Teilen (Media Source Extensions)',
  } as Record<Need, string>,
  lacksDo:
    'Mit einem aktuellen Chrome, Edge, Firefox oder Safari geht es. Alles andere geht auch hier: Kameras einrichten, ihren Zustand sehen, Alarme.',

  // Keys in the way
  unlock: 'Entsperren',
  lock: 'Sperren',
  unlocked: (until: string) => `Entsperrt bis ${until}`,
  sealedTitle: 'Versiegelt',
  sealedText: 'Entsperren Sie Ihren Schlüssel, um die Bilder zu sehen.',
  sealedMany: 'Die Bilder sind versiegelt. Mit Ihrer Passphrase öffnen Sie sie hier im Browser.',
  noKeyTitle: 'Noch kein Schlüssel',
  noKeyText: 'Richten Sie Ihren Schlüssel ein, dann kann man Ihnen die Bilder öffnen.',
  toKeys: 'Zu den Schlüsseln',
  waitingTitle: 'Wartet auf Übergabe',
  waitingText:
    'Ihr Schlüssel ist da. Jemand, der schon sehen darf, muss Ihnen den Zugang noch übergeben.',
  waitingWho: (names: string) => `Übergeben kann: ${names}.`,
  noCircleTitle: 'Noch nicht eingerichtet',
  noCircleText: 'Der Schlüsselkreis fehlt noch. Einrichten kann ihn, wer Kameras verwaltet.',
  passphrase: 'Passphrase',
  passphraseShow: 'Passphrase zeigen',
  unlocking: 'Wird entsperrt …',
  wrongPassphrase:
    'Mit dieser Passphrase geht es nicht auf. Prüfen Sie Feststelltaste und Tastatursprache; zwischen den Wörtern steht je ein Leerzeichen.',
  wrongSheet:
    'Dieses Blatt gehört zu einem anderen Schlüssel. Nehmen Sie das neueste, das Sie ausgedruckt haben.',
  sheetTypo: 'Da ist ein Tippfehler. Vergleichen Sie Gruppe für Gruppe mit dem Blatt.',
  sheetShort: 'Auf dem Blatt stehen 28 Zeichen in sieben Gruppen.',
  bySheet: 'Mit dem Wiederherstellungsblatt',
  byPassphrase: 'Mit der Passphrase',
  sheetCode: 'Zeichen vom Wiederherstellungsblatt',
  unlockTitle: 'Schlüssel entsperren',
  unlockNote:
    'Die Passphrase verlässt diesen Browser nicht. Der Schlüssel bleibt entsperrt, bis Sie sperren oder sich abmelden, höchstens 12 Stunden.',
  keyFailed:
    'Das Entsperren ist gescheitert. Nichts ging verloren. Laden Sie die Seite neu; braucht der Browser mehr Speicher, schließen Sie andere Seiten.',

  // Wall
  wall: 'Live-Bilder',
  one: '1 Bild',
  four: '4 Bilder',
  all: 'Alle Kameras',
  layout: 'Anordnung',
  camera: 'Kamera',
  previous: 'Vorige Kamera',
  next: 'Nächste Kamera',
  enlarge: 'Groß zeigen',
  fullscreen: 'Vollbild',
  recordings: 'Aufnahmen',
  states: {
    live: 'Live',
    delayed: (s: number) => `${s} Sek. verzögert`,
    connecting: 'Verbindet …',
    lost: 'Verbindung weg',
    sealed: 'Versiegelt',
    'no-key': 'Ohne Schlüssel',
    waiting: 'Wartet auf Übergabe',
    denied: 'Kein Recht',
    off: 'Aus',
    starting: 'Startet',
    offline: 'Getrennt',
    fault: 'Störung',
    codec: 'Hier nicht abspielbar',
    broken: 'Nicht lesbar',
  },
  since: (text: string) => `seit ${text}`,
  deniedText: 'Für diese Kamera haben Sie kein Recht auf Live-Bilder.',
  offText: 'Die Kamera ist unscharf: nichts wird übertragen, nichts aufgenommen.',
  startingText: 'Scharf geschaltet; das erste Bild kommt gleich.',
  offlineText:
    'Der Recorder meldet sich nicht. Läuft er noch, nimmt er weiter auf und liefert nach, sobald er den Server erreicht.',
  offlineDo: 'Prüfen Sie Strom und Netz am Recorder.',
  lostText: 'Die Verbindung zum Server ist unterbrochen. Obhut versucht es weiter.',
  codecText: (codec: string) =>
    `Die Kamera sendet ${codec}. Aufgenommen wird es vollständig, dieser Browser kann es aber nicht zeigen. Stellen Sie die Kamera auf H.264 um oder nehmen Sie einen Browser mit H.265.`,
  brokenText:
    'Diese Bilder lassen sich mit Ihrem Schlüssel nicht öffnen. Laden Sie die Seite neu; bleibt es so, melden Sie es der Verwaltung.',
  noCameras: 'Noch keine Kamera.',
  noCamerasConfigure:
    'Fügen Sie einen Recorder hinzu: Er läuft neben den Kameras, versiegelt ihre Bilder und schickt sie hierher.',
  noCamerasOther: 'Kameras richtet ein, wer sie verwaltet.',
  noneHere: 'In dieser Einheit gibt es keine Kamera.',
  addRecorder: 'Recorder hinzufügen',
  lastPicture: 'Letztes Bild',
  never: 'noch nie',

  // Playback
  playback: (name: string) => `Aufnahmen: ${name}`,
  play: 'Abspielen',
  pause: 'Anhalten',
  back10: '10 Sekunden zurück',
  on10: '10 Sekunden vor',
  frameBack: 'Ein Bild zurück',
  frameOn: 'Ein Bild vor',
  alarmBack: 'Voriger Alarm',
  alarmOn: 'Nächster Alarm',
  speed: 'Tempo',
  toLive: 'Live',
  timeline: 'Zeitleiste',
  timelineHelp:
    'Pfeiltasten: 10 Sekunden, mit Umschalt 1 Minute. Bild auf und ab: 10 Minuten. Plus und Minus: näher und weiter. A: nächster Alarm.',
  closer: 'Näher',
  wider: 'Weiter',
  goTo: 'Zeitpunkt',
  go: 'Hin',
  shownTime: 'Gezeigter Zeitpunkt',
  recorded: 'Aufnahme',
  loadingPicture: 'Bild wird geöffnet …',
  endReached: 'Hier enden die Aufnahmen',
  endText: 'Danach ist noch nichts da.',
  alarms: 'Alarme',
  alarmAt: (time: string) => `Alarm ${time}`,
  openAlarm: 'Alarm ansehen',
  gapsTitle: 'Lücken',
  noGaps: 'In diesem Zeitraum fehlt nichts.',
  causes: {
    unreachable: 'Kamera nicht erreichbar',
    refused: 'Kamera weist ab',
    password: 'Kamera-Passwort falsch',
    no_stream: 'Kein Bildstrom',
    dropped: 'Verbindung abgerissen',
    silent: 'Kamera sendet nichts',
    unsupported: 'Format nicht unterstützt',
    loss: 'Bilder unterwegs verloren',
    no_key_frame: 'Kein Schlüsselbild',
    disk_full: 'Speicher im Recorder voll',
    disarmed: 'Unscharf',
    agent_stopped: 'Recorder stand still',
    clock: 'Uhr des Recorders sprang',
    not_listed: 'Nicht mehr in der Datei des Recorders',
    pending: 'Noch nicht übertragen',
    unknown: 'Ursache nicht gemeldet',
  } as Record<GapCause, string>,
  todo: {
    unreachable: 'Prüfen Sie Strom und Netz der Kamera.',
    refused: 'Die Kamera ließ keine weitere Verbindung zu. Trennen Sie andere Empfänger.',
    password: 'Tragen Sie das Passwort in cameras.toml beim Recorder neu ein.',
    no_stream: 'Prüfen Sie den Pfad der RTSP-Adresse in cameras.toml.',
    dropped: 'Der Recorder verbindet sich neu. Bleibt es so, prüfen Sie Kabel und Switch.',
    silent: 'Starten Sie die Kamera neu.',
    unsupported: 'Stellen Sie die Kamera auf H.264 oder H.265 ohne Zusätze um.',
    loss: 'Das Netz zur Kamera verliert Daten. Prüfen Sie Kabel, Switch und WLAN.',
    no_key_frame: 'Stellen Sie in der Kamera ein Schlüsselbild je 1 bis 2 Sekunden ein.',
    disk_full: 'Schaffen Sie Platz auf dem Rechner des Recorders.',
    disarmed: '',
    agent_stopped: 'Der Recorder lief nicht. Er soll mit dem Rechner starten.',
    clock: 'Stellen Sie am Rechner des Recorders die Zeitabgleichung ein.',
    not_listed:
      'Tragen Sie die Kamera in cameras.toml wieder ein, oder löschen Sie sie hier; Aufnahmen bleiben bis zu ihrer Frist.',
    pending: 'Der Recorder hat diese Zeit noch und liefert sie nach.',
    unknown: '',
  } as Record<GapCause, string>,
  earliest: (when: string) => `Älteste Aufnahme: ${when}.`,
  forgets: (period: string, minutes: number) =>
    `Nach ${period} werden die Schlüssel vernichtet, immer für eine ganze Stunde: Bis zu ${minutes} Minuten gehen deshalb früher.`,
  due: (when: string) => `Nächste Löschung: ${when}`,
  lookBack: (hours: string) => `Sie dürfen ${hours} zurückblicken.`,
  hereGap: (cause: string) => `Lücke: ${cause}`,
  hereGone: 'Fristgerecht gelöscht',
  hereGoneText: 'Von dieser Stunde ist der Schlüssel vernichtet. Niemand kann sie mehr öffnen.',
  hereFuture: 'Das ist noch nicht geschehen.',
  hereNothing: 'Keine Aufnahme',
  hereNothingText: 'Zu dieser Zeit wurde nichts aufgenommen.',
  tooFarBackTitle: 'Zu weit zurück',
  tooFarBack: (hours: string) =>
    `Ihr Recht reicht ${hours} zurück. Was davor liegt, kann jemand mit weiterem Recht ansehen.`,
  needsMoreTitle: 'Dafür braucht es mehr',
  needsMore:
    'Dieses Recht gilt nur mit einer zweiten Person oder einem zweiten Faktor; beides kommt mit einer späteren Fassung.',
  playDenied: 'Kein Recht auf Aufnahmen',
  playDeniedText:
    'Diese Aufnahmen sind Ihnen verschlossen. Wer Ihre Organisation verwaltet, kann Ihnen das Recht geben; vorher wurde nichts geöffnet.',
  playKey: 'Der Schlüssel passt nicht',
  playKeyText:
    'Diese Stunde wurde für einen anderen Schlüssel versiegelt. Das ist so, wenn der Schlüsselkreis neu eingerichtet wurde.',
  playMissing: 'Dieser Schlüssel wurde Ihnen nicht übergeben',
  playMissingText:
    'Diese Stunde ist für einen Schlüssel versiegelt, den Sie nicht haben. Bitten Sie jemanden, der ihn hat, um die Übergabe.',
  playTampered: 'Diese Aufnahme wurde verändert',
  playTamperedText:
    'Prüfsumme oder Unterschrift stimmen nicht; sie wird nicht gezeigt. Melden Sie es der Verwaltung, und nennen Sie den Zeitpunkt.',
  goOnAfter: 'Danach weiter',
  playCut: 'Diese Aufnahme bricht ab',
  playCutText: 'Ihr Ende fehlt, und der Recorder hat keinen Abbruch gemeldet.',
  playOffline: 'Der Server liefert gerade nicht',
  playOfflineText: 'Die Aufnahme ist sicher. Versuchen Sie es gleich noch einmal.',
  recordingsEmpty: 'Noch keine Aufnahmen.',
  recordingsEmptyText: 'Die erste entsteht, sobald eine Kamera scharf geschaltet ist.',

  // Cameras
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
  storageUse: (used: string, free: string) => `${used} belegt, ${free} frei`,

  // Keys
  keysIntro:
    'Aufnahmen sind schon an der Kamera versiegelt. Öffnen kann sie nur, wer einen Schlüssel hat, und nur im eigenen Browser: weder der Server noch wer ihn betreibt.',
  myKey: 'Mein Schlüssel',
  circle: 'Schlüsselkreis',
  setUpKey: 'Schlüssel einrichten',
  keySince: (when: string) => `Eingerichtet am ${when}.`,
  keyLocked: 'Gesperrt',
  step: (n: number, of: number) => `Schritt ${n} von ${of}`,
  step1: 'Ihre Passphrase',
  step1Text:
    'Sechs zufällige Wörter lassen sich merken und nicht erraten. Schreiben Sie sie auf, bis Sie sie können.',
  otherWords: 'Andere Wörter',
  ownInstead: 'Eine eigene wählen',
  wordsInstead: 'Doch sechs Wörter',
  own: 'Eigene Passphrase',
  ownHelp: 'Mindestens 16 Zeichen. Ein Satz, den nur Sie kennen, ist besser als Zeichensalat.',
  weak: {
    short: 'Zu kurz: mindestens 16 Zeichen.',
    known: 'Das besteht aus Wörtern, die in gestohlenen Passwortlisten stehen.',
    repeated: 'Das wiederholt sich zu oft.',
    row: 'Das ist eine Reihe auf der Tastatur.',
  } as Record<Weakness, string>,
  again: 'Passphrase noch einmal',
  againHelp: 'Ohne abzuschreiben, so merken Sie gleich, ob sie sitzt.',
  notSame: 'Das stimmt nicht mit der ersten überein.',
  goOn: 'Weiter',
  step2: 'Ihr Wiederherstellungsblatt',
  step2Text:
    'Falls Sie die Passphrase vergessen. Drucken Sie es aus und legen Sie es an einen Ort, an den nur Sie kommen, nicht neben den Rechner.',
  print: 'Drucken',
  sheetTitle: 'Obhut – Wiederherstellungsblatt',
  sheetFor: (name: string, org: string) => `${name}, ${org}`,
  sheetUse:
    'Mit diesen Zeichen öffnet sich der Schlüssel zu den Aufnahmen auch ohne Passphrase: Video, Schlüssel, „Mit dem Wiederherstellungsblatt“.',
  sheetWarn: 'Wer dieses Blatt und Ihre Anmeldung hat, kann sehen, was Sie sehen dürfen.',
  sheetDate: (when: string) => `Ausgestellt am ${when}`,
  typeBack: (n: number) => `Tippen Sie vom Blatt die ${n}. Gruppe ab`,
  typeBackWrong: (n: number) => `Das ist nicht die ${n}. Gruppe.`,
  step3: 'Was gilt',
  lostBoth:
    'Sind Passphrase und Blatt beide weg, bekommt niemand Ihren Schlüssel zurück, auch wir nicht.',
  lostOthers:
    'Andere mit dem Schlüssel können Ihnen dann einen neuen übergeben; die Aufnahmen gehen damit wieder auf.',
  lostAlone:
    'Sind Sie die einzige Person mit dem Schlüssel, bleibt alles Aufgenommene für immer zu. Sorgen Sie dafür, dass eine zweite Person ihn hat.',
  understood: 'Ich habe beides gesichert und weiß, was verloren geht.',
  finish: 'Schlüssel anlegen',
  making: 'Wird angelegt …',
  keyReady: 'Ihr Schlüssel ist eingerichtet und entsperrt.',
  changePassphrase: 'Passphrase ändern',
  changeTitle: 'Neue Passphrase',
  oldPassphrase: 'Bisherige Passphrase',
  newSheetToo: 'Auch ein neues Wiederherstellungsblatt (das alte gilt dann nicht mehr)',
  passphraseChanged: 'Die neue Passphrase gilt.',
  resetKey: 'Passphrase und Blatt verloren',
  resetTitle: 'Neu anfangen?',
  resetText:
    'Sie bekommen einen neuen Schlüssel und warten dann wieder auf die Übergabe. Was nur Ihr alter Schlüssel öffnete, bleibt zu.',
  resetAct: 'Neuen Schlüssel einrichten',

  circleNone: 'Noch kein Schlüsselkreis',
  circleNoneText:
    'Wer den Kreis einrichtet, macht hier im Browser drei Schlüssel: einen für Aufnahmen, einen für Live-Bilder und einen, der unterschreibt, für wen Recorder versiegeln dürfen.',
  circleNoneOther: 'Einrichten kann ihn, wer Kameras verwaltet.',
  circleSetUp: 'Schlüsselkreis einrichten',
  circleNeedsKey: 'Dafür brauchen Sie zuerst einen eigenen Schlüssel, entsperrt.',
  circleReady: 'Der Schlüsselkreis steht. Jetzt kann ein Recorder dazukommen.',
  fingerprint: 'Fingerabdruck des Verwahrers',
  fingerprintWhy:
    'Er steht in jedem Zugang für Recorder. Notieren Sie ihn außerhalb dieses Servers: Ändert er sich, hat jemand die Schlüssel ausgetauscht.',
  fingerprintWrong:
    'Der Fingerabdruck passt nicht zum Schlüssel, den der Server nennt. Melden Sie es der Verwaltung.',
  list: (n: number, when: string) => `Empfängerliste ${n}, unterschrieben am ${when}`,
  listWrong:
    'Die Unterschrift unter der Empfängerliste stimmt nicht. Übergeben Sie nichts, und melden Sie es der Verwaltung.',
  kinds: {
    recording: 'Aufnahmen öffnen',
    live: 'Live-Bilder öffnen',
    custodian: 'Für Recorder unterschreiben',
  } as Record<RoleKind, string>,
  members: {
    holds: 'hat den Schlüssel',
    waiting: 'wartet auf Übergabe',
    no_key: 'hat noch keinen eigenen Schlüssel',
  },
  you: 'Sie',
  handOver: 'Übergeben',
  handOverAll: (n: number) => (n === 1 ? 'Jetzt übergeben' : `Allen ${n} übergeben`),
  handOverOffer: (names: string) => `${names} warten auf den Schlüssel, den Sie haben.`,
  handOverOfferOne: (name: string) => `${name} wartet auf den Schlüssel, den Sie haben.`,
  handOverWho:
    'Vergleichen Sie im Zweifel den Fingerabdruck am Telefon; er steht bei der Person unter „Mein Schlüssel“.',
  handedOver: 'Übergeben.',
  keyFingerprint: 'Fingerabdruck',
  rotateDue:
    'Jemand ist ausgeschieden. Ein neuer Schlüssel sorgt dafür, dass neue Aufnahmen nicht mehr mit dem alten aufgehen.',
  rotate: 'Neuen Schlüssel ausgeben',
  rotateTitle: (what: string) => `Neuer Schlüssel: ${what}`,
  rotateText: (n: number) =>
    `Ab der nächsten Aufnahme wird für den neuen Schlüssel versiegelt. Ihn bekommen die ${n} Personen, die den jetzigen haben. Was da ist, geht weiter mit dem alten auf.`,
  rotateNeeds: 'Das kann, wer den Schlüssel des Verwahrers hat und entsperrt ist.',
  rotateCustodian:
    'Der Schlüssel des Verwahrers bleibt: Recorder vertrauen nur ihm. Ihn zu ersetzen heißt, alle Recorder neu anzumelden.',
  rotated: 'Der neue Schlüssel ist ausgegeben.',
  refusedKeys: (n: number) =>
    n === 1
      ? 'Ein übergebener Schlüssel lässt sich nicht öffnen. Bitten Sie um eine neue Übergabe.'
      : `${n} übergebene Schlüssel lassen sich nicht öffnen. Bitten Sie um eine neue Übergabe.`,
  unlockFirst: 'Entsperren Sie zuerst Ihren Schlüssel.',
};

const du: Partial<typeof de> = {
  lacksText:
    'Bilder werden erst hier bei dir entschlüsselt; der Server kann es nicht. Dafür fehlt diesem Browser:',
  sealedText: 'Entsperr deinen Schlüssel, um die Bilder zu sehen.',
  sealedMany: 'Die Bilder sind versiegelt. Mit deiner Passphrase öffnest du sie hier im Browser.',
  noKeyText: 'Richte deinen Schlüssel ein, dann kann man dir die Bilder öffnen.',
  waitingText:
    'Dein Schlüssel ist da. Jemand, der schon sehen darf, muss dir den Zugang noch übergeben.',
  wrongPassphrase:
    'Mit dieser Passphrase geht es nicht auf. Prüf Feststelltaste und Tastatursprache; zwischen den Wörtern steht je ein Leerzeichen.',
  wrongSheet:
    'Dieses Blatt gehört zu einem anderen Schlüssel. Nimm das neueste, das du ausgedruckt hast.',
  sheetTypo: 'Da ist ein Tippfehler. Vergleich Gruppe für Gruppe mit dem Blatt.',
  unlockNote:
    'Die Passphrase verlässt diesen Browser nicht. Der Schlüssel bleibt entsperrt, bis du sperrst oder dich abmeldest, höchstens 12 Stunden.',
  keyFailed:
    'Das Entsperren ist gescheitert. Nichts ging verloren. Lade die Seite neu; braucht der Browser mehr Speicher, schließ andere Seiten.',
  deniedText: 'Für diese Kamera hast du kein Recht auf Live-Bilder.',
  offlineDo: 'Prüf Strom und Netz am Recorder.',
  codecText: (codec) =>
    `Die Kamera sendet ${codec}. Aufgenommen wird es vollständig, dieser Browser kann es aber nicht zeigen. Stell die Kamera auf H.264 um oder nimm einen Browser mit H.265.`,
  brokenText:
    'Diese Bilder lassen sich mit deinem Schlüssel nicht öffnen. Lade die Seite neu; bleibt es so, melde es der Verwaltung.',
  noCamerasConfigure:
    'Füg einen Recorder hinzu: Er läuft neben den Kameras, versiegelt ihre Bilder und schickt sie hierher.',
  todo: {
    unreachable: 'Prüf Strom und Netz der Kamera.',
    refused: 'Die Kamera ließ keine weitere Verbindung zu. Trenn andere Empfänger.',
    password: 'Trag das Passwort in cameras.toml beim Recorder neu ein.',
    no_stream: 'Prüf den Pfad der RTSP-Adresse in cameras.toml.',
    dropped: 'Der Recorder verbindet sich neu. Bleibt es so, prüf Kabel und Switch.',
    silent: 'Starte die Kamera neu.',
    unsupported: 'Stell die Kamera auf H.264 oder H.265 ohne Zusätze um.',
    loss: 'Das Netz zur Kamera verliert Daten. Prüf Kabel, Switch und WLAN.',
    no_key_frame: 'Stell in der Kamera ein Schlüsselbild je 1 bis 2 Sekunden ein.',
    disk_full: 'Schaff Platz auf dem Rechner des Recorders.',
    disarmed: '',
    agent_stopped: 'Der Recorder lief nicht. Er soll mit dem Rechner starten.',
    clock: 'Stell am Rechner des Recorders die Zeitabgleichung ein.',
    not_listed:
      'Trag die Kamera in cameras.toml wieder ein, oder lösch sie hier; Aufnahmen bleiben bis zu ihrer Frist.',
    pending: 'Der Recorder hat diese Zeit noch und liefert sie nach.',
    unknown: '',
  },
  lookBack: (hours) => `Du darfst ${hours} zurückblicken.`,
  tooFarBack: (hours) =>
    `Dein Recht reicht ${hours} zurück. Was davor liegt, kann jemand mit weiterem Recht ansehen.`,
  playDeniedText:
    'Diese Aufnahmen sind dir verschlossen. Wer eure Organisation verwaltet, kann dir das Recht geben; vorher wurde nichts geöffnet.',
  playMissing: 'Dieser Schlüssel wurde dir nicht übergeben',
  playMissingText:
    'Diese Stunde ist für einen Schlüssel versiegelt, den du nicht hast. Bitte jemanden, der ihn hat, um die Übergabe.',
  playTamperedText:
    'Prüfsumme oder Unterschrift stimmen nicht; sie wird nicht gezeigt. Melde es der Verwaltung, und nenn den Zeitpunkt.',
  playOfflineText: 'Die Aufnahme ist sicher. Versuch es gleich noch einmal.',
  camerasIntro:
    'Ein Recorder steht neben den Kameras, versiegelt ihre Bilder und schickt sie hierher. Aufgenommen wird erst, wenn du eine Kamera scharf schaltest. Ton wird nie aufgenommen.',
  armText: (period) =>
    `Ab jetzt wird durchgehend aufgenommen, versiegelt und ohne Ton. Jede Stunde wird nach ${period} unlesbar. Wer hier vorbeikommt, muss das wissen: Häng das Hinweisschild auf.`,
  needCircleText:
    'Ein Recorder braucht jemanden, für den er versiegelt. Richte zuerst deinen Schlüssel und den Schlüsselkreis ein.',
  secondTryDo:
    'Warst du es selbst, ist nichts zu tun. Sonst sperr den Recorder und erzeug einen neuen Zugang.',
  refusedListDo:
    'Er versiegelt weiter nach der letzten, die er annahm. Melde es der Verwaltung: Vielleicht hat jemand den Server verändert.',
  storage: {
    ok: '',
    full: 'Der Speicher des Servers ist voll. Recorder behalten, was ansteht, und liefern nach, sobald Platz ist. Schaff Platz oder verkürz Fristen.',
    slow: 'Der Speicher des Servers ist langsam. Aufnahmen kommen verspätet an; nichts geht verloren.',
    refusing:
      'Der Speicher des Servers nimmt nichts an. Recorder behalten, was ansteht. Sieh nach dem Speicher.',
  },
  step1: 'Deine Passphrase',
  step1Text:
    'Sechs zufällige Wörter lassen sich merken und nicht erraten. Schreib sie auf, bis du sie kannst.',
  ownHelp: 'Mindestens 16 Zeichen. Ein Satz, den nur du kennst, ist besser als Zeichensalat.',
  againHelp: 'Ohne abzuschreiben, so merkst du gleich, ob sie sitzt.',
  step2: 'Dein Wiederherstellungsblatt',
  step2Text:
    'Falls du die Passphrase vergisst. Druck es aus und leg es an einen Ort, an den nur du kommst, nicht neben den Rechner.',
  typeBack: (n) => `Tipp vom Blatt die ${n}. Gruppe ab`,
  lostBoth:
    'Sind Passphrase und Blatt beide weg, bekommt niemand deinen Schlüssel zurück, auch wir nicht.',
  lostOthers:
    'Andere mit dem Schlüssel können dir dann einen neuen übergeben; die Aufnahmen gehen damit wieder auf.',
  lostAlone:
    'Bist du die einzige Person mit dem Schlüssel, bleibt alles Aufgenommene für immer zu. Sorg dafür, dass eine zweite Person ihn hat.',
  keyReady: 'Dein Schlüssel ist eingerichtet und entsperrt.',
  resetText:
    'Du bekommst einen neuen Schlüssel und wartest dann wieder auf die Übergabe. Was nur dein alter Schlüssel öffnete, bleibt zu.',
  circleNeedsKey: 'Dafür brauchst du zuerst einen eigenen Schlüssel, entsperrt.',
  fingerprintWhy:
    'Er steht in jedem Zugang für Recorder. Notier ihn außerhalb dieses Servers: Ändert er sich, hat jemand die Schlüssel ausgetauscht.',
  fingerprintWrong:
    'Der Fingerabdruck passt nicht zum Schlüssel, den der Server nennt. Melde es der Verwaltung.',
  listWrong:
    'Die Unterschrift unter der Empfängerliste stimmt nicht. Übergib nichts, und melde es der Verwaltung.',
  you: 'du',
  handOverOffer: (names) => `${names} warten auf den Schlüssel, den du hast.`,
  handOverOfferOne: (name) => `${name} wartet auf den Schlüssel, den du hast.`,
  handOverWho:
    'Vergleich im Zweifel den Fingerabdruck am Telefon; er steht bei der Person unter „Mein Schlüssel“.',
  refusedKeys: (n) =>
    n === 1
      ? 'Ein übergebener Schlüssel lässt sich nicht öffnen. Bitte um eine neue Übergabe.'
      : `${n} übergebene Schlüssel lassen sich nicht öffnen. Bitte um eine neue Übergabe.`,
  unlockFirst: 'Entsperr zuerst deinen Schlüssel.',
};

const en: typeof de = {
  title: 'Video',
  tabs: { live: 'Live', recordings: 'Recordings', cameras: 'Cameras', keys: 'Keys' },

  lacksTitle: 'This browser can not decrypt the pictures',
  lacksText:
    'Pictures are decrypted here with you; the server can not. For that this browser lacks:',
  needs: {
    secure: 'a secure connection (https or localhost)',
    crypto: 'built-in cryptography (WebCrypto)',
    storage: 'a place for keys (IndexedDB) and background work (workers)',
    decoder: 'decoding live pictures directly (WebCodecs)',
    canvas: 'drawing in the background (OffscreenCanvas)',
    media: 'playing from pieces (Media Source Extensions)',
  },
  lacksDo:
    'A current Chrome, Edge, Firefox or Safari can. Everything else works here, too: setting up cameras, seeing their state, alarms.',

  unlock: 'Unlock',
  lock: 'Lock',
  unlocked: (until) => `Unlocked until ${until}`,
  sealedTitle: 'Sealed',
  sealedText: 'Unlock your key to see the pictures.',
  sealedMany: 'The pictures are sealed. Your passphrase opens them here in the browser.',
  noKeyTitle: 'No key yet',
  noKeyText: 'Set up your key, then the pictures can be opened for you.',
  toKeys: 'To the keys',
  waitingTitle: 'Waiting for the hand-over',
  waitingText: 'Your key is there. Someone who may see already still has to hand you access.',
  waitingWho: (names) => `These can hand it over: ${names}.`,
  noCircleTitle: 'Not set up yet',
  noCircleText: 'There is no circle of keys yet. Whoever manages cameras can set it up.',
  passphrase: 'Passphrase',
  passphraseShow: 'Show the passphrase',
  unlocking: 'Unlocking …',
  wrongPassphrase:
    'This passphrase does not open it. Check caps lock and the keyboard’s language; there is one space between words.',
  wrongSheet: 'This sheet belongs to another key. Take the latest one you printed.',
  sheetTypo: 'There is a typing error. Compare with the sheet group by group.',
  sheetShort: 'There are 28 characters in seven groups on the sheet.',
  bySheet: 'With the recovery sheet',
  byPassphrase: 'With the passphrase',
  sheetCode: 'Characters from the recovery sheet',
  unlockTitle: 'Unlock your key',
  unlockNote:
    'The passphrase never leaves this browser. The key stays unlocked until you lock it or sign out, for at most 12 hours.',
  keyFailed:
    'Unlocking failed. Nothing was lost. Reload the page; if the browser needs more memory, close other pages.',

  wall: 'Live pictures',
  one: '1 picture',
  four: '4 pictures',
  all: 'All cameras',
  layout: 'Layout',
  camera: 'Camera',
  previous: 'Previous camera',
  next: 'Next camera',
  enlarge: 'Show large',
  fullscreen: 'Full screen',
  recordings: 'Recordings',
  states: {
    live: 'Live',
    delayed: (s) => `Delayed by ${s} s`,
    connecting: 'Connecting …',
    lost: 'Connection lost',
    sealed: 'Sealed',
    'no-key': 'No key',
    waiting: 'Waiting for hand-over',
    denied: 'No right',
    off: 'Off',
    starting: 'Starting',
    offline: 'Offline',
    fault: 'Fault',
    codec: 'Not playable here',
    broken: 'Not readable',
  },
  since: (text) => `since ${text}`,
  deniedText: 'You have no right to live pictures of this camera.',
  offText: 'The camera is disarmed: nothing is sent, nothing recorded.',
  startingText: 'Armed; the first picture is about to come.',
  offlineText:
    'The recorder does not report. If it still runs, it goes on recording and delivers once it reaches the server.',
  offlineDo: 'Check power and network at the recorder.',
  lostText: 'The connection to the server is interrupted. Obhut keeps trying.',
  codecText: (codec) =>
    `The camera sends ${codec}. All of it is recorded, but this browser can not show it. Switch the camera to H.264 or use a browser with H.265.`,
  brokenText:
    'Your key does not open these pictures. Reload the page; if it stays, tell the administrator.',
  noCameras: 'No camera yet.',
  noCamerasConfigure:
    'Add a recorder: it runs beside the cameras, seals their pictures and sends them here.',
  noCamerasOther: 'Whoever manages cameras sets them up.',
  noneHere: 'There is no camera in this unit.',
  addRecorder: 'Add a recorder',
  lastPicture: 'Last picture',
  never: 'never',

  playback: (name) => `Recordings: ${name}`,
  play: 'Play',
  pause: 'Pause',
  back10: '10 seconds back',
  on10: '10 seconds on',
  frameBack: 'One picture back',
  frameOn: 'One picture on',
  alarmBack: 'Previous alarm',
  alarmOn: 'Next alarm',
  speed: 'Speed',
  toLive: 'Live',
  timeline: 'Timeline',
  timelineHelp:
    'Arrow keys: 10 seconds, with Shift 1 minute. Page up and down: 10 minutes. Plus and minus: closer and wider. A: next alarm.',
  closer: 'Closer',
  wider: 'Wider',
  goTo: 'Moment',
  go: 'Go',
  shownTime: 'Moment shown',
  recorded: 'Recording',
  loadingPicture: 'Opening the picture …',
  endReached: 'The recordings end here',
  endText: 'There is nothing behind it yet.',
  alarms: 'Alarms',
  alarmAt: (time) => `Alarm ${time}`,
  openAlarm: 'See the alarm',
  gapsTitle: 'Gaps',
  noGaps: 'Nothing is missing in this span.',
  causes: {
    unreachable: 'Camera not reachable',
    refused: 'Camera refuses',
    password: 'Wrong camera password',
    no_stream: 'No stream',
    dropped: 'Connection dropped',
    silent: 'Camera sends nothing',
    unsupported: 'Format not supported',
    loss: 'Pictures lost on the way',
    no_key_frame: 'No key frame',
    disk_full: 'Recorder’s disk full',
    disarmed: 'Disarmed',
    agent_stopped: 'Recorder stood still',
    clock: 'Recorder’s clock jumped',
    not_listed: 'No longer in the recorder’s file',
    pending: 'Not delivered yet',
    unknown: 'Cause not reported',
  },
  todo: {
    unreachable: 'Check power and network of the camera.',
    refused: 'The camera allowed no further connection. Disconnect other receivers.',
    password: 'Enter the password anew in the recorder’s cameras.toml.',
    no_stream: 'Check the path of the RTSP address in cameras.toml.',
    dropped: 'The recorder reconnects. If it stays so, check cable and switch.',
    silent: 'Restart the camera.',
    unsupported: 'Switch the camera to plain H.264 or H.265.',
    loss: 'The network to the camera loses data. Check cables, switch and wireless.',
    no_key_frame: 'Set the camera to one key frame every 1 to 2 seconds.',
    disk_full: 'Make room on the recorder’s computer.',
    disarmed: '',
    agent_stopped: 'The recorder was not running. It should start with its computer.',
    clock: 'Set up time synchronisation on the recorder’s computer.',
    not_listed:
      'Enter the camera in cameras.toml again, or delete it here; recordings stay until their deadline.',
    pending: 'The recorder still has this time and delivers it later.',
    unknown: '',
  },
  earliest: (when) => `Oldest recording: ${when}.`,
  forgets: (period, minutes) =>
    `After ${period} the keys are destroyed, always for a whole hour: up to ${minutes} minutes therefore go early.`,
  due: (when) => `Next deletion: ${when}`,
  lookBack: (hours) => `You may look back ${hours}.`,
  hereGap: (cause) => `Gap: ${cause}`,
  hereGone: 'Deleted on time',
  hereGoneText: 'The key of this hour was destroyed. Nobody can open it any more.',
  hereFuture: 'This has not happened yet.',
  hereNothing: 'No recording',
  hereNothingText: 'Nothing was recorded at this time.',
  tooFarBackTitle: 'Too far back',
  tooFarBack: (hours) =>
    `Your right reaches back ${hours}. Someone with a wider right can see what lies before.`,
  needsMoreTitle: 'This needs more',
  needsMore:
    'This right holds only with a second person or a second factor; both come with a later version.',
  playDenied: 'No right to recordings',
  playDeniedText:
    'These recordings are closed to you. Whoever runs your organisation can give you the right; nothing was opened before.',
  playKey: 'The key does not fit',
  playKeyText:
    'This hour was sealed to another key. That is so when the circle of keys was set up anew.',
  playMissing: 'This key was not handed to you',
  playMissingText:
    'This hour is sealed to a key you do not have. Ask someone who has it to hand it over.',
  playTampered: 'This recording was changed',
  playTamperedText:
    'Checksum or signature do not fit; it is not shown. Tell the administrator, and name the moment.',
  goOnAfter: 'Go on behind it',
  playCut: 'This recording breaks off',
  playCutText: 'Its end is missing, and the recorder reported no interruption.',
  playOffline: 'The server does not deliver right now',
  playOfflineText: 'The recording is safe. Try again in a moment.',
  recordingsEmpty: 'No recordings yet.',
  recordingsEmptyText: 'The first is made once a camera is armed.',

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
  storageUse: (used, free) => `${used} used, ${free} free`,

  keysIntro:
    'Recordings are sealed at the camera. Only who has a key can open them, and only in their own browser: neither the server nor whoever runs it.',
  myKey: 'My key',
  circle: 'Circle of keys',
  setUpKey: 'Set up a key',
  keySince: (when) => `Set up on ${when}.`,
  keyLocked: 'Locked',
  step: (n, of) => `Step ${n} of ${of}`,
  step1: 'Your passphrase',
  step1Text:
    'Six words by chance can be remembered and not guessed. Write them down until you know them.',
  otherWords: 'Other words',
  ownInstead: 'Choose one of your own',
  wordsInstead: 'Six words after all',
  own: 'Your own passphrase',
  ownHelp: 'At least 16 characters. A sentence only you know is better than a jumble.',
  weak: {
    short: 'Too short: at least 16 characters.',
    known: 'This is made of words that stand in stolen password lists.',
    repeated: 'This repeats itself too much.',
    row: 'This is a row on the keyboard.',
  },
  again: 'Passphrase once more',
  againHelp: 'Without copying: so you notice whether you know it.',
  notSame: 'This is not the same as the first.',
  goOn: 'Continue',
  step2: 'Your recovery sheet',
  step2Text:
    'In case you forget the passphrase. Print it and put it where only you get to, not beside the computer.',
  print: 'Print',
  sheetTitle: 'Obhut – recovery sheet',
  sheetFor: (name, org) => `${name}, ${org}`,
  sheetUse:
    'These characters open the key to the recordings without the passphrase, too: Video, Keys, “With the recovery sheet”.',
  sheetWarn: 'Whoever has this sheet and your sign-in can see what you may see.',
  sheetDate: (when) => `Issued on ${when}`,
  typeBack: (n) => `Type group ${n} from the sheet`,
  typeBackWrong: (n) => `This is not group ${n}.`,
  step3: 'What holds',
  lostBoth: 'If passphrase and sheet are both gone, nobody gets your key back, not even we.',
  lostOthers: 'Others with the key can then hand you a new one; the recordings open with it again.',
  lostAlone:
    'If you are the only person with the key, everything recorded stays closed for ever. See to it that a second person has it.',
  understood: 'I have secured both and know what is lost.',
  finish: 'Make the key',
  making: 'Making it …',
  keyReady: 'Your key is set up and unlocked.',
  changePassphrase: 'Change the passphrase',
  changeTitle: 'New passphrase',
  oldPassphrase: 'Present passphrase',
  newSheetToo: 'A new recovery sheet, too (the old one no longer holds then)',
  passphraseChanged: 'The new passphrase holds.',
  resetKey: 'Passphrase and sheet lost',
  resetTitle: 'Begin anew?',
  resetText:
    'You get a new key and then wait for the hand-over again. What only your old key opened stays closed.',
  resetAct: 'Set up a new key',

  circleNone: 'No circle of keys yet',
  circleNoneText:
    'Whoever sets up the circle makes three keys here in the browser: one for recordings, one for live pictures and one that signs for whom recorders may seal.',
  circleNoneOther: 'Whoever manages cameras can set it up.',
  circleSetUp: 'Set up the circle of keys',
  circleNeedsKey: 'For this you need a key of your own first, unlocked.',
  circleReady: 'The circle of keys stands. Now a recorder can join.',
  fingerprint: 'The custodian’s fingerprint',
  fingerprintWhy:
    'It stands in every token for recorders. Note it outside this server: if it changes, someone has exchanged the keys.',
  fingerprintWrong:
    'The fingerprint does not fit the key the server names. Tell the administrator.',
  list: (n, when) => `List of recipients ${n}, signed on ${when}`,
  listWrong:
    'The signature under the list of recipients does not fit. Hand nothing over, and tell the administrator.',
  kinds: {
    recording: 'Open recordings',
    live: 'Open live pictures',
    custodian: 'Sign for recorders',
  },
  members: {
    holds: 'has the key',
    waiting: 'waits for the hand-over',
    no_key: 'has no key of their own yet',
  },
  you: 'you',
  handOver: 'Hand over',
  handOverAll: (n) => (n === 1 ? 'Hand over now' : `Hand over to all ${n}`),
  handOverOffer: (names) => `${names} are waiting for the key you have.`,
  handOverOfferOne: (name) => `${name} is waiting for the key you have.`,
  handOverWho:
    'If in doubt, compare the fingerprint on the phone; it stands with the person under “My key”.',
  handedOver: 'Handed over.',
  keyFingerprint: 'Fingerprint',
  rotateDue:
    'Someone has left. A new key sees to it that new recordings no longer open with the old one.',
  rotate: 'Issue a new key',
  rotateTitle: (what) => `New key: ${what}`,
  rotateText: (n) =>
    `From the next recording on, all is sealed to the new key. The ${n} people who have the present one get it. What is there still opens with the old one.`,
  rotateNeeds: 'Whoever has the custodian’s key and is unlocked can do this.',
  rotateCustodian:
    'The custodian’s key stays: recorders trust it alone. Replacing it means enrolling all recorders anew.',
  rotated: 'The new key is issued.',
  refusedKeys: (n) =>
    n === 1
      ? 'A key that was handed over can not be opened. Ask for a new hand-over.'
      : `${n} keys that were handed over can not be opened. Ask for a new hand-over.`,
  unlockFirst: 'Unlock your key first.',
};

export const t = texts(de, du, en);
