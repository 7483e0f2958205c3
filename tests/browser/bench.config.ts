// What must be measured in a browser. Started by `./x bench live` and `./x bench playback`; no tests.
import { defineConfig } from '@playwright/test';
import { BROWSER } from './support/browser.ts';

export default defineConfig({
  testDir: 'bench',
  outputDir: '../.out/bench',
  workers: 1,
  timeout: 900_000,
  reporter: 'line',
  use: BROWSER,
});
