/**
 * Push streams: what stands between a view that pushes and a subscriber that pulls at its own pace.
 *
 * Every buffer is bounded. When `maxBuffer` items wait and one more comes, the policy decides:
 * - CLOSE: nothing is lost silently; what waits is delivered, then the stream fails with SLOW_CONSUMER.
 * - CONFLATE: of the waiting items only the newest of each key stays; where every key is its newest, the oldest goes.
 * - DROP_OLDEST: the oldest waiting item goes.
 * `return()` (the subscriber left) and `end()` free the buffer and call `onClose` exactly once.
 */
import type { OverflowPolicy } from './enums.js';
import { slowConsumer } from './errors.js';
import { type CloseReason, type StreamCounts, streamCounters } from './stream-counters.js';

/** Most items that any subscription may let wait. */
export const MAX_STREAM_BUFFER = 100_000;

export interface PushStreamOptions<T> {
  /** Most items that wait, 1 to MAX_STREAM_BUFFER. */
  readonly maxBuffer: number;
  readonly onOverflow: OverflowPolicy;
  /** Key by which CONFLATE tells items apart; all one key when absent. */
  readonly keyOf?: (item: T) => string | number;
  /** Returns what stays of a waiting item and a newer one of its key; the newer one itself when absent. */
  readonly merge?: (older: T, newer: T) => T;
  /** Called once, when the stream no longer takes items. */
  readonly onClose?: () => void;
}

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: Error): void;
}

/** A subscriber asks for one item after the other; more open requests than this are a fault of the caller. */
const MAX_WAITERS = 16;
/** Delivered items that may stand before the first waiting one until the buffer is moved up. */
const MAX_DELIVERED = 1024;
const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };

export class PushStream<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #options: PushStreamOptions<T>;
  /** Waiting items in order, from #head on. */
  #waiting: T[] = [];
  #head = 0;
  /** After an overflow under CONFLATE, until the subscriber has caught up: the newest item of each key, oldest first. */
  #newest: Map<string | number, T> | null = null;
  readonly #waiters: Waiter<T>[] = [];
  #closed = false;
  #error: Error | null = null;
  readonly #counts: StreamCounts;

  /** @throws RangeError when maxBuffer is out of range */
  constructor(options: PushStreamOptions<T>) {
    if (!Number.isInteger(options.maxBuffer) || options.maxBuffer < 1 || options.maxBuffer > MAX_STREAM_BUFFER) {
      throw new RangeError(`maxBuffer ${options.maxBuffer} is not a whole number from 1 to ${MAX_STREAM_BUFFER}`);
    }
    this.#options = options;
    this.#counts = streamCounters[options.onOverflow];
    this.#counts.open += 1;
  }

  /** Items that wait to be read. */
  get size(): number {
    return this.#newest === null ? this.#waiting.length - this.#head : this.#newest.size;
  }

  /** True once no more items are taken. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Hands an item to the subscriber. Returns false where the stream is closed and the item went nowhere. */
  push(item: T): boolean {
    if (this.#closed) return false;
    this.#counts.items += 1;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ value: item, done: false });
      return true;
    }
    if (this.#newest !== null) {
      this.#conflate(this.#newest, item);
      return true;
    }
    if (this.size < this.#options.maxBuffer) {
      this.#waiting.push(item);
      return true;
    }
    return this.#overflow(item);
  }

  /** Takes no more items; what waits is delivered, then the subscriber sees the end. */
  end(): void {
    this.#close(null, 'ended');
  }

  /** Takes no more items; what waits is delivered, then the subscriber gets the error. */
  fail(error: Error): void {
    this.#close(error, 'failed');
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.size > 0) return Promise.resolve({ value: this.#shift(), done: false });
    if (this.#error !== null) {
      const error = this.#error;
      this.#error = null;
      return Promise.reject(error);
    }
    if (this.#closed) return Promise.resolve(DONE);
    if (this.#waiters.length >= MAX_WAITERS) {
      return Promise.reject(new RangeError(`more than ${MAX_WAITERS} items of one stream were asked for at once`));
    }
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#waiting = [];
    this.#head = 0;
    this.#newest = null;
    this.#close(null, 'left');
    this.#error = null;
    return Promise.resolve(DONE);
  }

  throw(error: Error): Promise<IteratorReturnResult<undefined>> {
    void this.return();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #overflow(item: T): boolean {
    switch (this.#options.onOverflow) {
      case 'CLOSE':
        this.#close(slowConsumer(this.#options.maxBuffer), 'slow');
        return false;
      case 'DROP_OLDEST':
        this.#shift();
        this.#waiting.push(item);
        this.#counts.dropped += 1;
        return true;
      case 'CONFLATE': {
        const newest = new Map<string | number, T>();
        for (let index = this.#head; index < this.#waiting.length; index += 1) {
          this.#conflate(newest, this.#waiting[index] as T);
        }
        this.#conflate(newest, item);
        this.#waiting = [];
        this.#head = 0;
        this.#newest = newest;
        return true;
      }
    }
  }

  /** Puts an item behind all others, in place of the one of its key. */
  #conflate(newest: Map<string | number, T>, item: T): void {
    const key = this.#options.keyOf === undefined ? 0 : this.#options.keyOf(item);
    const older = newest.get(key);
    if (older === undefined) {
      if (newest.size >= this.#options.maxBuffer) {
        newest.delete(newest.keys().next().value as string | number);
        this.#counts.dropped += 1;
      }
      newest.set(key, item);
      return;
    }
    this.#counts.conflated += 1;
    newest.delete(key);
    newest.set(key, this.#options.merge === undefined ? item : this.#options.merge(older, item));
  }

  #shift(): T {
    if (this.#newest !== null) {
      const [key, item] = this.#newest.entries().next().value as [string | number, T];
      this.#newest.delete(key);
      if (this.#newest.size === 0) this.#newest = null;
      return item;
    }
    const item = this.#waiting[this.#head] as T;
    // Nothing that was delivered is kept alive by the buffer.
    this.#waiting[this.#head] = undefined as T;
    this.#head += 1;
    if (this.#head === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#head = 0;
    } else if (this.#head >= MAX_DELIVERED) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  #close(error: Error | null, reason: CloseReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#counts.open -= 1;
    this.#counts.closed[reason] += 1;
    const [first, ...others] = this.#waiters.splice(0);
    if (first !== undefined) {
      // A waiter stands only where nothing waits to be read, so it is the one to learn of the end.
      if (error === null) first.resolve(DONE);
      else first.reject(error);
    } else {
      this.#error = error;
    }
    for (const waiter of others) waiter.resolve(DONE);
    this.#options.onClose?.();
  }
}

/** The open streams of a subgraph, so that stopping it ends them all. */
export class OpenStreams {
  readonly #streams = new Set<{ end(): void }>();

  get size(): number {
    return this.#streams.size;
  }

  /** Makes a stream a member. Returns how to end its membership. */
  add(stream: { end(): void }): () => void {
    this.#streams.add(stream);
    return () => this.#streams.delete(stream);
  }

  /** Opens a stream that is a member until it closes. */
  open<T>(options: PushStreamOptions<T>): PushStream<T> {
    const stream: PushStream<T> = new PushStream({
      ...options,
      onClose: () => {
        this.#streams.delete(stream);
        options.onClose?.();
      },
    });
    this.#streams.add(stream);
    return stream;
  }

  /** Ends every open stream: what waits in it is still delivered. */
  endAll(): void {
    for (const stream of [...this.#streams]) stream.end();
  }
}
