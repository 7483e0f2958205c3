// Video in a real browser on real H.264: what the cameras burn into their pictures is read back from the page.
import { picture, strip } from '../support/strip.ts';
import { alarmId, expect, keyword, test } from '../support/test.ts';
import { camera, canvas, kept, recorded, tile, type, unlock } from '../support/video.ts';

test.describe.configure({ timeout: 90_000 });

test('live pictures: sealed, opened by the passphrase, moving, locked again', async ({
  server,
  seat,
}) => {
  const { page } = await seat(server.officer);
  await page.goto(`${server.origin}/video`);
  for (const name of ['Hof', 'Fahrzeughalle']) {
    await expect(tile(page, name)).toHaveAttribute('data-state', 'sealed', { timeout: 20_000 });
    await expect(canvas(page, name)).toHaveCount(0);
  }

  await page.getByRole('button', { name: 'Entsperren' }).first().click();
  await type(page, 'baba dodo keke lili momo nana');
  await expect(page.getByText('Mit dieser Passphrase geht es nicht auf')).toBeVisible({
    timeout: 20_000,
  });
  await type(page, server.printed.passphrase);
  for (const name of ['Hof', 'Fahrzeughalle']) {
    await expect(tile(page, name)).toHaveAttribute('data-state', 'live', { timeout: 20_000 });
    await expect(tile(page, name).getByRole('status')).toHaveText('Live');
  }

  const first = await strip(canvas(page, 'Hof'));
  const before = await picture(canvas(page, 'Hof'));
  expect(Math.abs(Date.now() - first.millis), 'it is now').toBeLessThan(5000);
  await expect
    .poll(async () => (await strip(canvas(page, 'Hof'))).counter)
    .toBeGreaterThan(first.counter + 5);
  const later = await strip(canvas(page, 'Hof'));
  expect(await picture(canvas(page, 'Hof')), 'the picture is another one').not.toBe(before);
  const [counted, passed] = [later.counter - first.counter, later.millis - first.millis];
  expect(Math.abs(passed - (counted * 1000) / 15), 'counter and clock agree').toBeLessThan(150);

  // Alone and large, then back; a page that is loaded anew stays unlocked.
  await tile(page, 'Hof').getByRole('button', { name: /^Groß zeigen/ }).click();
  await expect(tile(page, 'Fahrzeughalle')).toHaveCount(0);
  await expect(tile(page, 'Hof')).toHaveAttribute('data-state', 'live');
  await page.reload();
  await expect(tile(page, 'Hof')).toHaveAttribute('data-state', 'live', { timeout: 20_000 });
  expect(await kept(page)).toBe(1);

  await page.getByRole('button', { name: 'Sperren', exact: true }).click();
  await expect(tile(page, 'Hof')).toHaveAttribute('data-state', 'sealed');
  await expect(canvas(page, 'Hof')).toHaveCount(0);
  await expect.poll(() => kept(page)).toBe(0);
});

test('signing out takes the keys along, in every tab', async ({ server, seat }) => {
  const { page, context } = await seat(server.officer);
  await unlock(page, server);
  const other = await context.newPage();
  await other.goto(`${server.origin}/video/keys`);
  await expect(other.getByText(/Entsperrt bis/)).toBeVisible();
  expect(await kept(page)).toBe(1);

  await page.getByRole('link', { name: 'Abmelden' }).click();
  await page.getByRole('button', { name: 'Abmelden' }).click();
  await expect(page.getByText('Abgemeldet.')).toBeVisible();
  expect(await kept(page)).toBe(0);
  await other.close();
});

