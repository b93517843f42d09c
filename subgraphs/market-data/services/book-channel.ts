/**
 * The updates of one book at one depth, made once a command for all subscribers, and what one subscriber gets of them.
 *
 * A subscriber that reads slower gets merged deltas, which lead to the same book; where a merged delta would be larger
 * than the book itself, or the stream was interrupted, it gets a snapshot in its place, taken when it is read.
 */
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import {
  type BookDelta,
  type ChangedPrices,
  DepthFeed,
  mergeDeltas,
} from '../../../src/core/market-data/book-delta.js';
import type { BookView } from '../../../src/core/market-data/book-view.js';
import { bookChecksum, CHECKSUM_LEVELS } from '../../../src/core/market-data/checksum.js';
import type { PushStream } from '../../../src/graphql/push-stream.js';
import type { OrderBookUpdate } from '../types/order-book.js';
import { Channel, type Merging } from './channel.js';
import { toLevels } from './payloads.js';

/** Returns the checksum of a book as it stands. */
export function checksumOf(entry: InstrumentEntry, book: BookView): number {
  const { tickUnits, lotUnits } = entry.terms;
  return bookChecksum(book.top('SELL', CHECKSUM_LEVELS), book.top('BUY', CHECKSUM_LEVELS), tickUnits, lotUnits);
}

/** A delta on its way; its public shape is made when the first subscriber reads it, and shared. */
class DeltaItem {
  readonly #entry: InstrumentEntry;
  #payload: OrderBookUpdate | null = null;

  constructor(
    entry: InstrumentEntry,
    readonly delta: BookDelta,
    readonly checksum: number,
  ) {
    this.#entry = entry;
  }

  get size(): number {
    return this.delta.bids.length + this.delta.asks.length;
  }

  followedBy(newer: DeltaItem): DeltaItem {
    return new DeltaItem(this.#entry, mergeDeltas(this.delta, newer.delta), newer.checksum);
  }

  payload(): OrderBookUpdate {
    this.#payload ??= {
      symbol: this.#entry.symbol,
      snapshot: false,
      sequence: this.delta.sequence,
      prevSequence: this.delta.prevSequence,
      bids: toLevels(this.#entry.terms, this.delta.bids),
      asks: toLevels(this.#entry.terms, this.delta.asks),
      checksum: this.checksum,
      transactTime: this.delta.timeUs,
    };
    return this.#payload;
  }
}

/** Stands for the whole book as it is when the subscriber comes to read it. */
export const SNAPSHOT = 'SNAPSHOT';
export type BookItem = DeltaItem | typeof SNAPSHOT;

export class BookChannel {
  readonly channel = new Channel<BookItem>();
  readonly merging: Merging<BookItem>;
  readonly #depth: number;
  readonly #entry: () => InstrumentEntry;
  #book: BookView;
  #feed: DepthFeed;
  #snapshot: OrderBookUpdate | null = null;

  constructor(entry: () => InstrumentEntry, book: BookView, depth: number) {
    this.#entry = entry;
    this.#book = book;
    this.#depth = depth;
    this.#feed = new DepthFeed(book, depth);
    // Both sides replaced in full are twice the depth to remove and twice to add.
    const largest = 4 * depth;
    this.merging = {
      keyOf: () => 0,
      merge: (older, newer) => {
        if (older === SNAPSHOT || newer === SNAPSHOT) return SNAPSHOT;
        return older.size + newer.size > largest ? SNAPSHOT : older.followedBy(newer);
      },
    };
  }

  /** Tells subscribers what a command changed. @param checksum of the book after it, worked out once for all depths */
  advance(changed: ChangedPrices, checksum: () => number): void {
    const delta = this.#feed.advance(changed);
    if (delta === null) return;
    this.#snapshot = null;
    this.channel.publish(new DeltaItem(this.#entry(), delta, checksum()));
  }

  /** Goes on with a book that started again from an image. */
  restart(book: BookView): void {
    this.#book = book;
    this.#feed = new DepthFeed(book, this.#depth);
    this.#snapshot = null;
    this.channel.publish(SNAPSHOT);
  }

  /** Returns the whole book down to the depth; the same object until the next change within it. */
  snapshot(): OrderBookUpdate {
    const entry = this.#entry();
    this.#snapshot ??= {
      symbol: entry.symbol,
      snapshot: true,
      sequence: this.#feed.sequence,
      prevSequence: null,
      bids: toLevels(entry.terms, this.#book.top('BUY', this.#depth)),
      asks: toLevels(entry.terms, this.#book.top('SELL', this.#depth)),
      checksum: checksumOf(entry, this.#book),
      transactTime: this.#book.timeUs,
    };
    return this.#snapshot;
  }
}

/** A change on its way, between the sequences of two states. */
export interface SequencedDelta<U> {
  readonly delta: { readonly sequence: number; readonly prevSequence: number };
  payload(): U;
}

/** What subscribers of a book get in place of a delta. */
export interface SnapshotSource<U> {
  /** The whole book as it is now. */
  snapshot(): U;
}

/** One subscriber's updates: a snapshot first, then each update applying to what was delivered before. */
export class BookSubscription<U extends { readonly sequence: number }, D extends SequencedDelta<U>>
  implements AsyncIterableIterator<U, undefined, undefined>
{
  readonly #source: SnapshotSource<U>;
  readonly #stream: PushStream<D | typeof SNAPSHOT>;
  /** Sequence of what was delivered last; −1 before the first delivery. */
  #delivered = -1;

  constructor(source: SnapshotSource<U>, stream: PushStream<D | typeof SNAPSHOT>) {
    this.#source = source;
    this.#stream = stream;
    stream.push(SNAPSHOT);
  }

  async next(): Promise<IteratorResult<U, undefined>> {
    for (;;) {
      const result = await this.#stream.next();
      if (result.done === true) return result;
      const update = this.#updateOrEnd(result.value);
      if (update === null) continue;
      this.#delivered = update.sequence;
      return { value: update, done: false };
    }
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    return this.#stream.return();
  }

  throw(error: Error): Promise<IteratorReturnResult<undefined>> {
    return this.#stream.throw(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** A book that may not be shown ends its stream with the error. */
  #updateOrEnd(item: D | typeof SNAPSHOT): U | null {
    try {
      return this.#updateFor(item);
    } catch (error) {
      void this.#stream.return();
      throw error;
    }
  }

  /** Returns null for a delta that a snapshot taken meanwhile holds already. */
  #updateFor(item: D | typeof SNAPSHOT): U | null {
    if (item === SNAPSHOT) return this.#source.snapshot();
    if (item.delta.sequence <= this.#delivered) return null;
    // A delta that bridges a snapshot (taken between its two ends) or a hole would be applied wrongly.
    if (item.delta.prevSequence !== this.#delivered) return this.#source.snapshot();
    return item.payload();
  }
}
