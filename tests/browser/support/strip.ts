// Reads the strip that simulated cameras burn into the top of their pictures: a counter and the moment, in black and
// white cells. Geometry and check stand in `crates/media/src/scene/strip.rs`; this is a second reader of them.
import type { Locator } from '@playwright/test';

export interface Strip {
  counter: number;
  /** When the picture was made: milliseconds since 1970. */
  millis: number;
}

/** Reads what an element shows right now. Runs inside the page, so it may lean on nothing outside itself. */
export function readStrip(element: Element): Strip | null {
  const [ROWS, COLUMNS, SIDE] = [3, 36, 16];
  const source = element as HTMLCanvasElement | HTMLVideoElement;
  const width = source instanceof HTMLVideoElement ? source.videoWidth : source.width;
  if (width < COLUMNS * SIDE) return null;
  const [wide, high] = [COLUMNS * SIDE, ROWS * SIDE];
  const canvas = new OffscreenCanvas(wide, high);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(source, 0, 0, wide, high, 0, 0, wide, high);
  const { data } = context.getImageData(0, 0, wide, high);

  const light = (row: number, column: number) => {
    let sum = 0;
    for (let y = row * SIDE + 4; y < row * SIDE + 12; y += 1) {
      for (let x = column * SIDE + 4; x < column * SIDE + 12; x += 1) sum += data[4 * (y * wide + x) + 1] ?? 0;
    }
    return sum / 64;
  };
  const bits: number[][] = [];
  for (let row = 0; row < ROWS; row += 1) {
    const cells = Array.from({ length: COLUMNS }, (_, column) => light(row, column));
    const at = (column: number) => cells[column] ?? 0;
    const outer = (at(0) + at(COLUMNS - 1)) / 2;
    const inner = (at(1) + at(COLUMNS - 2)) / 2;
    const difference = row === 1 ? inner - outer : outer - inner;
    if (difference < 64) return null;
    bits.push(cells.slice(2, -2).map((cell) => (cell > (outer + inner) / 2 ? 1 : 0)));
  }
  const number = (row: number, from: number, to: number) =>
    (bits[row] ?? []).slice(from, to).reduce((sum, bit) => sum * 2 + bit, 0);

  let crc = 0xffff;
  for (const bit of [...(bits[0] ?? []), ...(bits[1] ?? []), ...(bits[2] ?? []).slice(0, 16)]) {
    const top = ((crc >> 15) & 1) ^ bit;
    crc = (crc << 1) & 0xffff;
    if (top === 1) crc ^= 0x1021;
  }
  if (crc !== number(2, 16, 32)) return null;
  return { counter: number(0, 0, 32), millis: number(1, 0, 32) * 65_536 + number(2, 0, 16) };
}

/** The strip of a canvas or a video, once one can be read. */
export async function strip(of: Locator): Promise<Strip> {
  const end = Date.now() + 10_000;
  for (;;) {
    const found = await of.evaluate(readStrip);
    if (found) return found;
    if (Date.now() > end) throw new Error('no strip can be read');
    await of.page().waitForTimeout(100);
  }
}

/** The whole picture as a short number, to tell two apart. */
export function picture(of: Locator): Promise<number> {
  return of.evaluate((element) => {
    const canvas = new OffscreenCanvas(160, 90);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) return 0;
    context.drawImage(element as HTMLCanvasElement, 0, 0, 160, 90);
    const { data } = context.getImageData(0, 0, 160, 90);
    return data.reduce((sum, one) => (Math.imul(sum, 31) + one) | 0, 7);
  });
}
