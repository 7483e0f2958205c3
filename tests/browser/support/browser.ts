// The browser of all runs: Debian's Chromium, which neither looks for updates nor speaks to anybody but us.
import type { PlaywrightTestOptions, PlaywrightWorkerOptions } from '@playwright/test';

export const BROWSER = {
  browserName: 'chromium',
  locale: 'de-DE',
  timezoneId: 'Europe/Berlin',
  colorScheme: 'dark',
  viewport: { width: 1280, height: 800 },
  actionTimeout: 10_000,
  trace: 'off',
  screenshot: 'only-on-failure',
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // No name but localhost is ever looked up, whatever a page may ask for.
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1',
    ],
  },
} satisfies Partial<PlaywrightTestOptions & PlaywrightWorkerOptions>;
