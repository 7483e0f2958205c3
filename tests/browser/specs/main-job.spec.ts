// The main job: an alarm comes over the real interface, open pages ring, people answer in one tap, everybody counts.
import { alarmId, expect, keyword, test } from '../support/test.ts';

test('an alarm rings, is answered in one tap, counts live and ends', async ({
  server,
  seat,
  open,
  raise,
}) => {
  const officer = await seat(server.officer);
  const crew = await seat(server.crew, { viewport: { width: 390, height: 844 } });
  const station = await open({ viewport: { width: 1920, height: 1080 } });
  await officer.page.goto(`${server.origin}/people`);
  await crew.page.goto(`${server.origin}/`);
  await station.page.goto(server.printed.monitor ?? '');
  await expect(officer.page.getByText('Verbunden')).toBeVisible();
  await expect(crew.page.getByText('Kein Alarm läuft')).toBeVisible();
  await expect(station.page.getByText('Verbunden')).toBeVisible();
  expect(station.page.url(), 'the key does not stay in the address').toBe(
    `${server.origin}/monitor`,
  );
  // A touch, so that sound is allowed.
  await crew.page.getByRole('heading', { name: 'Alarme' }).click();

  const title = keyword('B3 Wohnungsbrand');
  await raise({ title });

  await expect(crew.page.getByRole('heading', { name: title })).toBeVisible();
  await expect(crew.page.getByText('Klingelt')).toBeVisible();
  await expect(officer.page.getByRole('heading', { name: title })).toBeVisible();
  await expect(station.page.getByText(title)).toBeVisible();
  const id = await alarmId(officer.api, title);
  expect(officer.page.url()).toBe(`${server.origin}/alarm/${id}`);
  expect(crew.page.url()).toBe(`${server.origin}/alarm/${id}`);
  await expect(crew.page.getByText('Mühlenweg 14, Tannenbrück')).toBeVisible();

  await crew.page.getByRole('button', { name: 'Ich komme', exact: true }).click();
  await expect(crew.page.getByText('Deine Antwort')).toBeVisible();
  await expect(crew.page.getByText('Klingelt')).toHaveCount(0);
  const coming = officer.page.getByRole('region', { name: 'Wer kommt' });
  await expect(coming.getByText('Jonas Wiesner')).toBeVisible();
  await expect(station.page.getByText('Jonas Wiesner')).toBeVisible();

  // The demo's own phones answer one after the other: the count grows without anybody touching the page.
  const words = officer.page.locator('.words');
  const counted = async () => Number(/^(\d+)/.exec(await words.innerText())?.[1] ?? 0);
  const before = await counted();
  expect(before).toBeGreaterThan(0);
  await expect.poll(counted, { timeout: 30_000 }).toBeGreaterThan(before);
  const now = await counted();
  await expect
    .poll(async () => Number(/^(\d+)/.exec(await station.page.locator('.words').innerText())?.[1]))
    .toBeGreaterThanOrEqual(now);

  await officer.page.getByText('Einzelheiten').click();
  await officer.page.getByRole('button', { name: 'Alarm beenden' }).click();
  await officer.page.getByRole('dialog').getByRole('button', { name: 'Alarm beenden' }).click();
  await expect(crew.page.locator('.tag', { hasText: 'Beendet' })).toBeVisible();
  await expect(station.page.getByText('Kein Alarm', { exact: true }).last()).toBeVisible();
  await crew.page.getByRole('link', { name: 'Alarme' }).first().click();
  await crew.page.getByRole('link', { name: 'Beendet' }).click();
  await expect(crew.page.getByRole('link', { name: title })).toBeVisible();
});

test('the button of the demo sends an alarm, and a crew member may not end it', async ({
  server,
  seat,
}) => {
  const crew = await seat(server.crew);
  const officer = await seat(server.officer);
  await crew.page.goto(`${server.origin}/alarm`);
  await crew.page.getByRole('button', { name: 'Probealarm senden' }).first().click();
  await crew.page.waitForURL('**/alarm/alm_*');
  const id = new URL(crew.page.url()).pathname.split('/')[2] ?? '';
  await crew.page.getByText('Einzelheiten').click();
  await expect(crew.page.getByText('Wird gelöscht')).toBeVisible();
  await expect(crew.page.getByRole('button', { name: 'Alarm beenden' })).toHaveCount(0);
  await expect(crew.page.getByText('Zustellung')).toHaveCount(0);
  await officer.api.post(`/alarms/${id}/actions/close`);
  await expect(crew.page.locator('.tag', { hasText: 'Beendet' })).toBeVisible();
});
