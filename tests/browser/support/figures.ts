// Figures of a bench, one JSON object a line into the file that `./x bench` reads; the medians are taken there.
import { appendFileSync } from 'node:fs';

/** How often to measure. */
export const RUNS = Number(process.env.OBHUT_BENCH_RUNS ?? 1);
/** Whether everything is to be ten times smaller. */
export const QUICK = process.env.OBHUT_BENCH_QUICK === '1';

/** Takes one run of a figure. */
export function take(name: string, unit: 'ms' | 'MiB/s' | '1/s', value: number): void {
  const line = JSON.stringify({ name, unit, value });
  const file = process.env.OBHUT_BENCH_FIGURES;
  if (file === undefined) console.log(line);
  else appendFileSync(file, `${line}\n`);
}

/** The value below which this share of all lies (nearest rank). */
export function percentile(values: number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? NaN;
}
