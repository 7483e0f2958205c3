// Puts the design system into the build under names that never change, because the pages the server
// renders link them too: /assets/look.css, /assets/atkinson.woff2, /assets/atkinson-ext.woff2.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** The parts of the sheet, in the order of the cascade. */
const PARTS = ['tokens', 'base', 'components', 'forms', 'tables'];
const FONTS = 'node_modules/@fontsource-variable/atkinson-hyperlegible-next/files';
const FONT_FILES = {
  'assets/atkinson.woff2': 'atkinson-hyperlegible-next-latin-wght-normal.woff2',
  'assets/atkinson-ext.woff2': 'atkinson-hyperlegible-next-latin-ext-wght-normal.woff2',
};

/** The whole sheet, without comments and needless white space. */
export function sheet(): string {
  return PARTS.map((part) => readFileSync(`src/look/${part}.css`, 'utf8'))
    .join('\n')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1')
    .replace(/;}/g, '}')
    .trim();
}

/** Emits sheet and fonts, and links the sheet with its hash so that a new version is fetched at once. */
export function look(): Plugin {
  const css = sheet();
  const hash = createHash('sha256').update(css).digest('base64url').slice(0, 8);
  return {
    name: 'obhut-look',
    transformIndexHtml: {
      order: 'pre',
      handler: () => [
        {
          tag: 'link',
          attrs: { rel: 'stylesheet', href: `/assets/look.css?v=${hash}` },
          injectTo: 'head',
        },
      ],
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'assets/look.css', source: css });
      for (const [fileName, file] of Object.entries(FONT_FILES)) {
        this.emitFile({ type: 'asset', fileName, source: readFileSync(`${FONTS}/${file}`) });
      }
    },
  };
}
