// My viewing key and the role keys that it opens, as pages read them: locked or not, what I hold, whom I could help.
import { api } from '../api/api.ts';
import { asProblem, Problem } from '../api/problem.ts';
import { session } from '../ui/session.svelte.ts';
import { videoApi } from './api.ts';
import { fromBase64, random, toBase64, type Bytes } from './crypto/bytes.ts';
import { freshId } from './crypto/ids.ts';
import { parseSheet } from './crypto/sheet.ts';
import { Remote } from './remote.ts';
import type { Circle, Member, OpenBucket, Role, ViewingKey } from './wire.ts';
import { startWorker } from './worker-url.ts';
import type { KeysApi, Opener, PassphraseApi, RoleKey, ToMember } from './workers/protocol.ts';

const worker = new Remote<KeysApi>(() => startWorker('keys'));

export type KeyState = 'unknown' | 'none' | 'locked' | 'unlocked';

export const keys = $state<{
  state: KeyState;
  /** When it locks by itself (milliseconds). */
  until: number | null;
  held: string[];
  /** Wrapped keys that did not open: somebody wrapped wrongly, or the server changed them. */
  refused: string[];
}>({ state: 'unknown', until: null, held: [], refused: [] });

let facts = $state.raw<{ viewing: ViewingKey | null; circle: Circle | null }>({
  viewing: null,
  circle: null,
});
let problem = $state.raw<Problem | null>(null);
let sessionId: string | null = null;

export const circle = {
  get value(): Circle | null {
    return facts.circle;
  },
  get viewing(): ViewingKey | null {
    return facts.viewing;
  },
  get problem(): Problem | null {
    return problem;
  },
};

let first: Promise<void> | null = null;

/** Learns how things stand, once for all pages; `again` asks anew. */
export function learn(again = false): Promise<void> {
  if (again || !first || problem) first = ask();
  return first;
}

async function ask(): Promise<void> {
  try {
    const [now, mine] = await Promise.all([videoApi.circle(), mySession()]);
    const viewing = now.me.viewing_key ? await videoApi.viewingKey() : null;
    facts = { viewing, circle: now };
    problem = null;
    const { until } = await worker.call('start', {
      session: mine,
      viewing: viewing?.id ?? null,
    });
    keys.until = until;
    if (!viewing) keys.state = 'none';
    else if (until === null) keys.state = 'locked';
    else await take();
  } catch (thrown) {
    problem = asProblem(thrown);
  }
}

async function mySession(): Promise<string> {
  if (sessionId) return sessionId;
  const found = (await api.sessions()).items.find((one) => one.this);
  sessionId = found?.id ?? `page ${crypto.randomUUID()}`;
  return sessionId;
}

/** Opens the role keys that were handed to me. */
async function take(): Promise<void> {
  const mine: RoleKey[] = (facts.circle?.mine ?? []).map((one) => ({
    generation: one.generation,
    kind: one.kind,
    wrapped: fromBase64(one.wrapped),
  }));
  const { held, refused } = await worker.call('take', { mine });
  keys.held = held;
  keys.refused = refused;
  keys.state = 'unlocked';
}

/** Takes what the server answered after a change. */
async function renew(next: Circle): Promise<void> {
  facts = { ...facts, circle: next };
  if (keys.state === 'unlocked') await take();
}

// Another tab unlocked or locked.
if (typeof BroadcastChannel !== 'undefined') {
  new BroadcastChannel('obhut-video').onmessage = (event: MessageEvent<string>) => {
    if (event.data === 'lock' && keys.state === 'unlocked') gone();
    if (event.data === 'unlock' && keys.state === 'locked') void learn(true);
  };
}
setInterval(() => {
  if (keys.state === 'unlocked' && keys.until !== null && keys.until <= Date.now()) gone();
}, 10_000);

function gone(): void {
  keys.state = 'locked';
  keys.until = null;
  keys.held = [];
}

/** Makes a key of a passphrase; takes a second and 64 MiB, in a worker that ends afterwards. */
async function derive(passphrase: string, salt: Bytes): Promise<CryptoKey> {
  const maker = new Remote<PassphraseApi>(() => startWorker('passphrase'));
  try {
    return await maker.call('derive', { passphrase, salt });
  } finally {
    maker.stop();
  }
}

async function opener(way: { passphrase: string } | { sheet: string }): Promise<Opener> {
  if ('sheet' in way) return { way: 'sheet', secret: await parseSheet(way.sheet) };
  const { viewing } = facts;
  if (!viewing) throw new Problem({ status: 404, code: 'no_viewing_key' });
  return { way: 'pass', key: await derive(way.passphrase, fromBase64(viewing.salt)) };
}

function wrapped(viewing: ViewingKey, { way }: Opener): Bytes {
  return fromBase64(way === 'pass' ? viewing.pass : viewing.sheet);
}

/** Unlocks for this session; a `Refused` with `key` means it was the wrong one. */
export async function unlock(way: { passphrase: string } | { sheet: string }): Promise<void> {
  const { viewing } = facts;
  if (!viewing) return;
  const by = await opener(way);
  const { until } = await worker.call('unlock', {
    session: await mySession(),
    id: viewing.id,
    wrapped: wrapped(viewing, by),
    opener: by,
  });
  keys.until = until;
  await take();
}

export async function lock(): Promise<void> {
  await worker.call('lock', null);
  gone();
}

