// One alarm of the demo, seen on a phone, on the station's screen and by the officer.
import { join } from 'node:path';
import { expect, test } from '../support/test.ts';

const FOLDER = join(import.meta.dirname, '../../../docs/pictures');

test('pictures', async ({ server, seat, open, raise, office }) => {
  const crew = await seat(server.crew, {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  });
  const officer = await seat(server.officer, { viewport: { width: 1280, height: 800 } });
  const station = await open({ viewport: { width: 1600, height: 900 } });
  await crew.page.goto(`${server.origin}/alarm`);
  await officer.page.goto(`${server.origin}/alarm`);
  await station.page.goto(server.printed.monitor ?? '');
  await expect(crew.page.getByText('Kein Alarm läuft')).toBeVisible();
  await expect(officer.page.getByText('Kein Alarm läuft')).toBeVisible();
  // Touched once, so that sound is allowed and nothing asks for it.
  await crew.page.getByRole('heading', { name: 'Alarme' }).tap();
  await officer.page.getByRole('heading', { name: 'Alarme' }).click();

  await raise({ text: 'Rauch aus dem zweiten Obergeschoss, Personen im Gebäude' });
  await officer.page.getByRole('button', { name: 'Ich komme', exact: true }).click();
  const { items } = await office.get<{ items: { id: string }[] }>('/alarms?state=open');
  const coming = async () =>
    (await office.get<{ counts: { coming: number } }>(`/alarms/${items[0]?.id}`)).counts.coming;
  await expect.poll(coming, { timeout: 60_000 }).toBeGreaterThanOrEqual(6);
  await crew.page.screenshot({ path: join(FOLDER, 'alarm.png') });
  await expect.poll(coming, { timeout: 60_000 }).toBeGreaterThanOrEqual(9);
  await officer.page.screenshot({ path: join(FOLDER, 'officer.png') });
  await station.page.screenshot({ path: join(FOLDER, 'monitor.png') });
});
