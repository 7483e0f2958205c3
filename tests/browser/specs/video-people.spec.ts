// Who holds which key: a second person waits, the first hands over with one button, then it opens for both.
import { expect, test, type Api } from '../support/test.ts';
import { camera, canvas, recorded, setUpKey, tile, unlock } from '../support/video.ts';
import { picture, strip } from '../support/strip.ts';

interface Person {
  membership_id: string;
  email: string;
}

async function give(office: Api, email: string, name: string): Promise<void> {
  const { items: roles } = await office.get<{ items: { id: string; name: string }[] }>('/roles');
  const role = roles.find((one) => one.name === name);
  const { items: people } = await office.get<{ items: Person[] }>('/people?limit=200');
  const person = people.find((one) => one.email === email);
  if (!role || !person) throw new Error(`no ${name} or no ${email}`);
  await office.call('PATCH', `/people/${person.membership_id}`, { role_ids: [role.id] });
}

test('a second person waits for the key, and gets it with one button', async ({ launch, seat }) => {
  test.setTimeout(120_000);
  const server = await launch({ demo: true });
  const first = await seat(server.officer, {}, server);
  await give(first.api, server.crew.email, 'Leitung');
  const second = await seat(server.crew, {}, server);
  const { id } = await camera(first.api, 'Hof');
  const at = Date.now() + 1000;

  // Nothing of one's own yet: the wall says so and leads to the keys.
  await second.page.goto(`${server.origin}/video`);
  await expect(second.page.getByRole('heading', { name: 'Noch kein Schlüssel' })).toBeVisible();
  await expect(canvas(second.page, 'Hof')).toHaveCount(0);
  await second.page.getByRole('link', { name: 'Schlüssel einrichten' }).click();
  await setUpKey(second.page);
  const mine = second.page.getByRole('region', { name: 'Mein Schlüssel' });
  const print = await mine.locator('code').textContent();
  for (const path of ['/video', '/video/recordings']) {
    await second.page.goto(server.origin + path);
    await expect(second.page.getByRole('heading', { name: 'Wartet auf Übergabe' })).toBeVisible();
    await expect(second.page.getByText('Übergeben kann: Katrin Hollmann.')).toBeVisible();
    await expect(second.page.locator('canvas, video')).toHaveCount(0);
  }

  await unlock(first.page, server);
  const offer = first.page.getByRole('status').filter({ hasText: 'Jonas Wiesner wartet' });
  await expect(offer).toBeVisible();
  await offer.getByRole('link', { name: 'Schlüsselkreis' }).click();
  const circle = first.page.getByRole('region', { name: 'Live-Bilder öffnen' });
  await expect(circle.getByText(print ?? 'no fingerprint')).toBeVisible();
  await first.page.goBack();
  await first.page.getByRole('button', { name: /übergeben/ }).click();
  await expect(first.page.getByText('Jonas Wiesner wartet')).toHaveCount(0);

  await second.page.goto(`${server.origin}/video`);
  await expect(tile(second.page, 'Hof')).toHaveAttribute('data-state', 'live', { timeout: 20_000 });
  const before = await strip(canvas(second.page, 'Hof'));
  await expect
    .poll(async () => (await strip(canvas(second.page, 'Hof'))).counter)
    .toBeGreaterThan(before.counter);
  expect(await picture(canvas(second.page, 'Hof'))).not.toBe(0);
  await recorded(first.api, id, at);
  await second.page.goto(`${server.origin}/video/${id}/${new Date(at).toISOString()}`);
  expect(Math.abs((await strip(second.page.locator('video'))).millis - at)).toBeLessThan(1000);
});
