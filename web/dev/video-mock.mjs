// Video's part of the mock server: a recorder and a hub in one, with real keys, so that the pages really unlock, open
// and play. Two drawn scenes of ten seconds stand in for cameras; the passphrase is PASSPHRASE.
import { readFileSync } from 'node:fs';
import { argon2id } from 'hash-wasm';
import { runnerImport } from 'vite';
import { ago } from './fixtures.mjs';

export const PASSPHRASE = 'amsel brunnen dachs laterne regen turm';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SLOT = 10_000;

const { module: C } = await runnerImport(new URL('./seal.ts', import.meta.url).pathname);

/** Boxes of an MP4, one after the other. */
function boxes(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length;) {
    const size = bytes.readUInt32BE(at);
    found.push({
      kind: bytes.toString('latin1', at + 4, at + 8),
      bytes: bytes.subarray(at, at + size),
    });
    at += size;
  }
  return found;
}

function inside(bytes, path) {
  let now = bytes;
  for (const name of path.split('/')) {
    const found = boxes(now).find(({ kind }) => kind === name);
    if (!found) return null;
    now = found.bytes.subarray(8);
  }
  return now;
}

/** A scene as initialisation segment, fragments of a second, and pictures. */
function scene(name) {
  const all = boxes(readFileSync(new URL(`./${name}.mp4`, import.meta.url)));
  const init = Buffer.concat(
    all.filter(({ kind }) => kind === 'ftyp' || kind === 'moov').map(({ bytes }) => bytes),
  );
  const at = init.indexOf('avcC');
  const avcc = init.subarray(at + 4, at - 4 + init.readUInt32BE(at - 4));
  const fragments = [];
  const pictures = [];
  all.forEach(({ kind, bytes }, n) => {
    if (kind !== 'moof') return;
    const data = all[n + 1].bytes;
    fragments.push(Buffer.concat([bytes, data]));
    // Sizes: the run's own, or the one of all.
    const trun = inside(bytes.subarray(8), 'traf/trun');
    const flags = trun.readUInt32BE(0) & 0xffffff;
    const count = trun.readUInt32BE(4);
    let p = 8 + (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0);
    let offset = 8;
    for (let i = 0; i < count; i += 1) {
      if (flags & 0x100) p += 4;
      const size = flags & 0x200 ? trun.readUInt32BE(p) : 0;
      if (flags & 0x200) p += 4;
      if (flags & 0x400) p += 4;
      if (flags & 0x800) p += 4;
      pictures.push({ key: i === 0, unit: data.subarray(offset, offset + size) });
      offset += size;
    }
  });
  const codec = `avc1.${avcc.subarray(1, 4).toString('hex')}`;
  return { init, codec, config: avcc, fragments, pictures };
}

const SCENES = [scene('hall'), scene('yard')];

/** Everything that is made once: my key, the circle, the recorder's key. */
async function people() {
  const salt = C.random(16);
  const bytes = await argon2id({
    password: C.normalised(PASSPHRASE),
    salt,
    parallelism: 1,
    iterations: 3,
    memorySize: 65_536,
    hashLength: 32,
    outputType: 'binary',
  });
  const pass = await globalThis.crypto.subtle.importKey('raw', bytes.slice(), 'AES-GCM', false, [
    'encrypt',
  ]);
  const mine = await C.newKey();
  const id = C.freshId('vky');
  const secret = C.random(16);
  const viewing = {
    id,
    public_key: C.toBase64(mine.point),
    kdf: { name: 'argon2id', memory_kib: 65536, passes: 3, lanes: 1 },
    salt: C.toBase64(salt),
    pass: C.toBase64(await C.wrap(mine.pkcs8, id, 'pass', pass)),
    sheet: C.toBase64(await C.wrap(mine.pkcs8, id, 'sheet', await C.sheetKey(secret, id))),
    created_at: ago(30 * 24 * HOUR),
  };
  const role = async () => ({ generation: C.freshId('vgn'), ...(await C.newKey()) });
  const [custodian, recording, live, foreign] = [
    await role(),
    await role(),
    await role(),
    await role(),
  ];
  const hub = await C.newKey();
  const list = await C.signList(
    {
      org: 'org_1',
      number: 4,
      issued: (Date.now() - 9 * 24 * HOUR) * 1000,
      hub: hub.point,
      recording: [[recording]],
      live: [live],
    },
    await C.signingKey(custodian.pkcs8),
    custodian.point,
  );
  const wrapped = {};
  for (const one of [custodian, recording, live]) {
    wrapped[one.generation] = C.toBase64(
      await C.handOver(one.pkcs8, one.generation, id, mine.point),
    );
  }
  const agent = { id: 'agt_01k9n0e5w0000000000000000a', ...(await C.newKey()) };
  const other = await C.newKey();
  return {
    viewing,
    mine,
    custodian,
    recording,
    live,
    foreign,
    hub,
    list: C.toBase64(list),
    wrapped,
    agent,
    other,
    print: await C.fingerprint(custodian.point),
  };
}

