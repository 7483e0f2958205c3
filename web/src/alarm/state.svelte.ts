// State of the alarm pages that outlives a page: the draft of a new alarm, and answering with its outcome.
import { api } from '../api/api.ts';
import type { AlarmView, NewAlarm } from '../api/types.ts';
import { keep } from '../live/live.svelte.ts';

interface Draft {
  unit_id: string;
  title: string;
  text: string;
  address: string;
  priority: boolean;
  group_ids: string[];
  vehicle_ids: string[];
  /** The same key for every try to send this draft, so that it alarms once. */
  key: string;
}

const blank = (): Draft => ({
  unit_id: '',
  title: '',
  text: '',
  address: '',
  priority: true,
  group_ids: [],
  vehicle_ids: [],
  key: crypto.randomUUID(),
});

/** What is being typed: a ringing alarm may take the page away, the draft stays. */
export const draft = $state<Draft>(blank());

/** Sends the draft; it is cleared only once the server has taken it. */
export async function sendDraft(): Promise<AlarmView> {
  const { key, ...fields } = draft;
  const alarm: NewAlarm = { unit_id: fields.unit_id, title: fields.title.trim() };
  alarm.priority = fields.priority;
  if (fields.text.trim()) alarm.text = fields.text.trim();
  if (fields.address.trim()) alarm.address = fields.address.trim();
  if (fields.group_ids.length > 0) alarm.group_ids = $state.snapshot(draft.group_ids);
  if (fields.vehicle_ids.length > 0) alarm.vehicle_ids = $state.snapshot(draft.vehicle_ids);
  const made = await api.trigger(alarm, key);
  Object.assign(draft, blank());
  keep(made);
  return made;
}

/** Answers; the view comes back counted. */
export async function answer(alarm: string, id: string): Promise<AlarmView> {
  const view = await api.answer(alarm, id);
  keep(view);
  return view;
}
