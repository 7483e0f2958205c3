// The one way to the server: JSON in, JSON out, every failure a `Problem`. Knows no endpoint.
import { Problem, readProblem } from './problem.ts';

export const BASE = '/api/obhut/v1';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Options {
  query?: Record<string, string | number | null | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Where to go when the session is over; replaced in tests. */
let toSignIn = (): void => {
  const next = location.pathname + location.search;
  location.assign(`/sign-in?next=${encodeURIComponent(next)}`);
};

/** Replaces what happens on 401 (the monitor has no sign-in page). */
export function onSignedOut(act: () => void): void {
  toSignIn = act;
}

let leaving = (): void => undefined;

/** Sets what is destroyed in this browser when the session ends. */
export function beforeLeaving(act: () => void): void {
  leaving = act;
}

/** The session is over: leave for the sign-in page. */
export function signedOut(): void {
  leaving();
  toSignIn();
}

/** The address of an endpoint with its query. */
export function address(path: string, query: Options['query'] = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) params.set(key, String(value));
  }
  const tail = params.toString();
  return `${BASE}${path}${tail ? `?${tail}` : ''}`;
}

/** Sends a request and returns the response when it is a good one. */
export async function send(method: Method, path: string, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' };
  if (options.body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(options.body);
  }
  let response: Response;
  try {
    response = await fetch(address(path, options.query), init);
  } catch (cause) {
    throw new Problem({ status: 0, code: 'offline', detail: String(cause) });
  }
  if (response.ok) return response;
  const problem = await readProblem(response);
  if (response.status === 401) signedOut();
  throw problem;
}

/** Sends a request and reads its JSON; an empty answer is `undefined`. */
export async function call<T>(method: Method, path: string, options: Options = {}): Promise<T> {
  const response = await send(method, path, options);
  if (response.status === 204 || response.status === 202) return undefined as T;
  const text = await response.text();
  if (text === '') return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Problem({ status: response.status, code: 'garbled' });
  }
}
