// Builds the application and the monitor page; `vite.sw.config.ts` then builds the service worker.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { icons } from './build/icons.ts';
import { look } from './build/look.ts';
import { trusted } from './build/trusted.ts';

/** Video's files say so in their name: they are not kept for a start without network, and load only when wanted. */
const chunk = ({ moduleIds }: { moduleIds: string[] }): string =>
  moduleIds.some((id) => id.includes('/src/video/'))
    ? 'assets/video-[name]-[hash].js'
    : 'assets/[name]-[hash].js';

const VIDEO_STYLE = /^(Video|Camera|Alarm(Cameras|Block))/;
const asset = ({ names }: { names: string[] }): string =>
  names.some((name) => VIDEO_STYLE.test(name))
    ? 'assets/video-[name]-[hash][extname]'
    : 'assets/[name]-[hash][extname]';

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
    rolldownOptions: {
      input: { app: 'index.html', monitor: 'monitor.html' },
      output: { chunkFileNames: chunk, assetFileNames: asset },
    },
  },
  worker: {
    format: 'iife',
    rolldownOptions: { output: { entryFileNames: 'assets/worker-[name]-[hash].js' } },
  },
  test: { include: ['src/**/*.test.ts', 'build/**/*.test.ts'], environment: 'node' },
});
