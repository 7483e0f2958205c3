// This device's own key: a non-extractable ECDSA P-256 key in IndexedDB that outlives the session. It signs trace
// reports, answers and the fetch of one alarm's view, nothing else. Shared by pages and the service worker.

export interface EnrolledDevice {
  /** `dev_…`, as the server named it. */
  id: string;
  privateKey: CryptoKey;
  /** The push endpoint the server knows, to notice when the browser changed it. */
  endpoint: string | null;
  /** The language of notifications. */
  lang: 'de' | 'en';
}

const DATABASE = 'obhut';
const STORE = 'device';
const ONLY = 'this';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run<T>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** This device as enrolled, or nothing. */
export async function readDevice(): Promise<EnrolledDevice | null> {
  try {
    return ((await run('readonly', (store) => store.get(ONLY))) as EnrolledDevice) ?? null;
  } catch {
    return null;
  }
}

/** Keeps the device. */
export async function writeDevice(device: EnrolledDevice): Promise<void> {
  await run('readwrite', (store) => store.put(device, ONLY));
}

/** Destroys the key. */
export async function forgetDevice(): Promise<void> {
  await run('readwrite', (store) => store.delete(ONLY));
}

/** base64url without padding. */
export function base64url(bytes: ArrayBuffer | Uint8Array): string {
  let text = '';
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** The inverse. */
export function unbase64url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };

/** A new key pair: the private half never leaves the browser, the public one as an uncompressed point. */
export async function makeKey(): Promise<{ privateKey: CryptoKey; publicKey: string }> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const raw = await crypto.subtle.exportKey('raw', pair.publicKey);
  return { privateKey: pair.privateKey, publicKey: base64url(raw) };
}

/** The headers that prove a request comes from this device. */
export async function signedHeaders(
  device: Pick<EnrolledDevice, 'id' | 'privateKey'>,
  method: string,
  path: string,
  body: string,
  now: number,
): Promise<Record<string, string>> {
  const text = new TextEncoder();
  const hash = base64url(await crypto.subtle.digest('SHA-256', text.encode(body)));
  const message = `obhut-device-1\n${method}\n${path}\n${now}\n${hash}`;
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    device.privateKey,
    text.encode(message),
  );
  return {
    'Obhut-Device': device.id,
    'Obhut-Time': String(now),
    'Obhut-Signature': base64url(signature),
  };
}
