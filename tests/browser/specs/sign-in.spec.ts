// Signing in and out, and following an invitation: plain forms that need no JavaScript, in German and English.
import { expect, test } from '../support/test.ts';

const WORDS = {
  'de-DE': {
    title: 'Anmelden',
    email: 'E-Mail-Adresse',
    password: 'Passwort',
    refused: 'E-Mail-Adresse oder Passwort stimmt nicht.',
    out: 'Abmelden',
    gone: 'Abgemeldet.',
  },
  'en-GB': {
    title: 'Sign in',
    email: 'E-mail address',
    password: 'Password',
    refused: 'E-mail address or password is wrong.',
    out: 'Sign out',
    gone: 'Signed out.',
  },
} as const;

for (const locale of ['de-DE', 'en-GB'] as const) {
  test(`signing in and out without JavaScript (${locale})`, async ({ server, open, quiet }) => {
    const words = WORDS[locale];
    quiet.expectNoise(/status of 422/);
    const { page, context } = await open({ javaScriptEnabled: false, locale });
    await page.goto(`${server.origin}/alarm`);
    expect(new URL(page.url()).pathname, 'who is not signed in is sent to the form').toBe(
      '/sign-in',
    );
    await expect(page.getByRole('heading', { name: words.title })).toBeVisible();

    await page.getByLabel(words.email).fill(server.otherCrew.email);
    await page.getByLabel(words.password).fill('nicht das Passwort');
    await page.getByRole('button', { name: words.title }).click();
    await expect(page.getByText(words.refused)).toBeVisible();
    await expect(page.getByLabel(words.email)).toHaveValue(server.otherCrew.email);
    await expect(page.getByLabel(words.password)).toHaveValue('');

    await page.getByLabel(words.password).fill(server.otherCrew.password);
    await page.getByRole('button', { name: words.title }).click();
    await page.waitForURL(`${server.origin}/alarm`);
    const session = (await context.cookies()).find((one) => one.name.includes('session'));
    expect(session, 'ends with the browser').toMatchObject({
      expires: -1,
      httpOnly: true,
      sameSite: 'Lax',
    });

    await page.goto(`${server.origin}/sign-out`);
    await page.getByRole('button', { name: /Abmelden|Sign out/ }).click();
    await expect(page.getByText(/Abgemeldet\.|Signed out\./)).toBeVisible();
    const me = await context.request.get(`${server.origin}/api/obhut/v1/me`);
    expect(me.status()).toBe(401);
  });
}

test('an unknown address gets the same words as a wrong password', async ({
  server,
  open,
  quiet,
}) => {
  quiet.expectNoise(/status of 422/);
  const { page } = await open({ javaScriptEnabled: false });
  await page.goto(`${server.origin}/sign-in`);
  await page.getByLabel('E-Mail-Adresse').fill('niemand@tannenbrueck.example');
  await page.getByLabel('Passwort').fill('irgendein Passwort');
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await expect(page.getByText(WORDS['de-DE'].refused)).toBeVisible();
});

test('staying signed in lasts 14 days', async ({ server, open }) => {
  const { page, context } = await open();
  await page.goto(`${server.origin}/sign-in`);
  await page.getByLabel('E-Mail-Adresse').fill(server.crew.email);
  await page.getByLabel('Passwort').fill(server.crew.password);
  await page.getByLabel(/Angemeldet bleiben/).check();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Alarme' })).toBeVisible();
  const session = (await context.cookies()).find((one) => one.name.includes('session'));
  const days = ((session?.expires ?? 0) - Date.now() / 1000) / 86_400;
  expect(days).toBeGreaterThan(13.9);
  expect(days).toBeLessThanOrEqual(14);
});

test('an invited person follows the mail, chooses a password and is a member', async ({
  server,
  seat,
  open,
}) => {
  const officer = await seat(server.officer);
  await officer.page.goto(`${server.origin}/people`);
  await officer.page.getByRole('button', { name: 'Person einladen' }).click();
  await officer.page.getByLabel('Vorname').fill('Yara');
  await officer.page.getByLabel('Nachname').fill('Zimmer');
  await officer.page
    .getByRole('textbox', { name: 'E-Mail' })
    .fill('yara.zimmer@tannenbrueck.example');
  await officer.page.getByRole('button', { name: 'Einladung senden' }).click();
  await expect(officer.page.getByText('ist unterwegs')).toBeVisible();
  const row = officer.page.getByRole('row', { name: /Yara Zimmer/ });
  await expect(row.getByText('eingeladen', { exact: true })).toBeVisible();

  const yara = await open({ javaScriptEnabled: false });
  const mail = yara.page.locator('article', { hasText: 'yara.zimmer@' });
  await expect(async () => {
    await yara.page.goto(`${server.origin}/demo/mail`);
    await expect(mail).toBeVisible({ timeout: 500 });
  }).toPass();
  const link = /http:\/\/localhost:\d+\/invitation\?\S+/.exec(await mail.innerText())?.[0];
  await yara.page.goto(link ?? '');
  await expect(yara.page.getByText(/lädt Yara( Zimmer)? zu Obhut ein/)).toBeVisible();
  await yara.page.getByLabel('Passwort wählen').fill('vier rote Leitern');
  await yara.page.getByLabel('Passwort wiederholen').fill('vier rote Leitern');
  await yara.page.getByRole('button', { name: 'Einladung annehmen' }).click();
  await expect(yara.page).not.toHaveURL(/invitation/);
  if (new URL(yara.page.url()).pathname === '/sign-in') {
    await yara.page.getByLabel('E-Mail-Adresse').fill('yara.zimmer@tannenbrueck.example');
    await yara.page.getByLabel('Passwort').fill('vier rote Leitern');
    await yara.page.getByRole('button', { name: 'Anmelden' }).click();
    await expect(yara.page).not.toHaveURL(/sign-in/);
  }
  const me = await yara.context.request.get(`${server.origin}/api/obhut/v1/me`);
  expect(await me.json()).toMatchObject({
    membership: { given_name: 'Yara', family_name: 'Zimmer' },
    permissions: ['alarm.read'],
  });

  await officer.page.reload();
  await expect(row).toBeVisible();
  await expect(row.getByText('eingeladen', { exact: true })).toHaveCount(0);
});
