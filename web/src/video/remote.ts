// The page's side of numbered calls to a worker.
import type { Call, Failing, Reply } from './workers/protocol.ts';

/** What a worker refused, by the protocol's word. */
export class Refused extends Error {
  readonly failing: Failing;
  constructor(failing: Failing, what: string) {
    super(what);
    this.name = 'Refused';
    this.failing = failing;
  }
}

type Args<Api, Name extends keyof Api> = Api[Name] extends { args: infer A } ? A : never;
type Value<Api, Name extends keyof Api> = Api[Name] extends { value: infer V } ? V : never;

export class Remote<Api> {
  readonly #make: () => Worker;
  #worker: Worker | null = null;
  #next = 0;
  #open = new Map<number, { done: (value: never) => void; failed: (error: Error) => void }>();

  constructor(make: () => Worker) {
    this.#make = make;
  }

  call<Name extends keyof Api & string>(
    name: Name,
    args: Args<Api, Name>,
  ): Promise<Value<Api, Name>> {
    const worker = (this.#worker ??= this.#start());
    const id = this.#next++;
    return new Promise((done, failed) => {
      this.#open.set(id, { done, failed });
      worker.postMessage({ id, name, args } satisfies Call);
    });
  }

  /** Ends the worker and what it holds. */
  stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#fail('stopped');
  }

  #start(): Worker {
    const worker = this.#make();
    worker.onmessage = (event: MessageEvent<Reply>) => {
      const reply = event.data;
      const caller = this.#open.get(reply.id);
      this.#open.delete(reply.id);
      if (!caller) return;
      if (reply.ok) caller.done(reply.value as never);
      else caller.failed(new Refused(reply.failing, reply.what));
    };
    worker.onerror = (event) => {
      this.#worker = null;
      this.#fail(event.message);
    };
    return worker;
  }

  #fail(what: string): void {
    const open = [...this.#open.values()];
    this.#open.clear();
    open.forEach(({ failed }) => failed(new Refused('unexpected', what)));
  }
}
