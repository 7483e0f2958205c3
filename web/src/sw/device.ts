// What the device asks and tells with its own signature: the alarm's view, how far a push got, an answer.
import { readDevice, signedHeaders } from '../push/keys.ts';
import type { AlarmView } from '../api/types.ts';

const BASE = '/api/obhut/v1/device/alarms';

async function send(
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<Response | null> {
  const device = await readDevice();
  if (!device) return null;
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = await signedHeaders(device, method, path, text, Date.now());
  if (body !== undefined) headers['content-type'] = 'application/json';
  return fetch(path, {
    method,
    headers: { accept: 'application/json', ...headers },
    body: body === undefined ? undefined : text,
    credentials: 'omit',
    cache: 'no-store',
  });
}

const path = (alarm: string, tail = '') => `${BASE}/${encodeURIComponent(alarm)}${tail}`;

/** The alarm's view, or nothing. */
export async function view(alarm: string): Promise<AlarmView | null> {
  try {
    const response = await send('GET', path(alarm));
    return response?.ok ? ((await response.json()) as AlarmView) : null;
  } catch {
    return null;
  }
}

/** Reports how far the push got; tries again a little, because the network has often just woken up. */
export async function trace(
  alarm: string | null,
  kind: 'received' | 'shown' | 'opened',
  pauses: number[] = [1000, 4000],
): Promise<void> {
  if (alarm === null) return;
  for (const pause of [...pauses, null]) {
    try {
      const response = await send('POST', path(alarm, '/trace'), { kind });
      if (!response || response.ok || (response.status < 500 && response.status !== 429)) return;
    } catch {
      // No network: again after the pause.
    }
    if (pause !== null) await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Answers; the view when it arrived, nothing when not. */
export async function answer(alarm: string, answer_id: string): Promise<AlarmView | null> {
  for (const pause of [800, 2500, null]) {
    try {
      const response = await send('POST', path(alarm, '/answer'), { answer_id });
      if (response?.ok) return (await response.json()) as AlarmView;
      if (!response || (response.status < 500 && response.status !== 429)) return null;
    } catch {
      // No network: again after the pause.
    }
    if (pause !== null) await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return null;
}
