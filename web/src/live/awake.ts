// Keeps the screen on while asked to, and takes the lock again after the browser dropped it.

let wanted = false;
let held: WakeLockSentinel | null = null;

async function take(): Promise<void> {
  if (!wanted || held || document.hidden || !('wakeLock' in navigator)) return;
  try {
    held = await navigator.wakeLock.request('screen');
    held.addEventListener('release', () => (held = null));
    if (!wanted) await held.release();
  } catch {
    held = null;
  }
}

/** Asks for the screen to stay on, or no longer. */
export function stayAwake(on: boolean): void {
  if (!wanted && on) document.addEventListener('visibilitychange', take);
  if (!on) document.removeEventListener('visibilitychange', take);
  wanted = on;
  if (on) void take();
  else void held?.release();
}
