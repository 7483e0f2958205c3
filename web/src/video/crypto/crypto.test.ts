// The sealed formats, written and read by ourselves: round trips, and everything that must be refused.
import { describe, expect, it } from 'vitest';
import { combine } from './bucket.ts';
import { groups, join, random, toBase64, u32, utf8, time, SealError } from './bytes.ts';
import { map, read, write } from './cbor.ts';
import { verifyClosing } from './closing.ts';
import { kids, open, seal } from './envelope.ts';
import { freshId } from './ids.ts';
import { agreementKey, deriveGcm, fingerprint, newKey, signingKey } from './keys.ts';
import { LiveOpener, sessionKey } from './live.ts';
import { generate, normalised, weakness } from './passphrase.ts';
import { signList, verifyList, type List } from './recipients.ts';
import { openWhole } from './segment.ts';
import { newSecret, parseSheet, sheetText } from './sheet.ts';
import { record, segment } from './testing.ts';
import { handOver, sheetKey, takeOver, unwrap, wrap } from './viewing.ts';
import { german } from './words-de.ts';
import { sha256 } from './bytes.ts';

const refused = (refusal: string) => expect.objectContaining({ name: 'SealError', refusal });

describe('envelopes', () => {
  it('open for each of those they are sealed to, and nobody else', async () => {
    const [a, b, c] = [await newKey(), await newKey(), await newKey()];
    const sealed = await seal(
      utf8('a share'),
      [
        { kid: 'vgn_a', point: a.point },
        { kid: 'vgn_b', point: b.point },
      ],
      utf8('bkt_1'),
    );
    expect(kids(sealed)).toEqual(['vgn_a', 'vgn_b']);
    const key = await agreementKey(b.pkcs8);
    expect(await open(sealed, 'vgn_b', key, utf8('bkt_1'))).toEqual(utf8('a share'));
    await expect(open(sealed, 'vgn_b', key, utf8('bkt_2'))).rejects.toEqual(refused('key'));
    await expect(open(sealed, 'vgn_a', key, utf8('bkt_1'))).rejects.toEqual(refused('key'));
    const stranger = await agreementKey(c.pkcs8);
    await expect(open(sealed, 'vgn_c', stranger, utf8('bkt_1'))).rejects.toEqual(refused('key'));
  });

  it('refuse any bit that was changed for whom it concerns', async () => {
    const a = await newKey();
    const key = await agreementKey(a.pkcs8);
    const sealed = await seal(random(32), [{ kid: 'hub', point: a.point }], utf8('x'));
    for (let at = 0; at < sealed.length; at += 1) {
      const bad = sealed.slice();
      bad[at] = (bad[at] ?? 0) ^ 1;
      await expect(open(bad, 'hub', key, utf8('x')), `byte ${at}`).rejects.toBeInstanceOf(
        SealError,
      );
    }
  });

  it('keys are not extractable', async () => {
    const a = await newKey();
    expect((await agreementKey(a.pkcs8)).extractable).toBe(false);
    expect((await combine('bkt', random(32), [random(32)])).extractable).toBe(false);
  });
});

describe('recipient lists', () => {
  it('are believed when the custodian signed them', async () => {
    const custodian = await newKey();
    const other = await newKey();
    const role = await newKey();
    const list: List = {
      org: 'org_1',
      number: 3,
      issued: 1_700_000_000_000_000,
      hub: role.point,
      recording: [[{ generation: 'vgn_1', point: role.point }]],
      live: [{ generation: 'vgn_2', point: role.point }],
    };
    const key = await signingKey(custodian.pkcs8);
    const signed = await signList(list, key, custodian.point);
    expect(await verifyList(signed, custodian.point)).toEqual(list);
    await expect(verifyList(signed, other.point)).rejects.toEqual(refused('foreign'));
    const bad = signed.slice();
    bad[60] = (bad[60] ?? 0) ^ 4;
    await expect(verifyList(bad, custodian.point)).rejects.toBeInstanceOf(SealError);
    expect(await fingerprint(custodian.point)).toMatch(/^([0-9a-f]{4} ){15}[0-9a-f]{4}$/);
  });
});

