// Who is signed in, what they may, and which unit they look at. Loaded once before the first page is drawn.
import { api } from '../api/api.ts';
import type { Me, Permission } from '../api/types.ts';
import { speak, speech } from './lang.svelte.ts';

const PLACE = 'obhut.unit';

export const session = $state<{ me: Me | null; unit: string | null }>({ me: null, unit: null });

/** Loads the person; throws a problem when that fails. */
export async function loadSession(): Promise<Me> {
  const me = await api.me();
  session.me = me;
  const kept = localStorage.getItem(PLACE);
  session.unit = me.units.some((unit) => unit.id === kept) ? kept : null;
  speech.zone = me.organisation.zone;
  speak(me.person.language, me.organisation.familiar);
  return me;
}

/** Whether the signed-in person holds a right. The server decides again; this only hides what would fail. */
export function may(permission: Permission): boolean {
  return session.me?.permissions.includes(permission) ?? false;
}

/** Chooses the unit to look at; null is all of them. */
export function choosePlace(unit: string | null): void {
  session.unit = unit;
  if (unit === null) localStorage.removeItem(PLACE);
  else localStorage.setItem(PLACE, unit);
}

/** Destroys what video keeps unlocked in this browser, in every tab: at sign-out and when the session ends. */
export function forgetKeys(): void {
  if (typeof BroadcastChannel !== 'undefined') {
    const tabs = new BroadcastChannel('obhut-video');
    tabs.postMessage('lock');
    tabs.close();
  }
  if (typeof indexedDB !== 'undefined') indexedDB.deleteDatabase('obhut-video');
}
