// A push from arrival to answer, with the worker's surroundings played by hand.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { alarm as sample } from '../live/sample.ts';

const device = vi.hoisted(() => ({ view: vi.fn(), trace: vi.fn(), answer: vi.fn() }));
vi.mock('./device.ts', () => device);
vi.mock('../push/keys.ts', () => ({ readDevice: async () => ({ lang: 'de' }) }));
const { firstAnswers, onClick, onPush } = await import('./push.ts');

interface Shown {
  title: string;
  options: NotificationOptions & { actions?: { action: string; title: string }[] };
}
let shown: Shown[];
let standing: unknown[];
const openWindow = vi.fn();
const pages: { url: string; focus: () => unknown; postMessage: (data: unknown) => void }[] = [];

beforeEach(() => {
  shown = [];
  standing = [{}];
  pages.length = 0;
  openWindow.mockReset();
  device.view.mockReset().mockResolvedValue(null);
  device.trace.mockReset().mockResolvedValue(undefined);
  device.answer.mockReset().mockResolvedValue(null);
  vi.stubGlobal('Notification', { maxActions: 2 });
  vi.stubGlobal('self', {
    registration: {
      showNotification: async (title: string, options: Shown['options']) =>
        void shown.push({ title, options }),
      getNotifications: async () => standing,
    },
    clients: { matchAll: async () => pages, openWindow },
  });
});

const PUSH = JSON.stringify({
  notification: { title: 'B 2', body: 'Nord', lang: 'de' },
  obhut: { alarm: 'alm_1', kind: 'alarm' },
});
const touched = (data: object) => {
  const close = vi.fn();
  return { title: 'B 2', tag: 'obhut-alm_1', data, close } as unknown as Notification;
};

describe('push', () => {
  it('shows at once and reports', async () => {
    await onPush(PUSH);
    expect(shown).toHaveLength(1);
    expect(shown[0]?.options.tag).toBe('obhut-alm_1');
    expect(device.trace.mock.calls).toEqual([
      ['alm_1', 'received'],
      ['alm_1', 'shown'],
    ]);
  });

  it('adds coming and not coming when the view comes', async () => {
    device.view.mockResolvedValue(sample('alm_1'));
    await onPush(PUSH);
    expect(shown).toHaveLength(2);
    expect(shown[1]?.options.silent).toBe(true);
    expect(shown[1]?.options.actions?.map((one) => one.action)).toEqual([
      'answer:ans_1',
      'answer:ans_3',
    ]);
  });

  it.each([
    ['already answered', { my: { addressed: true, answer_id: 'ans_1', answered_at: null } }],
    ['ended', { state: 'closed' as const }],
  ])('leaves the notification alone when the alarm is %s', async (_why, change) => {
    device.view.mockResolvedValue(sample('alm_1', change));
    await onPush(PUSH);
    expect(shown).toHaveLength(1);
  });

  it('does not bring back what was swiped away meanwhile', async () => {
    device.view.mockResolvedValue(sample('alm_1'));
    standing = [];
    await onPush(PUSH);
    expect(shown).toHaveLength(1);
  });

  it('gives the view three seconds', async () => {
    vi.useFakeTimers();
    device.view.mockReturnValue(new Promise(() => undefined));
    const done = onPush(PUSH);
    await vi.advanceTimersByTimeAsync(3001);
    await done;
    expect(shown).toHaveLength(1);
    vi.useRealTimers();
  });

  it('shows something for garbage too', async () => {
    await onPush('garbage');
    expect(shown).toHaveLength(1);
    expect(device.trace).not.toHaveBeenCalled();
  });
});

describe('touch', () => {
  const data = { alarm: 'alm_1', kind: 'alarm', lang: 'de' };

  it('opens the alarm', async () => {
    await onClick(touched(data), '');
    expect(openWindow).toHaveBeenCalledWith('/alarm/alm_1');
    expect(device.trace).toHaveBeenCalledWith('alm_1', 'opened');
  });

  it('uses an open page of the application, never the monitor or a sign-in page', async () => {
    const focus = vi.fn().mockResolvedValue(undefined);
    const postMessage = vi.fn();
    for (const path of ['/monitor', '/sign-in']) {
      pages.push({ url: `http://x${path}`, focus: vi.fn(), postMessage: vi.fn() });
    }
    pages.push({ url: 'http://x/people', focus, postMessage });
    await onClick(touched(data), '');
    expect(focus).toHaveBeenCalled();
    expect(postMessage).toHaveBeenCalledWith({ type: 'go', path: '/alarm/alm_1' });
    expect(openWindow).not.toHaveBeenCalled();
  });

  it('answers and confirms under the same tag', async () => {
    device.answer.mockResolvedValue(sample('alm_1'));
    await onClick(touched(data), 'answer:ans_1');
    expect(device.answer).toHaveBeenCalledWith('alm_1', 'ans_1');
    expect(shown[0]?.options).toMatchObject({
      tag: 'obhut-alm_1',
      body: 'Antwort angekommen: Komme',
      requireInteraction: false,
    });
  });

  it('says so when the answer did not arrive', async () => {
    await onClick(touched(data), 'answer:ans_1');
    expect(shown[0]?.options.body).toContain('nicht angekommen');
    expect(shown[0]?.options.requireInteraction).toBe(true);
  });
});

it('falls back to the first two answers', () => {
  const answers = [1, 2, 3].map((n) => ({
    id: `a${n}`,
    meaning: 'other' as const,
    label: `${n}`,
    minutes: null,
  }));
  expect(firstAnswers({ answers }).map((one) => one.id)).toEqual(['a1', 'a2']);
});
