/** Lets a bounded number of holders in and a bounded number wait, first come first served. */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(
    permits: number,
    private readonly maxWaiting: number,
    private readonly refuse: () => Error,
  ) {
    this.#free = permits;
  }

  /** Resolves when the caller may go on; it calls `release` exactly once. @throws what `refuse` makes when too many wait */
  async acquire(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    if (this.#waiting.length >= this.maxWaiting) throw this.refuse();
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
