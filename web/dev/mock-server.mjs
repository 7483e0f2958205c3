// A stand-in for the server, for looking at pages: serves dist with the real headers and fixture data, and a live
// channel. Used by look.mjs and walk.mjs; run alone it prints its address.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer } from 'ws';
import { ago, ahead, alarm, deliveries, rest, units } from './fixtures.mjs';
import { videoMock } from './video-mock.mjs';

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html";
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};
const BASE = '/api/obhut/v1';
const SHELL = /^\/(alarm(\/[^/]+)?|video(\/[^/]+){0,2}|people|privacy|settings)?$/;

/** One log of five entries with real hashes, so that the page's own check can be seen. */
function sampleLog() {
  const sha = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
  const leaves = [0, 1, 2, 3, 4].map((n) => sha(Buffer.from([0]), Buffer.from(`entry ${n}`)));
  const root = (list) => {
    if (list.length === 1) return list[0];
    const k = 2 ** Math.floor(Math.log2(list.length - 1));
    return sha(Buffer.from([1]), root(list.slice(0, k)), root(list.slice(k)));
  };
  const path = (m, list) => {
    if (list.length === 1) return [];
    const k = 2 ** Math.floor(Math.log2(list.length - 1));
    return m < k
      ? [...path(m, list.slice(0, k)), root(list.slice(k))]
      : [...path(m - k, list.slice(k)), root(list.slice(0, k))];
  };
  const hex = (bytes) => bytes.toString('hex');
  const note = `localhost:8080/org\n5\n${root(leaves).toString('base64')}\n\n— localhost:8080/org q83vASNFZ4k=\n`;
  const acts = [
    'person.signed_in',
    'alarm.raised',
    'alarm.answered',
    'push.family_enabled',
    'alarm.closed',
  ];
  return {
    log: {
      id: 'log_1',
      origin: 'localhost:8080/org',
      size: 5,
      root: hex(root(leaves)),
      checked_at: ago(1e4),
    },
    note,
    entries: leaves
      .map((leaf, index) => ({
        index,
        id: `evt_${index}`,
        at: ago((6 - index) * 3e6),
        action: acts[index],
        outcome: index === 3 ? 'denied' : 'done',
        damaged: false,
        actor: index === 2 ? 'mem_x' : 'Anna Achterberg',
        subject: null,
        object: `alm_${index}`,
        details: index === 2 ? null : { unit: 'Löschzug Nord' },
        erased: index === 2,
        leaf_hash: hex(leaf),
      }))
      .reverse(),
    proof: (index) => ({
      index,
      size: 5,
      leaf_hash: hex(leaves[index]),
      path: path(index, leaves).map(hex),
      root: hex(root(leaves)),
      note,
      verified: true,
    }),
  };
}

