// Starting a worker needs a TrustedScriptURL, and the CSP allows Svelte's policy alone. This teaches that policy one
// more thing: the addresses of our own workers, and no other. Fails the build if Svelte moves it.
import type { Plugin } from 'vite';

const HOME = /svelte\/src\/internal\/client\/dom\/reconciler\.js$/;
const OPENING = "createPolicy('svelte-trusted-html', {";

/** Adds `createScriptURL` for our workers to Svelte's policy; `push/worker.ts` and `video/worker-url.ts` use it. */
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
          if (!/^\\/(sw|assets\\/worker-[a-z]+-[\\w-]{8})\\.js$/.test(url)) throw new TypeError('only our own workers');
          return url;
        },`;
      return {
        code: `${code.replace(OPENING, taught)}
globalThis.obhutWorkerUrl = (url = '/sw.js') => policy ? policy.createScriptURL(url) : url;`,
        map: null,
      };
    },
    buildEnd(error) {
      if (!error && !seen) throw new Error('Svelte was built without its policy');
    },
  };
}