let shared;

const MAY = { live: true, playback: true, configure: true };
const UNIT = { id: 'unt_1', name: 'Löschzug Nord' };

function cameraList(options) {
  const base = (id, name, place, of = {}) => ({
    id,
    name,
    place,
    unit: UNIT,
    group: { id: 'cgr_1', name: 'Gerätehaus' },
    agent: { id: 'agt_1', name: 'Recorder Gerätehaus' },
    label: id.slice(4),
    armed: true,
    state: 'recording',
    cause: null,
    since: ago(40 * HOUR),
    codec: 'avc1.42c01e',
    width: 1920,
    height: 1080,
    fps: 25,
    kbit: 3900,
    last_picture_at: ago(400),
    storage: { bytes: 118_400_000_000, oldest_at: ago(71.4 * HOUR) },
    period: 'PT72H',
    own_period: false,
    listed: true,
    may: MAY,
    ...of,
  });
  const all = [
    base('cam_hall', 'Fahrzeughalle', 'Tor 2, Blick nach innen'),
    base('cam_yard', 'Hof', 'Mast an der Einfahrt', { unit: null }),
    base('cam_door', 'Nebeneingang', 'Treppenhaus', {
      state: 'fault',
      cause: 'password',
      since: ago(2.2 * HOUR),
      last_picture_at: ago(2.2 * HOUR),
    }),
    base('cam_silo', 'Löschwasserbehälter', '', {
      state: 'offline',
      since: ago(35 * MINUTE),
      agent: { id: 'agt_2', name: 'Recorder Behälter' },
      last_picture_at: ago(35 * MINUTE),
      group: { id: 'cgr_2', name: 'Außenstellen' },
    }),
    base('cam_work', 'Werkstatt', 'Hebebühne', {
      armed: false,
      state: 'off',
      since: ago(90 * MINUTE),
      last_picture_at: null,
      codec: null,
      width: null,
      height: null,
      fps: null,
      kbit: null,
      storage: { bytes: 0, oldest_at: null },
    }),
    base('cam_gate', 'Tor Süd', '', { codec: 'hvc1.1.6.L120.90', width: 3840, height: 2160 }),
  ];
  if (options.cameras === 'none') return [];
  if (options.cameras === 'one') return all.slice(0, 1);
  if (options.denied) return all.map((one) => ({ ...one, may: { ...MAY, playback: false } }));
  return all;
}

/** Which scene a camera sees; those without send nothing. */
const SEES = { cam_hall: 0, cam_yard: 1 };

const hourOf = (at) => Math.floor(at / HOUR) * HOUR;

