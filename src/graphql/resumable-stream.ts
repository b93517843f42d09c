/**
 * Resumable streams: every item behind a cursor, oldest first, then live, none lost and none twice.
 *
 * What was missed comes from history, which says how far it reaches, and from the event feed behind that. Live delivery
 * begins while the last of the feed is read, so that nothing falls between; each item is compared with the position of the
 * last one delivered, so that nothing comes twice. A subscriber that reads too slowly for its live buffer, or a view that
 * was interrupted, goes back to catching up from that position: bounded memory, nothing lost. A subscriber that named a
 * maxBuffer itself is closed instead (SLOW_CONSUMER), and resumes when it likes.
 */
import type { ExchangeEvent } from '../core/exchange/event.js';
import { EngineUnavailableError } from '../ports/engine-client.js';
import { type EventFeed, HistoryUnavailableError } from '../ports/event-feed.js';
import { HistoryUnreachableError, type Reached } from '../ports/history.js';
import { isBehind, type StreamCursor } from './cursor.js';
import { badUserInput, historyUnavailable, slowConsumer } from './errors.js';
import { PushStream } from './push-stream.js';

/** Live items that may wait for a subscriber before it goes back to catching up. */
export const MAX_LIVE_BUFFER = 1_000;
/** Records asked of history at once. */
export const HISTORY_PAGE = 500;
/** Events between position and live from which on live delivery begins. */
const NEAR_LIVE_EVENTS = 1_000;
/** Reads of the feed before live delivery begins in any case. */
const MAX_FEED_ROUNDS = 20;
/** How long a cursor from a process that is ahead of this one is waited for. */
const AHEAD_WAIT_MS = 5_000;

/** Signals inside of a live buffer that the stream has to catch up again. */
class CatchUpNeeded extends Error {}

/** Who is told the items of a stream as they happen; its methods must not throw. */
export interface StreamListener<T> {
  item(item: T): void;
  /** The view was interrupted: what came since the last item has to be caught up on. */
  interrupted(): void;
}

/** Where the items of a stream come from. */
export interface StreamSource<T, Gap = never> {
  readonly feed: Pick<EventFeed, 'read'>;
  /** The view that tells the live items. */
  readonly view: {
    /** Sequence of the last event that the view has taken, all its items told. */
    readonly sequence: number;
    whenReached(sequence: number, timeoutMs: number): Promise<boolean>;
  };
  /** Follows the live items from now on. Returns how to stop. */
  listen(listener: StreamListener<T>): () => void;
  positionOf(item: T): StreamCursor;
  /** Returns the event's items that belong to this stream, in order. */
  itemsOf(event: ExchangeEvent): readonly T[];
  /** Reads up to `limit` items behind the position, oldest first; absent where the database keeps none of them. */
  fromHistory?(after: StreamCursor, limit: number): Promise<Reached<T>>;
  /** Returns what tells the subscriber that the events between are gone, or throws it. */
  gap(after: StreamCursor, through: StreamCursor): Gap;
}

export interface ResumableOptions<T> {
  /** null = from now on. */
  readonly after: StreamCursor | null;
  /** Live items that may wait; 1 to MAX_STREAM_BUFFER. */
  readonly maxLiveBuffer?: number;
  /** True: a subscriber behind maxLiveBuffer is closed with SLOW_CONSUMER instead of caught up. */
  readonly closeWhenBehind?: boolean;
  /** The state as of now, told before the first live item of a stream without cursor. */
  readonly initial?: readonly T[];
  /** Called once, when the stream ended. */
  readonly onClose?: () => void;
}

export class ResumableStream<T, Gap = never> implements AsyncIterableIterator<T | Gap, undefined, undefined> {
  readonly #source: StreamSource<T, Gap>;
  readonly #options: ResumableOptions<T>;
  readonly #items: AsyncGenerator<T | Gap, undefined, undefined>;
  /** Position up to which everything was delivered. */
  #at: StreamCursor;
  #live: PushStream<T> | null = null;
  #stopped = false;

  constructor(source: StreamSource<T, Gap>, options: ResumableOptions<T>) {
    this.#source = source;
    this.#options = options;
    this.#at = options.after ?? { sequence: source.view.sequence, leg: 1 };
    // Without a cursor the stream begins now, not when its first item is asked for.
    if (options.after === null) this.#goLive();
    this.#items = this.#run();
  }

  next(): Promise<IteratorResult<T | Gap, undefined>> {
    return this.#items.next();
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.end();
    await this.#items.return(undefined);
    return { value: undefined, done: true };
  }

  async throw(error: Error): Promise<IteratorReturnResult<undefined>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the stream: a waiting subscriber sees its end, and nothing is kept. */
  end(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    void this.#live?.return();
    this.#options.onClose?.();
  }

