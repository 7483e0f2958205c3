// Data protection as an officer sees it: what goes when, the record of processing, the log and its proof.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../support/test.ts';

test('periods are listed, changed and take hold', async ({ server, seat, quiet }) => {
  quiet.expectNoise(/status of 422/);
  const officer = await seat(server.officer);
  await officer.page.goto(`${server.origin}/privacy`);
  const row = officer.page.getByRole('row', { name: /Alarme mit Rückmeldungen/ });
  await expect(row).toContainText('30 Tage nach Ende des Alarms');
  await expect(officer.page.getByRole('row', { name: /^Sitzungen/ })).toContainText('fest');

  await row.getByRole('button', { name: 'Ändern' }).click();
  const dialog = officer.page.getByRole('dialog');
  await dialog.getByLabel('Dauer').fill('60');
  await dialog.getByRole('button', { name: 'Speichern' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(row).toContainText('60 Tage nach Ende des Alarms');

  await row.getByRole('button', { name: 'Ändern' }).click();
  await dialog.getByLabel('Dauer').fill('99');
  await dialog.getByLabel('Einheit').selectOption('Y');
  await dialog.getByRole('button', { name: 'Speichern' }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  await dialog.getByRole('button', { name: 'Abbrechen' }).click();
  await officer.api.call('PUT', '/privacy/deletion/alarms', { period: 'P30D' });
});

test('the record of processing is there to read and to take away, in both languages', async ({
  server,
  seat,
}) => {
  const officer = await seat(server.officer);
  const { page } = officer;
  await page.goto(`${server.origin}/privacy?tab=record`);
  await expect(page.getByText('Freiwillige Feuerwehr Tannenbrück').last()).toBeVisible();
  await page.getByText('Alarmierung und Rückmeldung').click();
  await expect(page.getByText('Art. 6 Abs. 1 lit. e DSGVO').first()).toBeVisible();

  const take = async (name: string) => {
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name }).click();
    const file = await download;
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
  };
  const german = await take('Deutsch, Dokument');
  expect(german.name).toMatch(/\.html$/);
  expect(german.text).toContain('<html lang="de"');
  expect(german.text).toContain('Alarmierung und Rückmeldung');
  const english = await take('Englisch, Dokument');
  expect(english.text).toContain('<html lang="en"');
  expect(english.text).toContain('Art. 6');
  const data = await take('Englisch, Daten');
  expect(JSON.parse(data.text)).toMatchObject({
    language: 'en',
    controller: 'Freiwillige Feuerwehr Tannenbrück',
  });
  const daten = await take('Deutsch, Daten');
  expect(JSON.parse(daten.text)).toMatchObject({ language: 'de' });
});

test('the log is listed, proven here, and checked from outside', async ({ launch, seat }) => {
  const server = await launch({ demo: true });
  const officer = await seat(server.officer, {}, server);
  const { page } = officer;
  await page.goto(`${server.origin}/privacy?tab=log`);
  const entry = page.getByRole('row', { name: /session\.|signed_in|person\./ }).first();
  await expect(entry).toBeVisible();
  await entry.getByRole('button', { name: /Beweis/ }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('Von diesem Browser nachgerechnet: stimmt.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Schließen' }).click();

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Prüfstand herunterladen' }).click();
  const note = join(server.folder, 'kept.checkpoint');
  await (await download).saveAs(note);
  expect(await readFile(note, 'utf8')).toContain(`localhost:${server.printed.port}/org_`);

  // More happens afterwards; then somebody checks the folder against what they kept.
  await officer.api.call('PATCH', '/me', { language: 'de' });
  await officer.api.post('/demo/alarm');
  await officer.context.close();
  await server.down();
  const fine = await server.command('audit', 'verify', '--checkpoint', note);
  expect(fine.text).toContain('nothing was changed');
  expect(fine.text).toMatch(/nothing was rewritten since/i);
  expect(fine.code).toBe(0);

  // A checkpoint of a past that never was: what a rewritten log looks like to somebody who kept one.
  const lines = (await readFile(note, 'utf8')).split('\n');
  lines[2] = Buffer.alloc(32, 7).toString('base64');
  await writeFile(note, lines.join('\n'));
  expect((await server.command('audit', 'verify', '--checkpoint', note)).code).not.toBe(0);
});
