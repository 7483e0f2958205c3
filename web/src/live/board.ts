// What the live channel tells us, as pure state: a snapshot replaces everything, later messages by version.
import type { AlarmView, LiveMessage } from '../api/types.ts';

export interface Board {
  readonly alarms: ReadonlyMap<string, AlarmView>;
  /** Whether any snapshot has come yet. */
  readonly synced: boolean;
}

export const EMPTY: Board = { alarms: new Map(), synced: false };

/** The board after a message, and the open alarms it did not hold before. */
export function hear(board: Board, message: LiveMessage): { board: Board; fresh: AlarmView[] } {
  switch (message.type) {
    case 'snapshot': {
      const alarms = new Map(message.alarms.map((alarm) => [alarm.id, alarm]));
      const fresh = message.alarms.filter((alarm) => isFresh(board, alarm));
      return { board: { alarms, synced: true }, fresh };
    }
    case 'alarm':
      return put(board, message.alarm);
    case 'alarm_gone': {
      if (!board.alarms.has(message.id)) return { board, fresh: [] };
      const alarms = new Map(board.alarms);
      alarms.delete(message.id);
      return { board: { ...board, alarms }, fresh: [] };
    }
    default:
      return { board, fresh: [] };
  }
}

/** Takes one view, from the channel or from an answer of the API, unless it is older than ours. */
export function put(board: Board, alarm: AlarmView): { board: Board; fresh: AlarmView[] } {
  const known = board.alarms.get(alarm.id);
  if (known && known.version >= alarm.version) return { board, fresh: [] };
  const fresh = isFresh(board, alarm) ? [alarm] : [];
  const alarms = new Map(board.alarms).set(alarm.id, alarm);
  return { board: { ...board, alarms }, fresh };
}

function isFresh(board: Board, alarm: AlarmView): boolean {
  return alarm.state === 'open' && !board.alarms.has(alarm.id);
}

/** Open alarms, the newest first. */
export function openAlarms(board: Board): AlarmView[] {
  return [...board.alarms.values()]
    .filter((alarm) => alarm.state === 'open')
    .sort((a, b) => b.created_at.localeCompare(a.created_at));
}

/** Reads a message; what is not one of ours is nothing (newer servers may say more). */
export function parse(text: string): LiveMessage | null {
  try {
    const message = JSON.parse(text) as LiveMessage;
    switch (message.type) {
      case 'snapshot':
        return Array.isArray(message.alarms) ? message : null;
      case 'alarm':
        return typeof message.alarm?.id === 'string' ? message : null;
      case 'alarm_gone':
      case 'ping':
        return message;
      default:
        return null;
    }
  } catch {
    return null;
  }
}
