// Everybody can use it: nothing for axe to find in any theme and language, nothing to scroll sideways on a small phone,
// no motion where none is wanted, and answering by keyboard alone.
import { findings, overhang } from '../support/axe.ts';
import { expect, keyword, test, type Seat } from '../support/test.ts';

const PLACES = [
  '/alarm',
  '/alarm/new',
  '/alarm?state=closed',
  '/people',
  '/privacy',
  '/privacy?tab=record',
  '/privacy?tab=log',
  '/video',
  '/video/cameras',
  '/video/keys',
  '/video/recordings',
  '/settings',
  '/settings?tab=unit',
  '/settings?tab=organisation',
  '/settings?tab=keys',
  '/settings?tab=push',
  '/settings?tab=sessions',
  '/settings?tab=jobs',
];
const PHONE = { width: 360, height: 740 };
const DESK = { width: 1440, height: 900 };

/** Waits until a page has what it shows. */
async function settled(page: Seat['page']): Promise<void> {
  await page.locator('h1').first().waitFor({ state: 'attached' });
  await expect(page.locator('.skeleton')).toHaveCount(0);
}

for (const colorScheme of ['dark', 'light'] as const) {
  for (const language of ['de', 'en'] as const) {
    test(`every place, ${colorScheme}, ${language}`, async ({ server, seat, open, raise }) => {
      test.setTimeout(120_000);
      const options = { colorScheme, locale: language, viewport: PHONE, reducedMotion: 'reduce' };
      const officer = await seat(server.officer, options as object);
      const { page } = officer;
      const look = async (where: string) => {
        await settled(page);
        expect.soft(await overhang(page), `${where} is wider than a small phone`).toBe(0);
        await page.setViewportSize(DESK);
        expect.soft(await findings(page), where).toEqual([]);
        await page.setViewportSize(PHONE);
      };
      await officer.api.call('PATCH', '/me', { language });
      try {
        for (const place of PLACES) {
          await page.goto(server.origin + place);
          await look(place);
        }
        const title = keyword('B4 Industriebrand');
        await raise({ title });
        await expect(page.getByRole('heading', { name: title })).toBeVisible();
        expect.soft(await findings(page), 'a ringing alarm on a phone').toEqual([]);
        await look('a ringing alarm');
        await page.locator('.answer.coming').first().click();
        await expect(page.locator('.given')).toBeVisible();
        await page.evaluate(() =>
          document
            .querySelectorAll('main details')
            .forEach((fold) => ((fold as HTMLDetailsElement).open = true)),
        );
        await expect(page.getByRole('table')).toBeVisible();
        await look('an answered alarm');

        const station = await open({ colorScheme, locale: language, viewport: DESK });
        await station.page.goto(server.printed.monitor ?? '');
        await expect(station.page.getByText(title)).toBeVisible();
        expect.soft(await findings(station.page), 'the monitor').toEqual([]);

        const guest = await open({ colorScheme, locale: language, viewport: PHONE });
        for (const path of ['/sign-in', '/privacy-notice', '/imprint', '/help']) {
          await guest.page.goto(server.origin + path);
          expect.soft(await overhang(guest.page), path).toBe(0);
          expect.soft(await findings(guest.page), path).toEqual([]);
          expect.soft(await guest.page.locator('html').getAttribute('lang')).toBe(language);
        }
      } finally {
        await officer.api.call('PATCH', '/me', { language: 'de' });
      }
    });
  }
}

test('signing in and answering by keyboard alone', async ({ server, open, raise }) => {
  const { page } = await open({ viewport: PHONE });
  const press = (key: string) => page.keyboard.press(key);
  await page.goto(`${server.origin}/sign-in`);
  const focused = () =>
    page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.id);
  const walk = async (to: RegExp, most: number) => {
    for (let step = 0; step < most; step += 1) {
      await press('Tab');
      if (to.test((await focused()) ?? '')) return;
    }
    throw new Error(`${to} is not reached with ${most} times Tab, but ${await focused()}`);
  };
  await walk(/^email$/, 4);
  await page.keyboard.type(server.otherCrew.email);
  await walk(/^password$/, 1);
  await page.keyboard.type(server.otherCrew.password);
  await press('Enter');
  await expect(page.getByRole('heading', { name: 'Alarme' })).toBeVisible();
  await walk(/^Zum Inhalt$/, 1);

  const title = keyword('H2 Sturmschaden');
  await raise({ title });
  await expect(page.getByRole('heading', { name: title })).toBeFocused();
  await walk(/^Ich komme nicht$/, 12);
  await press('Enter');
  await expect(page.locator('.given')).toContainText('Ich komme nicht');
  await walk(/^Ändern$/, 20);
  await press('Enter');
  await walk(/^Ich komme$/, 20);
  await press('Space');
  await expect(page.locator('.given')).toContainText('Ich komme');
  await expect(page.locator('.given')).not.toContainText('nicht');
});

test('without wish for motion nothing moves; with it, the edge of a ringing alarm pulses', async ({
  server,
  seat,
  raise,
}) => {
  const calm = await seat(server.crew, { reducedMotion: 'reduce' });
  const lively = await seat(server.otherCrew, { reducedMotion: 'no-preference' });
  for (const { page } of [calm, lively]) {
    await page.goto(`${server.origin}/alarm`);
    await expect(page.getByText('Kein Alarm läuft')).toBeVisible();
  }
  const title = keyword('B1 Papierkorb');
  await raise({ title });
  const moving = (seat: Seat) =>
    seat.page.evaluate(
      () => document.getAnimations().filter((one) => one.playState === 'running').length,
    );
  for (const { page } of [calm, lively])
    await expect(page.getByRole('heading', { name: title })).toBeVisible();
  await expect.poll(() => moving(lively)).toBeGreaterThan(0);
  await expect.poll(() => moving(calm)).toBe(0);
});
