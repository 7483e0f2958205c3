// The live channel as state pages read: open alarms and whether they are up to date.
import { signedOut } from '../api/client.ts';
import type { AlarmView } from '../api/types.ts';
import { clock } from '../ui/now.svelte.ts';
import { EMPTY, hear, openAlarms, put, type Board } from './board.ts';
import { Connection, type LinkState, type Socket } from './connection.ts';

let board = $state.raw<Board>(EMPTY);
let state = $state<LinkState>('connecting');
let since = $state(Date.now());
let freshHeard: (alarms: AlarmView[], first: boolean) => void = () => undefined;
let changeHeard: (board: Board) => void = () => undefined;

export const live = {
  /** Open alarms, the newest first. */
  get open(): AlarmView[] {
    return openAlarms(board);
  },
  get state(): LinkState {
    return state;
  },
  /** Since when the state is what it is. */
  get since(): number {
    return since;
  },
  /** Whether a snapshot has come since the page was opened. */
  get synced(): boolean {
    return board.synced;
  },
  alarm(id: string): AlarmView | undefined {
    return board.alarms.get(id);
  },
};

function take(next: { board: Board; fresh: AlarmView[] }): void {
  const first = !board.synced;
  board = next.board;
  changeHeard(board);
  if (next.fresh.length > 0) freshHeard(next.fresh, first);
}

/** Takes a view the API answered with, by the same rule as the channel's. */
export function keep(alarm: AlarmView): void {
  board = put(board, alarm).board;
  changeHeard(board);
}

/** Tells about alarms not known before (`first`: they came with the first snapshot) and about every change. */
export function onAlarms(hooks: {
  fresh?: (alarms: AlarmView[], first: boolean) => void;
  change?: (board: Board) => void;
}): void {
  freshHeard = hooks.fresh ?? freshHeard;
  changeHeard = hooks.change ?? changeHeard;
}

/** Opens the channel and keeps it open. `ended` decides what a finished session means. */
export function connect(ended: () => void = signedOut): Connection {
  const link = new Connection(
    {
      open: () => {
        const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
        return new WebSocket(`${scheme}://${location.host}/api/obhut/v1/live`) as unknown as Socket;
      },
      later: (ms, act) => {
        const timer = setTimeout(act, ms);
        return () => clearTimeout(timer);
      },
      random: () => Math.random(),
    },
    {
      message: (message) => take(hear(board, message)),
      state: (next) => {
        if (next === state) return;
        state = next;
        since = Date.now() + clock.skew;
      },
      ended,
    },
  );
  link.start();
  addEventListener('online', () => link.renew());
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && state !== 'live') link.renew();
  });
  return link;
}
