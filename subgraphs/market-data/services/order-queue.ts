/** One book order by order: its updates, made once a command for all subscribers, and its snapshot. */
import type { ExchangeEvent } from '../../../src/core/exchange/event.js';
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import { formatPrice, formatQty } from '../../../src/core/instrument/terms.js';
import { BookView } from '../../../src/core/market-data/book-view.js';
import { type RestingOrder, RestingOrders } from '../../../src/core/market-data/resting-orders.js';
import type { Side } from '../../../src/core/values/vocabulary.js';
import { limitExceeded } from '../../../src/graphql/errors.js';
import type { OrderBookL3, OrderBookL3Update, RestingOrder as PublicOrder } from '../types/order-queue.js';
import { checksumOf, SNAPSHOT } from './book-channel.js';
import { Channel, type Merging } from './channel.js';

/** Most orders of a side in one answer or snapshot: both sides together stay below what may wait for a slow reader's socket. */
export const MAX_ORDERS = 5_000;
/** Merged changes beyond this many give way to a snapshot, or beyond the book's size where that is more. */
const MIN_MERGED = 1_000;

/** Makes the id under which an order is shown. */
export type PublicOrderId = (orderId: number) => string;

interface Delta {
  readonly sequence: number;
  readonly prevSequence: number;
  readonly timeUs: number;
  readonly changes: readonly RestingOrder[];
  readonly checksum: number;
}

/** A delta on its way; its public shape is made when the first subscriber reads it, and shared. */
export class QueueDelta {
  #payload: OrderBookL3Update | null = null;

  constructor(
    private readonly queue: OrderQueue,
    readonly delta: Delta,
  ) {}

  followedBy({ delta: newer }: QueueDelta): QueueDelta {
    const { prevSequence, changes } = this.delta;
    return new QueueDelta(this.queue, { ...newer, prevSequence, changes: [...changes, ...newer.changes] });
  }

  payload(): OrderBookL3Update {
    this.#payload ??= this.queue.updateOf(this.delta);
    return this.#payload;
  }
}

export type QueueItem = QueueDelta | typeof SNAPSHOT;

export class OrderQueue {
  readonly channel = new Channel<QueueItem>();
  readonly merging: Merging<QueueItem> = {
    keyOf: () => 0,
    merge: (older, newer) => {
      if (older === SNAPSHOT || newer === SNAPSHOT) return SNAPSHOT;
      const size = older.delta.changes.length + newer.delta.changes.length;
      return size > Math.max(MIN_MERGED, this.#orders.size) ? SNAPSHOT : older.followedBy(newer);
    },
  };
  readonly #entry: () => InstrumentEntry;
  readonly #publicId: PublicOrderId;
  #orders = new RestingOrders();
  #levels = new BookView();
  #sequence = 0;
  #timeUs = 0;
  #snapshot: OrderBookL3Update | null = null;
  /** Of the command under way. */
  readonly #events: ExchangeEvent[] = [];

  constructor(entry: () => InstrumentEntry, publicId: PublicOrderId) {
    this.#entry = entry;
    this.#publicId = publicId;
  }

  /** Goes on with a book that was loaded from an image. */
  restart(orders: RestingOrders, levels: BookView): void {
    this.#orders = orders;
    this.#levels = levels;
    this.#sequence = levels.sequence;
    this.#timeUs = levels.timeUs;
    this.#events.length = 0;
    this.#snapshot = null;
    this.channel.publish(SNAPSHOT);
  }

  take(event: ExchangeEvent): void {
    this.#orders.take(event);
    this.#events.push(event);
  }

  /** Tells subscribers what the command changed. Returns false where the book has to be loaded again; then it tells nothing. */
  endCommand(): boolean {
    const events = this.#events.splice(0);
    const changes = this.#orders.endCommand();
    const last = events[events.length - 1];
    if (!this.#orders.isWhole) return false;
    if (last === undefined || changes.length === 0) return true;
    const { sequence, timeUs } = last;
    this.#levels.apply(
      events.filter((event) => event.type === 'BookLevelChanged'),
      sequence,
      timeUs,
    );
    const prevSequence = this.#sequence;
    this.#sequence = sequence;
    this.#timeUs = timeUs;
    this.#snapshot = null;
    if (this.channel.size === 0) return true;
    const checksum = checksumOf(this.#entry(), this.#levels);
    this.channel.publish(new QueueDelta(this, { sequence, prevSequence, timeUs, changes, checksum }));
    return true;
  }

  /** @throws GraphQLError LIMIT_EXCEEDED where too many orders rest within the depth */
  book(depth: number): OrderBookL3 {
    return {
      symbol: this.#entry().symbol,
      sequence: this.#sequence,
      bids: this.#top('BUY', depth),
      asks: this.#top('SELL', depth),
      checksum: checksumOf(this.#entry(), this.#levels),
      transactTime: this.#timeUs,
    };
  }

  /** Returns the whole book; the same object until the next change. @throws GraphQLError LIMIT_EXCEEDED */
  snapshot(): OrderBookL3Update {
    this.#snapshot ??= { ...this.book(Number.POSITIVE_INFINITY), snapshot: true, prevSequence: null };
    return this.#snapshot;
  }

  updateOf({ sequence, prevSequence, timeUs, changes, checksum }: Delta): OrderBookL3Update {
    const of = (side: Side) => changes.filter((change) => change.side === side).map((change) => this.#shown(change));
    return {
      symbol: this.#entry().symbol,
      snapshot: false,
      sequence,
      prevSequence,
      bids: of('BUY'),
      asks: of('SELL'),
      checksum,
      transactTime: timeUs,
    };
  }

  #top(side: Side, depth: number): PublicOrder[] {
    const orders = this.#orders.top(side, depth).flat();
    if (orders.length > MAX_ORDERS) {
      const problem = `${orders.length} orders rest on a side; ${MAX_ORDERS} are shown: ask Instrument.orderBookL3 with a smaller depth`;
      throw limitExceeded('depth', MAX_ORDERS, problem);
    }
    return orders.map((order) => this.#shown(order));
  }

  #shown({ orderId, priceTicks, qtyLots }: RestingOrder): PublicOrder {
    const { terms } = this.#entry();
    return { id: this.#publicId(orderId), px: formatPrice(terms, priceTicks), qty: formatQty(terms, qtyLots) };
  }
}
