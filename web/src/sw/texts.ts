// The few words of the worker; it has no page and loads no language files.

type Lang = 'de' | 'en';

const TEXTS = {
  de: {
    unknown: 'Obhut: bitte öffnen',
    unknownBody: 'Eine Nachricht konnte nicht gelesen werden.',
    answered: (label: string) => `Antwort angekommen: ${label}`,
    lost: 'Antwort nicht angekommen – hier tippen',
  },
  en: {
    unknown: 'Obhut: please open',
    unknownBody: 'A message could not be read.',
    answered: (label: string) => `Answer received: ${label}`,
    lost: 'Your answer did not arrive – tap here',
  },
};

/** The worker's words in a language. */
export function words(lang: Lang) {
  return TEXTS[lang];
}
