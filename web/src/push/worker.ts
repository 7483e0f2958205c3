// The page's side of the service worker: registering it, asking it, and the hand-over to a new version.

declare global {
  /** Set by build/trusted.ts: the address of one of our workers as the CSP wants it; the service worker's by default. */
  var obhutWorkerUrl: ((url?: string) => string) | undefined;
}

/** Called when a new version waits; the argument switches to it. */
type Waiting = (takeOver: () => void) => void;

/** Registers the worker; returns nothing where the browser has none. */
export async function registerWorker(onwaiting: Waiting): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const worker = navigator.serviceWorker;
  try {
    const registration = await worker.register(globalThis.obhutWorkerUrl?.() ?? '/sw.js', {
      scope: '/',
      updateViaCache: 'none',
    });
    const offer = () => {
      const waiting = registration.waiting;
      if (waiting && worker.controller) onwaiting(() => waiting.postMessage({ type: 'take-over' }));
    };
    offer();
    registration.addEventListener('updatefound', () => {
      registration.installing?.addEventListener('statechange', offer);
    });
    let controlled = worker.controller !== null;
    worker.addEventListener('controllerchange', () => {
      if (controlled) location.reload();
      controlled = true;
    });
  } catch {
    // Without a worker the page still rings while it is open; the checklist in the settings says so.
  }
}

/** What the worker tells pages. */
export type WorkerMessage =
  | { type: 'push-shown'; kind: 'alarm' | 'test'; alarm: string | null }
  | { type: 'go'; path: string };

/** Listens to the worker; returns how to stop. */
export function hearWorker(hear: (message: WorkerMessage) => void): () => void {
  if (!('serviceWorker' in navigator)) return () => undefined;
  const listen = (event: MessageEvent) => hear(event.data as WorkerMessage);
  navigator.serviceWorker.addEventListener('message', listen);
  return () => navigator.serviceWorker.removeEventListener('message', listen);
}
