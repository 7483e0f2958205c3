// Texts of the wall.

export const de = {
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
};

export const du: Partial<typeof de> = {
  deniedText: 'Für diese Kamera hast du kein Recht auf Live-Bilder.',
  offlineDo: 'Prüf Strom und Netz am Recorder.',
  codecText: (codec) =>
    `Die Kamera sendet ${codec}. Aufgenommen wird es vollständig, dieser Browser kann es aber nicht zeigen. Stell die Kamera auf H.264 um oder nimm einen Browser mit H.265.`,
  brokenText:
    'Diese Bilder lassen sich mit deinem Schlüssel nicht öffnen. Lade die Seite neu; bleibt es so, melde es der Verwaltung.',
  noCamerasConfigure:
    'Füg einen Recorder hinzu: Er läuft neben den Kameras, versiegelt ihre Bilder und schickt sie hierher.',
};

export const en: typeof de = {
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
};