test('from an alarm to the recording of its second', async ({ server, seat, raise }) => {
  const { page, api } = await seat(server.officer);
  const { id } = await camera(api, 'Hof');
  const title = keyword('B2 Garagenbrand');
  await raise({ title });
  await page.goto(`${server.origin}/alarm/${await alarmId(api, title)}`);
  const section = page.getByRole('region', { name: 'Kameras' });
  const link = section.getByRole('link', { name: /^Beim Alarm \d\d:\d\d:\d\d Hof$/ });
  await expect(section.getByRole('link', { name: /^Beim Alarm .* Fahrzeughalle$/ })).toBeVisible();
  const at = Date.parse((await link.getAttribute('href'))?.split('/').at(-1) ?? '');
  expect(Math.abs(Date.now() - at)).toBeLessThan(20_000);
  await recorded(api, id, at + 3000);

  await link.click();
  await type(page, server.printed.passphrase);
  const video = page.locator('video');
  const shown = page.locator('.when time');
  await expect.poll(async () => Number(await video.getAttribute('data-recorded')), { timeout: 20_000 }).toBeGreaterThan(0);
  const standing = await strip(video);
  expect(Math.abs(standing.millis - at), 'the second of the alarm').toBeLessThan(1000);
  const said = Date.parse((await shown.getAttribute('datetime')) ?? '');
  expect(Math.abs(standing.millis - said), 'what is burned in is what the page says').toBeLessThan(500);
  const clock = new Intl.DateTimeFormat('de-DE', { timeStyle: 'medium', timeZone: 'Europe/Berlin' });
  await expect(shown).toContainText(clock.format(said));

  await page.getByRole('button', { name: 'Abspielen' }).click();
  await expect.poll(async () => (await strip(video)).millis).toBeGreaterThan(standing.millis + 1000);
  await page.getByRole('button', { name: 'Anhalten' }).click();
  const moved = await strip(video);
  expect(moved.counter).toBeGreaterThan(standing.counter + 10);
  await page.getByRole('button', { name: 'Ein Bild vor', exact: true }).click();
  await expect.poll(async () => (await strip(video)).counter).toBe(moved.counter + 1);
  await page.getByRole('button', { name: 'Ein Bild zurück' }).click();
  await expect.poll(async () => (await strip(video)).counter).toBe(moved.counter);

  // Who looked is in the log.
  const { items: logs } = await api.get<{ items: { id: string }[] }>('/ledger/logs');
  const { items: entries } = await api.get<{ items: { action: string }[] }>(
    `/ledger/${logs[0]?.id}/entries?limit=20`,
  );
  expect(entries.map((one) => one.action)).toContain('video.recording_opened');
});

test('without a right there is no way in, and the page says so', async ({ server, seat }) => {
  const { page } = await seat(server.crew);
  await page.goto(`${server.origin}/alarm`);
  await expect(page.getByRole('navigation', { name: 'Bereiche' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Video' })).toHaveCount(0);
  for (const path of ['/video', '/video/cameras', '/video/keys', '/video/recordings']) {
    await page.goto(server.origin + path);
    await expect(page.getByRole('alert'), path).toContainText('Dafür fehlt dir das Recht.');
    await expect(page.locator('canvas, video')).toHaveCount(0);
  }
});

for (const [what, path, words] of [
  ['VideoDecoder', '/video', 'WebCodecs'],
  ['MediaSource', '/video/recordings', 'Media Source Extensions'],
  ['subtle', '/video/keys', 'WebCrypto'],
] as const) {
  test(`a browser without ${what} is told what it lacks`, async ({ server, seat }) => {
    const { page } = await seat(server.officer);
    await page.addInitScript((name) => {
      const scope = globalThis as unknown as Record<string, unknown>;
      if (name === 'subtle') Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });
      else delete scope[name];
      if (name === 'MediaSource') delete scope.ManagedMediaSource;
    }, what);
    await page.goto(server.origin + path);
    const missing = page.getByRole('alert');
    await expect(missing).toContainText('Dieser Browser kann die Bilder nicht entschlüsseln');
    await expect(missing).toContainText(words);
    await expect(page.locator('canvas, video')).toHaveCount(0);
    // All else works.
    await page.goto(`${server.origin}/video/cameras`);
    await expect(page.getByRole('cell', { name: /Hof/ }).first()).toBeVisible();
  });
}
