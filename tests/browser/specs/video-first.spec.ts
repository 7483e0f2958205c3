// From nothing to a recording, as a brigade would: key, circle, a recorder started by the line that the page shows.
import { found } from '../support/brigade.ts';
import { strip } from '../support/strip.ts';
import { Api, expect, test } from '../support/test.ts';
import { camera, recorded, setUpKey, type } from '../support/video.ts';

test('a new brigade gets from nothing to its first recording', async ({ launch, open, run }) => {
  test.setTimeout(150_000);
  const server = await launch();
  const { page, context } = await open();
  await found(page, server);
  const api = new Api(context.request, server.origin);

  await page.getByRole('link', { name: 'Video', exact: true }).click();
  await page.getByRole('link', { name: 'Schlüssel einrichten' }).click();
  const { passphrase, sheet } = await setUpKey(page);
  await page.getByRole('button', { name: 'Schlüsselkreis einrichten' }).click();
  const circle = page.getByRole('region', { name: 'Schlüsselkreis' });
  await expect(circle.getByText('Empfängerliste 1')).toBeVisible();
  await expect(circle.getByText('hat den Schlüssel')).toHaveCount(3);

  // A camera, and the recorder beside it with the very line of the page.
  const simulator = await run(['simulate', 'camera', '--mount', 'tor=Tor', '--fps', '10'], /^Port: (\d+)/);
  await page.getByRole('link', { name: 'Kameras', exact: true }).click();
  await page.getByRole('button', { name: 'Recorder hinzufügen' }).click();
  await page.getByLabel('Wie soll der Recorder heißen?').fill('Wache Nord');
  await page.getByRole('button', { name: 'Zugang erzeugen' }).click();
  const line = (await page.getByTestId('command-short').textContent()) ?? '';
  const words = [...line.replaceAll(/\\\n/g, ' ').matchAll(/(?:[^\s']+|'[^']*')+/g)].map((word) =>
    word[0].replaceAll("'", ''),
  );
  expect(words.slice(0, 2)).toEqual(['obhut', 'camera']);
  expect(words.slice(-2), line).toEqual(['--source', 'rtsp://…']);
  words[words.length - 1] = `rtsp://127.0.0.1:${simulator.found}/tor`;
  await page.getByRole('button', { name: 'Ich habe ihn' }).click();
  const recorder = await run(words.slice(1));
  const agent = page.getByRole('listitem').filter({ hasText: 'Wache Nord' });
  await expect(agent.getByText('Verbunden', { exact: true })).toBeVisible({ timeout: 30_000 });

  // It appears unarmed, and nothing is recorded until somebody says so.
  const row = page.getByRole('row', { name: /Unscharf/ });
  await expect(row).toBeVisible({ timeout: 20_000 });
  await row.getByRole('button', { name: /^Bearbeiten/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Tor 1');
  await dialog.getByRole('button', { name: 'Speichern' }).click();
  await expect(dialog).toHaveCount(0);
  await page.getByRole('button', { name: /^Scharf schalten.*Tor 1/ }).click();
  await dialog.getByRole('button', { name: 'Scharf schalten' }).click();
  await expect(dialog).toHaveCount(0);
  const { id } = await camera(api, 'Tor 1');
  const since = Date.now();
  await recorded(api, id, since + 2000);

  await page.goto(`${server.origin}/video/${id}/${new Date(since + 2000).toISOString()}`);
  const video = page.locator('video');
  const shown = await strip(video);
  expect(Math.abs(shown.millis - since - 2000)).toBeLessThan(1000);

  // Locked and opened again with the words that were shown, then with the sheet.
  await page.goto(`${server.origin}/video/keys`);
  await page.getByRole('button', { name: 'Sperren', exact: true }).click();
  await type(page, passphrase);
  await expect(page.getByText(/Entsperrt bis/)).toBeVisible({ timeout: 20_000 });

  await page.getByRole('button', { name: 'Sperren', exact: true }).click();
  await page.getByRole('button', { name: 'Mit dem Wiederherstellungsblatt' }).click();
  await page.getByLabel('Zeichen vom Wiederherstellungsblatt').fill(sheet.toLowerCase());
  await page.getByRole('button', { name: 'Entsperren' }).click();
  await expect(page.getByText(/Entsperrt bis/)).toBeVisible({ timeout: 20_000 });

  // The recorder's access ends; what is recorded stays.
  await page.goto(`${server.origin}/video/cameras`);
  await agent.getByRole('button', { name: /^Sperren/ }).click();
  await dialog.getByLabel(/Wache Nord|Namen/).fill('Wache Nord');
  await dialog.getByRole('button', { name: 'Sperren' }).click();
  await expect(agent.getByText('Gesperrt', { exact: true })).toBeVisible();
  await recorder.end();
  await page.goto(`${server.origin}/video/${id}/${new Date(since + 2000).toISOString()}`);
  expect(Math.abs((await strip(video)).millis - since - 2000)).toBeLessThan(1000);
});
