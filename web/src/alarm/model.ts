// Rules of the alarm pages without any page: which answers are large, who stands where in the list.
import type { AlarmView, Answer, Meaning, Responder } from '../api/types.ts';

const LARGE: Meaning[] = ['coming', 'later', 'not_coming'];
const ORDER: Meaning[] = ['coming', 'later', 'other', 'not_coming'];

/** The three large answers (one per meaning, in thumb order) and the unit's further ones. */
export function split(answers: Answer[]): { large: Answer[]; more: Answer[] } {
  const large = LARGE.flatMap((meaning) => answers.find((one) => one.meaning === meaning) ?? []);
  for (const answer of answers) {
    if (large.length >= Math.min(3, answers.length)) break;
    if (!large.includes(answer)) large.push(answer);
  }
  return { large, more: answers.filter((one) => !large.includes(one)) };
}

/** When someone is expected; later answers without minutes come last. */
function expected(person: Responder): number {
  return Date.parse(person.answered_at) + (person.minutes ?? 0) * 60_000;
}

/** Who answered, those who come first at the top; who stays away is apart, because it folds. */
export function arrange(people: Responder[]): { coming: Responder[]; away: Responder[] } {
  const sorted = [...people].sort(
    (a, b) => ORDER.indexOf(a.meaning) - ORDER.indexOf(b.meaning) || expected(a) - expected(b),
  );
  return {
    coming: sorted.filter((one) => one.meaning !== 'not_coming'),
    away: sorted.filter((one) => one.meaning === 'not_coming'),
  };
}

/** The moment someone said they would be there. */
export function due(person: Pick<Responder, 'answered_at' | 'minutes'>): string | null {
  if (person.minutes === null) return null;
  return new Date(Date.parse(person.answered_at) + person.minutes * 60_000).toISOString();
}

/** My answer among the alarm's, if I gave one. */
export function mine(alarm: AlarmView): Answer | null {
  return alarm.answers.find((one) => one.id === alarm.my.answer_id) ?? null;
}
