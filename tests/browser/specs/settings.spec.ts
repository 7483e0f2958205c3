// What an organisation sets up by itself: units, groups, vehicles, answers, strength, keys, what the imprint says.
import { found } from '../support/brigade.ts';
import { Api, expect, test } from '../support/test.ts';

test('a new brigade arranges its unit and takes alarms with a key of its own', async ({
  launch,
  open,
  quiet,
  playwright,
}) => {
  quiet.expectNoise(/status of 422/);
  const server = await launch();
  const { page, context } = await open();
  await found(page, server);
  const api = new Api(context.request, server.origin);
  const fold = async (name: string) => {
    await page.locator('summary', { hasText: name }).first().click();
    return page.locator('details[open]', { hasText: name }).last();
  };

  await page.goto(`${server.origin}/settings?tab=unit`);
  let form = await fold('Gruppe anlegen');
  await form.getByLabel('Name', { exact: true }).fill('Atemschutz');
  await form.getByLabel('RIC').fill('2312001');
  await form.getByRole('button', { name: 'Anlegen' }).click();
  await expect(page.getByText('RIC 2312001')).toBeVisible();

  form = page.locator('details[open]', { hasText: 'Fahrzeug anlegen' });
  await fold('Fahrzeug anlegen');
  await form.getByLabel('Name', { exact: true }).fill('HLF 20');
  await form.getByRole('button', { name: 'Anlegen' }).click();
  await expect(form.getByText('Bitte ausfüllen.')).toBeVisible();
  await form.getByLabel('Funkrufname').fill('Florian Beispielhausen 1-46-1');
  await form.getByRole('button', { name: 'Anlegen' }).click();
  await expect(page.getByText('Florian Beispielhausen 1-46-1')).toBeVisible();

  form = page.locator('details[open]', { hasText: 'Qualifikation anlegen' });
  await fold('Qualifikation anlegen');
  await form.getByLabel('Name', { exact: true }).fill('Atemschutz');
  await form.getByLabel('Kürzel').fill('AGT');
  await form.getByRole('button', { name: 'Anlegen' }).click();
  await expect(page.getByText('Atemschutz (AGT)').filter({ visible: true }).first()).toBeVisible();

  form = page.locator('details[open]', { hasText: 'Benötigte Stärke ändern' });
  await fold('Benötigte Stärke ändern');
  await form.getByLabel('Atemschutz (AGT)').fill('4');
  await form.getByRole('button', { name: 'Speichern' }).click();
  await expect(page.getByText('4 Atemschutz (AGT)')).toBeVisible();

  form = page.locator('details[open]', { hasText: 'Antworten ändern' });
  await fold('Antworten ändern');
  await form.getByLabel('Antwort 1').fill('Bin unterwegs');
  await form.getByRole('button', { name: 'Antwort hinzufügen' }).click();
  await form.getByRole('textbox').last().fill('Im Gerätehaus');
  await form.getByRole('button', { name: 'Nach oben' }).last().click();
  await form.getByRole('button', { name: 'Speichern' }).click();
  await expect(page.getByText(/Bin unterwegs · .* · Im Gerätehaus · /)).toBeVisible();

  form = page.locator('details[open]', { hasText: 'Einheit anlegen' });
  await fold('Einheit anlegen');
  await form.getByLabel('Name', { exact: true }).fill('Löschzug Süd');
  await form.getByRole('button', { name: 'Anlegen' }).click();
  await expect(page.getByRole('heading', { name: 'Löschzug Süd' })).toBeVisible();

  await page.getByRole('link', { name: 'Organisation' }).click();
  await page.getByLabel('Anschrift').fill('Am Gerätehaus 1\n09999 Beispielhausen');
  await page.getByLabel('Kontakt').fill('wehr@beispiel.example');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await expect(page.getByText('Gespeichert.')).toBeVisible();

  await page.getByRole('link', { name: 'Schlüssel' }).click();
  await page.getByLabel('Name').fill('Leitstelle');
  await page.getByRole('button', { name: 'Schlüssel anlegen' }).click();
  const line = page.locator('pre.secret');
  await expect(line).toContainText('curl');
  await page.getByRole('button', { name: /^Zusammenlegen/ }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('checkbox')).toBeChecked();
  await expect(dialog.getByRole('spinbutton')).toHaveValue('5');
  await dialog.getByRole('spinbutton').fill('0');
  await dialog.getByRole('button', { name: 'Speichern' }).click();
  await expect(dialog).toHaveCount(0);

  // Twice the same within seconds: two alarms, because merging without a number is off now.
  const key = /accesskey=([\w-]+)/.exec(await line.innerText())?.[1] ?? '';
  const request = await playwright.request.newContext();
  for (const _ of [1, 2]) {
    const response = await request.post(`${server.origin}/api/alarm?accesskey=${key}`, {
      form: { title: 'B1 Mülltonne', address: 'Am Anger 3' },
    });
    expect(await response.json()).toMatchObject({ success: true, data: { merged: false } });
  }
  await request.dispose();
  const { items } = await api.get<{ items: { answers: { label: string }[] }[] }>(
    '/alarms?state=open',
  );
  expect(items).toHaveLength(2);
  expect(items[0]?.answers[0]?.label).toBe('Bin unterwegs');

  await page.goto(`${server.origin}/imprint`);
  await expect(page.getByText('wehr@beispiel.example')).toBeVisible();
  await expect(page.getByText('09999 Beispielhausen')).toBeVisible();
});

test('a sign-in elsewhere is ended from the list', async ({ server, seat, quiet }) => {
  quiet.expectNoise(/status of 401|WebSocket connection to/);
  const here = await seat(server.crew);
  const there = await seat(server.crew);
  await there.page.goto(`${server.origin}/alarm`);
  await expect(there.page.getByText('Verbunden')).toBeVisible();
  const { items } = await there.api.get<{ items: { id: string; this: boolean }[] }>('/sessions');
  const id = items.find((one) => one.this)?.id;
  await here.page.goto(`${server.origin}/settings?tab=sessions`);
  await expect(here.page.getByText('diese', { exact: true })).toBeVisible();
  await here.api.call('DELETE', `/sessions/${id}`);
  await expect(there.page.getByRole('heading', { name: 'Anmelden' })).toBeVisible();
});
