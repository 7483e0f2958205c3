// What tests of video share: unlocking, tiles of the wall, what is recorded, what the browser keeps.
import { expect, type Locator, type Page } from '@playwright/test';
import type { Server } from './server.ts';
import type { Api } from './test.ts';

export interface Camera {
  id: string;
  name: string;
  state: string;
  armed: boolean;
}

/** One camera on the wall. */
export const tile = (page: Page, name: string): Locator =>
  page.getByRole('group', { name, exact: true });

/** The picture that stands in a tile. */
export const canvas = (page: Page, name: string): Locator => tile(page, name).locator('canvas');

/** Types the passphrase where the page asks for it. */
export async function type(page: Page, passphrase: string): Promise<void> {
  const form = page.locator('form', { has: page.getByLabel('Passphrase', { exact: true }) });
  await form.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await form.getByRole('button', { name: 'Entsperren' }).click();
}

/** Opens the wall and unlocks it. */
export async function unlock(page: Page, server: Server): Promise<void> {
  await page.goto(`${server.origin}/video`);
  await page.getByRole('button', { name: 'Entsperren' }).first().click();
  await type(page, server.printed.passphrase);
  await expect(page.getByRole('button', { name: 'Sperren', exact: true })).toBeVisible({ timeout: 20_000 });
}

/** A camera by name, once the server knows it in this state. */
export async function camera(api: Api, name: string, state = 'recording'): Promise<Camera> {
  let found: Camera | undefined;
  await expect
    .poll(
      async () => {
        const { cameras } = await api.get<{ cameras: Camera[] }>('/video/cameras');
        found = cameras.find((one) => one.name === name);
        return found?.state;
      },
      { timeout: 30_000, message: `${name} is ${state}` },
    )
    .toBe(state);
  if (!found) throw new Error(`no camera ${name}`);
  return found;
}

/** Waits until a moment of a camera is recorded and here. */
export async function recorded(api: Api, id: string, at: number): Promise<void> {
  const [from, to] = [at - 3_600_000, at + 3_600_000].map((one) => new Date(one).toISOString());
  await expect
    .poll(
      async () => {
        const { spans } = await api.get<{ spans: { from: string; to: string }[] }>(
          `/video/cameras/${id}/timeline?from=${from}&to=${to}`,
        );
        return spans.some((one) => Date.parse(one.from) <= at && at < Date.parse(one.to));
      },
      { timeout: 30_000, message: 'the moment is recorded and here' },
    )
    .toBe(true);
}

/** How many unlocked keys this browser keeps. */
export function kept(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const known = await indexedDB.databases();
    if (!known.some((one) => one.name === 'obhut-video')) return 0;
    return new Promise<number>((done, fail) => {
      const request = indexedDB.open('obhut-video');
      request.onerror = () => fail(request.error);
      request.onsuccess = () => {
        const database = request.result;
        const count = database.transaction('unlocked').objectStore('unlocked').count();
        count.onsuccess = () => {
          database.close();
          done(count.result);
        };
      };
    });
  });
}

/** Sets up a key as the page leads: six words, the recovery sheet, what is lost with both. */
export async function setUpKey(page: Page): Promise<{ passphrase: string; sheet: string }> {
  await page.getByRole('button', { name: 'Schlüssel einrichten' }).click();
  const passphrase = await page.getByTestId('generated-words').innerText();
  expect(passphrase.split(' ')).toHaveLength(6);
  const again = page.getByLabel('Passphrase noch einmal');
  const on = page.getByRole('button', { name: 'Weiter' });
  await again.fill(passphrase.split(' ').reverse().join(' '));
  await on.click();
  await expect(page.getByText('Das stimmt nicht mit der ersten überein.')).toBeVisible();
  await again.fill(passphrase);
  await on.click();

  const groups = await page.getByTestId('recovery-sheet').locator('span').allTextContents();
  expect(groups).toHaveLength(7);
  const back = page.locator('#sheet-back');
  const label = await page.locator('label[for="sheet-back"]').innerText();
  await back.fill(groups[Number(/(\d)\./.exec(label)?.[1]) - 1] ?? '');
  await on.click();

  await expect(page.getByText(/Sind Passphrase und Blatt beide weg/)).toBeVisible();
  const finish = page.getByRole('button', { name: 'Schlüssel anlegen' });
  await expect(finish).toBeDisabled();
  await page.getByRole('checkbox').check();
  await finish.click();
  await expect(page.getByText(/Entsperrt bis/)).toBeVisible({ timeout: 20_000 });
  return { passphrase, sheet: groups.join('-') };
}
