// The unlocked viewing key as it outlives a page: non-extractable, in IndexedDB, bound to the session, twelve hours.

export interface Unlocked {
  session: string;
  viewing: string;
  key: CryptoKey;
  /** Milliseconds. */
  until: number;
}

export const DATABASE = 'obhut-video';
const STORE = 'unlocked';
const ONLY = 'this';
const LONGEST = 12 * 3_600_000;

/** Whether a kept key may be used by this session now. A clock that stepped back does not prolong it. */
export function stillGood(
  kept: Omit<Unlocked, 'key'>,
  session: string,
  viewing: string | null,
  now: number,
): boolean {
  const left = kept.until - now;
  return kept.session === session && kept.viewing === viewing && left > 0 && left <= LONGEST;
}

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

export async function recall(): Promise<Unlocked | null> {
  try {
    return ((await run('readonly', (store) => store.get(ONLY))) as Unlocked) ?? null;
  } catch {
    return null;
  }
}

/** Where the browser keeps nothing (a private window), the key lives as long as the page. */
export async function keep(unlocked: Unlocked): Promise<void> {
  await run('readwrite', (store) => store.put(unlocked, ONLY)).catch(() => undefined);
}

export async function forget(): Promise<void> {
  await run('readwrite', (store) => store.delete(ONLY)).catch(() => undefined);
}