/** Recordings with a few honest gaps, ending now. */
function timeline(from, to, options) {
  const now = Date.now();
  const earliest = hourOf(now - 71 * HOUR);
  const gaps = [
    [now - 50 * HOUR, now - 49.2 * HOUR, 'unreachable'],
    [now - 26 * HOUR, now - 25.8 * HOUR, 'agent_stopped'],
    [now - 3 * HOUR, now - 2.8 * HOUR, 'dropped'],
    [now - 25 * MINUTE, now - 22 * MINUTE, 'loss'],
  ];
  if (options.recordings === 'none')
    return {
      spans: [],
      gaps: [],
      bookmarks: [],
      earliest: new Date(earliest).toISOString(),
      due: [],
    };
  const spans = [];
  let at = earliest;
  for (const [begin, end] of gaps) {
    spans.push({ from: at, to: begin });
    at = end;
  }
  spans.push({ from: at, to: Math.floor(now / SLOT) * SLOT });
  const iso = (ms) => new Date(ms).toISOString();
  return {
    earliest: iso(earliest),
    spans: spans
      .filter((span) => span.to > from && span.from < to)
      .map((span) => ({ from: iso(span.from), to: iso(span.to) })),
    gaps: gaps.map(([begin, end, cause]) => ({ from: iso(begin), to: iso(end), cause })),
    bookmarks: [
      { id: 'bmk_1', at: iso(now - 12 * MINUTE), alarm: 'alm_1' },
      { id: 'bmk_2', at: iso(now - 30.4 * HOUR), alarm: 'alm_100' },
      { id: 'bmk_3', at: iso(now - 52 * HOUR), alarm: 'alm_101' },
    ],
    due: [{ from: iso(earliest), to: iso(earliest + HOUR), due_at: iso(earliest + 72 * HOUR) }],
  };
}

/** Seals one segment of ten seconds as a recorder does. */
async function segment(of, camera, bucket, slot) {
  const picture = SCENES[SEES[camera] ?? 0];
  const codec = camera === 'cam_gate' ? 'hvc1.1.6.L120.90' : picture.codec;
  const id = `seg_${String(slot).padStart(26, '0')}`;
  const header = C.write(
    C.map([
      [1, 1],
      [2, camera],
      [3, 'main'],
      [4, bucket.id],
      [5, bucket.hour / 1000],
      [6, id],
      [7, 'run_1'],
      [8, 0],
      [9, null],
      [10, slot * 1000],
      [11, codec],
      [12, 640],
      [13, 360],
      [14, new Uint8Array(picture.init)],
    ]),
  );
  const key = await C.deriveGcm(bucket.key, C.utf8(`obhut/segment/1${id}`), ['encrypt']);
  const aad = await C.sha256(header);
  const parts = [C.utf8('OBHUTSG1'), C.u32(header.length), header];
  let length = 12 + header.length;
  const pieces = [];
  const put = async (n, plain, last) => {
    const iv = C.nonce(n, last);
    const sealed = new Uint8Array(
      await globalThis.crypto.subtle.encrypt(
        { name: 'AES-GCM', iv, additionalData: aad },
        key,
        plain,
      ),
    );
    if (!last) pieces.push([length + 4, sealed.length, slot * 1000 + n * 1e6, 1e6, 1]);
    parts.push(C.u32(sealed.length), sealed);
    length += 4 + sealed.length;
  };
  for (const [n, mp4] of picture.fragments.entries()) {
    await put(
      n,
      C.join(C.time(slot * 1000 + n * 1e6), C.u32(1e6), new Uint8Array([1]), mp4),
      false,
    );
  }
  await put(picture.fragments.length, new Uint8Array(0), true);
  const file = C.join(...parts);
  const record = C.write(
    C.map([
      [1, 1],
      [2, id],
      [3, bucket.id],
      [4, pieces.length],
      [5, await C.sha256(file)],
      [6, file.length],
      [7, null],
      [8, (slot + SLOT) * 1000],
      [9, 0],
      [10, pieces],
      [11, 'length'],
    ]),
  );
  const signer = await C.signingKey(of.agent.pkcs8);
  const cose = await C.sign(record, signer, C.utf8(of.agent.id), C.utf8('obhut/closing/1'));
  return { id, file, record: C.toBase64(cose), slot };
}

