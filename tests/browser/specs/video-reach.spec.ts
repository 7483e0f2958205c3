// Everybody can look: opened pictures in both themes on a phone and a desk, and all of it by keyboard.
import { findings, overhang } from '../support/axe.ts';
import { strip } from '../support/strip.ts';
import { expect, test } from '../support/test.ts';
import { camera, recorded, tile, unlock } from '../support/video.ts';

const PHONE = { width: 360, height: 740 };
const DESK = { width: 1440, height: 900 };

for (const colorScheme of ['dark', 'light'] as const) {
  test(`opened pictures, ${colorScheme}`, async ({ server, seat }) => {
    test.setTimeout(90_000);
    const { page, api } = await seat(server.officer, {
      colorScheme,
      viewport: PHONE,
      reducedMotion: 'reduce',
    });
    const { id } = await camera(api, 'Hof');
    const at = Date.now() + 1000;
    const look = async (where: string) => {
      expect.soft(await overhang(page), `${where} is wider than a small phone`).toBe(0);
      expect.soft(await findings(page), `${where} on a phone`).toEqual([]);
      await page.setViewportSize(DESK);
      expect.soft(await findings(page), where).toEqual([]);
      await page.setViewportSize(PHONE);
    };
    await unlock(page, server);
    await expect(tile(page, 'Hof')).toHaveAttribute('data-state', 'live');
    await look('the wall');
    await page.getByRole('button', { name: 'Alle Kameras' }).click();
    await look('the list of cameras');
    await recorded(api, id, at);
    await page.goto(`${server.origin}/video/${id}/${new Date(at).toISOString()}`);
    await strip(page.locator('video'));
    await look('a recording');
    await page.goto(`${server.origin}/video/cameras`);
    await page.getByRole('button', { name: 'Recorder hinzufügen' }).click();
    await look('a new recorder');
    await page.goto(`${server.origin}/video/keys`);
    await expect(page.getByText('Empfängerliste 1')).toBeVisible();
    await look('the keys');
  });
}

test('a recording by keyboard alone', async ({ server, seat }) => {
  test.setTimeout(90_000);
  const { page, api } = await seat(server.officer);
  const { id } = await camera(api, 'Hof');
  const at = Date.now() + 1000;
  await recorded(api, id, at + 2000);
  await page.goto(`${server.origin}/video/${id}/${new Date(at).toISOString()}`);
  const passphrase = page.getByLabel('Passphrase', { exact: true });
  await passphrase.waitFor();
  for (let step = 0; step < 30; step += 1) {
    if (await passphrase.evaluate((one) => one === document.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  await expect(passphrase).toBeFocused();
  await page.keyboard.type(server.printed.passphrase);
  await page.keyboard.press('Enter');
  const video = page.locator('video');
  const first = await strip(video);
  expect(Math.abs(first.millis - at)).toBeLessThan(1000);

  const counter = async () => (await strip(video)).counter;
  await page.keyboard.press('.');
  await expect.poll(counter).toBe(first.counter + 1);
  await page.keyboard.press(',');
  await expect.poll(counter).toBe(first.counter);
  await page.keyboard.press('k');
  await expect.poll(counter).toBeGreaterThan(first.counter + 5);
  await page.keyboard.press('k');
  await expect(page.getByRole('button', { name: 'Abspielen' })).toBeVisible();
  const line = page.getByRole('slider', { name: 'Zeitleiste' });
  await line.focus();
  const before = Date.parse((await page.locator('.when time').getAttribute('datetime')) ?? '');
  await page.keyboard.press('ArrowLeft');
  const time = async () =>
    Date.parse((await page.locator('.when time').getAttribute('datetime')) ?? '');
  await expect.poll(async () => before - (await time())).toBeGreaterThan(1000);
});
