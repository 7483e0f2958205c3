// Checks what a first visit loads: the application's entry with everything it imports at once, gzipped.
// Goal: 60 kB for the application, 40 kB for the monitor.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMITS = { 'index.html': 60_000, 'monitor.html': 40_000 };
let over = false;

/** The scripts of a page and what they import at once. */
function scripts(page) {
  const html = readFileSync(`dist/${page}`, 'utf8');
  const waiting = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(
    (match) => match[1],
  );
  const seen = new Set();
  for (const path of waiting) {
    if (seen.has(path)) continue;
    seen.add(path);
    const code = readFileSync(`dist${path}`, 'utf8');
    for (const match of code.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) {
      waiting.push(`/assets/${match[1]}`);
    }
  }
  return [...seen];
}

for (const [page, limit] of Object.entries(LIMITS)) {
  const files = scripts(page);
  const bytes = files.reduce((sum, path) => sum + gzipSync(readFileSync(`dist${path}`)).length, 0);
  over ||= bytes > limit;
  process.stdout.write(`${page}: ${bytes} of ${limit} bytes in ${files.length} scripts\n`);
}
process.exitCode = over ? 1 : 0;
