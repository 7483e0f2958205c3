// Checks what a first visit loads: the application's entry with everything it imports at once, gzipped.
// Goal: 60 kB for the application, 40 kB for the monitor; and 60 kB more for the first page of video.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMITS = { 'index.html': 60_000, 'monitor.html': 40_000 };
let over = false;

/** The scripts of a page. */
function entries(page) {
  const html = readFileSync(`dist/${page}`, 'utf8');
  return [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map((match) => match[1]);
}

/** Scripts and what they import at once. */
function scripts(waiting) {
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

function weigh(name, files, limit) {
  const bytes = files.reduce((sum, path) => sum + gzipSync(readFileSync(`dist${path}`)).length, 0);
  over ||= bytes > limit;
  process.stdout.write(`${name}: ${bytes} of ${limit} bytes in ${files.length} scripts\n`);
}

for (const [page, limit] of Object.entries(LIMITS)) weigh(page, scripts(entries(page)), limit);
const application = scripts(entries('index.html'));
const video = readdirSync('dist/assets').filter((name) => /^video-VideoArea-.*\.js$/.test(name));
const more = scripts(video.map((name) => `/assets/${name}`));
weigh(
  'video',
  more.filter((path) => !application.includes(path)),
  60_000,
);
process.exitCode = over ? 1 : 0;
