/**
 * The book of one instrument order by order (L3), followed from events: who stands where in the queue of each price.
 *
 * Invariants: after each command the orders of a price and their shown quantities add up to the level that the exchange
 * tells; hidden quantity is never in it. Where they do not, or an auction moved orders without an event of each, `isWhole` turns false and
 * the book has to be loaded again from an image.
 * An order that trades is at rest only once the exchange turns to the next one, or the command ends: `#incoming` is it.
 * Complexity: O(1) an event, O(changes) a command. Memory: one entry a resting order.
 */
import type {
  BookLevelChanged,
  ExchangeEvent,
  OrderAccepted,
  OrderEvent,
  OrderFields,
  OrderRestated,
  OrdersTraded,
} from '../exchange/event.js';
import type { AuctionKind, Side } from '../values/vocabulary.js';

/** A resting order as it shows. */
export interface RestingOrder {
  readonly orderId: number;
  readonly side: Side;
  readonly priceTicks: number;
  /** Shown quantity, lots; 0 in a change means that it is gone. */
  readonly qtyLots: number;
}

interface Entry {
  readonly orderId: number;
  readonly side: Side;
  readonly priceTicks: number;
  displayLots: number | null;
  leavesLots: number;
  shownLots: number;
}

/** Orders of one price; a Map keeps them in the order in which they came. */
type Queue = Map<number, Entry>;

export class RestingOrders {
  readonly #entries = new Map<number, Entry>();
  readonly #queues: Readonly<Record<Side, Map<number, Queue>>> = { BUY: new Map(), SELL: new Map() };
  /** Levels that the command under way was told to have changed. */
  readonly #told: BookLevelChanged[] = [];
  #changes: RestingOrder[] = [];
  /** The order that trades at present, and where it will rest. */
  #incoming: Entry | null = null;
  #auction: AuctionKind | null = null;
  #isWhole = true;

  /** False once it no longer follows the exchange's book: load an image. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Number of resting orders. */
  get size(): number {
    return this.#entries.size;
  }

  /** Takes a working order of an image; only one that rests has a shown quantity there. In the order of the queue. */
  load(order: OrderAccepted): void {
    if (order.shownQtyLots === undefined || order.priceTicks === null) return;
    this.#append({ ...entryOf(order, order.priceTicks), shownLots: order.shownQtyLots });
    this.#changes = [];
  }

  /** Takes the auction that is under way in an image. */
  loadAuction(auction: AuctionKind | null): void {
    this.#auction = auction;
  }