/** Makes my viewing key. Nothing is stored on the server before everything is made. */
export async function makeKey(passphrase: string, secret: Bytes): Promise<void> {
  const salt = random(16);
  const id = freshId('vky');
  const pass = await derive(passphrase, salt);
  const made = await worker.call('make', { id, pass, secret });
  await videoApi.setViewingKey({
    id,
    public_key: toBase64(made.point),
    salt: toBase64(salt),
    pass: toBase64(made.pass),
    sheet: toBase64(made.sheet),
    replace: facts.viewing !== null,
  });
  await worker.call('adopt', { session: await mySession() });
  await learn(true);
}

/** Puts another passphrase (and, where given, another sheet) around the same key. */
export async function changePassphrase(
  way: { passphrase: string } | { sheet: string },
  fresh: string,
  secret: Bytes | null,
): Promise<void> {
  const { viewing } = facts;
  if (!viewing) return;
  const by = await opener(way);
  const salt = random(16);
  const pass = await derive(fresh, salt);
  const made = await worker.call('rewrap', {
    id: viewing.id,
    wrapped: wrapped(viewing, by),
    opener: by,
    pass,
    secret,
  });
  await videoApi.setViewingKey({
    id: viewing.id,
    public_key: viewing.public_key,
    salt: toBase64(salt),
    pass: toBase64(made.pass),
    sheet: made.sheet ? toBase64(made.sheet) : viewing.sheet,
    replace: false,
  });
  await learn(true);
}

const reach = (members: Member[]): ToMember[] =>
  members.flatMap((one) =>
    one.viewing_key && one.public_key
      ? [{ viewing: one.viewing_key, point: fromBase64(one.public_key) }]
      : [],
  );

function me(): ToMember[] {
  const { viewing } = facts;
  return viewing ? [{ viewing: viewing.id, point: fromBase64(viewing.public_key) }] : [];
}

/** The first set-up: custodian, recording and live keys, and the first signed list. */
export async function foundCircle(): Promise<void> {
  const org = session.me?.organisation.id;
  const now = facts.circle;
  if (!org || !now) return;
  const made = await worker.call('found', { org, hub: fromBase64(now.hub_key), to: me() });
  const told = ({ generation, point }: { generation: string; point: Bytes }) => ({
    generation,
    public_key: toBase64(point),
  });
  await renew(
    await videoApi.setUpCircle({
      custodian: told(made.custodian),
      recording: told(made.recording),
      live: told(made.live),
      wrapped: made.wrapped,
      list: toBase64(made.list),
    }),
  );
}

/** Gives a role's key to those who wait for it. */
export async function handOver(role: Role, members: Member[]): Promise<void> {
  if (!role.generation) return;
  const generations = (facts.circle?.mine ?? []).filter(
    (one) => one.role === role.id && keys.held.includes(one.generation),
  );
  const to = reach(members);
  const all = [];
  for (const { generation } of generations) {
    all.push(...(await worker.call('handOver', { generation, to })));
  }
  await renew(await videoApi.handOver(all));
}

/** A new generation for a role, to everyone who holds the present one. */
export async function rotate(role: Role): Promise<void> {
  const now = facts.circle;
  const org = session.me?.organisation.id;
  if (!now?.custodian || !now.list || !role.generation || !org || role.kind === 'custodian') return;
  const holders = reach(role.members.filter((one) => one.state === 'holds'));
  const own = me().filter((one) => holders.every(({ viewing }) => viewing !== one.viewing));
  const made = await worker.call('rotate', {
    kind: role.kind,
    old: role.generation.id,
    custodian: {
      generation: now.custodian.generation,
      point: fromBase64(now.custodian.public_key),
    },
    list: fromBase64(now.list.cose),
    org,
    to: [...holders, ...own],
  });
  await renew(
    await videoApi.rotate({
      role: role.id,
      generation: made.generation,
      public_key: toBase64(made.point),
      wrapped: made.wrapped,
      list: toBase64(made.list),
    }),
  );
}

/** How I stand to one kind of role. */
export function standing(kind: 'recording' | 'live' | 'custodian'): 'none' | 'waiting' | 'holds' {
  const now = facts.circle;
  if (!now?.list) return 'none';
  const role = now.roles.find((one) => one.kind === kind);
  const current = role?.generation?.id;
  return now.mine.some((one) => one.generation === current) ? 'holds' : 'waiting';
}

/** Roles whose members wait and whose key I can hand over now. */
export function helpable(): { role: Role; waiting: Member[] }[] {
  if (keys.state !== 'unlocked') return [];
  return (facts.circle?.roles ?? []).flatMap((role) => {
    const waiting = role.members.filter((one) => one.state === 'waiting');
    const holds = role.generation && keys.held.includes(role.generation.id);
    return holds && waiting.length > 0 ? [{ role, waiting }] : [];
  });
}

/** The key of a bucket that the hub opened for me. */
export function bucketKey(bucket: OpenBucket): Promise<CryptoKey> {
  return worker.call('bucket', {
    id: bucket.id,
    hub: fromBase64(bucket.hub_share),
    roles: bucket.role_shares.map(fromBase64),
  });
}

/** The key of a live session. */
export function liveKey(header: Bytes): Promise<{ key: CryptoKey }> {
  return worker.call('live', { header });
}
