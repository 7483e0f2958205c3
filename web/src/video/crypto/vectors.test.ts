// What the recorder and the hub seal opens here, and what they refuse is refused: tests/vectors/recording.
import { readFileSync } from 'node:fs';
import { argon2id } from 'hash-wasm';
import { describe, expect, it } from 'vitest';
import { combine } from './bucket.ts';
import { groups, hex, same, sha256, SealError, utf8, type Bytes } from './bytes.ts';
import { verifyClosing } from './closing.ts';
import { kids, open } from './envelope.ts';
import { agreementKey, deriveGcm, hkdfKey, signingKey } from './keys.ts';
import { decodeLive, LiveOpener, sessionKey } from './live.ts';
import { normalised } from './passphrase.ts';
import { encode, signList, verifyList } from './recipients.ts';
import { decodeHeader, headerBytes, nonce, openWhole } from './segment.ts';
import { parseSheet, sheetText } from './sheet.ts';
import { sheetKey, takeOver, unwrap } from './viewing.ts';

const load = <T>(name: string): T =>
  JSON.parse(
    readFileSync(
      new URL(`../../../../tests/vectors/recording/${name}.json`, import.meta.url),
      'utf8',
    ),
  ) as T;

const bytes = (text: string): Bytes => new Uint8Array(Buffer.from(text, 'hex'));

interface Holder {
  generation: string;
  private_key: string;
  public_key: string;
}

it('envelopes', async () => {
  const of = load<{
    envelope: string;
    external_aad: string;
    plain: string;
    recipients: Holder[];
    refused: { envelope: string; recipient: number; what: string }[];
  }>('envelope');
  const external = bytes(of.external_aad);
  const sealed = bytes(of.envelope);
  expect(kids(sealed)).toEqual(of.recipients.map((one) => one.generation));
  for (const one of of.recipients) {
    const key = await agreementKey(bytes(one.private_key));
    expect(hex(await open(sealed, one.generation, key, external))).toBe(of.plain);
  }
  for (const bad of of.refused) {
    const one = of.recipients[bad.recipient]!;
    const key = await agreementKey(bytes(one.private_key));
    const opened = open(bytes(bad.envelope), one.generation, key, external);
    await expect(opened, bad.what).rejects.toBeInstanceOf(SealError);
  }
});

it('recipient lists', async () => {
  const of = load<{
    cose: string;
    custodian: string;
    custodian_private_key: string;
    list: {
      org: string;
      number: number;
      issued_us: number;
      hub: string;
      recording: { generation: string; public_key: string }[][];
      live: { generation: string; public_key: string }[];
    };
  }>('list');
  const custodian = bytes(of.custodian);
  const list = await verifyList(bytes(of.cose), custodian);
  const entry = (one: { generation: string; public_key: string }) => ({
    generation: one.generation,
    point: bytes(one.public_key),
  });
  expect(list).toEqual({
    org: of.list.org,
    number: of.list.number,
    issued: of.list.issued_us,
    hub: bytes(of.list.hub),
    recording: of.list.recording.map((share) => share.map(entry)),
    live: of.list.live.map(entry),
  });
  // What we write is the same payload, byte by byte, so that recorders take it.
  const payload = hex(encode(list));
  expect(of.cose).toContain(payload);
  const ours = await signList(list, await signingKey(bytes(of.custodian_private_key)), custodian);
  expect(hex(ours).slice(0, -128)).toBe(of.cose.slice(0, -128));
  expect(await verifyList(ours, custodian)).toEqual(list);
});

it('buckets', async () => {
  const of = load<{
    bucket: string;
    bucket_key: string;
    hub_kid: string;
    hub_private_key: string;
    hub_share: string;
    opened_hub_share: string;
    opened_role_shares: string[];
    role: Holder;
    role_shares: string[];
  }>('bucket');
  const hubKey = await agreementKey(bytes(of.hub_private_key));
  const hub = await open(bytes(of.hub_share), of.hub_kid, hubKey, utf8(of.bucket));
  expect(hex(hub)).toBe(of.opened_hub_share);
  const role = await agreementKey(bytes(of.role.private_key));
  const shares = await Promise.all(
    of.role_shares.map((share) => open(bytes(share), of.role.generation, role, utf8(of.bucket))),
  );
  expect(shares.map(hex)).toEqual(of.opened_role_shares);
  // K itself never leaves WebCrypto: it is the right one when it derives the same key.
  const sealing = async (key: CryptoKey, usage: KeyUsage[]) => deriveGcm(key, utf8('x'), usage);
  const algorithm = { name: 'AES-GCM', iv: new Uint8Array(12) };
  const theirs = await sealing(await hkdfKey(bytes(of.bucket_key)), ['encrypt']);
  const sealed = await crypto.subtle.encrypt(algorithm, theirs, utf8('same'));
  const mine = await sealing(await combine(of.bucket, hub, shares), ['decrypt']);
  expect(new Uint8Array(await crypto.subtle.decrypt(algorithm, mine, sealed))).toEqual(
    utf8('same'),
  );
});