/** The video part of a mock; `options` shapes it: key, circle, cameras, recordings, waiting, trouble, … */
export async function videoMock(options = {}) {
  shared ??= people();
  const of = await shared;
  const buckets = new Map();
  const files = new Map();
  let viewing = options.key === 'none' ? null : of.viewing;
  let founded = options.circle !== 'none';
  let waiting = options.waiting ?? false;
  let helped = false;
  const cameras = cameraList(options);
  const groups = [
    { id: 'cgr_1', name: 'Gerätehaus' },
    { id: 'cgr_2', name: 'Außenstellen' },
  ];

  function circle() {
    const me = {
      person: 'per_1',
      name: 'Anna Achterberg',
      state: viewing === null ? 'no_key' : waiting ? 'waiting' : 'holds',
      viewing_key: viewing?.id ?? null,
      public_key: viewing?.public_key ?? null,
    };
    const others = [
      {
        person: 'per_2',
        name: 'Bernd Brückner',
        state: helped ? 'holds' : 'waiting',
        viewing_key: 'vky_bernd',
        public_key: C.toBase64(of.other.point),
      },
      {
        person: 'per_3',
        name: 'Çelik Çalışkan',
        state: 'holds',
        viewing_key: 'vky_celik',
        public_key: C.toBase64(of.other.point),
      },
      {
        person: 'per_4',
        name: 'Dörte Dietz',
        state: 'no_key',
        viewing_key: null,
        public_key: null,
      },
    ];
    const role = (kind, members, extra = {}) => ({
      id: `vro_${kind}`,
      kind,
      generation: {
        id: of[kind].generation,
        public_key: C.toBase64(of[kind].point),
        created_at: ago(9 * 24 * HOUR),
      },
      rotate_due: false,
      members,
      ...extra,
    });
    const mine = (kind) => ({
      generation: of[kind].generation,
      role: `vro_${kind}`,
      kind,
      current: true,
      wrapped: of.wrapped[of[kind].generation],
    });
    if (!founded)
      return {
        hub_key: C.toBase64(of.hub.point),
        custodian: null,
        list: null,
        me: { viewing_key: viewing?.id ?? null },
        roles: [],
        mine: [],
      };
    return {
      hub_key: C.toBase64(of.hub.point),
      custodian: {
        generation: of.custodian.generation,
        public_key: C.toBase64(of.custodian.point),
        fingerprint: of.print,
      },
      list: { number: 4, issued_at: ago(9 * 24 * HOUR), cose: of.list },
      me: { viewing_key: viewing?.id ?? null },
      roles: [
        role('recording', [me, ...others], { rotate_due: options.left ?? false }),
        role('live', [me, others[1]]),
        role('custodian', [me]),
      ],
      mine: waiting || viewing === null ? [] : ['recording', 'live', 'custodian'].map(mine),
    };
  }

  async function bucketOf(camera, hour) {
    const name = `${camera} ${hour}`;
    const known = buckets.get(name);
    if (known) return known;
    const id = `bkt_${buckets.size}_${hour}`;
    const [hub, role] = [C.random(32), C.random(32)];
    const to = options.trouble === 'missing' ? of.foreign : of.recording;
    const share = await C.seal(role, [{ kid: to.generation, point: to.point }], C.utf8(id));
    const made = {
      id,
      hour,
      key: await C.combine(id, options.trouble === 'key' ? C.random(32) : hub, [role]),
      hub: C.toBase64(hub),
      share: C.toBase64(share),
      segments: new Map(),
    };
    buckets.set(name, made);
    return made;
  }

  async function open(camera, from, to) {
    if (options.trouble === 'too_far_back') return { status: 422, code: 'too_far_back' };
    if (options.trouble === 'gone') return { status: 410, code: 'recording_gone' };
    if (options.trouble === 'denied') return { status: 403, code: 'denied' };
    const { spans } = timeline(from, to, options);
    const found = [];
    for (let hour = hourOf(from); hour < to; hour += HOUR) {
      const bucket = await bucketOf(camera, hour);
      const segments = [];
      // A few minutes are enough for looking; a real hub gives all of them.
      const last = Math.min(to, hour + HOUR, from + 4 * MINUTE);
      for (let slot = Math.floor(Math.max(from, hour) / SLOT) * SLOT; slot < last; slot += SLOT) {
        const inSpan = spans.some(
          (span) => Date.parse(span.from) <= slot && Date.parse(span.to) >= slot + SLOT,
        );
        if (!inSpan) continue;
        let made = bucket.segments.get(slot);
        if (!made) {
          made = await segment(of, camera, bucket, slot);
          if (options.trouble === 'tampered') made.file[made.file.length - 400] ^= 1;
          bucket.segments.set(slot, made);
          files.set(`${camera} ${made.id}`, made.file);
          files.set(made.id, made.file);
        }
        segments.push({
          id: made.id,
          started_at: new Date(slot).toISOString(),
          ended_at: new Date(slot + SLOT).toISOString(),
          bytes: made.file.length,
          state: 'closed',
          record: made.record,
        });
      }
      found.push({
        id: bucket.id,
        hour: new Date(hour).toISOString(),
        run: 'run_1',
        hub_share: bucket.hub,
        role_shares: [bucket.share],
        agent_key: C.toBase64(of.agent.point),
        agent: of.agent.id,
        segments,
      });
    }
    return { buckets: found };
  }

  const agents = [
    {
      id: 'agt_1',
      name: 'Recorder Gerätehaus',
      state: 'online',
      enrolled_at: ago(9 * 24 * HOUR),
      last_seen_at: ago(3000),
      version: '0.2.0',
      spool: { bytes: 0, free: 210e9, waiting: 0, oldest_at: null, refused: 0 },
      second_try_at: options.quiet ? null : ago(50 * MINUTE),
      list: 4,
      refused_list: null,
    },
    {
      id: 'agt_2',
      name: 'Recorder Behälter',
      state: 'offline',
      enrolled_at: ago(9 * 24 * HOUR),
      last_seen_at: ago(35 * MINUTE),
      version: '0.2.0',
      spool: { bytes: 840e6, free: 12e9, waiting: 210, oldest_at: ago(35 * MINUTE) },
      second_try_at: null,
      list: 4,
      refused_list: null,
    },
  ];
  const newAgent = (name) => {
    const token = `obhut-camera-${'hHgeYWd0XzAxazluMGU1dzA'.repeat(5)}`;
    return {
      agent: {
        ...agents[0],
        id: `agt_${agents.length + 1}`,
        name,
        state: 'waiting_for_enrolment',
        second_try_at: null,
        spool: null,
        last_seen_at: null,
        version: null,
      },
      token,
      command_lines: {
        short: `obhut camera --hub http://localhost:8080 --token ${token} --source rtsp://BENUTZER:PASSWORT@KAMERA/stream`,
        file: `obhut camera --hub http://localhost:8080 --token ${token} --config cameras.toml`,
      },
    };
  };

  /** Answers; `undefined` is 204, `{ status, code }` a problem. */
  async function api(method, path, query, body) {
    const key = `${method} ${path}`;
    if (key === 'GET /video/viewing-key') return viewing ?? { status: 404, code: 'no_viewing_key' };
    if (key === 'PUT /video/viewing-key') {
      viewing = { ...of.viewing, ...body, created_at: ago(0) };
      waiting = founded && body.id !== of.viewing.id;
      return {};
    }
    if (key === 'GET /video/circle') return circle();
    if (key === 'POST /video/circle') {
      const { custodian, recording, live, wrapped, list } = body;
      for (const [kind, made] of Object.entries({ custodian, recording, live })) {
        of[kind] = { generation: made.generation, point: C.fromBase64(made.public_key) };
      }
      for (const one of wrapped) of.wrapped[one.generation] = one.cose;
      of.list = list;
      of.print = await C.fingerprint(of.custodian.point);
      shared = undefined;
      founded = true;
      waiting = false;
      return { ...circle(), list: { number: 1, issued_at: ago(0), cose: list } };
    }
    if (key === 'POST /video/circle/hand-over') {
      helped = true;
      return circle();
    }
    if (key === 'POST /video/circle/generations') return circle();
    if (key === 'GET /video/cameras')
      return {
        cameras,
        circle: founded ? 'ready' : 'none',
        look_back_us: options.lookBack ?? null,
      };
    if (key === 'GET /video/groups') return { items: groups, next: null };
    if (key === 'GET /video/agents')
      return { items: options.cameras === 'none' ? [] : agents, next: null };
    if (key === 'POST /video/agents') return newAgent(body.name);
    if (/^POST \/video\/agents\/[^/]+\/token$/.test(key)) return newAgent('Recorder Gerätehaus');
    if (key === 'GET /video/storage')
      return { bytes: 592e9, free: 3.1e12, state: options.storage ?? 'ok' };
    if (key === 'GET /video/bookmarks')
      return {
        bookmarks: [
          {
            id: 'bmk_1',
            camera: { id: 'cam_hall', name: 'Fahrzeughalle' },
            at: ago(12 * MINUTE),
            may_playback: true,
          },
          {
            id: 'bmk_2',
            camera: { id: 'cam_door', name: 'Nebeneingang' },
            at: ago(12 * MINUTE),
            may_playback: true,
          },
        ],
      };
    const one = /^\/video\/cameras\/([^/]+)(\/\w+)?$/.exec(path);
    if (one?.[2] === '/timeline') {
      const from = Date.parse(query.get('from'));
      const to = Date.parse(query.get('to'));
      return {
        from: query.get('from'),
        to: query.get('to'),
        forgets_early_minutes: 59,
        ...timeline(from, to, options),
      };
    }
    if (one?.[2] === '/open') return open(one[1], Date.parse(body.from), Date.parse(body.to));
    if (one && method === 'PATCH') {
      const camera = cameras.find(({ id }) => id === one[1]);
      if ('armed' in body)
        Object.assign(camera, { armed: body.armed, state: body.armed ? 'waiting' : 'off' });
      return undefined;
    }
    const bytes = /^\/video\/segments\/([^/]+)\/bytes$/.exec(path);
    if (bytes) return files.get(bytes[1]) ?? { status: 410, code: 'recording_gone' };
    return method === 'GET' ? { status: 404, code: 'not_found' } : undefined;
  }

  /** Plays the scene to one viewer in real time, sealed. */
  async function live(socket, camera) {
    const seen = SEES[camera];
    if (seen === undefined) return;
    const { codec, config, pictures } = SCENES[seen];
    const secret = C.random(32);
    const session = `lvs_${camera}`;
    const liveKey = `lvk_${camera}`;
    const envelope = await C.seal(
      secret,
      [{ kid: of.live.generation, point: of.live.point }],
      C.utf8(liveKey),
    );
    const header = C.write(
      C.map([
        [1, 1],
        [2, camera],
        [3, session],
        [4, liveKey],
        [5, hourOf(Date.now()) / 1000],
        [6, codec],
        [7, 640],
        [8, 360],
        [9, new Uint8Array(config)],
        [10, envelope],
      ]),
    );
    const key = await C.deriveGcm(await C.hkdfKey(secret), C.utf8(`obhut/live/1${session}`), [
      'encrypt',
    ]);
    const hash = await C.sha256(header);
    socket.send(C.join(new Uint8Array([0]), header));
    let number = 0;
    const timer = setInterval(async () => {
      if (options.late && number > 20) return;
      const n = number++;
      const { key: isKey, unit } = pictures[n % pictures.length];
      const flags = new Uint8Array([isKey ? 1 : 0]);
      const iv = C.join(new Uint8Array(7), C.u32(n), new Uint8Array(1));
      const sealed = await globalThis.crypto.subtle.encrypt(
        { name: 'AES-GCM', iv, additionalData: C.join(hash, flags) },
        key,
        C.join(C.time(Date.now() * 1000), unit),
      );
      if (socket.readyState === 1)
        socket.send(C.join(new Uint8Array([1]), flags, C.u32(n), new Uint8Array(sealed)));
    }, 1000 / 15);
    socket.on('close', () => clearInterval(timer));
  }

  return { api, live };
}
