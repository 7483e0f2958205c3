// Whether an alarm would reach someone now, and why not.
import type { PersonRow } from '../api/types.ts';

export type Reach = 'push' | 'open' | 'device' | 'invited';

/** `push`: rings closed; `open`: has a device, rings while open; `device`: none set up; `invited`: not here yet. */
export function reachOf(person: Pick<PersonRow, 'state' | 'reach'>): Reach {
  if (person.state === 'invited') return 'invited';
  if (person.reach.push > 0) return 'push';
  return person.reach.devices > 0 ? 'open' : 'device';
}

/** Rows by family name, as people look for them. */
export function byName(people: PersonRow[], lang: string): PersonRow[] {
  const compare = new Intl.Collator(lang, { sensitivity: 'base' }).compare;
  return [...people].sort(
    (a, b) => compare(a.family_name, b.family_name) || compare(a.given_name, b.given_name),
  );
}
