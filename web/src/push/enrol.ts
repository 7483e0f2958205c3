// Makes this browser a device that rings: its key, its place in the list, its push subscription. Each step that
// fails says which one it was; a device without push still rings while the page is open.
import { api } from '../api/api.ts';
import type { PushFamily, PushKeys } from '../api/types.ts';
import { speech } from '../ui/lang.svelte.ts';
import {
  base64url,
  forgetDevice,
  makeKey,
  readDevice,
  unbase64url,
  writeDevice,
  type EnrolledDevice,
} from './keys.ts';
import { guessFamily, guessName, type Surroundings } from './browser.ts';

/** Why pushes can't reach this device (yet). */
export type Missing =
  | 'home-screen'
  | 'unsupported'
  | 'denied'
  | 'not-allowed'
  | 'no-worker'
  | 'family-off'
  | 'no-push-service'
  | 'timed-out';

export class NoPush extends Error {
  readonly missing: Missing;
  constructor(missing: Missing) {
    super(missing);
    this.missing = missing;
  }
}

/** Browsers without a push service let `subscribe` hang; this is how long it gets. */
const PATIENCE = 10_000;

/** What decides about pushes in this browser. */
export function surroundings(): Surroundings {
  return {
    agent: navigator.userAgent,
    standalone:
      matchMedia('(display-mode: standalone)').matches ||
      (navigator as { standalone?: boolean }).standalone === true,
    touchMac: navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1,
  };
}

/** The promise, or `late` after the time. */
export function within<T>(ms: number, promise: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** A subscription as the server wants it. */
export function pushKeys(subscription: PushSubscription): PushKeys {
  const key = (name: PushEncryptionKeyName) => {
    const bytes = subscription.getKey(name);
    return bytes ? base64url(bytes) : '';
  };
  return { endpoint: subscription.endpoint, p256dh: key('p256dh'), auth: key('auth') };
}

/** Subscribes to this browser's push service; throws `NoPush` with the reason. Asks nobody before it may. */
async function subscribe(families: PushFamily[], vapid: string): Promise<PushSubscription> {
  if (!('serviceWorker' in navigator)) throw new NoPush('unsupported');
  const registration = await within(
    PATIENCE,
    navigator.serviceWorker.ready,
    () => new NoPush('no-worker'),
  );
  if (!registration.pushManager) throw new NoPush('unsupported');
  const family = guessFamily(surroundings());
  if (!families.some((one) => one.enabled && one.id === family)) throw new NoPush('family-off');
  const key = unbase64url(vapid);
  const known = await registration.pushManager.getSubscription();
  if (known) {
    const same = known.options.applicationServerKey;
    if (same && base64url(same) === base64url(key)) return known;
    await known.unsubscribe();
  }
  try {
    return await within(
      PATIENCE,
      registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }),
      () => new NoPush('timed-out'),
    );
  } catch (thrown) {
    if (thrown instanceof NoPush) throw thrown;
    if (thrown instanceof DOMException && thrown.name === 'NotAllowedError')
      throw new NoPush('denied');
    throw new NoPush('no-push-service');
  }
}

/** Asks for notifications; only a tap may do that. */
async function allow(): Promise<void> {
  if (!('Notification' in window)) throw new NoPush('unsupported');
  const answer = await Notification.requestPermission();
  if (answer === 'denied') throw new NoPush('denied');
  if (answer !== 'granted') throw new NoPush('not-allowed');
}

/** Enrols this browser, or mends what is missing. Returns why pushes do not reach it, or null. */
export async function enrol(): Promise<Missing | null> {
  let missing: Missing | null = null;
  try {
    await allow();
  } catch (thrown) {
    missing = thrown instanceof NoPush ? thrown.missing : 'unsupported';
  }
  const device = (await known()) ?? (await create());
  if (missing) return missing;
  const settings = await api.push();
  try {
    const push = pushKeys(await subscribe(settings.families, settings.public_key));
    await api.setPush(device.id, push);
    await writeDevice({ ...device, endpoint: push.endpoint, lang: speech.lang });
    return null;
  } catch (thrown) {
    if (thrown instanceof NoPush) return thrown.missing;
    throw thrown;
  }
}

/** This device, if the server still knows it for the person signed in. */
async function known(): Promise<EnrolledDevice | null> {
  const device = await readDevice();
  if (!device) return null;
  const { items } = await api.devices();
  if (items.some((one) => one.id === device.id)) return device;
  await forgetDevice();
  return null;
}

async function create(): Promise<EnrolledDevice> {
  const { privateKey, publicKey } = await makeKey();
  const name = guessName(surroundings());
  const { id } = await api.enrol({ name, platform: name, public_key: publicKey, push: null });
  const device: EnrolledDevice = { id, privateKey, endpoint: null, lang: speech.lang };
  await writeDevice(device);
  return device;
}

/** Takes this browser off: at the push service, at the server (by the caller), and its key. */
export async function unsubscribeHere(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const subscription = await registration?.pushManager?.getSubscription();
  await subscription?.unsubscribe();
}

/** On opening the page: tells the server when the browser changed its endpoint, and keeps the language. */
export async function syncDevice(): Promise<void> {
  try {
    const device = await readDevice();
    if (!device) return;
    if (device.lang !== speech.lang) await writeDevice({ ...device, lang: speech.lang });
    const registration = await navigator.serviceWorker?.getRegistration();
    const subscription = await registration?.pushManager?.getSubscription();
    if (!subscription || subscription.endpoint === device.endpoint) return;
    const push = pushKeys(subscription);
    await api.setPush(device.id, push);
    await writeDevice({ ...device, lang: speech.lang, endpoint: push.endpoint });
  } catch {
    // The checklist in the settings shows what is wrong.
  }
}
