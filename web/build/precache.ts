// Lists what the service worker keeps for a start without network, and names the version by content.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every built file a page needs, as a path on our origin, and a hash over all of them. */
export function precache(dist: string): { version: string; files: string[] } {
  const names = readdirSync(join(dist, 'assets')).sort();
  const hash = createHash('sha256');
  const sheet = createHash('sha256');
  for (const name of names) {
    const bytes = readFileSync(join(dist, 'assets', name));
    hash.update(name).update(bytes);
    if (name === 'look.css') sheet.update(bytes);
  }
  hash.update(readFileSync(join(dist, 'index.html')));
  const revision = sheet.digest('base64url').slice(0, 8);
  const files = names
    .filter((name) => !/^(monitor|video|worker)-|icon-(180|512|maskable)/.test(name))
    .map((name) => `/assets/${name}${name === 'look.css' ? `?v=${revision}` : ''}`);
  return { version: hash.digest('base64url').slice(0, 12), files };
}