interface SegmentVectors {
  agent: string;
  agent_key: string;
  bucket: string;
  hub_share: string;
  opened_role_shares: string[];
  role: Holder;
  role_shares: string[];
  segments: {
    file: string;
    fragments: { duration_us: number; key: boolean; mp4: string; start_us: number }[];
    header: Record<string, string | number | null>;
    record: { cose: string; fields: Record<string, unknown> };
  }[];
  refused: { file: string; segment: number; what: string; record?: string }[];
}

describe('segments', async () => {
  const of = load<SegmentVectors>('segment');
  const role = await agreementKey(bytes(of.role.private_key));
  const shares = await Promise.all(
    of.role_shares.map((share) => open(bytes(share), of.role.generation, role, utf8(of.bucket))),
  );
  const bucket = await combine(of.bucket, bytes(of.hub_share), shares);
  const point = bytes(of.agent_key);

  it.each(of.segments)('$header.segment opens', async ({ file, fragments, header, record }) => {
    expect(shares.map(hex)).toEqual(of.opened_role_shares);
    const sealed = bytes(file);
    expect(decodeHeader(headerBytes(sealed))).toMatchObject({
      camera: header.camera,
      bucket: header.bucket,
      segment: header.segment,
      run: header.run,
      number: header.number,
      before: header.before,
      start: header.started_us,
      codec: header.codec,
      hour: header.hour_s,
    });
    const closing = await verifyClosing(bytes(record.cose), point, of.agent);
    expect(closing.pieces.map((one) => [one.offset, one.length, one.start, one.duration])).toEqual(
      (record.fields.index as number[][]).map((one) => one.slice(0, 4)),
    );
    expect(closing.why).toBe(record.fields.why);
    const opened = await openWhole(bucket, sealed, closing);
    expect(
      opened.map(({ start, duration, key, mp4 }) => ({
        duration_us: duration,
        key,
        mp4: hex(mp4),
        start_us: start,
      })),
    ).toEqual(fragments);
  });

  it.each(of.refused)('$what is refused', async ({ file, segment, record }) => {
    const cose = record ?? of.segments[segment]!.record.cose;
    const opened = async () => {
      const closing = await verifyClosing(bytes(cose), point, of.agent);
      return openWhole(bucket, bytes(file), closing);
    };
    await expect(opened()).rejects.toBeInstanceOf(SealError);
  });

  it('nonces are those of the format', () => {
    expect(hex(nonce(258, true))).toBe('000000000000000000010201');
  });
});

it('live', async () => {
  const of = load<{
    fields: Record<string, string | number>;
    header: string;
    pictures: {
      access_unit: string;
      key: boolean;
      number: number;
      picture: string;
      time_us: number;
    }[];
    role: Holder;
  }>('live');
  const bare = bytes(of.header);
  const header = decodeLive(bare);
  expect(header).toMatchObject({
    camera: of.fields.camera,
    session: of.fields.session,
    key: of.fields.key,
    hour: of.fields.hour_s,
    codec: of.fields.codec,
    width: of.fields.width,
    height: of.fields.height,
  });
  expect(hex(header.config)).toBe(of.fields.config);
  const role = await agreementKey(bytes(of.role.private_key));
  const secret = await open(header.envelope, of.role.generation, role, utf8(header.key));
  const opener = await LiveOpener.begin(await sessionKey(secret, header.session), bare);
  for (const one of of.pictures) {
    const picture = await opener.open(bytes(one.picture));
    expect({ ...picture, unit: hex(picture.unit) }).toEqual({
      number: one.number,
      key: one.key,
      time: one.time_us,
      unit: one.access_unit,
    });
  }
});

it(
  'viewing keys, by passphrase and by sheet, and what is handed over',
  { timeout: 30_000 },
  async () => {
    const of = load<Record<string, string> & { role: Holder }>('viewing');
    const text = (name: string) => of[name] as string;
    const id = text('viewing_key');
    const made = await argon2id({
      password: normalised(text('passphrase')),
      salt: bytes(text('salt')),
      parallelism: 1,
      iterations: 3,
      memorySize: 65_536,
      hashLength: 32,
      outputType: 'binary',
    });
    const pass = await crypto.subtle.importKey('raw', made.slice(), 'AES-GCM', false, ['decrypt']);
    const mine = await unwrap(bytes(text('pass')), id, 'pass', pass);
    expect(hex(mine)).toBe(of.private_key);
    const secret = bytes(text('sheet_secret'));
    expect(await sheetText(secret)).toBe(of.sheet_text);
    expect(await parseSheet(text('sheet_text'))).toEqual(secret);
    const sheet = await unwrap(bytes(text('sheet')), id, 'sheet', await sheetKey(secret, id));
    expect(same(sheet, mine)).toBe(true);
    const key = await agreementKey(mine);
    const role = await takeOver(bytes(text('handed_over')), of.role.generation, id, key);
    expect(hex(role)).toBe(of.role.private_key);
    expect(groups(await sha256(bytes(text('public_key')))).split(' ')).toHaveLength(16);
  },
);
