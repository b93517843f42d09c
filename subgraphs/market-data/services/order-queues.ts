/**
 * Books order by order (L3), for those who administer instruments.
 *
 * Nobody looks at them most of the time, so they are followed only while somebody does: the first who asks has the stream
 * followed from an image, and LINGER_MS after the last has left it is let go. Where an auction moved orders, or a book
 * does not add up to its levels, the image is taken anew and subscribers get a snapshot: never an order in a wrong place.
 * Memory while followed: one entry a resting order, for all instruments.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { ExchangeEvent } from '../../../src/core/exchange/event.js';
import { ReferenceData } from '../../../src/core/exchange/reference-data.js';
import { BookView } from '../../../src/core/market-data/book-view.js';
import { RestingOrders } from '../../../src/core/market-data/resting-orders.js';
import type { EventBatch, EventConsumer, EventFeed } from '../../../src/ports/event-feed.js';
import type { Log } from '../../../src/ports/log.js';
import { OrderQueue, type PublicOrderId } from './order-queue.js';

/** Time for which books are followed behind the last look at them. */
const LINGER_MS = 30_000;
/** Pause before an image is asked for again that could not be had. */
const RETRY_MS = 1_000;
/** Characters of an anonymous id: 96 bits. */
const ID_LENGTH = 16;

export class OrderQueues implements EventConsumer {
  readonly #feed: EventFeed;
  readonly #log: Log;
  readonly #reference = new ReferenceData();
  readonly #queues: OrderQueue[] = [];
  readonly #publicId: PublicOrderId;
  #commandSequence = 0;
  readonly #touched = new Set<OrderQueue>();
  /** Settles when the books are loaded; null while nobody looks. */
  #following: Promise<void> | null = null;
  #unfollow: (() => void) | null = null;
  /** False from where a book broke to the next image: what comes meanwhile is in that. */
  #isLive = false;
  #users = 0;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(feed: EventFeed, log: Log) {
    this.#feed = feed;
    this.#log = log;
    // A key of this process alone: no id can be led back to an order, nor guessed from one.
    const key = randomBytes(32);
    this.#publicId = (orderId) =>
      createHmac('sha256', key).update(String(orderId)).digest('base64url').slice(0, ID_LENGTH);
  }

  /** True while the stream is followed. */
  get isFollowing(): boolean {
    return this.#following !== null;
  }

  /**
   * Returns the book, which is followed until `leave` is called as often as this succeeded.
   * @throws EngineUnavailableError where the exchange cannot be asked now
   */
  async enter(instrument: number): Promise<OrderQueue> {
    this.#users += 1;
    this.#clearTimer();
    try {
      this.#following ??= this.#follow();
      await this.#following;
      return this.#queueAt(instrument);
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  leave(): void {
    this.#users -= 1;
    if (this.#users === 0 && !this.#stopped) this.#timer = setTimeout(() => this.#letGo(), LINGER_MS).unref();
  }

  stop(): void {
    this.#stopped = true;
    this.#letGo();
  }

  reset(image: readonly ExchangeEvent[], sequence: number): void {
    this.#reference.clear();
    this.#touched.clear();
    this.#isLive = true;
    const books = new Map<number, { readonly orders: RestingOrders; readonly levels: BookView }>();
    const timeUs = image.reduce((latest, event) => Math.max(latest, event.timeUs), 0);
    for (const event of image) {
      this.#reference.apply(event);
      if (event.type === 'InstrumentListed') {
        const levels = new BookView();
        levels.reset(sequence, timeUs);
        books.set(event.instrument, { orders: new RestingOrders(), levels });
      }
      const book = 'instrument' in event && event.instrument !== null ? books.get(event.instrument) : undefined;
      if (book === undefined) continue;
      if (event.type === 'TradingStatusChanged') book.orders.loadAuction(event.auction);
      if (event.type === 'BookLevelChanged') book.levels.load(event);
      if (event.type === 'OrderAccepted') book.orders.load(event);
    }
    for (const [instrument, { orders, levels }] of books) this.#queueAt(instrument).restart(orders, levels);
  }

  apply(batch: EventBatch): void {
    for (const event of batch.events) {
      if (!this.#isLive) return;
      if (event.commandSequence !== this.#commandSequence) {
        this.#endCommand();
        this.#commandSequence = event.commandSequence;
      }
      if (event.type === 'InstrumentListed') this.#reference.apply(event);
      if (!('instrument' in event) || event.instrument === null) continue;
      const queue = this.#queueAt(event.instrument);
      this.#touched.add(queue);
      queue.take(event);
    }
    this.#endCommand();
  }

  #endCommand(): void {
    let isWhole = true;
    for (const queue of this.#touched) isWhole = queue.endCommand() && isWhole;
    this.#touched.clear();
    if (isWhole || !this.#isLive) return;
    this.#isLive = false;
    this.#following = (this.#following ?? Promise.resolve()).then(() => this.#follow());
    this.#following.catch(() => this.#again());
  }

  /** No image could be had: those who subscribe wait for the next. */
  #again(): void {
    if (this.#stopped || this.#users === 0) return;
    this.#log('warn', 'books order by order wait for the exchange');
    this.#timer = setTimeout(() => {
      this.#following ??= this.#follow();
      this.#following.catch(() => this.#again());
    }, RETRY_MS).unref();
  }

  async #follow(): Promise<void> {
    this.#unfollow?.();
    this.#unfollow = null;
    try {
      this.#unfollow = await this.#feed.follow(this);
    } catch (error) {
      this.#following = null;
      throw error;
    }
    if (this.#stopped) this.#letGo();
  }

  #letGo(): void {
    this.#clearTimer();
    this.#unfollow?.();
    this.#unfollow = null;
    this.#following = null;
    this.#isLive = false;
    this.#queues.length = 0;
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #queueAt(instrument: number): OrderQueue {
    let queue = this.#queues[instrument];
    if (queue === undefined) {
      queue = new OrderQueue(() => this.#reference.instrumentAt(instrument), this.#publicId);
      this.#queues[instrument] = queue;
    }
    return queue;
  }
}