/** Starts a mock; `options.lang`, `.familiar`, `.permissions`, `.alarms`, `.demo` shape what it tells. */
export async function startMock(options = {}) {
  const state = {
    lang: options.lang ?? 'de',
    alarms: options.alarms ?? [alarm(1)],
    closed: Array.from({ length: 12 }, (_, n) =>
      alarm(100 + n, {
        state: 'closed',
        title: ['TH 1 Öl auf Straße', 'BMA Pflegeheim', 'B 1 Mülltonne'][n % 3],
        closed_at: ago(n * 9e7),
        created_at: ago(n * 9e7 + 5e6),
        people: undefined,
      }),
    ),
    parts: options.parts ?? [],
    reported: [],
    devices: structuredClone(rest['/devices'].items),
    push: structuredClone(rest['/push']),
  };
  if (options.google) state.push.families[0].enabled = true;
  const log = sampleLog();
  const video = await videoMock(options.video);
  const sockets = new Set();
  const tell = (message) => sockets.forEach((socket) => socket.send(JSON.stringify(message)));
  const me = () => ({
    person: { id: 'per_1', email: 'anna@auental.example', language: state.lang },
    membership: { id: 'mem_0', given_name: 'Anna', family_name: 'Achterberg' },
    organisation: {
      id: 'org_1',
      name: 'Freiwillige Feuerwehr Auental',
      zone: 'Europe/Berlin',
      familiar: options.familiar ?? false,
    },
    units: units.map(({ id, name }) => ({ id, name })),
    permissions: options.permissions ?? [
      'alarm.trigger',
      'alarm.read',
      'alarm.close',
      'alarm.trace',
      'people.manage',
      'org.configure',
      'ledger.read',
      'privacy.read',
      'privacy.configure',
      'jobs.manage',
      'video.live',
      'video.playback',
      'video.configure',
    ],
    demo: options.demo ?? true,
  });
  const answer = (found, id) => {
    const now = {
      ...found,
      version: found.version + 1,
      my: { addressed: true, answer_id: id, answered_at: ago(0) },
    };
    state.alarms = state.alarms.map((one) => (one.id === found.id ? now : one));
    tell({ type: 'alarm', alarm: now });
    return now;
  };

  function api(method, path, query, body) {
    const key = `${method} ${path}`;
    if (key === 'GET /me') return options.signedOut ? 401 : me();
    if (key === 'PATCH /me') return void (state.lang = body.language);
    if (key === 'GET /state') return { items: state.parts };
    if (key === 'GET /alarms')
      return { items: query.get('state') === 'open' ? state.alarms : state.closed, next: null };
    if (key === 'POST /alarms' || key === 'POST /demo/alarm') {
      const made = alarm(
        Date.now() % 1e6,
        {
          created_at: ago(0),
          ...(body.title
            ? { title: body.title, address: body.address ?? null, text: body.text ?? null }
            : {}),
        },
        0,
      );
      state.alarms = [made, ...state.alarms];
      tell({ type: 'alarm', alarm: made });
      return made;
    }
    const one = /^\/(device\/)?alarms\/([^/]+)(\/.*)?$/.exec(path);
    if (one) {
      const found = [...state.alarms, ...state.closed].find((entry) => entry.id === one[2]);
      if (!found) return 404;
      if (one[3] === '/actions/answer' || one[3] === '/answer')
        return answer(found, body.answer_id);
      if (one[3] === '/actions/close') {
        const now = { ...found, version: found.version + 1, state: 'closed', closed_at: ago(0) };
        state.alarms = state.alarms.filter((entry) => entry !== found);
        state.closed.unshift(now);
        tell({ type: 'alarm', alarm: now });
        return now;
      }
      if (one[3] === '/deliveries') return { items: deliveries, next: null };
      if (one[3] === '/trace') return void state.reported.push([found.id, body.kind]);
      if (one[3]) return undefined;
      return found;
    }
    if (key === 'GET /devices') return { items: state.devices };
    if (key === 'POST /devices') {
      const made = {
        ...body,
        id: `dev_${Date.now()}`,
        enrolled_at: ago(0),
        last_seen_at: ago(0),
        push: null,
        this: false,
      };
      state.devices.push(made);
      return { id: made.id };
    }
    if (path.startsWith('/devices/')) return undefined;
    if (key === 'GET /push') return state.push;
    if (key === 'POST /machine-keys')
      return {
        id: 'key_9',
        key: `obk_${'k9Zr'.repeat(6)}`,
        url:
          body.kind === 'monitor'
            ? `http://localhost/monitor#key=obk_${'k9Zr'.repeat(6)}`
            : 'http://localhost:8080/api/alarm',
      };
    if (key === 'POST /monitor/session') return undefined;
    if (key === 'GET /monitor/state')
      return {
        organisation: { name: me().organisation.name, zone: 'Europe/Berlin' },
        unit: { id: 'unt_1', name: 'Löschzug Nord' },
        server_time: new Date().toISOString(),
      };
    if (key === 'GET /ledger/logs') return { items: [log.log] };
    if (/^\/ledger\/log_1\/entries$/.test(path)) return { items: log.entries, next: null };
    const proof = /^\/ledger\/log_1\/entries\/(\d+)\/proof$/.exec(path);
    if (proof) return log.proof(Number(proof[1]));
    if (path === '/ledger/log_1/checkpoint') return log.note;
    return method === 'GET' ? (rest[path] ?? 404) : undefined;
  }

  function file(response, path) {
    // That worker alone compiles WebAssembly, as on the real server.
    if (/^\/assets\/worker-passphrase-/.test(path))
      response.setHeader(
        'content-security-policy',
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'; trusted-types 'none'",
      );
    const name = join('dist', normalize(path));
    if (!existsSync(name)) return problem(response, 404);
    const fixed = /^\/assets\/.*-[\w-]{8}\.\w+$/.test(path);
    response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream');
    response.setHeader('cache-control', fixed ? 'public, max-age=31536000, immutable' : 'no-cache');
    response.end(readFileSync(name));
  }

  function problem(response, status, code) {
    response.statusCode = status;
    response.setHeader('content-type', 'application/problem+json');
    response.end(
      JSON.stringify({
        status,
        code: code ?? (status === 404 ? 'not_found' : 'unauthenticated'),
        detail: '',
      }),
    );
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    response.setHeader('content-security-policy', CSP);
    response.setHeader('referrer-policy', 'no-referrer');
    let text = '';
    for await (const part of request) text += part;
    if (url.pathname.startsWith(BASE)) {
      const path = url.pathname.slice(BASE.length);
      const ask = path.startsWith('/video/') ? video.api : api;
      const result = await ask(
        request.method,
        path,
        url.searchParams,
        text ? JSON.parse(text) : {},
      );
      if (typeof result === 'number') return problem(response, result);
      if (typeof result?.status === 'number') return problem(response, result.status, result.code);
      if (result instanceof Uint8Array) {
        const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
        response.writeHead(206, { 'content-type': 'application/octet-stream' });
        return response.end(result.subarray(from));
      }
      if (result === undefined) return response.writeHead(204).end();
      response.setHeader(
        'content-type',
        typeof result === 'string' ? 'text/plain' : 'application/json',
      );
      return response.end(typeof result === 'string' ? result : JSON.stringify(result));
    }
    if (url.pathname === '/monitor') return file(response, '/monitor.html');
    if (SHELL.test(url.pathname)) return file(response, '/index.html');
    if (['/sign-in', '/sign-out', '/privacy-notice', '/imprint', '/help'].includes(url.pathname)) {
      response.setHeader('content-type', TYPES['.html']);
      return response.end(`<!doctype html><title>${url.pathname}</title><p>${url.pathname}`);
    }
    return file(response, url.pathname);
  });

  const live = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, raw, head) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const camera = /\/video\/cameras\/([^/]+)\/live$/.exec(pathname);
    live.handleUpgrade(request, raw, head, (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      if (camera) void video.live(socket, camera[1]);
      else if (!options.mute)
        socket.send(JSON.stringify({ type: 'snapshot', alarms: state.alarms }));
    });
  });

  await new Promise((resolve) => server.listen(options.port ?? 0, resolve));
  return {
    origin: `http://localhost:${server.address().port}`,
    state,
    tell,
    ahead,
    sockets,
    raise(made) {
      state.alarms = [made, ...state.alarms];
      tell({ type: 'alarm', alarm: made });
    },
    async stop() {
      sockets.forEach((socket) => socket.terminate());
      live.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1]?.endsWith('mock-server.mjs')) {
  const mock = await startMock({ port: Number(process.env.PORT ?? 8099) });
  process.stdout.write(`${mock.origin}\n`);
}
