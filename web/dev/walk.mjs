// Walks through what pictures can't show, in a real browser with the real headers: the worker starts, sound and a
// ringing alarm, answering, a push with its answers, coming back after an outage, the start without network.
import { chromium } from 'playwright-core';
import { alarm, ago } from './fixtures.mjs';
import { startMock } from './mock-server.mjs';

const ARGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split(
    ' ',
  );
const said = [];
let failed = 0;
/** One step; what it throws or leaves false is a failure. */
async function step(name, act) {
  let result;
  try {
    result = await act();
  } catch (error) {
    result = String(error).split('\n')[0];
  }
  const ok = result === undefined || result === true;
  if (!ok) failed += 1;
  process.stdout.write(
    `${ok ? 'ok  ' : 'FAIL'} ${name}${ok ? '' : ` – ${JSON.stringify(result)}`}\n`,
  );
}

let mock = await startMock({ alarms: [], google: true });
const port = Number(new URL(mock.origin).port);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGS });
const context = await browser.newContext({
  viewport: { width: 390, height: 844 },
  permissions: ['notifications'],
});
const page = await context.newPage();
page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
page.on('pageerror', (error) => said.push(error.stack));

await step('opens /alarm from /', async () => {
  await page.goto(`${mock.origin}/`);
  await page.getByText('Kein Alarm läuft').waitFor();
  return page.url().endsWith('/alarm');
});
await step('the worker starts under the policy', () =>
  page.evaluate(async () => Boolean((await navigator.serviceWorker.ready).active)),
);
await step('a touch arms the sound', async () => {
  await page.getByRole('heading', { name: 'Alarme' }).click();
  await page
    .locator('button.sign')
    .filter({ hasText: 'Ton bereit' })
    .waitFor({ state: 'attached' });
});
await step('what was typed survives a ringing alarm', async () => {
  await page.getByRole('link', { name: 'Alarm auslösen' }).click();
  await page.getByLabel('Stichwort').fill('Probe');
  mock.raise(alarm(500, { created_at: ago(0) }, 0));
  await page.waitForURL('**/alarm/alm_500');
  await page.getByText('Klingelt').waitFor();
  await page.goBack();
  return (await page.getByLabel('Stichwort').inputValue()) === 'Probe';
});
await step('the heading takes the focus', async () => {
  await page.goForward();
  await page.getByText('Klingelt').waitFor();
  await page.waitForTimeout(100);
  return page.evaluate(
    () => document.activeElement?.tagName === 'H1' || document.activeElement?.tagName,
  );
});
await step('one tap answers and silences', async () => {
  await page.getByRole('button', { name: /^Komme 5/ }).click();
  await page.getByText('Ihre Antwort').waitFor();
  return (await page.getByText('Klingelt').count()) === 0;
});
await step('mute silences without answering', async () => {
  mock.raise(alarm(501, { created_at: ago(0), title: 'BMA' }, 0));
  await page.waitForURL('**/alarm/alm_501');
  await page.getByRole('button', { name: 'Stumm' }).click();
  return (
    (await page.getByText('Klingelt').count()) === 0 &&
    (await page.getByRole('button', { name: /^Komme 5/ }).count()) === 1
  );
});
await step('ending an alarm asks first', async () => {
  await page.getByText('Einzelheiten').click();
  await page.getByRole('button', { name: 'Alarm beenden' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Alarm beenden' }).click();
  await page.locator('.tag', { hasText: 'Beendet' }).waitFor();
});

// Enrol: this browser has no push service, so the page must say so within its ten seconds and still be a device.
await step('enrols this browser and says what is missing', async () => {
  await page.goto(`${mock.origin}/settings`);
  await page.getByRole('button', { name: 'Dieses Gerät einrichten' }).click();
  await page.getByRole('alert').waitFor({ timeout: 15_000 });
  const text = await page.getByRole('alert').innerText();
  return /Push-Dienst/.test(text) || text;
});
await step('the device has a key that can not be taken out', () =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const open = indexedDB.open('obhut', 1);
        open.onsuccess = () => {
          const get = open.result.transaction('device').objectStore('device').get('this');
          get.onsuccess = () => resolve(get.result?.privateKey.extractable === false);
        };
      }),
  ),
);

