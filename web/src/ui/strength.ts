// Strength in words, for pages and screens: "3 kommen, 1 Maschinist fehlt".
import type { AlarmView, Strength } from '../api/types.ts';

type Lang = 'de' | 'en';

/** Who is coming, in one phrase. */
export function comingWords(count: number, lang: Lang): string {
  if (lang === 'en') return count === 0 ? 'nobody coming yet' : `${count} coming`;
  if (count === 0) return 'noch niemand kommt';
  return count === 1 ? '1 kommt' : `${count} kommen`;
}

/** What is missing, in one phrase; empty when nothing is. */
export function missingWords(strength: Strength[], lang: Lang): string {
  const gaps = strength.filter((one) => one.coming < one.needed);
  if (gaps.length === 0) return '';
  // Many gaps in their short form, as the bar names them: a phone has room for one line.
  const many = gaps.length > 2;
  const parts = gaps.map((one) => `${one.needed - one.coming} ${many ? one.short : one.name}`);
  const list = new Intl.ListFormat(lang === 'en' ? 'en-GB' : lang, { type: 'conjunction' }).format(
    parts,
  );
  const single = gaps.reduce((sum, one) => sum + one.needed - one.coming, 0) === 1;
  if (lang === 'en') return `${list} missing`;
  return `${list} ${single ? 'fehlt' : 'fehlen'}`;
}

/** Both, as a sentence without its full stop. While nobody comes, the bar says what is needed. */
export function strengthWords(alarm: Pick<AlarmView, 'counts' | 'strength'>, lang: Lang): string {
  const coming = comingWords(alarm.counts.coming, lang);
  const missing = missingWords(alarm.strength, lang);
  const text = missing && alarm.counts.coming > 0 ? `${coming}, ${missing}` : coming;
  return text.charAt(0).toUpperCase() + text.slice(1);
}
