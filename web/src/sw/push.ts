// A push arrives, a notification is touched. Shows at once, then adds the answers when the alarm's view comes.
import { readDevice } from '../push/keys.ts';
import type { AlarmView } from '../api/types.ts';
import { answer, trace, view } from './device.ts';
import { readPush, tagOf, type Push } from './payload.ts';
import { APPLICATION } from './paths.ts';
import { words } from './texts.ts';

declare const self: ServiceWorkerGlobalScope;

/** What TypeScript's library leaves out of notifications. */
interface Options extends NotificationOptions {
  actions?: { action: string; title: string }[];
  vibrate?: number[];
  renotify?: boolean;
}

interface Data {
  alarm: string | null;
  kind: Push['kind'];
  lang: 'de' | 'en';
}

const ANSWER = 'answer:';
/** How long the alarm's view may take before the notification stays without answers. */
const PATIENCE = 3000;

async function language(push: Push | null): Promise<'de' | 'en'> {
  return push?.lang ?? (await readDevice())?.lang ?? 'de';
}

function options(push: Push, lang: 'de' | 'en', more: Options = {}): Options {
  const data: Data = { alarm: push.alarm, kind: push.kind, lang };
  return {
    body: push.body,
    lang,
    tag: tagOf(push),
    icon: '/assets/icon-192.png',
    badge: '/assets/badge-96.png',
    requireInteraction: push.kind === 'alarm',
    vibrate: [500, 200, 500, 200, 900],
    data,
    ...more,
  };
}

/** Shows a push. Every push shows something: a silent one costs the subscription on some systems. */
export async function onPush(text: string): Promise<void> {
  const push = readPush(text);
  const lang = await language(push);
  if (!push) {
    const say = words(lang);
    await self.registration.showNotification(say.unknown, {
      body: say.unknownBody,
      tag: 'obhut-unknown',
      icon: '/assets/icon-192.png',
      data: { alarm: null, kind: 'alarm', lang } satisfies Data,
    });
    return;
  }
  const received = trace(push.alarm, 'received');
  await self.registration.showNotification(push.title, options(push, lang));
  const shown = trace(push.alarm, 'shown');
  await tellPages({ type: 'push-shown', kind: push.kind, alarm: push.alarm });
  await Promise.all([received, shown, addAnswers(push, lang)]);
}

/** Shows the same notification again, silently, with the first two answers as buttons. */
async function addAnswers(push: Push, lang: 'de' | 'en'): Promise<void> {
  if (push.alarm === null || push.kind !== 'alarm') return;
  const room = (Notification as { maxActions?: number }).maxActions ?? 0;
  if (room === 0) return;
  const alarm = await Promise.race([
    view(push.alarm),
    new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE)),
  ]);
  if (!alarm || alarm.state !== 'open' || alarm.my.answer_id !== null) return;
  const standing = await self.registration.getNotifications({ tag: tagOf(push) });
  if (standing.length === 0) return;
  const actions = firstAnswers(alarm)
    .slice(0, Math.min(room, 2))
    .map((one) => ({ action: ANSWER + one.id, title: one.label }));
  if (actions.length === 0) return;
  await self.registration.showNotification(
    push.title,
    options(push, lang, { actions, silent: true, vibrate: undefined }),
  );
}

/** "I am coming" and "I am not": the two that decide; else the first two the unit has. */
export function firstAnswers(alarm: Pick<AlarmView, 'answers'>): AlarmView['answers'] {
  const coming = alarm.answers.find((one) => one.meaning === 'coming');
  const away = alarm.answers.find((one) => one.meaning === 'not_coming');
  return coming && away ? [coming, away] : alarm.answers.slice(0, 2);
}

/** A notification was touched: an action answers, anything else opens the alarm. */
export async function onClick(notification: Notification, action: string): Promise<void> {
  const data = (notification.data ?? { alarm: null, kind: 'alarm', lang: 'de' }) as Data;
  if (data.alarm !== null && action.startsWith(ANSWER)) {
    await answerFrom(notification, data, data.alarm, action.slice(ANSWER.length));
    return;
  }
  notification.close();
  await Promise.all([
    trace(data.alarm, 'opened'),
    openPage(data.alarm ? `/alarm/${data.alarm}` : data.kind === 'test' ? '/settings' : '/alarm'),
  ]);
}

async function answerFrom(
  notification: Notification,
  data: Data,
  alarm: string,
  id: string,
): Promise<void> {
  const say = words(data.lang);
  const opened = trace(alarm, 'opened');
  const after = await answer(alarm, id);
  const label = after?.answers.find((one) => one.id === id)?.label;
  await self.registration.showNotification(notification.title, {
    body: after ? say.answered(label ?? '') : say.lost,
    tag: notification.tag,
    lang: data.lang,
    icon: '/assets/icon-192.png',
    badge: '/assets/badge-96.png',
    requireInteraction: after === null,
    silent: after !== null,
    data,
  });
  await opened;
}

/** Brings a page of the application to the front and asks it to go there (a load would lose what is typed). */
async function openPage(path: string): Promise<void> {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  for (const page of pages) {
    if (!APPLICATION.test(new URL(page.url).pathname)) continue;
    try {
      await page.focus();
      page.postMessage({ type: 'go', path });
      return;
    } catch {
      // The browser does not let us: the next one, or a new window.
    }
  }
  await self.clients.openWindow(path);
}

async function tellPages(message: unknown): Promise<void> {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  for (const page of pages) page.postMessage(message);
}
