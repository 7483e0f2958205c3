// Decides which alarms ring, and until when. Pure; the ringer makes the noise.
import type { AlarmView } from '../api/types.ts';

/** An alarm already running when the page is opened rings only this long after it came. */
export const YOUNG = 3 * 60_000;
/** After this the tone rests, even if nobody touched the device. */
export const LONGEST = 3 * 60_000;

/** Whether an alarm calls this person. */
export function callsMe(alarm: AlarmView): boolean {
  return alarm.state === 'open' && alarm.my.addressed && alarm.my.answer_id === null;
}

/** Whether a newly known alarm rings. `first`: it came with the first snapshot; `muted`: was silenced before. */
export function rings(
  alarm: AlarmView,
  context: { now: number; first: boolean; muted: (id: string) => boolean },
): boolean {
  if (!callsMe(alarm) || context.muted(alarm.id)) return false;
  return !context.first || context.now - Date.parse(alarm.created_at) < YOUNG;
}
