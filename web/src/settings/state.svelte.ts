// Whether this browser rings, as a checklist; and setting it up.
import { api } from '../api/api.ts';
import type { Device, PushFamily } from '../api/types.ts';
import { guessFamily, needsHomeScreen } from '../push/browser.ts';
import { enrol, surroundings, type Missing } from '../push/enrol.ts';
import { readDevice } from '../push/keys.ts';

export interface Checklist {
  allowed: NotificationPermission | 'unsupported';
  worker: boolean;
  /** The device's id when the server knows this browser. */
  enrolled: string | null;
  /** The push service this browser would use. */
  family: PushFamily | null;
  subscribed: boolean;
  devices: Device[];
}

/** Looks at everything a push needs. Asks the server, never a push service. */
export async function check(): Promise<Checklist> {
  const [settings, devices, device] = await Promise.all([api.push(), api.devices(), readDevice()]);
  const registration = await worker();
  const subscription = await registration?.pushManager?.getSubscription().catch(() => null);
  const family = guessFamily(surroundings());
  const known = devices.items.find((one) => one.id === device?.id);
  return {
    allowed: 'Notification' in window ? Notification.permission : 'unsupported',
    worker: registration?.active !== null && registration?.active !== undefined,
    enrolled: known?.id ?? null,
    family: settings.families.find((one) => one.id === (known?.push?.family ?? family)) ?? null,
    subscribed: Boolean(subscription) && known?.push !== null && known !== undefined,
    devices: devices.items.map((one) => ({ ...one, this: one.id === known?.id })),
  };
}

/** The active worker; right after the first visit it takes a moment to get there. */
async function worker(): Promise<ServiceWorkerRegistration | undefined> {
  if (!('serviceWorker' in navigator)) return undefined;
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 3000));
  return Promise.race([navigator.serviceWorker.ready, late]);
}

/** Whether this browser rings with its page closed. */
export function ringsClosed(list: Checklist): boolean {
  return (
    list.allowed === 'granted' &&
    list.worker &&
    list.enrolled !== null &&
    list.subscribed &&
    (list.family?.enabled ?? false)
  );
}

/** Sets this browser up; says what is missing, or null. */
export async function setUp(): Promise<Missing | null> {
  if (needsHomeScreen(surroundings())) return 'home-screen';
  return enrol();
}
