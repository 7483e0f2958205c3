// What every test starts from: a demo that all tests of a worker share, people who are signed in, and a console that
// has to stay silent. A message of the console, an error of a page or a breach of the page's own policy fails the test.
import {
  test as base,
  expect,
  type APIRequestContext,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from '@playwright/test';
import { PushService } from './push-service.ts';
import { type Login, type Options, Process, Server } from './server.ts';

export { expect };

/** A person at a browser. */
export interface Seat {
  context: BrowserContext;
  page: Page;
  /** Requests with this person's session, as the application sends them. */
  api: Api;
}

/** Calls our own API with a person's session. */
export class Api {
  readonly #request: APIRequestContext;
  readonly #origin: string;

  constructor(request: APIRequestContext, origin: string) {
    this.#request = request;
    this.#origin = origin;
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#request.fetch(`${this.#origin}/api/obhut/v1${path}`, {
      method,
      headers: { origin: this.#origin },
      ...(body === undefined ? {} : { data: body }),
    });
    const text = await response.text();
    expect(response.ok(), `${method} ${path}: ${response.status()} ${text}`).toBe(true);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  get<T>(path: string): Promise<T> {
    return this.call('GET', path);
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.call('POST', path, body);
  }
}

export interface Console {
  /** From now on messages like this are part of the test. */
  expectNoise(pattern: RegExp): void;
  watch(context: BrowserContext): void;
}

/** What a browser says when a server was taken away or refuses, which some tests do on purpose. */
export const OUTAGE =
  /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_EMPTY|ERR_CONNECTION_RESET|WebSocket connection to/;

interface Fixtures {
  server: Server;
  quiet: Console;
  /** A push service that this test's server may use. */
  pushService: PushService;
  /** Starts a server for this test alone; it goes when the browsers have gone. */
  launch: (options?: Options) => Promise<Server>;
  /** Starts another verb of the program beside it, such as a simulated camera. */
  run: (args: string[], line?: RegExp) => Promise<Process>;
  /** Opens a browser of one's own on a server. */
  open: (options?: BrowserContextOptions) => Promise<{ context: BrowserContext; page: Page }>;
  /** Opens a browser in which somebody is signed in. */
  seat: (login: Login, options?: BrowserContextOptions, server?: Server) => Promise<Seat>;
  /** Raises an alarm by the line that the demo prints. */
  raise: (change?: Record<string, string>) => Promise<{ id: number }>;
}

interface Shared {
  demo: Server;
  /** The demo's officer without a browser: to look behind the pages and to tidy up. */
  office: Api;
}

export const test = base.extend<Fixtures, Shared>({
  demo: [
    async ({}, use) => {
      const server = await Server.start({ demo: true });
      await use(server);
      await server.remove();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  office: [
    async ({ demo, playwright }, use) => {
      const request = await playwright.request.newContext();
      await signIn(request, demo.origin, demo.officer);
      await use(new Api(request, demo.origin));
      await request.dispose();
    },
    { scope: 'worker' },
  ],
  server: async ({ demo }, use) => {
    await use(demo);
  },
  quiet: async ({}, use) => {
    const said: string[] = [];
    const expected: RegExp[] = [];
    await use({
      expectNoise: (pattern) => expected.push(pattern),
      watch(context) {
        context.on('console', (message) => {
          if (message.type() === 'error' || message.type() === 'warning')
            said.push(`${message.type()}: ${message.text()} (${message.location().url})`);
        });
        context.on('weberror', (error) => said.push(`error: ${error.error().stack}`));
      },
    });
    const bad = said.filter((line) => !expected.some((pattern) => pattern.test(line)));
    expect(bad, 'the console stays silent').toEqual([]);
  },
  pushService: async ({}, use) => {
    const service = await PushService.start();
    await use(service);
    await service.stop();
  },
  launch: async ({}, use) => {
    const servers: Server[] = [];
    await use(async (options) => {
      const server = await Server.start(options);
      servers.push(server);
      return server;
    });
    for (const server of servers) await server.remove();
  },
  run: async ({}, use) => {
    const processes: Process[] = [];
    await use(async (args, line) => {
      const started = await Process.start(args, line);
      processes.push(started);
      return started;
    });
    for (const one of processes) await one.end();
  },
  // Leans on `launch`, so that browsers close before servers go.
  open: async ({ browser, quiet, launch: _ }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext(options);
      contexts.push(context);
      quiet.watch(context);
      return { context, page: await context.newPage() };
    });
    for (const context of contexts) await context.close();
  },
  seat: async ({ server, open }, use) => {
    await use(async (login, options = {}, at = server) => {
      const { context, page } = await open(options);
      const api = new Api(context.request, at.origin);
      await signIn(context.request, at.origin, login);
      return { context, page, api };
    });
  },
  raise: async ({ server, office, playwright }, use) => {
    const request = await playwright.request.newContext();
    await use(async (change = {}) => {
      const curl = server.printed.curl;
      if (!curl) throw new Error('only a demo prints a curl line');
      const response = await request.post(curl.url, { form: { ...curl.fields, ...change } });
      const body = (await response.json()) as { success: boolean; data: { id: number } };
      expect(body.success).toBe(true);
      return body.data;
    });
    await request.dispose();
    await closeAll(office);
  },
});

/** Ends what still runs, so that the next test begins in silence. */
export async function closeAll(api: Api): Promise<void> {
  const { items } = await api.get<{ items: { id: string }[] }>('/alarms?state=open');
  for (const { id } of items) await api.post(`/alarms/${id}/actions/close`);
}

/** Signs in by the form that the page sends. */
export async function signIn(
  request: APIRequestContext,
  origin: string,
  login: Login,
): Promise<void> {
  const response = await request.post(`${origin}/sign-in`, {
    form: { email: login.email, password: login.password, next: '/' },
    headers: { origin },
    maxRedirects: 0,
  });
  expect(response.status(), 'signing in').toBe(303);
}

/** The id of the running alarm with this keyword. */
export async function alarmId(api: Api, title: string): Promise<string> {
  const { items } = await api.get<{ items: { id: string; title: string }[] }>('/alarms?state=open');
  const found = items.find((one) => one.title === title);
  if (!found) throw new Error(`no alarm “${title}” is running`);
  return found.id;
}

let count = 0;
/** A keyword that no other test uses, so that calls never merge. */
export function keyword(text: string): string {
  count += 1;
  return `${text} ${process.pid}-${count}`;
}
