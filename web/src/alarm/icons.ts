// The sign beside each kind of answer; the words stand next to it.
import type { Meaning } from '../api/types.ts';
import type { IconName } from '../ui/icons.ts';

const ICON: Record<Meaning, IconName> = {
  coming: 'check',
  later: 'clock',
  not_coming: 'x',
  other: 'ellipsis',
};

/** The icon of a meaning. */
export function iconOf(meaning: Meaning): IconName {
  return ICON[meaning];
}
