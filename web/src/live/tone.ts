// The alarm tone, made by WebAudio: two rising calls and a pause, loud and unlike any ring tone. Browsers let a
// page sound only after a touch; `arm` is called on each one until the context runs.

export type SoundState = 'unsupported' | 'blocked' | 'ready';

/** Pitches (Hz) and their length of one call, then silence until the next. */
const CALL: [pitch: number, seconds: number][] = [
  [660, 0.22],
  [880, 0.22],
  [660, 0.22],
  [880, 0.22],
  [1175, 0.5],
];
const ROUND = 2.4;

export class Tone {
  #context: AudioContext | null = null;
  #gain: GainNode | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  readonly #changed: (state: SoundState) => void;

  constructor(changed: (state: SoundState) => void) {
    this.#changed = changed;
  }

  get state(): SoundState {
    if (typeof AudioContext === 'undefined') return 'unsupported';
    return this.#context?.state === 'running' ? 'ready' : 'blocked';
  }

  /** Makes or wakes the audio context; works only inside a touch, click or key press. */
  async arm(): Promise<void> {
    if (typeof AudioContext === 'undefined') return this.#changed('unsupported');
    if (!this.#context) {
      this.#context = new AudioContext({ latencyHint: 'interactive' });
      this.#context.onstatechange = () => this.#changed(this.state);
    }
    if (this.#context.state !== 'running') await this.#context.resume().catch(() => undefined);
    this.#changed(this.state);
  }

  /** Sounds until `stop`; silent where the browser has not been touched yet, and joins in once it is. */
  start(): void {
    if (this.#timer) return;
    this.#call();
    this.#timer = setInterval(() => this.#call(), ROUND * 1000);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#gain?.disconnect();
    this.#gain = null;
  }

  /** One call, for trying the volume. */
  once(): void {
    this.#call();
  }

  #call(): void {
    const context = this.#context;
    if (!context || context.state !== 'running') return;
    this.#gain?.disconnect();
    const gain = context.createGain();
    gain.connect(context.destination);
    this.#gain = gain;
    let at = context.currentTime + 0.02;
    for (const [pitch, seconds] of CALL) {
      const voice = context.createOscillator();
      const edge = context.createGain();
      voice.type = 'square';
      voice.frequency.value = pitch;
      edge.gain.setValueAtTime(0, at);
      edge.gain.linearRampToValueAtTime(0.5, at + 0.01);
      edge.gain.setValueAtTime(0.5, at + seconds - 0.03);
      edge.gain.linearRampToValueAtTime(0, at + seconds);
      voice.connect(edge).connect(gain);
      voice.start(at);
      voice.stop(at + seconds);
      at += seconds;
    }
  }
}
