// The router: paths are the application's only navigation state. Links are plain <a>; a click on one of ours
// changes the path without loading. Areas read `route` and call `go`.

/** Where the page is. `step` counts navigations, so that focus can follow each. */
export const route = $state({ path: location.pathname, query: location.search, step: 0 });

/** The paths this application draws; everything else is a page of the server. */
const OURS = /^\/(alarm(\/[^/]+)?|video(\/[^/]+){0,2}|people|privacy|settings)?$/;

/** Whether this application draws the path. */
export function ours(path: string): boolean {
  return OURS.test(path);
}

function read(): void {
  route.path = location.pathname;
  route.query = location.search;
  route.step += 1;
}

/** Goes to a path of ours; `replace` leaves no way back. */
export function go(to: string, options: { replace?: boolean } = {}): void {
  if (to === location.pathname + location.search) return;
  history[options.replace ? 'replaceState' : 'pushState'](null, '', to);
  read();
  if (!options.replace) scrollTo(0, 0);
}

/** One value of the query. */
export function param(name: string): string | null {
  return new URLSearchParams(route.query).get(name);
}

/** The id behind a prefix: `under('/alarm')` is `alm_…` on `/alarm/alm_…`, else null. */
export function under(prefix: string): string | null {
  if (!route.path.startsWith(`${prefix}/`)) return null;
  return decodeURIComponent(route.path.slice(prefix.length + 1)) || null;
}

function clicked(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.target || link.hasAttribute('download')) return;
  const url = new URL(link.href, location.href);
  if (url.origin !== location.origin || !ours(url.pathname)) return;
  if (url.hash !== '' && url.pathname === location.pathname && url.search === location.search)
    return;
  event.preventDefault();
  go(url.pathname + url.search);
}

/** Starts listening to clicks and to the browser's back button. */
export function startRouter(): void {
  addEventListener('popstate', read);
  document.addEventListener('click', clicked);
}
