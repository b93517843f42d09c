/** Counts failed sign-ins of a name: after too many it has to wait, whoever asks. Bounded: the oldest names are forgotten. */
const MAX_FAILURES = 10;
const WINDOW_MS = 15 * 60_000;
const MAX_NAMES = 10_000;

export class SignInAttempts {
  readonly #failures = new Map<string, { count: number; sinceMs: number }>();

  /** Returns how long the name has to wait, ms; 0 where it may try. */
  waitMs(name: string, nowMs: number): number {
    const failures = this.#failures.get(name);
    if (failures === undefined || failures.count < MAX_FAILURES) return 0;
    return Math.max(0, failures.sinceMs + WINDOW_MS - nowMs);
  }

  failed(name: string, nowMs: number): void {
    const known = this.#failures.get(name);
    this.#failures.delete(name);
    const isFresh = known !== undefined && nowMs - known.sinceMs < WINDOW_MS;
    this.#failures.set(
      name,
      isFresh ? { count: known.count + 1, sinceMs: known.sinceMs } : { count: 1, sinceMs: nowMs },
    );
    if (this.#failures.size > MAX_NAMES) this.#failures.delete(this.#failures.keys().next().value ?? name);
  }

  succeeded(name: string): void {
    this.#failures.delete(name);
  }
}
