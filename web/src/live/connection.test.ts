// The connection never gives up, waits longer each time, notices silence, and ends only on 4401.
import { beforeEach, describe, expect, it } from 'vitest';
import { backOff, Connection, type LinkState, type Socket } from './connection.ts';

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  closed = false;
  close() {
    this.closed = true;
  }
  say(message: unknown) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let sockets: FakeSocket[];
let timers: { ms: number; act: () => void; done: boolean }[];
let states: LinkState[];
let ended: number;
let link: Connection;

/** Lets the one pending timer fire. */
function pass(): number {
  const timer = timers.find((one) => !one.done);
  if (!timer) throw new Error('nothing waits');
  timer.done = true;
  timer.act();
  return timer.ms;
}

const last = () => sockets.at(-1)!;

beforeEach(() => {
  sockets = [];
  timers = [];
  states = [];
  ended = 0;
  link = new Connection(
    {
      open() {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket;
      },
      later(ms, act) {
        const timer = { ms, act, done: false };
        timers.push(timer);
        return () => (timer.done = true);
      },
      random: () => 0,
    },
    {
      message: () => undefined,
      state: (state) => states.push(state),
      ended: () => (ended += 1),
    },
  );
  link.start();
});

describe('connection', () => {
  it('is live after the snapshot, not before', () => {
    last().onopen?.();
    expect(states).toEqual(['connecting']);
    last().say({ type: 'snapshot', alarms: [] });
    expect(states).toEqual(['connecting', 'live']);
  });

  it('waits longer each time and starts over after a snapshot', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 7].map(() => {
      last().onclose?.({ code: 1006 });
      return pass();
    });
    expect(waits).toEqual([0, 500, 1000, 2000, 4000, 8000, 15000, 15000]);
    last().say({ type: 'snapshot', alarms: [] });
    last().onclose?.({ code: 1006 });
    expect(pass()).toBe(0);
  });

  it('notices silence and a handshake that never ends', () => {
    expect(pass()).toBe(15_000);
    expect(sockets[0]?.closed).toBe(true);
    pass();
    last().onopen?.();
    last().say({ type: 'ping' });
    expect(pass()).toBe(60_000);
    expect(last().closed).toBe(true);
  });

  it('ends with the session', () => {
    last().onclose?.({ code: 4401 });
    expect(ended).toBe(1);
    expect(timers.every((timer) => timer.done)).toBe(true);
  });

  it('does not hear a socket it gave up', () => {
    const old = last();
    link.renew();
    expect(sockets).toHaveLength(2);
    old.onclose?.({ code: 1006 });
    old.say({ type: 'snapshot', alarms: [] });
    expect(states).not.toContain('live');
  });

  it.each([
    [0, 1, 300],
    [1, 0.5, 750],
    [20, 1, 30_000],
  ])('backs off before try %d', (n, random, ms) => expect(backOff(n, random)).toBe(ms));
});
