// Takes the pictures that the README shows: `npm run pictures`. No test; run by hand after the pages changed.
import { defineConfig } from '@playwright/test';
import { BROWSER } from './support/browser.ts';

export default defineConfig({
  testDir: 'pictures',
  outputDir: '../.out/pictures',
  workers: 1,
  timeout: 120_000,
  reporter: 'list',
  use: BROWSER,
});
