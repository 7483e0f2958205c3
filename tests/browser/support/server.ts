// The real server: the binary on a free port with a fresh data folder, and what it prints at its start.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const BINARY = resolve(
  process.env.OBHUT_BIN ?? join(import.meta.dirname, '../../../target/debug/obhut'),
);

/** How long a start may take on a machine that does other things, too. */
const PATIENCE = 30_000;

export interface Login {
  email: string;
  password: string;
}

/** What a demo prints. */
export interface Printed {
  origin: string;
  port: number;
  setupLink: string | null;
  logins: Login[];
  /** What unlocks the officer's key to recordings and live pictures. */
  passphrase: string;
  monitor: string | null;
  /** The address and the fields of the printed `curl` line. */
  curl: { url: string; fields: Record<string, string> } | null;
}

export interface Options {
  demo?: boolean;
  env?: Record<string, string>;
}

export class Server {
  readonly folder: string;
  readonly #options: Options;
  #child: ChildProcess | null = null;
  #errors = '';
  printed!: Printed;

  private constructor(folder: string, options: Options) {
    this.folder = folder;
    this.#options = options;
  }

  /** Starts one with an empty folder. */
  static async start(options: Options = {}): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), 'obhut-browser-')), options);
    await server.up(0);
    return server;
  }

  get origin(): string {
    return this.printed.origin;
  }

  get officer(): Login {
    return this.#login(0);
  }

  get crew(): Login {
    return this.#login(1);
  }

  get otherCrew(): Login {
    return this.#login(2);
  }

  #login(at: number): Login {
    const login = this.printed.logins[at];
    if (!login) throw new Error('only a demo prints logins');
    return login;
  }

  /** Starts it on this folder; on the port it had unless told otherwise. */
  async up(port = this.printed.port): Promise<void> {
    const child = spawn(BINARY, ['serve', ...(this.#options.demo ? ['--demo'] : [])], {
      cwd: this.folder,
      env: this.#environment({ OBHUT_PORT: String(port) }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#errors = '';
    child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    const lines: string[] = [];
    await new Promise<void>((done, fail) => {
      const why = (what: string) => new Error(`${what}\n${lines.join('\n')}\n${this.#errors}`);
      const late = setTimeout(() => fail(why('the server did not start in time')), PATIENCE);
      child.once('error', fail);
      child.once('exit', (code) => fail(why(`the server ended with ${code}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        lines.push(line);
        if (!line.startsWith('Port: ')) return;
        clearTimeout(late);
        child.removeAllListeners('exit');
        done();
      });
    });
    this.printed = read(lines);
  }

  /** Takes its life, as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it as an administrator would. */
  async down(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await gone;
  }

  /** Ends it and takes its folder away. */
  async remove(): Promise<void> {
    await this.kill();
    // A demo's recorder ends when it notices that the server is gone; until then it writes.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  /** Runs another verb of the command line on the folder. */
  command(...args: string[]): Promise<{ code: number; text: string }> {
    return new Promise((done) => {
      const env = this.#environment({});
      execFile(BINARY, args, { cwd: this.folder, env }, (error, stdout, stderr) =>
        done({ code: error ? Number(error.code ?? 1) : 0, text: stdout + stderr }),
      );
    });
  }

  #environment(more: Record<string, string>): Record<string, string> {
    return {
      PATH: process.env.PATH ?? '',
      TZ: 'Europe/Berlin',
      OBHUT_DATA_DIR: join(this.folder, 'data'),
      OBHUT__SERVER__HEALTH_PORT: '0',
      ...this.#options.env,
      ...more,
    };
  }
}

function read(lines: string[]): Printed {
  const after = (start: string) =>
    lines
      .find((line) => line.startsWith(start))
      ?.slice(start.length)
      .trim() ?? null;
  const login = /^ {2}(?:officer|crew) +(\S+) +(\S+)$/;
  const curl = lines.find((line) => line.trim().startsWith('curl '))?.trim();
  return {
    origin: after('Obhut: ') ?? '',
    port: Number(after('Port: ')),
    setupLink: lines.find((line) => line.includes('/setup?code='))?.trim() ?? null,
    logins: lines.flatMap((line) => {
      const found = login.exec(line);
      return found ? [{ email: found[1] ?? '', password: found[2] ?? '' }] : [];
    }),
    passphrase: lines[lines.findIndex((line) => line.includes("officer's passphrase")) + 1]?.trim() ?? '',
    monitor: after('Monitor: '),
    curl: curl === undefined ? null : readCurl(curl),
  };
}

/** `curl 'URL' -d name='value' …`, the way a shell reads it. */
function readCurl(line: string): { url: string; fields: Record<string, string> } {
  const words = [...line.matchAll(/(?:[^\s']+|'[^']*')+/g)].map((word) =>
    word[0].replaceAll("'", ''),
  );
  const fields = words.flatMap((word, at) => {
    if (words[at - 1] !== '-d') return [];
    const cut = word.indexOf('=');
    return [[word.slice(0, cut), word.slice(cut + 1)] as const];
  });
  return { url: words[1] ?? '', fields: Object.fromEntries(fields) };
}

/** Another verb of the program that keeps running beside a server. */
export class Process {
  readonly #child: ChildProcess;
  /** What the awaited line said. */
  readonly found: string;
  readonly folder: string;

  private constructor(child: ChildProcess, found: string, folder: string) {
    this.#child = child;
    this.found = found;
    this.folder = folder;
  }

  /** Starts it in a folder of its own and waits for a line of its output, where one is named. */
  static async start(args: string[], line?: RegExp): Promise<Process> {
    const folder = await mkdtemp(join(tmpdir(), 'obhut-beside-'));
    const env = { PATH: process.env.PATH ?? '', TZ: 'Europe/Berlin' };
    const child = spawn(BINARY, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.resume();
    const output = createInterface({ input: child.stdout });
    if (!line) return new Process(child, '', folder);
    const found = await new Promise<string>((done, fail) => {
      child.once('exit', (code) => fail(new Error(`${args.join(' ')} ended with ${code}`)));
      output.on('line', (text) => {
        const match = line.exec(text);
        if (match) done(match[1] ?? '');
      });
    });
    return new Process(child, found, folder);
  }

  /** Ends it as an administrator would, and takes its folder away. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = new Promise((done) => this.#child.once('exit', done));
      this.#child.kill('SIGTERM');
      await gone;
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
