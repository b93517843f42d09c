/**
 * The market as the simulator's participants see it, followed from the event stream: books, last prices, and their own
 * orders and balances. Memory: price levels, and one entry an own working order.
 */
import type { ExchangeEvent, OrderFields } from '../../../core/exchange/event.js';
import { ReferenceData } from '../../../core/exchange/reference-data.js';
import { BookView } from '../../../core/market-data/book-view.js';
import type { Side } from '../../../core/values/vocabulary.js';
import type { EventBatch, EventConsumer } from '../../../ports/event-feed.js';

/** User who owns all accounts of the simulator. */
export const SIMULATOR_OWNER_ID = 'simulator';

/** A working order of a participant. */
export interface OwnOrder {
  readonly orderId: number;
  readonly account: number;
  readonly instrument: number;
  readonly side: Side;
  readonly priceTicks: number;
  readonly cumQtyLots: number;
  readonly leavesQtyLots: number;
}

export class SimulatorMarketView implements EventConsumer {
  readonly reference = new ReferenceData();
  readonly #books = new Map<number, BookView>();
  /** Price that collars are measured from, as far as it is known. */
  readonly #referenceTicks = new Map<number, number>();
  readonly #ownAccounts = new Set<number>();
  /** Own working orders by desk (account and instrument), by order id. */
  readonly #orders = new Map<string, Map<number, OwnOrder>>();
  readonly #balances = new Map<string, number>();

  reset(image: readonly ExchangeEvent[]): void {
    this.reference.clear();
    this.#books.clear();
    this.#referenceTicks.clear();
    this.#ownAccounts.clear();
    this.#orders.clear();
    this.#balances.clear();
    for (const event of image) this.#take(event);
  }

  apply(batch: EventBatch): void {
    for (const event of batch.events) this.#take(event);
  }

  bestTicks(instrument: number, side: Side): number | null {
    return this.#books.get(instrument)?.at(side, 0)?.priceTicks ?? null;
  }

  /** Middle of the best prices, ticks; null while a side is empty. */
  midTicks(instrument: number): number | null {
    const bid = this.bestTicks(instrument, 'BUY');
    const ask = this.bestTicks(instrument, 'SELL');
    return bid === null || ask === null ? null : (bid + ask) / 2;
  }

  /** Last trade as far as it was seen, else the listed reference. */
  referenceTicks(instrument: number): number {
    return this.#referenceTicks.get(instrument) ?? this.reference.instrumentAt(instrument).terms.spec.referencePxTicks;
  }

  /** Own working orders of an account in an instrument, oldest first. */
  ordersOf(account: number, instrument: number): OwnOrder[] {
    return [...(this.#orders.get(pair(account, instrument))?.values() ?? [])];
  }

  get workingOrders(): number {
    let count = 0;
    for (const orders of this.#orders.values()) count += orders.size;
    return count;
  }

  /** What an account owns of an asset, units. */
  balanceUnits(account: number, asset: number): number {
    return this.#balances.get(pair(account, asset)) ?? 0;
  }

  #take(event: ExchangeEvent): void {
    switch (event.type) {
      case 'AccountOpened':
        this.reference.apply(event);
        if (event.ownerId === SIMULATOR_OWNER_ID) this.#ownAccounts.add(event.account);
        break;
      case 'BookLevelChanged':
        this.#bookOf(event.instrument).load(event);
        break;
      case 'OrdersTraded':
        this.#referenceTicks.set(event.instrument, event.priceTicks);
        for (const leg of [event.maker, event.taker]) {
          if (this.#ownAccounts.has(leg.account)) this.#progress(event.instrument, leg);
        }
        break;
      case 'OrderAccepted':
      case 'OrderReplaced':
      case 'OrderRestated':
      case 'OrderTriggered':
      case 'OrderCanceled':
      case 'OrderExpired':
        if (this.#ownAccounts.has(event.account)) this.#keep(event);
        break;
      case 'OrderRejected':
        if (event.reason === 'PRICE_COLLAR' && event.current !== null) {
          this.#referenceTicks.set(event.instrument, event.current);
        }
        break;
      case 'BalanceUpdated':
        if (this.#ownAccounts.has(event.account)) {
          this.#balances.set(pair(event.account, event.asset), event.totalUnits);
        }
        break;
      default:
        this.reference.apply(event);
    }
  }

  #keep(order: OrderFields): void {
    const key = pair(order.account, order.instrument);
    const { orderId, account, instrument, side, priceTicks, cumQtyLots, leavesQtyLots } = order;
    // Orders of the participants rest only with a limit price; an immediate one is gone at the end of its command.
    if (leavesQtyLots === 0 || priceTicks === null) {
      this.#orders.get(key)?.delete(orderId);
      return;
    }
    let orders = this.#orders.get(key);
    if (orders === undefined) {
      orders = new Map();
      this.#orders.set(key, orders);
    }
    orders.set(orderId, { orderId, account, instrument, side, priceTicks, cumQtyLots, leavesQtyLots });
  }

  #progress(
    instrument: number,
    leg: {
      readonly orderId: number;
      readonly account: number;
      readonly cumQtyLots: number;
      readonly leavesQtyLots: number;
    },
  ): void {
    const orders = this.#orders.get(pair(leg.account, instrument));
    const order = orders?.get(leg.orderId);
    if (orders === undefined || order === undefined) return;
    if (leg.leavesQtyLots === 0) orders.delete(leg.orderId);
    else orders.set(leg.orderId, { ...order, cumQtyLots: leg.cumQtyLots, leavesQtyLots: leg.leavesQtyLots });
  }

  #bookOf(instrument: number): BookView {
    let book = this.#books.get(instrument);
    if (book === undefined) {
      book = new BookView();
      this.#books.set(instrument, book);
    }
    return book;
  }
}

function pair(account: number, other: number): string {
  return `${account}/${other}`;
}
