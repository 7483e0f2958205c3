// Writes src/ui/icons.ts: the shapes of the few lucide icons we use, as data (run: node build/draw-icons.mjs).
import { readFileSync, writeFileSync } from 'node:fs';

const USED =
  `siren users shield settings monitor check clock x map-pin copy bell bell-off volume-2 volume-x plus
  triangle-alert circle-question-mark chevron-left send smartphone key lock refresh-cw log-out truck download trash wifi-off
  ellipsis user-plus eye video video-off play pause skip-forward skip-back step-forward step-back chevron-right
  zoom-in zoom-out maximize printer hourglass lock-open`.split(/\s+/);

const nodes = JSON.parse(readFileSync('node_modules/lucide-static/icon-nodes.json', 'utf8'));
const lines = USED.map((name) => {
  if (!nodes[name]) throw new Error(`lucide has no ${name}`);
  const shapes = nodes[name].map(([tag, { key: _key, ...attributes }]) => [tag, attributes]);
  return `  '${name}': ${JSON.stringify(shapes)},`;
});
writeFileSync(
  'src/ui/icons.ts',
  `// Written by build/draw-icons.mjs from lucide (ISC licence, https://lucide.dev). Do not edit.
type Shape = [tag: string, attributes: Record<string, string>];

export const ICONS = {
${lines.join('\n')}
} satisfies Record<string, Shape[]>;

export type IconName = keyof typeof ICONS;

/** The shapes of one icon. */
export function shapes(name: IconName): Shape[] {
  return ICONS[name] as Shape[];
}
`,
);
