// The client's promises: every failure is a problem with a code, 401 leads to the sign-in page.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { api } from './api.ts';
import { onSignedOut } from './client.ts';

/** Lets the next request end with this response, and records what was asked. */
function answer(response: Response | Error) {
  const fetching = vi.fn((_url: string, _init: RequestInit) =>
    response instanceof Error ? Promise.reject(response) : Promise.resolve(response),
  );
  vi.stubGlobal('fetch', fetching);
  return fetching;
}

afterEach(() => vi.unstubAllGlobals());

describe('client', () => {
  it('sends JSON with an idempotency key and reads the answer', async () => {
    const fetching = answer(Response.json({ id: 'alm_1' }, { status: 201 }));
    const made = await api.trigger({ unit_id: 'unt_1', title: 'B 2' }, 'key-1');
    expect(made.id).toBe('alm_1');
    const [url, init] = fetching.mock.calls[0]!;
    expect(url).toBe('/api/obhut/v1/alarms');
    expect(init.headers).toMatchObject({
      'idempotency-key': 'key-1',
      'content-type': 'application/json',
    });
  });

  it('leaves out what is not asked', async () => {
    const fetching = answer(Response.json({ items: [], next: null }));
    await api.alarms('open', null);
    expect(fetching.mock.calls[0]![0]).toBe('/api/obhut/v1/alarms?state=open&limit=50');
  });

  it('turns a problem into a problem', async () => {
    answer(
      Response.json(
        {
          code: 'too_long',
          detail: 'x',
          fields: [{ field: 'title', code: 'too_long', detail: '' }],
        },
        { status: 422, headers: { 'retry-after': '3' } },
      ),
    );
    await expect(api.me()).rejects.toMatchObject({
      status: 422,
      code: 'too_long',
      retryAfter: 3,
      fields: [{ field: 'title' }],
    });
  });

  it('names a lost network and a garbled answer', async () => {
    answer(new TypeError('failed'));
    await expect(api.me()).rejects.toMatchObject({ code: 'offline', status: 0 });
    answer(new Response('<html>', { status: 502 }));
    await expect(api.me()).rejects.toMatchObject({ code: 'garbled', status: 502 });
    answer(new Response('<html>', { status: 200 }));
    await expect(api.me()).rejects.toMatchObject({ code: 'garbled' });
  });

  it('leads to the sign-in page on 401', async () => {
    const left = vi.fn();
    onSignedOut(left);
    answer(Response.json({ code: 'unauthenticated' }, { status: 401 }));
    await expect(api.me()).rejects.toMatchObject({ status: 401 });
    expect(left).toHaveBeenCalledOnce();
  });
});
