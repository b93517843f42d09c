/**
 * Channels: one item made once an event, the same object for every subscriber.
 *
 * Between a channel and a subscriber stands a sink: its push stream, and in front of that a conflator where the
 * subscriber asked for a least time between deliveries.
 */

/** Takes items; false once it is closed. */
export interface Sink<T> {
  push(item: T): boolean;
  /** Told where items may have been missed: the view started again from an image. */
  interrupted?(): void;
}

export class Channel<T> {
  readonly #sinks = new Set<Sink<T>>();

  /** Number of subscribers: where it is 0, the item need not be made. */
  get size(): number {
    return this.#sinks.size;
  }

  publish(item: T): void {
    for (const sink of this.#sinks) sink.push(item);
  }

  interrupt(): void {
    for (const sink of [...this.#sinks]) sink.interrupted?.();
  }

  add(sink: Sink<T>): void {
    this.#sinks.add(sink);
  }

  remove(sink: Sink<T>): void {
    this.#sinks.delete(sink);
  }
}

/** How items of one key become one. */
export interface Merging<T> {
  readonly keyOf: (item: T) => string | number;
  readonly merge: (older: T, newer: T) => T;
}

/**
 * Lets one item of each key through at a time, then holds that key's next ones for `conflateMs`, merged into one.
 * Memory: one item a key. One timer, which runs only while something is held.
 */
export class Conflator<T> implements Sink<T> {
  readonly #target: Sink<T>;
  readonly #conflateMs: number;
  readonly #merging: Merging<T>;
  /** Keys within their pause: when it ends, and what came meanwhile. In the order of their ends. */
  readonly #pauses = new Map<string | number, { endsAt: number; held: T | null }>();
  #timer: NodeJS.Timeout | null = null;

  /** @param conflateMs at least 1 */
  constructor(target: Sink<T>, conflateMs: number, merging: Merging<T>) {
    this.#target = target;
    this.#conflateMs = conflateMs;
    this.#merging = merging;
  }

  push(item: T): boolean {
    const key = this.#merging.keyOf(item);
    const pause = this.#pauses.get(key);
    if (pause === undefined) {
      const taken = this.#target.push(item);
      if (taken) this.#pause(key);
      return taken;
    }
    pause.held = pause.held === null ? item : this.#merging.merge(pause.held, item);
    return true;
  }

  /** Forgets what is held and stops the timer. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#pauses.clear();
  }

  #pause(key: string | number): void {
    this.#pauses.set(key, { endsAt: performance.now() + this.#conflateMs, held: null });
    this.#timer ??= setTimeout(() => this.#release(), this.#conflateMs);
  }

  #release(): void {
    this.#timer = null;
    const now = performance.now();
    for (const [key, { endsAt, held }] of this.#pauses) {
      // Timers of Node may fire up to a millisecond early.
      if (endsAt > now + 1) break;
      this.#pauses.delete(key);
      if (held !== null && this.#target.push(held)) this.#pause(key);
    }
    const next = this.#pauses.values().next().value;
    if (next !== undefined) this.#timer ??= setTimeout(() => this.#release(), Math.max(1, next.endsAt - now));
  }
}
