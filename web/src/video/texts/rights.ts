// Texts of rights by group.

export const de = {
  rights: 'Rechte',
  rightsTitle: (group: string) => `Rechte für „${group}“`,
  rightsIntro:
    'Wer die Kameras dieser Gruppe sehen darf. Ein Recht allein zeigt noch kein Bild: Wer es neu bekommt, wartet auf den Schlüssel, bis ihn jemand übergibt, der ihn hat. Jeder Blick steht im Protokoll.',
  rightsNobody: 'Noch niemand.',
  rightLive: 'Live-Bilder',
  rightPlayback: 'Aufnahmen',
  rightPlaybackBack: (hours: number) =>
    hours === 1 ? 'Aufnahmen der letzten Stunde' : `Aufnahmen der letzten ${hours} Stunden`,
  rightConfigure: 'Einrichten',
  rightConfigureHelp: 'Kameras der Gruppe benennen, scharf schalten, löschen.',
  rightsHere: (words: string) => `Diese Gruppe: ${words}`,
  rightsWider: (role: string, words: string) => `Alle Kameras (Rolle ${role}): ${words}`,
  rightsInvited: 'eingeladen',
  rightsAdd: 'Person hinzufügen',
  rightsPerson: 'Person',
  rightsChoose: 'Bitte wählen',
  rightsWhat: 'Was die Person darf',
  rightsOf: (name: string) => `Was ${name} darf`,
  rightsHours: 'Höchstens so viele Stunden zurück',
  rightsHoursHelp: '1 bis 2160. Leer: so weit, wie es Aufnahmen gibt.',
  rightsHoursWrong: 'Bitte 1 bis 2160 Stunden, oder leer lassen.',
  rightsNone: 'Bitte mindestens ein Recht wählen.',
  rightsEdit: 'Ändern',
  rightsTake: 'Wegnehmen',
  rightsTakeTitle: (name: string) => `${name} die Rechte wegnehmen?`,
  rightsTakeText: (name: string, group: string) =>
    `${name} sieht „${group}“ dann nicht mehr; ein laufendes Bild endet sofort. Was für alle Kameras gilt, bleibt.`,
};

export const du: Partial<typeof de> = {};

export const en: typeof de = {
  rights: 'Rights',
  rightsTitle: (group) => `Rights for “${group}”`,
  rightsIntro:
    'Who may see the cameras of this group. A right alone shows no picture yet: whoever is given one waits for the key until somebody who has it hands it over. Each look stands in the log.',
  rightsNobody: 'Nobody yet.',
  rightLive: 'Live pictures',
  rightPlayback: 'Recordings',
  rightPlaybackBack: (hours) =>
    hours === 1 ? 'Recordings of the last hour' : `Recordings of the last ${hours} hours`,
  rightConfigure: 'Set up',
  rightConfigureHelp: 'Name, arm and delete the cameras of the group.',
  rightsHere: (words) => `This group: ${words}`,
  rightsWider: (role, words) => `All cameras (role ${role}): ${words}`,
  rightsInvited: 'invited',
  rightsAdd: 'Add a person',
  rightsPerson: 'Person',
  rightsChoose: 'Please choose',
  rightsWhat: 'What they may do',
  rightsOf: (name) => `What ${name} may do`,
  rightsHours: 'At most so many hours back',
  rightsHoursHelp: '1 to 2160. Empty: as far as there are recordings.',
  rightsHoursWrong: 'Please 1 to 2160 hours, or leave it empty.',
  rightsNone: 'Please choose at least one right.',
  rightsEdit: 'Change',
  rightsTake: 'Take away',
  rightsTakeTitle: (name) => `Take the rights of ${name} away?`,
  rightsTakeText: (name, group) =>
    `${name} no longer sees “${group}” then; a running picture ends at once. What holds for all cameras stays.`,
};