// A push, handed to the worker through the debugging protocol.
const session = await context.newCDPSession(page);
let registration = null;
session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
  registration = registrations.find((one) => !one.isDeleted) ?? registration;
});
await session.send('ServiceWorker.enable');
const deliver = (data) =>
  session.send('ServiceWorker.deliverPushMessage', {
    origin: mock.origin,
    registrationId: registration.registrationId,
    data: JSON.stringify(data),
  });
const push = (id, kind = 'alarm') => ({
  web_push: 8030,
  notification: {
    title: 'B 2 Zimmerbrand',
    body: 'Löschzug Nord',
    navigate: `${mock.origin}/alarm/${id}`,
    lang: 'de',
  },
  mutable: true,
  obhut: {
    alarm: kind === 'alarm' ? id : '',
    unit: 'Löschzug Nord',
    keyword: 'B 2 Zimmerbrand',
    kind,
  },
});
const notes = () =>
  page.evaluate(async () =>
    (await (await navigator.serviceWorker.ready).getNotifications()).map((one) => ({
      title: one.title,
      tag: one.tag,
      actions: one.actions.map((action) => action.title),
    })),
  );
await step('a push shows, reports and offers the first answers', async () => {
  mock.state.alarms = [alarm(600, { created_at: ago(0) }, 0)];
  await page.waitForTimeout(500);
  await deliver(push('alm_600'));
  await page.waitForTimeout(2500);
  const [note, ...more] = await notes();
  const kinds = mock.state.reported.filter(([id]) => id === 'alm_600').map(([, kind]) => kind);
  return (
    (note?.tag === 'obhut-alm_600' &&
      more.length === 0 &&
      note.actions.join() === 'Komme,Komme nicht' &&
      kinds.join() === 'received,shown') || { note, more, kinds }
  );
});
await step('a test push ticks the checklist', async () => {
  await deliver(push('', 'test'));
  await page.getByText('Probe-Push angekommen: ja').waitFor({ timeout: 5000 });
});

await step('says that the connection is gone, and comes back by itself', async () => {
  await page.goto(`${mock.origin}/alarm`);
  await page.locator('.sign.live').waitFor({ state: 'attached' });
  await mock.stop();
  await page.getByText('Keine Verbindung zum Server').waitFor({ timeout: 15_000 });
  mock = await startMock({ alarms: [alarm(700, { title: 'Nach dem Ausfall' })], port });
  await page.getByText('Nach dem Ausfall').waitFor({ timeout: 60_000 });
});
await step('starts without network from what the worker kept', async () => {
  await mock.stop();
  await page.reload();
  await page.getByText('Der Server antwortet nicht').waitFor({ timeout: 10_000 });
  const kept = await page.evaluate(async () => {
    const urls = [];
    for (const name of await caches.keys())
      for (const request of await (await caches.open(name)).keys())
        urls.push(new URL(request.url).pathname);
    return urls;
  });
  return kept.every((path) => path.startsWith('/assets/') || path === '/alarm') || kept;
});
await step('the monitor takes its key out of the address and shows the time', async () => {
  mock = await startMock({ alarms: [], port });
  await page.goto(`${mock.origin}/monitor#key=obk_secret`);
  await page.getByText('Kein Alarm', { exact: true }).last().waitFor();
  return !page.url().includes('obk_secret');
});
await step('the monitor shows an alarm and comes back after an outage', async () => {
  mock.raise(alarm(800, { created_at: ago(0), title: 'TH 1 Baum auf Straße' }, 5));
  await page.getByText('TH 1 Baum auf Straße').waitFor();
  await mock.stop();
  await page.getByText('Keine Verbindung seit').waitFor({ timeout: 15_000 });
  mock = await startMock({ alarms: [alarm(801, { title: 'Danach' })], port });
  await page.getByText('Danach').waitFor({ timeout: 60_000 });
  await mock.stop();
});
await step('the console stays silent but for the outage', () => {
  const bad = said.filter(
    (line) => !/ERR_|Failed to load|WebSocket connection|incognito mode/.test(line),
  );
  return bad.length === 0 || bad;
});
await browser.close();
process.stdout.write(`${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
