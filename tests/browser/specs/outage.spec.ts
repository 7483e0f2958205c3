// The server is taken away and comes back: pages say so, recover by themselves and show what came meanwhile.
import { expect, keyword, OUTAGE, test } from '../support/test.ts';

test('pages and monitor outlive the server', async ({ launch, open, quiet, seat, playwright }) => {
  test.setTimeout(120_000);
  const server = await launch({ demo: true });
  quiet.expectNoise(OUTAGE);
  const crew = await seat(server.crew, { viewport: { width: 390, height: 844 } }, server);
  const station = await open({ viewport: { width: 1920, height: 1080 } });
  await crew.page.goto(`${server.origin}/alarm`);
  await station.page.goto(server.printed.monitor ?? '');
  await expect(crew.page.getByText('Kein Alarm läuft')).toBeVisible();
  await expect(station.page.getByText('Verbunden')).toBeVisible();

  await server.kill();
  await expect(crew.page.getByText('Keine Verbindung zum Server.')).toBeVisible({
    timeout: 20_000,
  });
  await expect(station.page.getByText('Keine Verbindung seit')).toBeVisible({ timeout: 20_000 });

  await server.up();
  const title = keyword('B3 Dachstuhlbrand');
  const request = await playwright.request.newContext();
  const curl = server.printed.curl;
  await request.post(curl?.url ?? '', { form: { ...curl?.fields, title } });
  await request.dispose();
  // Nobody touches anything: both find back and show what came while they were alone.
  await expect(crew.page.getByRole('heading', { name: title })).toBeVisible({ timeout: 45_000 });
  await expect(crew.page.getByText('Keine Verbindung zum Server.')).toHaveCount(0);
  await expect(station.page.getByText(title)).toBeVisible({ timeout: 45_000 });
  await expect(station.page.getByText('Keine Verbindung seit')).toHaveCount(0);

  // The answer given before a power cut is there after it.
  await crew.page.getByRole('button', { name: 'Ich komme', exact: true }).click();
  await expect(crew.page.getByText('Deine Antwort')).toBeVisible();
  await server.kill();
  await server.up();
  await crew.page.reload();
  await expect(crew.page.getByText('Deine Antwort')).toBeVisible();
});

test('a screen that is switched on while the server is away says so, and starts when it is back', async ({
  launch,
  open,
  quiet,
}) => {
  quiet.expectNoise(OUTAGE);
  const server = await launch({ demo: true });
  const { page, context } = await open({ viewport: { width: 1920, height: 1080 } });
  // The page itself is there, as from a browser's own memory; nothing else is.
  await context.route('**/api/**', (route) => route.abort('connectionrefused'));
  await page.goto(server.printed.monitor ?? '');
  await expect(page.getByText('Keine Verbindung seit')).toBeVisible();
  await context.unroute('**/api/**');
  await expect(page.getByText('Verbunden')).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText('Keine Verbindung seit')).toHaveCount(0);
});

test('what the page asks the server does not wait for the service worker', async ({ server, seat }) => {
  const { page } = await seat(server.crew);
  await page.goto(`${server.origin}/alarm`);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.reload();
  const source = () =>
    page.evaluate(() => {
      const all = performance.getEntriesByType('resource');
      const asked = all.find((one) => one.name.endsWith('/api/obhut/v1/me'));
      return (asked as { workerFinalSourceType?: string } | undefined)?.workerFinalSourceType;
    });
  await expect.poll(source).toBe('network');
});