describe('segments', () => {
  it('open with the right key, and every change, cut or swap is refused', async () => {
    const bucket = await combine('bkt_1', random(32), [random(32)]);
    const { file, pieces } = await segment(bucket, 3);
    const { closing, signed, agent } = await record(file, pieces, { state: 0 });
    const fragments = await openWhole(bucket, file, closing);
    expect(fragments.map((one) => new TextDecoder().decode(one.mp4))).toEqual([
      'picture 0',
      'picture 1',
      'picture 2',
    ]);
    expect(fragments[1]).toMatchObject({ start: 6_000_000, duration: 1_000_000, key: true });

    const stranger = await combine('bkt_1', random(32), [random(32)]);
    await expect(openWhole(stranger, file, closing)).rejects.toEqual(refused('key'));
    const cut = file.slice(0, file.length - 20);
    await expect(openWhole(bucket, cut, closing)).rejects.toEqual(refused('tampered'));
    await expect(verifyClosing(signed, (await newKey()).point, 'agt_1')).rejects.toEqual(
      refused('foreign'),
    );
    await expect(verifyClosing(signed, agent.point, 'agt_2')).rejects.toEqual(refused('foreign'));
  });

  it('tells an interrupted segment from a cut one', async () => {
    const bucket = await combine('bkt_1', random(32), [random(32)]);
    const { file, pieces } = await segment(bucket, 2, { ended: false });
    const said = await record(file, pieces, { state: 1 });
    expect(await openWhole(bucket, file, said.closing)).toHaveLength(2);
    // A record that says "closed" without the end contradicts itself.
    await expect(record(file, pieces, { state: 0 })).rejects.toEqual(refused('malformed'));
    const whole = await segment(bucket, 2);
    const closed = await record(whole.file, whole.pieces, { state: 0 });
    const cut = whole.file.slice(0, -20);
    await expect(openWhole(bucket, cut, closed.closing)).rejects.toEqual(refused('tampered'));
  });
});

describe('live', () => {
  it('opens pictures whose number rises', async () => {
    const secret = random(32);
    const header = utf8('a header');
    const { hkdfKey } = await import('./keys.ts');
    const key = await deriveGcm(await hkdfKey(secret), utf8('obhut/live/1lvs_1'), ['encrypt']);
    const picture = async (number: number, flags: number) => {
      const aad = join(await sha256(header), new Uint8Array([flags]));
      const iv = join(new Uint8Array(7), u32(number), new Uint8Array(1));
      const plain = join(time(7_000_000 + number), utf8('unit'));
      const sealed = await crypto.subtle.encrypt(
        { name: 'AES-GCM', iv, additionalData: aad },
        key,
        plain,
      );
      return join(new Uint8Array([flags]), u32(number), new Uint8Array(sealed));
    };
    const opener = await LiveOpener.begin(await sessionKey(secret, 'lvs_1'), header);
    expect(await opener.open(await picture(0, 1))).toMatchObject({
      number: 0,
      key: true,
      time: 7_000_000,
    });
    const three = await picture(3, 0);
    expect((await opener.open(three)).key).toBe(false);
    await expect(opener.open(three)).rejects.toEqual(refused('tampered'));
    const bad = await picture(4, 0);
    bad[0] = 1;
    await expect(opener.open(bad)).rejects.toEqual(refused('key'));
  });
});

