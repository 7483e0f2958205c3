// The real service worker, reached through the browser's debugging protocol: pushes are handed to it as the browser
// would, touches on a notification as its own event.
import type { BrowserContext, Page } from '@playwright/test';

export interface Note {
  title: string;
  body: string;
  tag: string;
  lang: string;
  actions: { action: string; title: string }[];
}

/** Hands a decrypted push to the worker of a page's origin. */
export async function deliver(page: Page, payload: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const registration = new Promise<string>((done) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const ours = registrations.find((one) => !one.isDeleted);
      if (ours) done(ours.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.deliverPushMessage', {
    origin: new URL(page.url()).origin,
    registrationId: await registration,
    data: payload,
  });
  await session.detach();
}

/** What stands in the notification centre. */
export function notes(page: Page): Promise<Note[]> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map((one) => ({
      title: one.title,
      body: one.body,
      tag: one.tag,
      lang: one.lang,
      actions: (one as unknown as { actions: Note['actions'] }).actions.map(
        ({ action, title }) => ({ action, title }),
      ),
    }));
  });
}

/** Touches the notification with this tag, or one of its buttons; comes back when the worker is done with it. */
export async function touch(context: BrowserContext, tag: string, action = ''): Promise<void> {
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  await worker.evaluate(
    async ([tag, action]) => {
      const self = globalThis as unknown as ServiceWorkerGlobalScope;
      const [notification] = await self.registration.getNotifications({ tag });
      if (!notification) throw new Error(`no notification ${tag}`);
      const event = new NotificationEvent('notificationclick', { notification, action });
      // Only the browser's own events may be waited for and may bring a page to the front: this one hands its promise
      // to us, and the page counts as being in front.
      Object.defineProperty(WindowClient.prototype, 'focus', {
        value(this: WindowClient) {
          return Promise.resolve(this);
        },
      });
      let work: Promise<unknown> = Promise.resolve();
      Object.defineProperty(event, 'waitUntil', {
        value: (promise: Promise<unknown>) => (work = promise),
      });
      self.dispatchEvent(event);
      await work;
    },
    [tag, action] as const,
  );
}
