// The page's language and form of address; each area hangs its typed texts on it.

export type Lang = 'de' | 'en';

/** What every text depends on. `familiar`: the organisation says "du". */
export const speech = $state<{ lang: Lang; familiar: boolean; zone: string | undefined }>({
  lang: 'de',
  familiar: false,
  zone: undefined,
});

/** Sets language and form of address, and tells the document. */
export function speak(lang: Lang, familiar = speech.familiar): void {
  speech.lang = lang;
  speech.familiar = familiar;
  document.documentElement.lang = lang;
}

/** Texts of one area: German is the interface ("Sie"), `du` overrides what differs, English satisfies it. */
export function texts<T extends object>(de: T, du: Partial<T>, en: T): () => T {
  const familiar = { ...de, ...du };
  return () => (speech.lang === 'en' ? en : speech.familiar ? familiar : de);
}
