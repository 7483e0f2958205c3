// Holds a person's keys while they are unlocked. Private halves are bytes only in here and only while they are made,
// wrapped or handed on; what stays is non-extractable. The viewing key outlives the page in IndexedDB, bound to the
// session, at most twelve hours.
import { combine } from '../crypto/bucket.ts';
import { SealError, toBase64, utf8, type Bytes } from '../crypto/bytes.ts';
import { kids, open } from '../crypto/envelope.ts';
import { freshId } from '../crypto/ids.ts';
import { agreementKey, newKey, signingKey, type NewKey } from '../crypto/keys.ts';
import { decodeLive, sessionKey } from '../crypto/live.ts';
import { signList, verifyList } from '../crypto/recipients.ts';
import { handOver, sheetKey, takeOver, unwrap, wrap } from '../crypto/viewing.ts';
import { forget, keep, recall, stillGood, type Unlocked } from '../unlocked.ts';
import type { Wrapped } from '../wire.ts';
import type { KeysApi, Opener, RoleKey, ToMember } from './protocol.ts';
import { Failed, serve } from './serve.ts';

let viewing: Unlocked | null = null;
let pending: { id: string; key: CryptoKey } | null = null;
let roles = new Map<string, { wrapped: Bytes; key: CryptoKey }>();
let timer: ReturnType<typeof setTimeout> | undefined;

const gossip = new BroadcastChannel('obhut-video');
gossip.onmessage = (event: MessageEvent<string>) => {
  if (event.data === 'lock') drop();
};

function drop(): void {
  viewing = null;
  roles = new Map();
  clearTimeout(timer);
}

async function lock(): Promise<void> {
  drop();
  gossip.postMessage('lock');
  await forget();
}

function hold(unlocked: Unlocked): void {
  viewing = unlocked;
  roles = new Map();
  clearTimeout(timer);
  timer = setTimeout(() => void lock(), Math.max(0, unlocked.until - Date.now()));
}

/** The viewing key, while it may be used. */
function mine(): Unlocked {
  if (viewing && viewing.until <= Date.now()) void lock();
  if (!viewing) throw new Failed('locked');
  return viewing;
}

async function unwrapped(id: string, wrapped: Bytes, opener: Opener): Promise<Bytes> {
  const key = opener.way === 'pass' ? opener.key : await sheetKey(opener.secret, id);
  return unwrap(wrapped, id, opener.way, key);
}

async function begin(session: string, id: string, key: CryptoKey): Promise<{ until: number }> {
  const unlocked: Unlocked = { session, viewing: id, key, until: Date.now() + 12 * 3_600_000 };
  hold(unlocked);
  await keep(unlocked);
  gossip.postMessage('unlock');
  return { until: unlocked.until };
}

/** Opens an envelope with whichever role key of ours it names. */
async function openByRole(envelope: Bytes, external: Bytes): Promise<Bytes> {
  mine();
  for (const kid of kids(envelope)) {
    const role = roles.get(kid);
    if (role) return open(envelope, kid, role.key, external);
  }
  throw new Failed('missing');
}

async function privateHalf(generation: string): Promise<Bytes> {
  const role = roles.get(generation);
  const { viewing: id, key } = mine();
  if (!role) throw new Failed('missing');
  return takeOver(role.wrapped, generation, id, key);
}

/** A private half to several viewing keys. */
async function wrapTo(pkcs8: Bytes, generation: string, to: ToMember[]): Promise<Wrapped[]> {
  const wrapped: Wrapped[] = [];
  for (const { viewing: id, point } of to) {
    const cose = await handOver(pkcs8, generation, id, point);
    wrapped.push({ generation, viewing_key: id, cose: toBase64(cose) });
  }
  return wrapped;
}

async function remember({ generation, wrapped }: RoleKey): Promise<void> {
  const { viewing: id, key } = mine();
  const pkcs8 = await takeOver(wrapped, generation, id, key);
  roles.set(generation, { wrapped, key: await agreementKey(pkcs8) });
  pkcs8.fill(0);
}

const microseconds = () => Date.now() * 1000;

