// The worker's side of numbered calls.
import { SealError } from '../crypto/bytes.ts';
import type { Call, Failing, Reply } from './protocol.ts';

declare const self: DedicatedWorkerGlobalScope;

/** A failure with one of the protocol's words. */
export class Failed extends Error {
  readonly failing: Failing;
  constructor(failing: Failing, what: string = failing) {
    super(what);
    this.failing = failing;
  }
}

export function failing(thrown: unknown): Failing {
  if (thrown instanceof Failed) return thrown.failing;
  return thrown instanceof SealError ? thrown.refusal : 'unexpected';
}

type Handlers<Api> = {
  [Name in keyof Api]: (
    args: Api[Name] extends { args: infer Args } ? Args : never,
  ) => Promise<Api[Name] extends { value: infer Value } ? Value : never>;
};

/** Answers calls with these handlers, one at a time where they wait for each other themselves. */
export function serve<Api>(handlers: Handlers<Api>): void {
  self.addEventListener('message', (event: MessageEvent<Call>) => {
    const { id, name, args } = event.data;
    const handler = handlers[name as keyof Api] as
      ((args: unknown) => Promise<unknown>) | undefined;
    const answer = (reply: Reply) => self.postMessage(reply);
    if (!handler) return answer({ id, ok: false, failing: 'unexpected', what: name });
    handler(args).then(
      (value) => answer({ id, ok: true, value }),
      (thrown: unknown) =>
        answer({ id, ok: false, failing: failing(thrown), what: String(thrown) }),
    );
  });
}
