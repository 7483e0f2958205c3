// The service worker's entry: which event goes where. Everything it does lives in the files beside it.
import { fill, serve, sweep } from './cache.ts';
import { onClick, onPush } from './push.ts';
import { onSubscriptionChange } from './subscription.ts';

declare const self: ServiceWorkerGlobalScope;

/** Not in TypeScript's library yet. */
interface SubscriptionChange extends ExtendableEvent {
  oldSubscription?: PushSubscription | null;
  newSubscription?: PushSubscription | null;
}

/** Not in TypeScript's library yet, nor in every browser. */
interface Installing extends ExtendableEvent {
  addRoutes?: (rule: {
    condition: { urlPattern: { pathname: string } };
    source: 'network';
  }) => Promise<void>;
}

self.addEventListener('install', (event) => {
  event.waitUntil(fill());
  // We leave requests to the API alone; where the browser can, they pass without waking this worker to be told so.
  const straight = {
    condition: { urlPattern: { pathname: '/api/*' } },
    source: 'network',
  } as const;
  void (event as Installing).addRoutes?.(straight).catch(() => undefined);
});

self.addEventListener('activate', (event) => {
  event.waitUntil(sweep().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const response = serve(event.request);
  if (response) event.respondWith(response);
});

self.addEventListener('push', (event) => {
  event.waitUntil(onPush(event.data?.text() ?? ''));
});

self.addEventListener('notificationclick', (event) => {
  event.waitUntil(onClick(event.notification, event.action));
});

self.addEventListener('pushsubscriptionchange', (event) => {
  const change = event as SubscriptionChange;
  change.waitUntil(
    onSubscriptionChange(change.oldSubscription ?? null, change.newSubscription ?? null),
  );
});

/** The page asks the new version to take over. */
self.addEventListener('message', (event) => {
  const data = event.data as { type?: unknown } | null;
  if (data?.type === 'take-over') event.waitUntil(self.skipWaiting());
});
