// Builds the application and the monitor page; `vite.sw.config.ts` then builds the service worker.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { icons } from './build/icons.ts';
import { look } from './build/look.ts';
import { trusted } from './build/trusted.ts';

export default defineConfig({
  plugins: [svelte(), look(), icons(), trusted()],
  publicDir: 'public',
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { app: 'index.html', monitor: 'monitor.html' } },
  },
  test: { include: ['src/**/*.test.ts', 'build/**/*.test.ts'], environment: 'node' },
});
