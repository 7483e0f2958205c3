// From the moment that a camera burns into its picture until that picture stands on the page: simulator, agent, hub
// and page as they are shipped, all on this machine and by its one clock.
import { RUNS, QUICK, percentile, take } from '../support/figures.ts';
import { readStrip } from '../support/strip.ts';
import { expect, test } from '../support/test.ts';
import { canvas, tile, unlock } from '../support/video.ts';

const WINDOW = QUICK ? 3000 : 30_000;
const WARM_UP = 3000;

test('live', async ({ server, seat }) => {
  const { page } = await seat(server.officer);
  await unlock(page, server);
  await tile(page, 'Hof')
    .getByRole('button', { name: /^Groß zeigen/ })
    .click();
  await expect(tile(page, 'Hof')).toHaveAttribute('data-state', 'live', { timeout: 20_000 });
  // A function cannot lean on another inside the page: the reader is handed over as text, past the page's own policy.
  const session = await page.context().newCDPSession(page);
  const expression = `globalThis.readStrip = ${readStrip.toString()}`;
  await session.send('Runtime.evaluate', { expression });
  for (let run = 0; run < RUNS; run += 1) {
    await page.waitForTimeout(WARM_UP);
    const late = await canvas(page, 'Hof').evaluate(
      (element, window) =>
        new Promise<number[]>((done) => {
          const { readStrip: read } = globalThis as unknown as { readStrip: typeof readStrip };
          const found: number[] = [];
          const end = Date.now() + window;
          let last = -1;
          const look = () => {
            const now = Date.now();
            const strip = read(element);
            if (strip && strip.counter !== last) {
              if (last >= 0) found.push(now - strip.millis);
              last = strip.counter;
            }
            if (now < end) requestAnimationFrame(look);
            else done(found);
          };
          requestAnimationFrame(look);
        }),
      WINDOW,
    );
    expect(late.length, 'pictures').toBeGreaterThan(WINDOW / 200);
    take('live_glass_to_glass_p50_ms', 'ms', percentile(late, 50));
    take('live_glass_to_glass_p99_ms', 'ms', percentile(late, 99));
    take('live_pictures_per_s', '1/s', (late.length * 1000) / WINDOW);
  }
});
