// Builds `sw.js`: one unhashed file that knows every built file of this version by name.
import { defineConfig, type UserConfig } from 'vite';
import { precache } from './build/precache.ts';

export default defineConfig((): UserConfig => {
  const { version, files } = precache('dist');
  return {
    publicDir: false,
    define: { __VERSION__: JSON.stringify(version), __PRECACHE__: JSON.stringify(files) },
    build: {
      target: 'es2022',
      outDir: 'dist',
      emptyOutDir: false,
      reportCompressedSize: false,
      modulePreload: false,
      lib: { entry: 'src/sw/sw.ts', formats: ['iife'], name: 'obhut', fileName: () => 'sw.js' },
    },
  };
});
