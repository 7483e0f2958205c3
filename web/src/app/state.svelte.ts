// What the frame itself knows: whether the start failed, a waiting new version, parts of the server in trouble.
import { api } from '../api/api.ts';
import type { Problem } from '../api/problem.ts';
import type { PartState } from '../api/types.ts';

export const shell = $state<{
  problem: Problem | null;
  start: () => Promise<void>;
  takeOver: (() => void) | null;
  troubled: PartState[];
}>({ problem: null, start: async () => undefined, takeOver: null, troubled: [] });

/** Asks now and then which parts of the server are degraded; returns how to stop. */
export function watchParts(): () => void {
  const ask = async () => {
    if (document.hidden) return;
    try {
      shell.troubled = (await api.state()).items.filter((part) => part.state !== 'ok');
    } catch {
      // The connection state says it already.
    }
  };
  void ask();
  const timer = setInterval(ask, 60_000);
  document.addEventListener('visibilitychange', ask);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', ask);
  };
}
