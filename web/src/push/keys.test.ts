// The signature over a device's request, checked by a second reader (node's own crypto).
import { createHash, createPublicKey, verify } from 'node:crypto';
import { expect, it } from 'vitest';
import { base64url, makeKey, signedHeaders, unbase64url } from './keys.ts';

it('signs method, path, time and body', async () => {
  const { privateKey, publicKey } = await makeKey();
  expect(privateKey.extractable).toBe(false);
  const point = Buffer.from(publicKey, 'base64url');
  expect(point).toHaveLength(65);
  expect(point[0]).toBe(4);

  const body = '{"answer_id":"ans_1"}';
  const path = '/api/obhut/v1/device/alarms/alm_1/answer';
  const headers = await signedHeaders(
    { id: 'dev_1', privateKey },
    'POST',
    path,
    body,
    1_763_784_000_000,
  );
  expect(headers).toMatchObject({ 'Obhut-Device': 'dev_1', 'Obhut-Time': '1763784000000' });

  const key = createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  });
  const hash = createHash('sha256').update(body).digest('base64url');
  const signed = (text: string) =>
    verify(
      'sha256',
      Buffer.from(text),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(headers['Obhut-Signature'] ?? '', 'base64url'),
    );
  expect(signed(`obhut-device-1\nPOST\n${path}\n1763784000000\n${hash}`)).toBe(true);
  expect(signed(`obhut-device-1\nGET\n${path}\n1763784000000\n${hash}`)).toBe(false);
});

it('turns bytes into text and back', () => {
  const bytes = Uint8Array.from({ length: 70 }, (_, at) => (at * 37) % 256);
  expect(base64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
  expect(unbase64url(base64url(bytes))).toEqual(bytes);
});
