/** How far a view has followed the event stream, and who waits for it to get further. */

interface Waiter {
  readonly sequence: number;
  readonly done: (reached: boolean) => void;
}

export class ReachedSequence {
  #sequence = 0;
  readonly #waiters = new Set<Waiter>();

  /** Sequence of the last event that the view has taken. */
  get value(): number {
    return this.#sequence;
  }

  /** Notes progress, and lets those go who waited for it. */
  set(sequence: number): void {
    this.#sequence = sequence;
    if (this.#waiters.size === 0) return;
    for (const waiter of [...this.#waiters]) if (waiter.sequence <= sequence) waiter.done(true);
  }

  /** Waits until the view has reached the sequence. Resolves false where it has not within the time, or stops. */
  wait(sequence: number, timeoutMs: number): Promise<boolean> {
    if (sequence <= this.#sequence) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        sequence,
        done: (reached) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(reached);
        },
      };
      const timer = setTimeout(() => waiter.done(false), timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  /** Lets everybody go. */
  stop(): void {
    for (const waiter of [...this.#waiters]) waiter.done(false);
  }
}
