// The house rules for browser code: no inline styles, no raw HTML, areas never import each other.
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const AREAS = ['alarm', 'people', 'privacy', 'settings', 'monitor', 'video'];

/** One rule set per area: everything shared, nothing of the neighbours, nothing of the frame. */
const walls = AREAS.map((area) => ({
  files: [`src/${area}/**`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [...AREAS.filter((other) => other !== area), 'app', 'sw'].map((other) => ({
          regex: `^(\\.\\./)+${other}/`,
          message: `${area} does not know ${other}; what both need lives in ui, api, live or push`,
        })),
      },
    ],
  },
}));

/** What everyone shares knows no area. */
const floor = {
  files: ['src/{ui,api,live,push,look}/**'],
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: [{ regex: `^(\\.\\./)+(${[...AREAS, 'app', 'sw'].join('|')})/` }] },
    ],
  },
};

export default ts.config(
  { ignores: ['dist/**', 'node_modules/**', 'src/api/schema.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
  },
  {
    rules: {
      'no-undef': 'off',
      'no-eval': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-unused-expressions': ['error', { allowShortCircuit: true }],
      'svelte/no-inline-styles': ['error', { allowTransitions: false }],
      'svelte/no-at-html-tags': 'error',
      'svelte/no-navigation-without-resolve': 'off',
      'svelte/prefer-svelte-reactivity': 'off',
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'Trusted Types: build elements instead' },
        { property: 'outerHTML', message: 'Trusted Types: build elements instead' },
      ],
    },
  },
  { files: ['**/*.test.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  ...walls,
  floor,
);
