// Rights by group of cameras: given on the page, they open that group and no other, and taken they end the picture.
import { findings, overhang } from '../support/axe.ts';
import { expect, OUTAGE, test } from '../support/test.ts';
import { camera, setUpKey, tile, unlock } from '../support/video.ts';

const NAME = 'Jonas Wiesner';

test('a member is given live pictures of one group, and loses them', async ({
  launch,
  seat,
  quiet,
}) => {
  test.setTimeout(150_000);
  const server = await launch({ demo: true });
  const first = await seat(server.officer, {}, server);
  const { page } = first;
  const hall = await camera(first.api, 'Fahrzeughalle');
  const yard = await camera(first.api, 'Hof');

  // A group of its own for one of the cameras, and its rights.
  await unlock(page, server);
  await page.goto(`${server.origin}/video/cameras`);
  await page.getByRole('button', { name: 'Gruppe hinzufügen' }).click();
  await page.locator('#group-name').fill('Halle');
  await page.getByRole('button', { name: 'Speichern' }).click();
  const open = page.getByRole('button', { name: /^Rechte ?: Halle$/ });
  await expect(open).toBeVisible();
  const groups = await first.api.get<{ items: { id: string; name: string }[] }>('/video/groups');
  const group = groups.items.find((one) => one.name === 'Halle')?.id ?? '';
  await first.api.call('PATCH', `/video/cameras/${hall.id}`, { group });

  // By keyboard alone.
  await open.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Rechte für „Halle“' });
  await expect(dialog.getByText(/^Alle Kameras \(Rolle .*Live-Bilder/).first()).toBeVisible();
  await expect(dialog.getByText('wartet auf den Schlüssel')).toBeVisible();
  await dialog.getByRole('button', { name: 'Person hinzufügen' }).focus();
  await page.keyboard.press('Enter');
  await expect(dialog.getByLabel('Person')).toBeFocused();
  await dialog.getByRole('button', { name: 'Speichern' }).click();
  await expect(dialog.getByLabel('Person')).toBeFocused();
  await dialog.getByLabel('Person').selectOption(NAME);
  await expect(dialog.getByLabel('Live-Bilder')).toBeChecked();
  await dialog.getByLabel('Aufnahmen').check();
  await dialog.getByLabel(/^Höchstens so viele Stunden/).fill('2161');
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('Bitte 1 bis 2160 Stunden')).toBeVisible();
  await page.setViewportSize({ width: 390, height: 844 });
  expect.soft(await overhang(page), 'wider than a phone').toBe(0);
  expect.soft(await dialog.evaluate((one) => one.scrollWidth - one.clientWidth)).toBe(0);
  expect.soft(await findings(page)).toEqual([]);
  await dialog.getByLabel(/^Höchstens so viele Stunden/).fill('24');
  await page.keyboard.press('Enter');
  const mine = dialog.getByRole('listitem').filter({ hasText: NAME });
  const words = 'Diese Gruppe: Live-Bilder, Aufnahmen der letzten 24 Stunden';
  await expect(mine.getByText(words)).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Person hinzufügen' })).toBeFocused();
  expect.soft(await findings(page)).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 720 });
  await mine.getByRole('button', { name: /^Ändern/ }).click();
  await dialog.getByLabel('Aufnahmen').uncheck();
  await dialog.getByRole('button', { name: 'Speichern' }).click();
  await expect(mine.getByText('Diese Gruppe: Live-Bilder', { exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(open).toBeFocused();

  // With the right alone there is no picture yet; the key is handed over on the same page.
  const second = await seat(server.crew, {}, server);
  await second.page.goto(`${server.origin}/video`);
  await second.page.getByRole('link', { name: 'Schlüssel einrichten' }).click();
  await setUpKey(second.page);
  await second.page.goto(`${server.origin}/video`);
  await expect(second.page.getByRole('heading', { name: 'Wartet auf Übergabe' })).toBeVisible();
  await page.goto(`${server.origin}/video/cameras`);
  await page.getByRole('button', { name: 'Jetzt übergeben' }).click();
  await expect(page.getByText(`${NAME} wartet`)).toHaveCount(0);

  // That camera, and no other; no recordings, nothing to set up.
  await second.page.goto(`${server.origin}/video`);
  const picture = tile(second.page, 'Fahrzeughalle');
  await expect(picture).toHaveAttribute('data-state', 'live', { timeout: 20_000 });
  await expect(tile(second.page, 'Hof')).toHaveCount(0);
  const tabs = second.page.getByRole('navigation', { name: 'Video' });
  await expect(tabs.getByRole('link')).toHaveText(['Live', 'Schlüssel']);
  const { cameras } = await second.api.get<{ cameras: { name: string }[] }>('/video/cameras');
  expect(cameras.map((one) => one.name)).toEqual(['Fahrzeughalle']);
  const refused = await second.context.request.get(
    `${server.origin}/api/obhut/v1/video/cameras/${yard.id}/live`,
  );
  expect(refused.status()).toBe(403);

  // Who may set up this group alone is shown its cameras, and asked for nothing else.
  await open.click();
  await mine.getByRole('button', { name: /^Ändern/ }).click();
  await dialog.getByLabel('Einrichten').check();
  await dialog.getByRole('button', { name: 'Speichern' }).click();
  await expect(mine.getByText('Diese Gruppe: Live-Bilder, Einrichten')).toBeVisible();
  await expect(dialog.getByRole('status')).toHaveText('Gespeichert.');
  await page.keyboard.press('Escape');
  await expect(picture).toHaveAttribute('data-state', 'live');
  await second.page.goto(`${server.origin}/video/cameras`);
  await expect(second.page.getByRole('button', { name: /^Bearbeiten/ })).toHaveCount(1);
  await expect(second.page.getByRole('heading', { name: 'Gruppen' })).toHaveCount(0);
  await second.page.goto(`${server.origin}/video`);
  await expect(picture).toHaveAttribute('data-state', 'live', { timeout: 20_000 });

  // Taken away, the running picture ends at once.
  quiet.expectNoise(/status of 403/);
  quiet.expectNoise(OUTAGE);
  await open.click();
  await mine.getByRole('button', { name: /^Wegnehmen/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Wegnehmen', exact: true }).click();
  await expect(picture.and(second.page.locator('[data-state="live"]'))).toHaveCount(0, {
    timeout: 10_000,
  });
  await expect(picture.getByText('Kein Recht', { exact: true })).toBeVisible();
  await expect(picture.locator('canvas')).toBeHidden();
  await expect(mine).toHaveCount(0);
  await second.page.reload();
  await expect(second.page.getByText('Dafür fehlt dir das Recht')).toBeVisible();
});
