// Texts about keys: what stands in the way of pictures, one’s own key, the circle.
import type { Weakness } from '../crypto/passphrase.ts';
import type { RoleKind } from '../wire.ts';

export const de = {
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

export const du: Partial<typeof de> = {
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

export const en: typeof de = {
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
