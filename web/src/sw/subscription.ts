// The browser changed its push subscription: subscribe anew with the same key and tell the server. When the session
// is over the server refuses; the page then does it at its next start (`syncDevice`).
import { base64url, readDevice, writeDevice } from '../push/keys.ts';

declare const self: ServiceWorkerGlobalScope;

/** Handles `pushsubscriptionchange`; some browsers bring the new subscription along. */
export async function onSubscriptionChange(
  before: PushSubscription | null,
  after: PushSubscription | null,
): Promise<void> {
  const device = await readDevice();
  if (!device) return;
  let now = after ?? (await self.registration.pushManager.getSubscription());
  if (!now) {
    const key = before?.options.applicationServerKey;
    if (!key) return;
    now = await self.registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: key,
    });
  }
  const [p256dh, auth] = [now.getKey('p256dh'), now.getKey('auth')];
  if (!p256dh || !auth) return;
  const response = await fetch(`/api/obhut/v1/devices/${encodeURIComponent(device.id)}/push`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      endpoint: now.endpoint,
      p256dh: base64url(p256dh),
      auth: base64url(auth),
    }),
  });
  if (response.ok) await writeDevice({ ...device, endpoint: now.endpoint });
}
