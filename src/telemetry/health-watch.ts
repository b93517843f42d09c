/**
 * How long each dependency has been as it is: the readiness is asked every second, so that an age is told which does not
 * depend on when somebody asked last.
 */
import type { DependencyState, Readiness } from './health.js';

const ASK_MS = 1_000;

interface Known {
  readonly key: string;
  readonly sinceMs: number;
}

export class HealthWatch {
  readonly #known = new Map<string, Known>();
  readonly #timer: NodeJS.Timeout;
  readonly startedAtMs = Date.now();

  constructor(private readonly ask: () => Promise<Readiness>) {
    this.#timer = setInterval(() => void this.read().catch(() => undefined), ASK_MS);
    this.#timer.unref();
  }

  /** State of each dependency with the seconds that it has been in it, `ageS`. */
  async read(): Promise<Readiness> {
    const readiness = await this.ask();
    const nowMs = performance.now();
    return Object.fromEntries(
      Object.entries(readiness).map(([name, state]) => [name, { ...state, ageS: this.#ageOf(name, state, nowMs) }]),
    );
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #ageOf(name: string, { ready, state }: DependencyState, nowMs: number): number {
    const key = `${ready} ${String(state ?? '')}`;
    let known = this.#known.get(name);
    if (known === undefined || known.key !== key) {
      known = { key, sinceMs: nowMs };
      this.#known.set(name, known);
    }
    return Math.round((nowMs - known.sinceMs) / 100) / 10;
  }
}
