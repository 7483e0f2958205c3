// When a live picture is too late: decode at once while it keeps up; when it stays behind, drop to the next key frame.

/** Behind by more than this is behind (milliseconds of capture time). */
const BEHIND = 1500;
/** So long may catching up take, for example after joining in the middle of a group. */
const PATIENCE = 2000;

export type Verdict = 'decode' | 'drop' | 'restart';

export class LagRule {
  #drawn: number | null = null;
  #since: number | null = null;
  #dropping = false;

  /** A picture was drawn; `time` is when it was taken (milliseconds). */
  drew(time: number): void {
    this.#drawn = time;
  }

  /** What to do with a picture that came in. `restart`: empty the decoder, then decode this key frame. */
  next(picture: { time: number; key: boolean }, now: number): Verdict {
    this.#drawn ??= picture.time;
    const behind = picture.time - this.#drawn > BEHIND;
    if (!behind) this.#since = null;
    else this.#since ??= now;
    const late = this.#since !== null && now - this.#since > PATIENCE;
    if (this.#dropping || late) {
      if (!picture.key) {
        this.#dropping = true;
        return 'drop';
      }
      this.#dropping = false;
      this.#since = null;
      this.#drawn = picture.time;
      return 'restart';
    }
    return 'decode';
  }

  /** After a break in the numbers or in the decoder only a key frame goes on. */
  broke(): void {
    this.#dropping = true;
  }

  /** A new session. */
  reset(): void {
    this.#drawn = null;
    this.#since = null;
    this.#dropping = false;
  }
}

/** So late (milliseconds) a picture counts as delayed, and the tile says by how much. */
export const DELAYED = 3000;

/** By how many whole seconds the newest picture is late, or null when it counts as live. */
export function delay(captured: number | null, now: number): number | null {
  if (captured === null) return null;
  const late = now - captured;
  return late > DELAYED ? Math.floor(late / 1000) : null;
}
