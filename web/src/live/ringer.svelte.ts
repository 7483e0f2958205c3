// Rings while an alarm calls this person: tone, vibration, screen kept on, a notification when the page is hidden.
// Stops on an answer, on "mute", when the alarm ends, and after the longest time. Of several tabs one sounds.
import type { AlarmView } from '../api/types.ts';
import type { Board } from './board.ts';
import { stayAwake } from './awake.ts';
import { callsMe, LONGEST, rings } from './ring.ts';
import { Tone, type SoundState } from './tone.ts';

const MUTED = 'obhut.muted';
const PATTERN = [500, 200, 500, 200, 900, 400];

export const ringer = $state<{ ringing: string[]; sound: SoundState }>({
  ringing: [],
  sound: 'blocked',
});

const tone = new Tone((state) => (ringer.sound = state));
let release: (() => void) | null = null;
let vibrating: ReturnType<typeof setInterval> | null = null;
let limit: ReturnType<typeof setTimeout> | null = null;
let active = false;

/** Ids silenced in this tab; they hold nothing but the id. */
function mutedIds(): string[] {
  return (sessionStorage.getItem(MUTED) ?? '').split(' ').filter(Boolean);
}

/** Wakes the sound with the first touches of the page. */
export function armSound(): void {
  const touch = () => {
    void tone.arm();
    if (tone.state === 'ready') for (const kind of KINDS) removeEventListener(kind, touch, true);
  };
  const KINDS = ['pointerup', 'keydown', 'touchend'] as const;
  ringer.sound = tone.state;
  for (const kind of KINDS) addEventListener(kind, touch, true);
}

/** Wakes the sound now and plays one call. */
export async function trySound(): Promise<void> {
  await tone.arm();
  tone.once();
  shake([300, 100, 300]);
}

/** Rings for those of the new alarms that call me; returns the one to show. */
export function ring(fresh: AlarmView[], first: boolean): AlarmView | null {
  const muted = mutedIds();
  const context = { now: Date.now(), first, muted: (id: string) => muted.includes(id) };
  const calling = fresh.filter((alarm) => rings(alarm, context));
  if (calling.length === 0) return null;
  ringer.ringing = [...new Set([...ringer.ringing, ...calling.map((alarm) => alarm.id)])];
  for (const alarm of calling) void notify(alarm);
  start();
  return calling[0] ?? null;
}

/** Follows the board: an alarm that no longer calls me stops ringing. */
export function settle(board: Board): void {
  const still = ringer.ringing.filter((id) => {
    const alarm = board.alarms.get(id);
    return alarm !== undefined && callsMe(alarm);
  });
  if (still.length !== ringer.ringing.length) ringer.ringing = still;
  if (still.length === 0) stop();
}

/** Silences an alarm in this tab; without an id, all of them. */
export function mute(id?: string): void {
  const gone = id === undefined ? ringer.ringing : [id];
  sessionStorage.setItem(MUTED, [...new Set([...mutedIds(), ...gone])].slice(-50).join(' '));
  ringer.ringing = ringer.ringing.filter((one) => !gone.includes(one));
  if (ringer.ringing.length === 0) stop();
}

/** Vibrates where the device can and the browser allows it (after the first touch). */
function shake(pattern: number[] | number): void {
  if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.(pattern);
}

function start(): void {
  active = true;
  stayAwake(true);
  if (limit) clearTimeout(limit);
  limit = setTimeout(() => mute(), LONGEST);
  void alone(() => {
    tone.start();
    shake(PATTERN);
    vibrating ??= setInterval(() => shake(PATTERN), 3000);
  });
}

function stop(): void {
  if (!active) return;
  active = false;
  stayAwake(false);
  if (limit) clearTimeout(limit);
  if (vibrating) clearInterval(vibrating);
  limit = null;
  vibrating = null;
  tone.stop();
  shake(0);
  release?.();
  release = null;
}

/** Runs `act` in one tab only, until `stop`. */
async function alone(act: () => void): Promise<void> {
  if (release) return;
  if (!('locks' in navigator)) return act();
  await navigator.locks.request('obhut-ring', { ifAvailable: true }, (lock) => {
    if (!lock || ringer.ringing.length === 0) return;
    return new Promise<void>((done) => {
      release = done;
      act();
    });
  });
}

/** A notification under the push's own tag, so that the two never stand side by side. */
async function notify(alarm: AlarmView): Promise<void> {
  if (!document.hidden || !('Notification' in window) || Notification.permission !== 'granted')
    return;
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.showNotification(alarm.title, {
    body: alarm.unit.name,
    tag: `obhut-${alarm.id}`,
    icon: '/assets/icon-192.png',
    badge: '/assets/badge-96.png',
    requireInteraction: true,
    data: { alarm: alarm.id, kind: 'alarm' },
  });
}
