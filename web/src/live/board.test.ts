// The live state: snapshots replace, versions decide, what is fresh may ring.
import { describe, expect, it } from 'vitest';
import type { AlarmView, LiveMessage } from '../api/types.ts';
import { EMPTY, hear, openAlarms, parse, put } from './board.ts';
import { alarm } from './sample.ts';

/** Hears one message after the other; returns the board and what each found fresh. */
function listen(...messages: LiveMessage[]) {
  let board = EMPTY;
  const fresh = messages.map((message) => {
    const next = hear(board, message);
    board = next.board;
    return next.fresh.map((one) => one.id);
  });
  return { board, fresh };
}

const snapshot = (...alarms: AlarmView[]): LiveMessage => ({ type: 'snapshot', alarms });
const news = (one: AlarmView): LiveMessage => ({ type: 'alarm', alarm: one });

describe('board', () => {
  it('takes the first snapshot whole', () => {
    const { board, fresh } = listen(snapshot(alarm('a'), alarm('b')));
    expect(board.synced).toBe(true);
    expect([...board.alarms.keys()]).toEqual(['a', 'b']);
    expect(fresh).toEqual([['a', 'b']]);
  });

  it('forgets what a later snapshot does not hold, and finds what came meanwhile', () => {
    const { board, fresh } = listen(snapshot(alarm('a')), snapshot(alarm('b')));
    expect([...board.alarms.keys()]).toEqual(['b']);
    expect(fresh[1]).toEqual(['b']);
  });

  it('takes a lower version from a snapshot (the server was restored)', () => {
    const { board } = listen(snapshot(alarm('a', { version: 9 })), snapshot(alarm('a')));
    expect(board.alarms.get('a')?.version).toBe(1);
  });

  it('ignores older and equal versions', () => {
    const { board } = listen(
      snapshot(),
      news(alarm('a', { version: 3, title: 'three' })),
      news(alarm('a', { version: 2, title: 'two' })),
      news(alarm('a', { version: 3, title: 'again' })),
    );
    expect(board.alarms.get('a')?.title).toBe('three');
  });

  it('rings once: a new version of a known alarm is not fresh', () => {
    const { fresh } = listen(snapshot(), news(alarm('a')), news(alarm('a', { version: 2 })));
    expect(fresh).toEqual([[], ['a'], []]);
  });

  it('never finds a closed alarm fresh', () => {
    const { board, fresh } = listen(snapshot(), news(alarm('a', { state: 'closed' })));
    expect(fresh[1]).toEqual([]);
    expect(openAlarms(board)).toEqual([]);
  });

  it('drops what is gone', () => {
    const { board } = listen(snapshot(alarm('a')), { type: 'alarm_gone', id: 'a' });
    expect(board.alarms.size).toBe(0);
  });

  it('sorts the newest first', () => {
    const { board } = listen(
      snapshot(
        alarm('old', { created_at: '2026-11-22T01:00:00Z' }),
        alarm('new', { created_at: '2026-11-22T02:00:00Z' }),
      ),
    );
    expect(openAlarms(board).map((one) => one.id)).toEqual(['new', 'old']);
  });

  it('puts an answer of the API by the same rule', () => {
    const first = put(EMPTY, alarm('a', { version: 2 })).board;
    expect(put(first, alarm('a', { version: 1, title: 'old' })).board).toBe(first);
  });

  it.each(['', 'x', '{}', '{"type":"snapshot"}', '{"type":"alarm","alarm":{}}', '{"type":"news"}'])(
    'does not stumble over %j',
    (text) => expect(parse(text)).toBeNull(),
  );
});
