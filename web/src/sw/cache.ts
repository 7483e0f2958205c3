// What is kept for a start without network: the built files of this version and the application's empty shell.
// Answers of the API are never kept; they hold personal data.

import { APPLICATION } from './paths.ts';

declare const self: ServiceWorkerGlobalScope;
declare const __VERSION__: string;
declare const __PRECACHE__: string[];

const CACHE = `obhut-${__VERSION__}`;
const SHELL = '/alarm';

/** Fetches this version's files. */
export async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(__PRECACHE__.map((url) => new Request(url, { cache: 'reload' })));
}

/** Drops what former versions kept. */
export async function sweep(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith('obhut-') && name !== CACHE) await caches.delete(name);
  }
}

/** The response for a request, or nothing when the browser shall do as always. */
export function serve(request: Request): Promise<Response> | null {
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return null;
  if (url.pathname.startsWith('/assets/')) return asset(request);
  if (request.mode === 'navigate' && APPLICATION.test(url.pathname)) return shell(request);
  return null;
}

async function asset(request: Request): Promise<Response> {
  const kept = await caches.match(request, { cacheName: CACHE });
  return kept ?? fetch(request);
}

/** The network's page when there is one; it is kept for the time without. */
async function shell(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    const html = response.headers.get('content-type')?.startsWith('text/html') ?? false;
    if (response.ok && !response.redirected && html) await cache.put(SHELL, response.clone());
    return response;
  } catch (cause) {
    const kept = await cache.match(SHELL);
    if (kept) return kept;
    throw cause;
  }
}
