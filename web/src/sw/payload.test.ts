// What a push says, and that garbage is noticed.
import { describe, expect, it } from 'vitest';
import { readPush, tagOf } from './payload.ts';

const payload = {
  web_push: 8030,
  notification: {
    title: 'B 2 Zimmerbrand',
    body: 'Löschzug Nord',
    navigate: 'http://localhost:8080/alarm/alm_1',
    lang: 'de',
    silent: false,
  },
  mutable: true,
  obhut: { alarm: 'alm_1', unit: 'Löschzug Nord', keyword: 'B 2 Zimmerbrand', kind: 'alarm' },
};

describe('push', () => {
  it('is read', () => {
    const push = readPush(JSON.stringify(payload));
    expect(push).toEqual({
      title: 'B 2 Zimmerbrand',
      body: 'Löschzug Nord',
      lang: 'de',
      alarm: 'alm_1',
      kind: 'alarm',
    });
    expect(push && tagOf(push)).toBe('obhut-alm_1');
  });

  it('of a test has a tag of its own', () => {
    const push = readPush(
      JSON.stringify({ ...payload, obhut: { ...payload.obhut, alarm: '', kind: 'test' } }),
    );
    expect(push).toMatchObject({ kind: 'test', alarm: null });
    expect(push && tagOf(push)).toBe('obhut-test');
  });

  it.each(['', '{', 'null', '[]', '{"notification":{}}', '{"notification":{"title":7}}'])(
    'garbage %j is nothing',
    (text) => expect(readPush(text)).toBeNull(),
  );

  it('takes no foreign id for an alarm', () => {
    const foreign = { ...payload, obhut: { ...payload.obhut, alarm: '../x' } };
    expect(readPush(JSON.stringify(foreign))?.alarm).toBeNull();
  });
});
