// Draws the application's icons from the SVG sources in `icons/` at the sizes browsers ask for.
import { readFileSync } from 'node:fs';
import { Resvg } from '@resvg/resvg-js';
import type { Plugin } from 'vite';

const DRAWN = [
  { source: 'obhut', size: 192, file: 'assets/icon-192.png' },
  { source: 'obhut', size: 512, file: 'assets/icon-512.png' },
  { source: 'maskable', size: 180, file: 'assets/icon-180.png' },
  { source: 'maskable', size: 512, file: 'assets/icon-maskable-512.png' },
  { source: 'badge', size: 96, file: 'assets/badge-96.png' },
];

/** Emits the PNG icons and the SVG one. */
export function icons(): Plugin {
  return {
    name: 'obhut-icons',
    generateBundle() {
      for (const { source, size, file } of DRAWN) {
        const svg = readFileSync(`icons/${source}.svg`, 'utf8');
        const png = new Resvg(svg, { fitTo: { mode: 'width', value: size } }).render().asPng();
        this.emitFile({ type: 'asset', fileName: file, source: png });
      }
      this.emitFile({
        type: 'asset',
        fileName: 'assets/icon.svg',
        source: readFileSync('icons/obhut.svg'),
      });
    },
  };
}
