// A brigade of one's own: a server without demo, set up through its page as on a first start.
import { expect, type Page } from '@playwright/test';
import type { Login, Server } from './server.ts';

export const ADMIN: Login = {
  email: 'erika.muster@beispiel.example',
  password: 'drei blaue Pferde',
};
export const BRIGADE = 'Freiwillige Feuerwehr Beispielhausen';

/** Fills the set-up form; afterwards Erika is signed in. */
export async function found(page: Page, server: Server): Promise<void> {
  await page.goto(server.printed.setupLink ?? '');
  await page.getByLabel('Name der Organisation').fill(BRIGADE);
  await page.getByLabel('Erste Einheit').fill('Löschzug Nord');
  await page.getByLabel('Vorname').fill('Erika');
  await page.getByLabel('Nachname').fill('Muster');
  await page.getByLabel('E-Mail-Adresse').fill(ADMIN.email);
  await page.getByLabel('Passwort', { exact: true }).fill(ADMIN.password);
  await page.getByLabel('Passwort wiederholen').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Einrichten' }).click();
  await expect(page.getByText('Kein Alarm läuft')).toBeVisible();
}
