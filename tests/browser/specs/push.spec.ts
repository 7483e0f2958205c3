// Pushes from end to end: the real server encrypts, a push service of the test checks and decrypts, the browser's
// debugging protocol hands it to the real service worker. Only the vendor's service between them is missing, because
// `subscribe()` reaches none here; the page has to say so, also when it never hears anything.
import type { Page } from '@playwright/test';
import { ADMIN, found } from '../support/brigade.ts';
import type { PushService } from '../support/push-service.ts';
import { Api, expect, keyword, test } from '../support/test.ts';
import { deliver, notes, touch } from '../support/worker.ts';

interface Delivery {
  device_id: string | null;
  family: string;
  state: string;
  received_at: string | null;
  shown_at: string | null;
  opened_at: string | null;
  answered_at: string | null;
}

test('a push is shown, traced and answered from the notification', async ({
  launch,
  open,
  quiet,
  pushService: service,
}) => {
  test.setTimeout(90_000);
  const server = await launch({
    env: { OBHUT__PUSH__OWN_SERVICES: `[${service.origin}]` },
  });
  const { page, context } = await open({ viewport: { width: 390, height: 844 } });
  await found(page, server);
  const api = new Api(context.request, server.origin);
  await context.grantPermissions(['notifications'], { origin: server.origin });

  // This browser would use Google's service: off, until somebody who may switches it on.
  await page.goto(`${server.origin}/settings`);
  await expect(
    page.getByText('Dieses Gerät klingelt nur, solange Obhut geöffnet ist.'),
  ).toBeVisible();
  const button = page.getByRole('button', { name: 'Dieses Gerät einrichten' });
  await button.click();
  await expect(page.getByRole('alert')).toContainText('ist nicht eingeschaltet');
  await page.getByRole('link', { name: 'Push-Dienste' }).click();
  await page.getByRole('button', { name: /^Einschalten.*Chrome/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Einschalten' }).click();
  await expect(page.getByRole('button', { name: /^Ausschalten.*Chrome/ })).toBeVisible();

  // Now it asks the browser, whose push service nobody reaches here (a test's window counts as a private one).
  quiet.expectNoise(/incognito mode/);
  await page.getByRole('link', { name: 'Dieses Gerät' }).click();
  await page.getByRole('button', { name: 'Noch einmal einrichten' }).click();
  await expect(page.getByRole('alert')).toContainText(/Push-Dienst/, { timeout: 15_000 });
  await expect(page.getByRole('alert')).toContainText(
    'Solange diese Seite offen ist, klingelt sie in jedem Fall.',
  );

  // The device is enrolled all the same; the service of the test takes the place of the vendor's.
  const { items } = await api.get<{ items: { id: string }[] }>('/devices');
  expect(items).toHaveLength(1);
  const device = items[0]?.id ?? '';
  await api.call('PUT', '/push/families/local', { enabled: true });
  await api.call('PUT', `/devices/${device}/push`, service.subscription('erika'));

  await api.post(`/devices/${device}/actions/test`);
  await expect.poll(() => service.taken.length).toBe(1);
  await deliver(page, service.taken[0]?.payload ?? '');
  await expect.poll(async () => (await notes(page)).map((one) => one.tag)).toContain('obhut-test');

  const title = keyword('B2 Zimmerbrand');
  const unit = (await api.get<{ items: { id: string }[] }>('/units')).items[0]?.id;
  const alarm = await api.post<{ id: string }>('/alarms', {
    unit_id: unit,
    title,
    address: 'Am Markt 1',
  });
  await expect.poll(() => service.taken.length).toBe(2);
  expect(service.refused).toEqual([]);
  const push = service.taken[1];
  const { public_key } = await api.get<{ public_key: string }>('/push');
  expect(push).toMatchObject({ path: '/push/erika', urgency: 'high', sender: public_key });
  expect(JSON.parse(push?.payload ?? '')).toMatchObject({
    web_push: 8030,
    notification: { title, navigate: `${server.origin}/alarm/${alarm.id}`, lang: 'de' },
    obhut: { alarm: alarm.id, kind: 'alarm', keyword: title },
  });
  expect(push?.payload, 'the address does not travel').not.toContain('Am Markt');

  const trace = async () => {
    const { items } = await api.get<{ items: Delivery[] }>(`/alarms/${alarm.id}/deliveries`);
    return items.find((one) => one.device_id === device && one.family === 'push');
  };
  await expect.poll(async () => (await trace())?.state).toBe('handed');
  // With the page closed the worker is alone, as on a phone in a pocket; it stays reachable through another page.
  await page.goto(`${server.origin}/help`);
  await deliver(page, push?.payload ?? '');
  await expect.poll(async () => (await trace())?.state).toBe('shown');
  expect(await trace()).toMatchObject({
    received_at: expect.any(String),
    opened_at: null,
    answered_at: null,
  });

  const tag = `obhut-${alarm.id}`;
  const note = async () => (await notes(page)).find((one) => one.tag === tag);
  await expect
    .poll(async () => (await note())?.actions.map((one) => one.title))
    .toEqual(['Ich komme', 'Ich komme nicht']);
  expect(await note()).toMatchObject({ title, body: 'Löschzug Nord', lang: 'de' });

  // The answer is signed by the device's own key: it needs no session.
  await context.clearCookies({ name: /session/ });
  const action = (await note())?.actions[0]?.action ?? '';
  await touch(context, tag, action);
  await expect.poll(async () => (await note())?.body).toContain('Ich komme');

  const again = await open();
  await again.page.goto(`${server.origin}/sign-in`);
  await again.page.getByLabel('E-Mail-Adresse').fill(ADMIN.email);
  await again.page.getByLabel('Passwort').fill(ADMIN.password);
  await again.page.getByRole('button', { name: 'Anmelden' }).click();
  await again.page.goto(`${server.origin}/alarm/${alarm.id}`);
  await expect(
    again.page
      .getByRole('region', { name: 'Deine Antwort' })
      .or(again.page.getByRole('region', { name: 'Ihre Antwort' })),
  ).toContainText('Ich komme');
  await again.page.getByText('Zustellung').click();
  const row = again.page.getByRole('row', { name: /Push/ });
  await expect(row).toContainText('beantwortet');
  await expect(row).toContainText('geöffnet');
});

test('touching the notification itself opens the alarm in the page that is there', async ({
  server,
  seat,
  raise,
  office,
}) => {
  const { page, context } = await seat(server.crew);
  await context.grantPermissions(['notifications'], { origin: server.origin });
  await page.goto(`${server.origin}/settings?tab=sessions`);
  await expect(page.getByText('Verbunden')).toBeVisible();
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  const title = keyword('H1 Ölspur');
  await raise({ title });
  await page.waitForURL('**/alarm/alm_*');
  const path = new URL(page.url()).pathname;
  const id = path.split('/')[2] ?? '';
  await page.getByRole('link', { name: 'Einstellungen' }).click();
  await deliver(
    page,
    JSON.stringify({
      web_push: 8030,
      notification: { title, body: 'Löschzug', navigate: server.origin + path, lang: 'de' },
      obhut: { alarm: id, unit: 'Löschzug', keyword: title, kind: 'alarm' },
    }),
  );
  await expect.poll(async () => (await notes(page)).map((one) => one.tag)).toContain(`obhut-${id}`);
  await touch(context, `obhut-${id}`);
  await expect(page.getByRole('heading', { name: title })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(path);
  await office.post(`/alarms/${id}/actions/close`);
});

/** Puts a push service of the test under the browser: it answers once the page's `pushAnswers` says so. */
async function silent(page: Page, given: ReturnType<PushService['subscription']>): Promise<void> {
  await page.addInitScript((given) => {
    const bytes = (text: string) =>
      Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (one) => one.charCodeAt(0));
    const subscription = {
      endpoint: given.endpoint,
      options: { applicationServerKey: null },
      getKey: (name: 'p256dh' | 'auth') => bytes(given[name]).buffer,
      unsubscribe: () => Promise.resolve(true),
    };
    let subscribed = false;
    Object.assign(PushManager.prototype, {
      getSubscription: () => Promise.resolve(subscribed ? subscription : null),
      subscribe: () => {
        if (!('pushAnswers' in globalThis)) return new Promise(() => undefined);
        subscribed = true;
        return Promise.resolve(subscription);
      },
    });
  }, given);
}

test('a push service that never answers gets ten seconds, then the page says so', async ({
  launch,
  open,
  pushService: service,
}) => {
  const server = await launch({ env: { OBHUT__PUSH__OWN_SERVICES: `[${service.origin}]` } });
  const { page, context } = await open();
  await found(page, server);
  const api = new Api(context.request, server.origin);
  // The browser's own family, so that the page asks at all; and the one of the service that takes its place.
  for (const family of ['google', 'local'])
    await api.call('PUT', `/push/families/${family}`, { enabled: true });
  await context.grantPermissions(['notifications'], { origin: server.origin });
  await silent(page, service.subscription('erika'));
  await page.goto(`${server.origin}/settings`);

  const began = Date.now();
  await page.getByRole('button', { name: 'Dieses Gerät einrichten' }).click();
  await expect(page.getByRole('button', { name: 'Wird eingerichtet' })).toBeDisabled();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('hat 10 Sekunden lang nicht geantwortet', { timeout: 15_000 });
  expect(Date.now() - began).toBeGreaterThan(9500);
  await expect(alert).toContainText('Solange diese Seite offen ist, klingelt sie in jedem Fall.');
  await expect(
    page.getByText('Dieses Gerät klingelt nur, solange Obhut geöffnet ist.'),
  ).toBeVisible();
  await expect(page.getByText('nur offene Seite')).toBeVisible();

  // Trying again asks anew; this time there is an answer.
  await page.evaluate(() => Object.assign(globalThis, { pushAnswers: true }));
  await page.getByRole('button', { name: 'Noch einmal einrichten' }).click();
  await expect(page.getByText('Dieses Gerät klingelt, auch wenn Obhut geschlossen ist.')).toBeVisible();
  await expect(alert).toHaveCount(0);
  await expect(page.getByText('nur offene Seite')).toHaveCount(0);
  expect(await api.get('/devices')).toMatchObject({ items: [{ push: { family: 'local' } }] });

  await page.getByRole('button', { name: 'Probe-Push senden' }).click();
  await expect.poll(() => service.taken.length).toBe(1);
  expect(service.taken[0]).toMatchObject({ path: '/push/erika' });
});