describe('viewing keys', () => {
  it('come back by sheet, and by nothing else', async () => {
    const made = await newKey();
    const secret = newSecret();
    const id = freshId('vky');
    const wrapped = await wrap(made.pkcs8, id, 'sheet', await sheetKey(secret, id));
    expect(await unwrap(wrapped, id, 'sheet', await sheetKey(secret, id))).toEqual(made.pkcs8);
    await expect(unwrap(wrapped, id, 'sheet', await sheetKey(newSecret(), id))).rejects.toEqual(
      refused('key'),
    );
    const other = freshId('vky');
    await expect(unwrap(wrapped, other, 'sheet', await sheetKey(secret, other))).rejects.toEqual(
      refused('key'),
    );
  });

  it('hand role keys over to one member', async () => {
    const [role, member] = [await newKey(), await newKey()];
    const handed = await handOver(role.pkcs8, 'vgn_1', 'vky_1', member.point);
    const key = await agreementKey(member.pkcs8);
    expect(await takeOver(handed, 'vgn_1', 'vky_1', key)).toEqual(role.pkcs8);
    await expect(takeOver(handed, 'vgn_2', 'vky_1', key)).rejects.toEqual(refused('key'));
  });

  it('print a sheet that finds typing errors', async () => {
    const secret = newSecret();
    const text = await sheetText(secret);
    expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(await parseSheet(text.toLowerCase().replaceAll('-', ' '))).toEqual(secret);
    expect(await parseSheet(text.replaceAll('0', 'o').replaceAll('1', 'l'))).toEqual(secret);
    const wrong = (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
    await expect(parseSheet(wrong)).rejects.toEqual(refused('tampered'));
    await expect(parseSheet(text.slice(0, 20))).rejects.toEqual(refused('malformed'));
  });
});

describe('passphrases', () => {
  it('are made of six words out of enough', () => {
    expect(new Set(german).size).toBe(german.length);
    expect(german.length).toBeGreaterThan(1400);
    expect(german.every((word) => /^[a-z]{2,12}$/.test(word))).toBe(true);
    for (const lang of ['de', 'en'] as const) {
      const made = generate(lang);
      expect(made.split(' ')).toHaveLength(6);
      expect(weakness(made)).toBeNull();
    }
  });

  it('are spelt in one way', () => {
    expect(normalised('  ein  Haus\tam See ')).toBe('ein Haus am See');
    expect(normalised('u\u0308ber')).toBe('\u00fcber');
  });

  it.each([
    ['kurz', 'short'],
    ['passwortpasswort', 'known'],
    ['xk7!xk7!xk7!xk7!xk7!', 'repeated'],
    ['Passwort!Geheim123', 'known'],
    ['feuerwehrflorian112', 'known'],
    ['aaaaaaaaaaaaaaaaaa', 'repeated'],
    ['abcabcabcabcabcabc', 'repeated'],
    ['qwertzuiopasdfghjkl', 'row'],
    ['1234567890123456', 'row'],
    ['Willkommen2026Sommer', 'known'],
  ])('refuse %s', (typed, why) => expect(weakness(typed)).toBe(why));

  it.each([
    'wir löschen nachts nie allein',
    'Der Kran steht schief am Kanal 7',
    'X9$kfu2Pq!vLm3zTw',
  ])('take %s', (typed) => expect(weakness(typed)).toBeNull());
});

it('ids look like the server’s', () => {
  const id = freshId('vky', Date.UTC(2026, 10, 22));
  expect(id).toMatch(/^vky_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
  expect(freshId('vky', Date.UTC(2027, 0, 1)) > id).toBe(true);
});

it('reads CBOR strictly', () => {
  expect(read(write(map([[1, 'a']])))).toEqual(map([[1, 'a']]));
  for (const bad of [
    [0xa1, 0x18, 0x01, 0x00],
    [0x9f, 0xff],
    [0x01, 0x01],
    [0xa2, 1, 1, 1, 1],
  ]) {
    expect(() => read(new Uint8Array(bad)), toBase64(new Uint8Array(bad))).toThrow(SealError);
  }
  expect(groups(new Uint8Array([1, 2, 3, 4]))).toBe('0102 0304');
});
