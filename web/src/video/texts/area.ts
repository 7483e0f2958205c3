// Texts around the video pages: their names, and what a browser lacks for them.
import type { Need } from '../support.ts';

export const de = {
  title: 'Video',
  tabs: { live: 'Live', recordings: 'Aufnahmen', cameras: 'Kameras', keys: 'Schlüssel' },

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
};

export const du: Partial<typeof de> = {
  lacksText:
    'Bilder werden erst hier bei dir entschlüsselt; der Server kann es nicht. Dafür fehlt diesem Browser:',
};

export const en: typeof de = {
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
};