  async *#run(): AsyncGenerator<T | Gap, undefined, undefined> {
    try {
      if (this.#options.after === null && this.#options.initial !== undefined) yield* this.#options.initial;
      while (!this.#stopped) {
        if (this.#live === null) yield* this.#catchUp();
        if (!this.#stopped) yield* this.#deliverLive();
      }
      return undefined;
    } finally {
      this.end();
    }
  }

  #goLive(): void {
    const live: PushStream<T> = new PushStream({
      maxBuffer: this.#options.maxLiveBuffer ?? MAX_LIVE_BUFFER,
      onOverflow: 'CLOSE',
      onClose: () => unlisten(),
    });
    const unlisten = this.#source.listen({
      item: (item) => live.push(item),
      interrupted: () => live.fail(new CatchUpNeeded()),
    });
    this.#live = live;
  }

  async *#deliverLive(): AsyncGenerator<T, undefined, undefined> {
    const live = this.#live;
    if (live === null) return undefined;
    try {
      for (;;) {
        const { value, done } = await live.next();
        if (done === true) return undefined;
        if (this.#advance(value)) yield value;
      }
    } catch (error) {
      // Overflow or interruption: both are mended by catching up from the last position, unless the subscriber set its bound.
      if (this.#options.closeWhenBehind === true && !(error instanceof CatchUpNeeded)) {
        throw slowConsumer(this.#options.maxLiveBuffer ?? MAX_LIVE_BUFFER);
      }
      return undefined;
    } finally {
      void live.return();
      this.#live = null;
    }
  }

  async *#catchUp(): AsyncGenerator<T | Gap, undefined, undefined> {
    const { view } = this.#source;
    if (!(await view.whenReached(this.#at.sequence, AHEAD_WAIT_MS)) && !this.#stopped) {
      throw badUserInput('after', 'lies ahead of every event so far; it is not of this platform');
    }
    const reachable = yield* this.#fromHistory();
    for (let round = 0; !this.#stopped && round < MAX_FEED_ROUNDS; round += 1) {
      if (view.sequence - this.#at.sequence <= NEAR_LIVE_EVENTS) break;
      yield* this.#fromFeed(view.sequence, reachable);
    }
    if (this.#stopped) return undefined;
    this.#goLive();
    yield* this.#fromFeed(view.sequence, reachable);
    return undefined;
  }

  /** Takes note of an item that is about to be delivered. Returns false where it was delivered before. */
  #advance(item: T): boolean {
    const { sequence, leg } = this.#source.positionOf(item);
    if (!isBehind({ sequence, leg }, this.#at)) return false;
    this.#at = { sequence, leg };
    return true;
  }

  /** Notes that there is nothing more to deliver up to and including the sequence. */
  #passed(sequence: number): void {
    const through: StreamCursor = { sequence, leg: 1 };
    if (isBehind(through, this.#at)) this.#at = through;
  }

  /** Delivers what history holds. Returns false where it cannot be reached. */
  async *#fromHistory(): AsyncGenerator<T | Gap, boolean, undefined> {
    const source = this.#source;
    if (source.fromHistory === undefined) return true;
    try {
      while (!this.#stopped) {
        const page = await source.fromHistory(this.#at, HISTORY_PAGE);
        if (this.#at.sequence < (page.goneThrough ?? 0)) {
          yield* this.#acrossRetention(page.goneThrough ?? 0);
          continue;
        }
        for (const item of page.records) if (this.#advance(item)) yield item;
        if (page.records.length < HISTORY_PAGE) {
          this.#passed(page.throughSequence);
          break;
        }
      }
      return true;
    } catch (error) {
      if (error instanceof HistoryUnreachableError) return false;
      throw error;
    }
  }

  /** The database dropped what passed its retention; the journal may reach further back. */
  async *#acrossRetention(goneThrough: number): AsyncGenerator<T | Gap, undefined, undefined> {
    try {
      yield* this.#readFeed(goneThrough);
    } catch (error) {
      if (error instanceof EngineUnavailableError) throw historyUnavailable();
      if (!(error instanceof HistoryUnavailableError)) throw error;
      const after = this.#at;
      this.#at = { sequence: goneThrough, leg: 1 };
      yield this.#source.gap(after, this.#at);
    }
    return undefined;
  }

  /** Delivers from the event feed what stands behind the position, through the given sequence. */
  async *#fromFeed(through: number, historyReachable: boolean): AsyncGenerator<T | Gap, undefined, undefined> {
    try {
      yield* this.#readFeed(through);
    } catch (error) {
      // Too many readers of the past, or an engine that stops: nothing is delivered wrongly, and asking again helps.
      if (error instanceof EngineUnavailableError) throw historyUnavailable();
      if (!(error instanceof HistoryUnavailableError)) throw error;
      // The database will be back with what the journal no longer holds: an error now loses nothing, a gap would.
      if (!historyReachable) throw historyUnavailable();
      yield* this.#acrossGap(error.firstAvailable, through);
    }
  }

  async *#readFeed(through: number): AsyncGenerator<T, undefined, undefined> {
    const at = this.#at;
    const after = at.leg === 1 ? at.sequence : Math.max(at.sequence - 1, 0);
    if (after >= through) return undefined;
    for await (const batch of this.#source.feed.read(after, through)) {
      for (const event of batch.events) {
        if (event.sequence > through) break;
        for (const item of this.#source.itemsOf(event)) if (this.#advance(item)) yield item;
      }
      if (this.#stopped) return undefined;
    }
    this.#passed(through);
    return undefined;
  }

  /** History may have taken in meanwhile what the journal let go of; only what neither holds is told as a gap. */
  async *#acrossGap(firstAvailable: number, through: number): AsyncGenerator<T | Gap, undefined, undefined> {
    if (!(yield* this.#fromHistory())) throw historyUnavailable();
    const last: StreamCursor = { sequence: firstAvailable - 1, leg: 1 };
    if (isBehind(last, this.#at)) {
      const after = this.#at;
      this.#at = last;
      yield this.#source.gap(after, last);
    }
    yield* this.#readFeed(through);
    return undefined;
  }
}
