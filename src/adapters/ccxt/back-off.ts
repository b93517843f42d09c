/** Pauses between attempts: each twice as long as the one before up to a bound, with jitter, so that clients do not come back as one. */
export class BackOff {
  #nextMs: number;

  /** @param random 0 to 1, 1 not included */
  constructor(
    private readonly minMs: number,
    private readonly maxMs: number,
    private readonly random: () => number = Math.random,
  ) {
    this.#nextMs = minMs;
  }

  /** Returns the pause before the next attempt: half of its bound to all of it. */
  next(): number {
    const pauseMs = this.#nextMs * (0.5 + this.random() / 2);
    this.#nextMs = Math.min(this.#nextMs * 2, this.maxMs);
    return pauseMs;
  }

  /** An attempt went well. */
  reset(): void {
    this.#nextMs = this.minMs;
  }
}
