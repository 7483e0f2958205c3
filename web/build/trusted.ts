// Registering a service worker needs a TrustedScriptURL, and the CSP allows Svelte's policy alone. This teaches
// that policy one more thing: the address of our own worker, and no other. Fails the build if Svelte moves it.
import type { Plugin } from 'vite';

const HOME = /svelte\/src\/internal\/client\/dom\/reconciler\.js$/;
const OPENING = "createPolicy('svelte-trusted-html', {";

/** Adds `createScriptURL` for /sw.js to Svelte's policy; `ui/worker-url.ts` uses it. */
export function trusted(): Plugin {
  let seen = false;
  return {
    name: 'obhut-trusted',
    apply: 'build',
    transform(code, id) {
      if (!HOME.test(id.split('?')[0] ?? '')) return null;
      if (!code.includes(OPENING)) throw new Error('Svelte makes its policy elsewhere now');
      seen = true;
      const taught = `${OPENING}
        createScriptURL: (url) => {
          if (url !== '/sw.js') throw new TypeError('only our own worker');
          return url;
        },`;
      return {
        code: `${code.replace(OPENING, taught)}
globalThis.obhutWorkerUrl = () => policy ? policy.createScriptURL('/sw.js') : '/sw.js';`,
        map: null,
      };
    },
    buildEnd(error) {
      if (!error && !seen) throw new Error('Svelte was built without its policy');
    },
  };
}
