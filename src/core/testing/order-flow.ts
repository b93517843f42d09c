/**
 * Published order flow played through the exchange: messages of a LOBSTER file as commands.
 *
 * Quantity that rested before the first message belongs to nobody known: it stands as one order a level, at the
 * front of its queue, for the account `others`. What rested beyond the ten published levels is not in the file.
 */
import type { Exchange } from '../exchange/exchange.js';
import type { Side } from '../values/vocabulary.js';
import { anAccount, anInstrument, anOrder, aReplace, Driver } from './fixtures.js';

export interface FlowMessage {
  /** 1 new, 2 partial cancel, 3 delete, 4 visible execution, 5 hidden execution, 7 halt. */
  readonly type: number;
  readonly orderId: number;
  readonly size: number;
  readonly price: number;
  /** Side of the resting order. */
  readonly side: Side;
}

export interface FlowLevel {
  readonly side: Side;
  readonly price: number;
  readonly size: number;
}

const EMPTY_PRICE = 9_999_999_999;
/** Owner of resting orders, and of the orders that execute against them. */
const MAKER = 1;
const TAKER = 2;

export function parseMessages(text: string): FlowMessage[] {
  return lines(text).map(([, type = 0, orderId = 0, size = 0, price = 0, direction = 0]) => ({
    type,
    orderId,
    size,
    price,
    side: direction === 1 ? 'BUY' : 'SELL',
  }));
}

/** Levels of each row: asks and bids alternate, best first. */
export function parseBooks(text: string): FlowLevel[][] {
  return lines(text).map((row) => {
    const levels: FlowLevel[] = [];
    for (let at = 0; at + 1 < row.length; at += 2) {
      const [price = 0, size = 0] = row.slice(at, at + 2);
      if (Math.abs(price) !== EMPTY_PRICE) levels.push({ side: at % 4 === 0 ? 'SELL' : 'BUY', price, size });
    }
    return levels;
  });
}

function lines(text: string): number[][] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number));
}

/** An exchange with one share, a tick of 0.0001 and ample funds, that plays messages. */
export class OrderFlow {
  readonly driver: Driver<Exchange>;
  /** Engine's id by the file's id. */
  readonly #orders = new Map<number, number>();
  readonly #fileIds = new Map<number, number>();
  /** Order of unknown owners, by side and price. */
  readonly #others = new Map<string, number>();
  readonly #leaves = new Map<number, number>();

  constructor(exchange: Exchange) {
    this.driver = new Driver(exchange);
    this.driver.send({ type: 'RegisterAsset', asset: 'USD', scale: 4 });
    this.driver.send({ type: 'RegisterAsset', asset: 'AAPL', scale: 0 });
    const spec = { symbol: 'AAPL', baseAsset: 'AAPL', tickSize: '0.0001', maxPriceTicks: 100_000_000 };
    this.driver.send({ type: 'ListInstrument', spec: anInstrument({ ...spec, referencePxTicks: 5_850_000 }) });
    this.driver.send(anAccount('venue', 'VENUE'));
    for (const account of [MAKER, TAKER]) {
      this.driver.send(anAccount(`account ${account}`));
      this.#deposit(account, 0, 2 ** 51);
      this.#deposit(account, 1, 100_000_000);
    }
  }

  /** Empties the book and seeds it with one order a level. */
  seed(levels: readonly FlowLevel[]): void {
    this.driver.send({ type: 'CancelAllOrders', account: MAKER, instrument: null, side: null });
    this.#orders.clear();
    this.#others.clear();
    for (const { side, price, size } of levels) this.#others.set(`${side} ${price}`, this.#place(side, price, size));
  }

  /** Plays a message; for an execution returns the file's ids of the orders that our engine filled (−1 = others). */
  play({ type, orderId, size, price, side }: FlowMessage): number[] {
    if (type === 1) {
      const placed = this.#place(side, price, size);
      this.#orders.set(orderId, placed);
      this.#fileIds.set(placed, orderId);
    } else if (type === 2 || type === 3) {
      this.#take(this.#orders.get(orderId) ?? this.#others.get(`${side} ${price}`), size);
    } else if (type === 4 && (this.isKnown(orderId) || this.#others.has(`${side} ${price}`))) {
      return this.#execute(side === 'BUY' ? 'SELL' : 'BUY', price, size);
    }
    return [];
  }

  /** Tells whether the order was added by a message. */
  isKnown(orderId: number): boolean {
    return this.#orders.has(orderId);
  }

  /** Levels of the book, asks and bids alternating as in the file. */
  book(depth: number): FlowLevel[] {
    const of = (side: Side): FlowLevel[] =>
      this.driver.exchange
        .image()
        .flatMap((event) =>
          event.type === 'BookLevelChanged' && event.side === side
            ? [{ side, price: event.priceTicks, size: event.qtyLots }]
            : [],
        )
        .slice(0, depth);
    return [...of('SELL'), ...of('BUY')];
  }

  #deposit(account: number, asset: number, amountUnits: number): void {
    this.driver.send({ type: 'AdjustBalance', account, asset, amountUnits, transferId: `${account} ${asset}` });
  }

  #place(side: Side, priceTicks: number, orderQtyLots: number): number {
    const id = this.driver.place({ account: MAKER, side, priceTicks, orderQtyLots });
    this.#leaves.set(id, orderQtyLots);
    return id;
  }

  #take(id: number | undefined, size: number): void {
    const leaves = id === undefined ? 0 : (this.#leaves.get(id) ?? 0);
    if (id === undefined || leaves === 0) return;
    this.#leaves.set(id, Math.max(0, leaves - size));
    if (size >= leaves) this.driver.expect('OrderCanceled', { type: 'CancelOrder', account: MAKER, orderId: id });
    else this.#reduce(id, size);
  }

  #reduce(orderId: number, size: number): void {
    const order = this.driver.exchange
      .image()
      .find((event) => event.type === 'OrderAccepted' && event.orderId === orderId);
    if (order?.type !== 'OrderAccepted') throw new Error(`order ${orderId} does not rest`);
    const replaced = this.driver.expect(
      'OrderReplaced',
      aReplace(orderId, { orderQtyLots: order.orderQtyLots - size }),
    );
    if (!replaced.priorityKept) throw new Error('a reduction lost its priority');
  }

  #execute(side: Side, priceTicks: number, orderQtyLots: number): number[] {
    const events = this.driver.send(anOrder({ account: TAKER, side, priceTicks, orderQtyLots, timeInForce: 'IOC' }));
    return events.flatMap((event) => {
      if (event.type !== 'OrdersTraded') return [];
      this.#leaves.set(event.maker.orderId, event.maker.leavesQtyLots);
      return [this.#fileIds.get(event.maker.orderId) ?? -1];
    });
  }
}