  /** Takes an event of this instrument. */
  take(event: ExchangeEvent): void {
    switch (event.type) {
      case 'BookLevelChanged':
        this.#told.push(event);
        break;
      case 'OrdersTraded':
        this.#trade(event);
        break;
      case 'OrderAccepted':
        this.#accept(event);
        break;
      case 'OrderTriggered':
        this.#settle();
        this.#enter(event);
        break;
      case 'OrderReplaced':
        if (event.priorityKept) this.#lower(event);
        else this.#move(event);
        break;
      case 'OrderRestated':
        this.#restate(event);
        break;
      case 'OrderCanceled':
      case 'OrderExpired':
        if (this.#incoming?.orderId === event.orderId) this.#incoming = null;
        else this.#remove(event.orderId);
        break;
      case 'TradingStatusChanged':
        // The way into and out of an auction moves orders that no event tells one by one.
        if (event.auction !== this.#auction) this.#isWhole = false;
        this.#auction = event.auction;
        break;
      case 'AuctionEnded':
        this.#isWhole = false;
        break;
      default:
        break;
    }
  }

  /**
   * Ends a command.
   * @returns what it changed, to be applied in this order: quantity 0 takes an order out, an order that is not there goes to
   *   the back of its price, any other keeps its place
   */
  endCommand(): readonly RestingOrder[] {
    this.#settle();
    const changes = this.#changes;
    this.#changes = [];
    for (const { side, priceTicks, qtyLots, orderCount } of this.#told) {
      if (!this.#isLevel(side, priceTicks, qtyLots, orderCount)) this.#isWhole = false;
    }
    this.#told.length = 0;
    return changes;
  }

  /** Returns up to `depth` prices of a side, best first, each with its orders, front of the queue first. */
  top(side: Side, depth: number): RestingOrder[][] {
    const sign = side === 'BUY' ? -1 : 1;
    const prices = [...this.#queues[side].keys()].sort((a, b) => sign * (a - b)).slice(0, depth);
    return prices.map((price) => [...(this.#queues[side].get(price)?.values() ?? [])].map(restingOrderOf));
  }

  #accept(order: OrderAccepted): void {
    const waits = isStop(order) || followsAnEntry(order);
    // The legs of a plan are told before the first of them trades.
    if (waits && order.planId !== null) return;
    this.#settle();
    if (!waits) this.#enter(order);
  }

  #isLevel(side: Side, priceTicks: number, qtyLots: number, orderCount: number): boolean {
    const queue = this.#queues[side].get(priceTicks);
    let shown = 0;
    for (const entry of queue?.values() ?? []) shown += entry.shownLots;
    return shown === qtyLots && (queue?.size ?? 0) === orderCount;
  }

  /** Lets an order trade; where something is left it rests once it has done so. */
  #enter(order: OrderEvent): void {
    const rests = order.ordType === 'LIMIT' || order.ordType === 'STOP_LIMIT';
    if (!rests || order.priceTicks === null) return;
    // It waits outside of the book until the closing auction begins.
    if (order.timeInForce === 'AT_THE_CLOSE' && this.#auction !== 'CLOSING') return;
    this.#incoming = entryOf(order, order.priceTicks);
  }

  #settle(): void {
    const incoming = this.#incoming;
    this.#incoming = null;
    if (incoming !== null && incoming.leavesLots > 0) this.#append({ ...incoming, shownLots: sliceOf(incoming) });
  }

  #trade(event: OrdersTraded): void {
    if (event.aggressorSide === 'NONE') {
      for (const { orderId, leavesQtyLots } of [event.maker, event.taker]) {
        const entry = this.#entries.get(orderId);
        if (entry === undefined) continue;
        entry.leavesLots = leavesQtyLots;
        this.#show(entry, Math.min(entry.shownLots, sliceOf(entry)));
      }
      return;
    }
    if (this.#incoming?.orderId === event.taker.orderId) this.#incoming.leavesLots = event.taker.leavesQtyLots;
    const maker = this.#entries.get(event.maker.orderId);
    if (maker === undefined) this.#isWhole = false;
    else this.#takeShown(maker, event.qtyLots, event.maker.leavesQtyLots);
  }

  /** Takes lots off what an order shows; an iceberg that showed no more shows its next slice at the back of its price. */
  #takeShown(entry: Entry, lots: number, leavesLots: number): void {
    entry.leavesLots = leavesLots;
    if (lots < entry.shownLots) {
      this.#show(entry, entry.shownLots - lots);
      return;
    }
    this.#remove(entry.orderId);
    if (leavesLots > 0) this.#append({ ...entry, shownLots: sliceOf(entry) });
  }

  /** An order whose quantity went down keeps its place. */
  #lower(order: OrderFields): void {
    const entry = this.#entries.get(order.orderId);
    if (entry === undefined) return;
    entry.leavesLots = order.leavesQtyLots;
    entry.displayLots = order.displayQtyLots;
    this.#show(entry, Math.min(entry.shownLots, order.leavesQtyLots));
  }

  #move(order: OrderEvent): void {
    this.#settle();
    const rested = this.#entries.has(order.orderId);
    this.#remove(order.orderId);
    // A stop that waits for its trigger is in no queue, nor is an exit that waits for its entry.
    if (rested || !(isStop(order) || followsAnEntry(order))) this.#enter(order);
  }

  #restate(event: OrderRestated): void {
    if (this.#incoming?.orderId === event.orderId) {
      this.#incoming.leavesLots = event.leavesQtyLots;
      return;
    }
    const entry = this.#entries.get(event.orderId);
    if (event.reason === 'LINKED_ORDER' && (entry === undefined ? !isStop(event) : event.restatedQtyLots < 0)) {
      this.#release(event);
      return;
    }
    if (entry === undefined) return;
    if (event.reason === 'SELF_TRADE' && this.#auction === null) {
      this.#takeShown(entry, event.restatedQtyLots, event.leavesQtyLots);
    } else {
      this.#lower(event);
    }
  }

  /** An exit that its entry puts to work comes into the book; one that grows with it goes to the back of its price. */
  #release(order: OrderRestated): void {
    this.#settle();
    this.#remove(order.orderId);
    this.#enter(order);
  }

  #append(entry: Entry): void {
    const side = this.#queues[entry.side];
    let queue = side.get(entry.priceTicks);
    if (queue === undefined) {
      queue = new Map();
      side.set(entry.priceTicks, queue);
    }
    queue.set(entry.orderId, entry);
    this.#entries.set(entry.orderId, entry);
    this.#changes.push(restingOrderOf(entry));
  }

  #show(entry: Entry, lots: number): void {
    if (lots === entry.shownLots) return;
    if (lots === 0) {
      this.#remove(entry.orderId);
      return;
    }
    entry.shownLots = lots;
    this.#changes.push(restingOrderOf(entry));
  }

  #remove(orderId: number): void {
    const entry = this.#entries.get(orderId);
    if (entry === undefined) return;
    this.#entries.delete(orderId);
    const side = this.#queues[entry.side];
    const queue = side.get(entry.priceTicks);
    queue?.delete(orderId);
    if (queue?.size === 0) side.delete(entry.priceTicks);
    this.#changes.push({ ...restingOrderOf(entry), qtyLots: 0 });
  }
}

function entryOf(order: OrderFields, priceTicks: number): Entry {
  const { orderId, side, displayQtyLots: displayLots, leavesQtyLots: leavesLots } = order;
  return { orderId, side, priceTicks, displayLots, leavesLots, shownLots: 0 };
}

/** What an order shows that comes to the back of its queue. */
function sliceOf({ displayLots, leavesLots }: Entry): number {
  return displayLots === null ? leavesLots : Math.min(displayLots, leavesLots);
}

/** Exits of a plan with an entry wait outside of the book until it fills. */
function followsAnEntry({ contingency, planLeg }: OrderFields): boolean {
  return contingency !== null && contingency !== 'OCO' && planLeg !== 'ENTRY';
}

function isStop({ ordType }: OrderFields): boolean {
  return ordType === 'STOP' || ordType === 'STOP_LIMIT' || ordType === 'TRAILING_STOP';
}

function restingOrderOf({ orderId, side, priceTicks, shownLots }: Entry): RestingOrder {
  return { orderId, side, priceTicks, qtyLots: shownLots };
}
