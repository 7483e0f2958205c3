// Something fetched: what is known, what went wrong, and trying again. What was shown stays while it reloads.
import { asProblem, type Problem } from '../api/problem.ts';

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly problem: Problem | null;
  readonly loading: boolean;
  reload(): Promise<void>;
  set(value: T): void;
}

/** Fetches now and on `reload`; only the latest answer counts. */
export function load<T>(fetch: () => Promise<T>): Loaded<T> {
  let value = $state.raw<T | undefined>();
  let problem = $state.raw<Problem | null>(null);
  let loading = $state(true);
  let round = 0;

  async function reload(): Promise<void> {
    const mine = ++round;
    loading = true;
    try {
      const next = await fetch();
      if (mine !== round) return;
      value = next;
      problem = null;
    } catch (thrown) {
      if (mine === round) problem = asProblem(thrown);
    } finally {
      if (mine === round) loading = false;
    }
  }

  void reload();
  return {
    get value() {
      return value;
    },
    get problem() {
      return problem;
    },
    get loading() {
      return loading;
    },
    reload,
    set(next: T) {
      round += 1;
      value = next;
      loading = false;
      problem = null;
    },
  };
}

/** All pages of a list, one after the other, up to a bound that no brigade reaches. */
export async function all<T>(
  page: (after: string | null) => Promise<{ items: T[]; next?: string | number | null }>,
): Promise<T[]> {
  const items: T[] = [];
  let after: string | null = null;
  for (let round = 0; round < 100; round += 1) {
    const next = await page(after);
    items.push(...next.items);
    if (next.next === null || next.next === undefined) break;
    after = String(next.next);
  }
  return items;
}
