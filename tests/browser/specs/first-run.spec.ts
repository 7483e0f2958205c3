// The first start without demo: a link on the console makes the organisation, and works once.
import { BRIGADE, found } from '../support/brigade.ts';
import { expect, test } from '../support/test.ts';

test('the first start is closed until the printed link is used, once', async ({
  launch,
  open,
  quiet,
}) => {
  const server = await launch();
  const { page, context } = await open();
  quiet.expectNoise(/status of (503|410)/);
  expect(server.printed.setupLink).toContain(`${server.origin}/setup?code=`);

  for (const path of ['/', '/alarm', '/sign-in', '/people']) {
    const response = await page.goto(server.origin + path);
    expect(response?.status(), path).toBe(503);
    await expect(page.getByRole('heading', { name: 'noch nicht eingerichtet' })).toBeVisible();
  }
  const api = await context.request.get(`${server.origin}/api/obhut/v1/me`);
  expect([401, 503]).toContain(api.status());

  await page.goto(server.printed.setupLink ?? '');
  await page.getByLabel('Name der Organisation').fill(BRIGADE);
  await page.getByRole('button', { name: 'Einrichten' }).click();
  await expect(page.getByRole('alert').getByText('Bitte noch einmal ansehen')).toBeVisible();
  await expect(page.getByLabel('Name der Organisation'), 'what was typed stays').toHaveValue(
    BRIGADE,
  );
  quiet.expectNoise(/status of 422/);

  await found(page, server);
  await expect(page.getByText(BRIGADE)).toBeVisible();

  const other = await open();
  const again = await other.page.goto(server.printed.setupLink ?? '');
  expect(again?.status()).toBe(410);
  await expect(
    other.page.getByRole('heading', { name: 'Dieser Link funktioniert nicht mehr' }),
  ).toBeVisible();
  await other.page.getByRole('link', { name: 'Zur Anmeldung' }).click();
  await expect(other.page.getByRole('heading', { name: 'Anmelden' })).toBeVisible();

  // A page left open would complain, rightly, that nobody answers.
  await context.close();
  await other.context.close();
  await server.down();
  await server.up();
  expect(server.printed.setupLink, 'no link once it is set up').toBeNull();
});
