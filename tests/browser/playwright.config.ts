// Drives the real server in Debian's Chromium. Nothing here leaves the loopback device.
import { defineConfig } from '@playwright/test';
import { BROWSER } from './support/browser.ts';

export default defineConfig({
  testDir: 'specs',
  outputDir: '../.out/browser',
  fullyParallel: false,
  workers: 2,
  retries: 0,
  forbidOnly: process.env.CI === 'true',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: BROWSER,
});
