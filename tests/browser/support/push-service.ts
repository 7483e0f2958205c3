// A push service for one browser: takes what the server sends (RFC 8030), checks who sends it (RFC 8292) and decrypts
// it (RFC 8291). It is what a vendor's service and the browser do together, and a second reader of our encryption.
import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  type ECDH,
  hkdfSync,
  randomBytes,
  verify,
} from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Taken {
  path: string;
  ttl: string;
  urgency: string;
  topic: string;
  /** The key that signed the sender's token. */
  sender: string;
  payload: string;
}

export class PushService {
  readonly origin: string;
  readonly taken: Taken[] = [];
  /** What it could not take, in words. */
  readonly refused: string[] = [];
  readonly #server: Server;
  readonly #keys: ECDH;
  readonly #auth: Buffer;

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#keys = createECDH('prime256v1');
    this.#keys.generateKeys();
    this.#auth = randomBytes(16);
    server.on('request', async (request, response) => {
      try {
        this.taken.push(await this.#take(request));
        response.writeHead(201).end();
      } catch (error) {
        this.refused.push(String(error));
        response.writeHead(400).end();
      }
    });
  }

  static async start(): Promise<PushService> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new PushService(server);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** What a browser hands to the page. */
  subscription(name: string): { endpoint: string; p256dh: string; auth: string } {
    return {
      endpoint: `${this.origin}/push/${name}`,
      p256dh: this.#keys.getPublicKey().toString('base64url'),
      auth: this.#auth.toString('base64url'),
    };
  }

  async #take(request: IncomingMessage): Promise<Taken> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const header = (name: string) => String(request.headers[name] ?? '');
    if (request.method !== 'POST') throw new Error(`${request.method}, not POST`);
    if (header('content-encoding') !== 'aes128gcm') throw new Error('not aes128gcm');
    return {
      path: request.url ?? '',
      ttl: header('ttl'),
      urgency: header('urgency'),
      topic: header('topic'),
      sender: sender(header('authorization'), this.origin),
      payload: this.#decrypt(Buffer.concat(parts)),
    };
  }

  #decrypt(body: Buffer): string {
    const salt = body.subarray(0, 16);
    const length = body.readUInt8(20);
    const theirs = body.subarray(21, 21 + length);
    const sealed = body.subarray(21 + length);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#keys.getPublicKey(), theirs]);
    const secret = this.#keys.computeSecret(theirs);
    const key = Buffer.from(hkdfSync('sha256', secret, this.#auth, info, 32));
    const derive = (what: string, size: number) =>
      Buffer.from(hkdfSync('sha256', key, salt, Buffer.from(`Content-Encoding: ${what}\0`), size));
    const cipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
    cipher.setAuthTag(sealed.subarray(-16));
    const padded = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
    const end = padded.lastIndexOf(2);
    if (end < 0) throw new Error('no end of the record');
    return padded.subarray(0, end).toString();
  }
}

/** Checks `vapid t=…, k=…` and returns the key. */
function sender(authorization: string, origin: string): string {
  const token = /t=([^,\s]+)/.exec(authorization)?.[1] ?? '';
  const key = /k=([^,\s]+)/.exec(authorization)?.[1] ?? '';
  const [head = '', claims = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  const fine = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: createPublicKey({ format: 'jwk', key: jwk }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!fine) throw new Error('the token is not signed by its key');
  const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
    aud: string;
    exp: number;
  };
  if (said.aud !== origin) throw new Error(`the token is for ${said.aud}`);
  if (said.exp * 1000 < Date.now()) throw new Error('the token has run out');
  return key;
}
