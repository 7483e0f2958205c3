// One ticking clock for everything that shows elapsed time; corrected by the server's clock where it is known.

export const clock = $state({ now: Date.now(), skew: 0 });

let timer: ReturnType<typeof setInterval> | undefined;

/** Starts ticking each second. */
export function startClock(): void {
  timer ??= setInterval(() => (clock.now = Date.now() + clock.skew), 1000);
}

/** Learns the server's time, so that a wrong phone clock does not show wrong spans. */
export function learnTime(server: string): void {
  const skew = Date.parse(server) - Date.now();
  if (Number.isFinite(skew)) clock.skew = Math.abs(skew) < 2000 ? 0 : skew;
}