serve<KeysApi>({
  async start({ session, viewing: id }) {
    const found = await recall();
    if (found && stillGood(found, session, id, Date.now())) {
      if (viewing?.viewing !== found.viewing) hold(found);
      return { until: found.until };
    }
    drop();
    if (found) await forget();
    return { until: null };
  },

  async make({ id, pass, secret }) {
    const made = await newKey();
    const sheet = await wrap(made.pkcs8, id, 'sheet', await sheetKey(secret, id));
    const passed = await wrap(made.pkcs8, id, 'pass', pass);
    pending = { id, key: await agreementKey(made.pkcs8) };
    made.pkcs8.fill(0);
    return { point: made.point, pass: passed, sheet };
  },

  async adopt({ session }) {
    if (!pending) throw new Failed('unexpected', 'nothing was made');
    const { id, key } = pending;
    pending = null;
    return begin(session, id, key);
  },

  async unlock({ session, id, wrapped, opener }) {
    const pkcs8 = await unwrapped(id, wrapped, opener);
    const key = await agreementKey(pkcs8);
    pkcs8.fill(0);
    return begin(session, id, key);
  },

  async rewrap({ id, wrapped, opener, pass, secret }) {
    const pkcs8 = await unwrapped(id, wrapped, opener);
    const fresh = await wrap(pkcs8, id, 'pass', pass);
    const sheet = secret && (await wrap(pkcs8, id, 'sheet', await sheetKey(secret, id)));
    pkcs8.fill(0);
    return { pass: fresh, sheet };
  },

  async lock() {
    await lock();
    return null;
  },

  async take({ mine: offered }) {
    mine();
    const refused: string[] = [];
    for (const role of offered) {
      try {
        await remember(role);
      } catch (thrown) {
        if (!(thrown instanceof SealError)) throw thrown;
        refused.push(role.generation);
      }
    }
    return { held: [...roles.keys()], refused };
  },

  async bucket({ id, hub, roles: shares }) {
    const opened: Bytes[] = [];
    for (const share of shares) opened.push(await openByRole(share, utf8(id)));
    const key = await combine(id, hub, opened);
    opened.forEach((share) => share.fill(0));
    return key;
  },

  async live({ header }) {
    const { codec, width, height, config, envelope, key: id, session } = decodeLive(header);
    const secret = await openByRole(envelope, utf8(id));
    const key = await sessionKey(secret, session);
    secret.fill(0);
    return { key, codec, width, height, config };
  },

  async handOver({ generation, to }) {
    const pkcs8 = await privateHalf(generation);
    const wrapped = await wrapTo(pkcs8, generation, to);
    pkcs8.fill(0);
    return wrapped;
  },

  async found({ org, hub, to }) {
    mine();
    const make = async () => ({ generation: freshId('vgn'), ...(await newKey()) });
    const [custodian, recording, live] = [await make(), await make(), await make()];
    const wrapped: Wrapped[] = [];
    for (const { generation, pkcs8 } of [custodian, recording, live]) {
      wrapped.push(...(await wrapTo(pkcs8, generation, to)));
    }
    const list = await signList(
      {
        org,
        number: 1,
        issued: microseconds(),
        hub,
        recording: [[recording]],
        live: [live],
      },
      await signingKey(custodian.pkcs8),
      custodian.point,
    );
    const told = ({ generation, point, pkcs8 }: NewKey & { generation: string }) => {
      pkcs8.fill(0);
      return { generation, point };
    };
    return {
      custodian: told(custodian),
      recording: told(recording),
      live: told(live),
      wrapped,
      list,
    };
  },

  async rotate({ kind, old, custodian, list, org, to }) {
    // The new list grows out of the last one that the custodian signed, never out of what the hub says.
    const before = await verifyList(list, custodian.point);
    if (before.org !== org) throw new SealError('foreign', 'another organisation');
    const made = await newKey();
    const generation = freshId('vgn');
    const exchange = (of: typeof before.live) => {
      if (!of.some((one) => one.generation === old)) return of;
      return [...of.filter((one) => one.generation !== old), { generation, point: made.point }];
    };
    const next = {
      ...before,
      number: before.number + 1,
      issued: Math.max(microseconds(), before.issued + 1),
      recording: kind === 'recording' ? before.recording.map(exchange) : before.recording,
      live: kind === 'live' ? exchange(before.live) : before.live,
    };
    const named = [...next.recording.flat(), ...next.live];
    if (!named.some((one) => one.generation === generation))
      throw new SealError('foreign', 'the list does not name that generation');
    const half = await privateHalf(custodian.generation);
    const signed = await signList(next, await signingKey(half), custodian.point);
    half.fill(0);
    const wrapped = await wrapTo(made.pkcs8, generation, to);
    made.pkcs8.fill(0);
    return { generation, point: made.point, wrapped, list: signed };
  },
});
