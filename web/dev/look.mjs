// Takes pictures of every page (360, 768, 1440 px; dark, light; German, English) into dev/.out, runs axe on each and
// fails on any console message. Usage: node dev/look.mjs [name part]
import { mkdirSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { startMock } from './mock-server.mjs';
import { alarm, ago } from './fixtures.mjs';
import { PASSPHRASE } from './video-mock.mjs';

const OUT = process.env.OUT ?? 'dev/.out';
const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
const ARGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split(
    ' ',
  );

const answered = { my: { addressed: true, answer_id: 'ans_1', answered_at: ago(2e4) } };
const click = (name) => (page) => page.getByRole('button', { name, exact: false }).first().click();

/** Unlocks on whatever page of video, by the form or by a button that opens it. */
async function unlock(page) {
  const field = page.locator('#unlock-passphrase');
  if (!(await field.count()))
    await page
      .getByRole('button', { name: /^(entsperren|unlock)/i })
      .first()
      .click();
  await field.fill(PASSPHRASE);
  await field.press('Enter');
  await field.waitFor({ state: 'detached' });
}
/** Waits until a canvas got a picture. */
const live = (page) =>
  page.waitForFunction(() =>
    [...document.querySelectorAll('canvas')].some((c) => c.dataset.captured),
  );
/** Waits until a recording stands. */
const shown = (page) =>
  page.waitForFunction(() => Number(document.querySelector('video')?.dataset.pictures) > 0);
const NOBODY = { video: { key: 'none', circle: 'none', cameras: 'none' } };

const PAGES = [
  {
    name: 'video-wall',
    path: '/video',
    act: async (page) => (await unlock(page), await live(page)),
  },
  {
    name: 'video-single',
    path: '/video?show=1&camera=cam_hall',
    act: async (page) => {
      await unlock(page);
      await live(page);
      await page.keyboard.press('Tab');
      await page.locator('.tile').hover();
    },
  },
  { name: 'video-sealed', path: '/video' },
  { name: 'video-waiting', path: '/video', mock: { video: { waiting: true } } },
  { name: 'video-list', path: '/video?show=all' },
  { name: 'video-empty', path: '/video', mock: NOBODY },
  {
    name: 'video-late',
    path: '/video?show=1&camera=cam_hall',
    mock: { video: { late: true } },
    act: async (page) => {
      await unlock(page);
      await live(page);
      await page.waitForTimeout(6500);
    },
  },
  {
    name: 'video-play',
    path: '/video/cam_hall',
    act: async (page) => (await unlock(page), await shown(page)),
  },
  {
    name: 'video-play-alarm',
    path: '/video/cam_hall',
    act: async (page) => {
      await unlock(page);
      await shown(page);
      await click(/alarm (so|sa|fr|do|mi|di|mo|su|sat|fri|th|we|tu)/i)(page);
      await page.waitForTimeout(1500);
      await page.evaluate(() => scrollTo(0, 9999));
    },
  },
  { name: 'video-play-sealed', path: '/video/cam_hall' },
  {
    name: 'video-play-missing',
    path: '/video/cam_hall',
    mock: { video: { trouble: 'missing' } },
    act: async (page) => (await unlock(page), await page.waitForSelector('[data-trouble]')),
  },
  {
    name: 'video-play-key',
    path: '/video/cam_hall',
    mock: { video: { trouble: 'key' } },
    act: async (page) => (await unlock(page), await page.waitForSelector('[data-trouble]')),
  },
  {
    name: 'video-play-tampered',
    path: '/video/cam_hall',
    mock: { video: { trouble: 'tampered' } },
    act: async (page) => (await unlock(page), await shown(page), await page.waitForTimeout(1500)),
  },
  {
    name: 'video-play-back',
    path: '/video/cam_hall',
    mock: { video: { trouble: 'too_far_back', lookBack: 86_400_000_000 } },
    act: async (page) => (await unlock(page), await page.waitForSelector('[data-trouble]')),
  },
  {
    name: 'video-play-gone',
    path: '/video/cam_hall',
    mock: { video: { trouble: 'gone' } },
    act: async (page) => (await unlock(page), await page.waitForSelector('[data-trouble]')),
  },
  {
    name: 'video-play-codec',
    path: '/video/cam_gate',
    act: async (page) => (await unlock(page), await page.waitForSelector('[data-trouble]')),
  },
  { name: 'video-play-denied', path: '/video/cam_hall', mock: { video: { denied: true } } },
  { name: 'video-play-empty', path: '/video/cam_hall', mock: { video: { recordings: 'none' } } },
  { name: 'video-cameras', path: '/video/cameras' },
  { name: 'video-cameras-empty', path: '/video/cameras', mock: NOBODY },
  {
    name: 'video-cameras-full',
    path: '/video/cameras',
    mock: { video: { storage: 'full' } },
    act: async (page) => page.evaluate(() => scrollTo(0, 9999)),
  },
  {
    name: 'video-recorder',
    path: '/video/cameras',
    act: async (page) => {
      await click(/recorder hinzufügen|add a recorder/i)(page);
      await page.locator('#agent-name').fill('Wache Süd');
      await page.locator('#agent-name').press('Enter');
      await page.waitForTimeout(300);
    },
  },
  { name: 'video-arm', path: '/video/cameras', act: click(/(scharf schalten|arm)\s*: werk/i) },
  { name: 'video-camera', path: '/video/cameras', act: click(/(bearbeiten|edit)\s*: fahr/i) },
  { name: 'video-keys', path: '/video/keys' },
  {
    name: 'video-keys-open',
    path: '/video/keys',
    mock: { video: { left: true } },
    act: async (page) => (await unlock(page), await page.waitForTimeout(500)),
  },
  { name: 'video-keys-none', path: '/video/keys', mock: NOBODY },
  {
    name: 'video-keys-words',
    path: '/video/keys',
    mock: NOBODY,
    act: click(/schlüssel einrichten|set up a key/i),
  },
  {
    name: 'video-keys-own',
    path: '/video/keys',
    mock: NOBODY,
    act: async (page) => {
      await click(/schlüssel einrichten|set up a key/i)(page);
      await click(/eigene wählen|of your own/i)(page);
      await page.locator('#own-passphrase').fill('Passwort!Geheim123');
    },
  },
  {
    name: 'video-keys-sheet',
    path: '/video/keys',
    mock: NOBODY,
    act: async (page) => {
      await click(/schlüssel einrichten|set up a key/i)(page);
      const words = await page.getByTestId('generated-words').innerText();
      await page.locator('#passphrase-again').fill(words);
      await page.locator('#passphrase-again').press('Enter');
    },
  },
  {
    name: 'video-keys-found',
    path: '/video/keys',
    mock: NOBODY,
    act: async (page) => {
      await click(/schlüssel einrichten|set up a key/i)(page);
      const words = await page.getByTestId('generated-words').innerText();
      await page.locator('#passphrase-again').fill(words);
      await page.locator('#passphrase-again').press('Enter');
      const groups =
        (await page.getByTestId('recovery-sheet').locator('span').allInnerTexts()) ?? [];
      const label = await page.locator('label[for=sheet-back]').innerText();
      await page.locator('#sheet-back').fill(groups[Number(/\d/.exec(label)?.[0]) - 1] ?? '');
      await page.locator('#sheet-back').press('Enter');
      await page.getByRole('checkbox').check();
      await click(/schlüssel anlegen|make the key/i)(page);
      await page.waitForTimeout(2500);
      await click(/schlüsselkreis einrichten|set up the circle/i)(page);
      await page.waitForTimeout(800);
    },
  },
  { name: 'alarm-list', path: '/alarm' },
  { name: 'alarm-empty', path: '/alarm', mock: { alarms: [] } },
  { name: 'alarm-closed', path: '/alarm?state=closed' },
  { name: 'alarm-ask', path: '/alarm/alm_1' },
  { name: 'alarm-answered', path: '/alarm/alm_1', mock: { alarms: [alarm(1, answered)] } },
  {
    name: 'alarm-folds',
    path: '/alarm/alm_1',
    mock: { alarms: [alarm(1, answered)] },
    act: async (page) => {
      await page.evaluate(() =>
        document.querySelectorAll('main details').forEach((one) => (one.open = true)),
      );
    },
  },
  {
    name: 'alarm-ringing',
    path: '/people',
    act: async (page, mock) => {
      mock.raise(alarm(77, { created_at: ago(0) }, 0));
      await page.waitForURL('**/alarm/alm_77');
    },
  },
  { name: 'alarm-new', path: '/alarm/new' },
  { name: 'alarm-missing', path: '/alarm/alm_nowhere' },
  { name: 'people', path: '/people' },
  {
    name: 'people-invite',
    path: '/people',
    act: async (page) => {
      await click(/einladen|invite/i)(page);
      await click(/senden|send/i)(page);
    },
  },
  { name: 'people-edit', path: '/people', act: click(/bearbeiten|edit/i) },
  { name: 'privacy-deletion', path: '/privacy' },
  { name: 'privacy-change', path: '/privacy', act: click(/ändern|change/i) },
  {
    name: 'privacy-record',
    path: '/privacy?tab=record',
    act: async (page) => page.locator('main summary').first().click(),
  },
  { name: 'privacy-log', path: '/privacy?tab=log' },
  { name: 'privacy-proof', path: '/privacy?tab=log', act: click(/beweis|proof/i) },
  { name: 'settings-devices', path: '/settings', mock: { alarms: [] } },
  { name: 'settings-unit', path: '/settings?tab=unit' },
  { name: 'settings-keys', path: '/settings?tab=keys' },
  { name: 'settings-push', path: '/settings?tab=push' },
  { name: 'settings-sessions', path: '/settings?tab=sessions' },
  { name: 'settings-jobs', path: '/settings?tab=jobs' },
  {
    name: 'trouble',
    path: '/alarm',
    mock: { parts: [{ part: 'mail', state: 'down', code: 'x', since: null, waiting: 4 }] },
    act: async (page, mock) => {
      await mock.stop();
      await page.waitForTimeout(5000);
    },
  },
  { name: 'monitor-idle', path: '/monitor#key=abc', mock: { alarms: [] } },
  { name: 'monitor-alarm', path: '/monitor#key=abc' },
  {
    name: 'monitor-two',
    path: '/monitor#key=abc',
    mock: {
      alarms: [
        alarm(1),
        alarm(
          2,
          {
            title: 'TH 2 Verkehrsunfall, Person eingeklemmt',
            address: 'B 101, Abschnitt 40, km 3,2',
            priority: false,
          },
          3,
        ),
        alarm(3, { title: 'BMA' }, 1),
      ],
    },
  },
  {
    name: 'monitor-lost',
    path: '/monitor#key=abc',
    mock: { alarms: [] },
    act: async (page, mock) => {
      await mock.stop();
      await page.waitForTimeout(4000);
    },
  },
];

const only = process.argv[2] ?? '';
const quick = process.env.QUICK === '1';
mkdirSync(OUT, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGS });
let findings = 0;
for (const { name, path, mock: options, act } of PAGES.filter((one) => one.name.includes(only))) {
  const looks =
    process.env.HALF === '1'
      ? [
          [360, 'light', 'en'],
          [768, 'dark', 'de'],
          [1440, 'dark', 'de'],
        ]
      : quick
        ? [
            [360, 'dark', 'de'],
            [1440, 'light', 'en'],
          ]
        : [360, 768, 1440].flatMap((width) =>
            ['dark', 'light'].flatMap((theme) => ['de', 'en'].map((lang) => [width, theme, lang])),
          );
  for (const [width, theme, lang] of looks) {
    const mock = await startMock({ ...structuredClone(options ?? {}), lang });
    const height = width === 360 ? 740 : width === 768 ? 1024 : 900;
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      locale: lang,
      isMobile: width === 360,
      hasTouch: width === 360,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(8000);
    const said = [];
    page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => said.push(`error: ${error.stack}`));
    await page.goto(mock.origin + path);
    await page.waitForTimeout(700);
    try {
      if (act) await act(page, mock);
    } catch (error) {
      said.push(`act: ${String(error).split('\n')[0]}`);
    }
    await page.waitForTimeout(300);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > screen.width);
    if (wide) said.push('wider than the window');
    const file = `${OUT}/${name}-${width}-${theme}-${lang}.png`;
    await page.screenshot({ path: file });
    // Through the debugging protocol, so that the page's own policy stays as it is.
    const session = await context.newCDPSession(page);
    await session.send('Runtime.evaluate', { expression: AXE });
    const { result } = await session.send('Runtime.evaluate', {
      expression: `axe.run(document, { runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice'] }).then((r) => JSON.stringify(r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ')).slice(0, 4).join(' | '))))`,
      awaitPromise: true,
      returnByValue: true,
    });
    for (const finding of JSON.parse(result.value ?? '["did not run"]'))
      said.push(`axe ${finding}`);
    const expected =
      name === 'trouble' || name === 'monitor-lost'
        ? /ERR_|Failed to load|WebSocket/
        : name === 'alarm-missing'
          ? /404/
          : name.startsWith('video-')
            ? /status of (403|404|410|422)/
            : /^$/;
    const bad = said.filter((line) => !expected.test(line));
    findings += bad.length;
    if (bad.length > 0) process.stdout.write(`${file}\n  ${bad.join('\n  ')}\n`);
    await context.close();
    await mock.stop().catch(() => undefined);
  }
}
await browser.close();
process.stdout.write(`${findings} findings\n`);
process.exitCode = findings === 0 ? 0 : 1;
