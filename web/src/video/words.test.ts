// What a tile says first: rights, then keys, then the camera, then the line.
import { describe, expect, it } from 'vitest';
import { lacksKeys, lacksLive, lacksPlayback } from './support.ts';
import type { Camera } from './wire.ts';
import { closed, tile, type Seen } from './words.ts';

const camera = (of: Partial<Camera> = {}): Camera => ({
  id: 'cam_1',
  name: 'Halle',
  place: '',
  listed: true,
  own_period: false,
  unit: null,
  group: { id: 'cgr_1', name: 'Alle' },
  agent: { id: 'agt_1', name: 'Wache' },
  label: 'halle',
  armed: true,
  state: 'recording',
  cause: null,
  since: null,
  codec: 'avc1.4d401f',
  width: 640,
  height: 360,
  fps: 15,
  kbit: 500,
  last_picture_at: null,
  storage: { bytes: 0, oldest_at: null },
  period: 'PT72H',
  may: { live: true, playback: true, configure: true },
  ...of,
});
const seen = (of: Partial<Seen> = {}): Seen => ({
  captured: false,
  late: null,
  link: 'open',
  problem: null,
  codec: '',
  ...of,
});

describe('before anything is opened', () => {
  it.each([
    [{ may: { live: false, playback: true, configure: false } }, 'locked', 'holds', 'denied'],
    [{ state: 'off' as const }, 'unlocked', 'holds', 'off'],
    [{}, 'none', 'none', 'no-key'],
    [{}, 'unlocked', 'waiting', 'waiting'],
    [{}, 'locked', 'waiting', 'waiting'],
    [{}, 'locked', 'holds', 'sealed'],
    [{ state: 'off' as const }, 'locked', 'holds', 'off'],
  ] as const)('%o %s %s is %s', (of, key, standing, kind) => {
    expect(closed(camera(of), key, standing)?.kind).toBe(kind);
  });

  it('lets through who may and can', () => {
    expect(closed(camera(), 'unlocked', 'holds')).toBeNull();
  });
});

describe('a tile', () => {
  it.each([
    [{}, { captured: true }, 'live'],
    [{ state: 'fault' as const, cause: 'dropped' as const }, { captured: true }, 'live'],
    [{ state: 'fault' as const, cause: 'password' as const }, {}, 'fault'],
    [{ state: 'offline' as const }, { captured: true, late: 9 }, 'offline'],
    [{}, { captured: true, late: 9 }, 'delayed'],
    [{}, { link: 'lost' as const }, 'lost'],
    [{ state: 'waiting' as const }, {}, 'starting'],
    [{}, { problem: 'codec' as const }, 'codec'],
    [{}, { problem: 'missing' as const }, 'waiting'],
    [{}, { problem: 'ended' as const }, 'denied'],
    [{}, { problem: 'key' as const }, 'broken'],
    [{}, {}, 'connecting'],
  ])('%o %o says %s', (of, what, kind) => {
    expect(tile(camera(of), null, seen(what)).kind).toBe(kind);
  });
});

it('names what a browser lacks', () => {
  const nothing = { isSecureContext: false } as Partial<typeof globalThis>;
  expect(lacksKeys(nothing)).toEqual(['secure', 'crypto', 'storage']);
  expect(lacksLive(nothing)).toContain('decoder');
  expect(lacksPlayback(nothing)).toContain('media');
});
