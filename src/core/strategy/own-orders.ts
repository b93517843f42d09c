/** A strategy's own orders in one market, from the moment they are sent to their end. */
import type { OrderFields } from '../exchange/event.js';
import type { Side } from '../values/vocabulary.js';
import type { DeskOrder } from './strategy.js';

export interface OwnOrder extends DeskOrder {
  /** 0 until the exchange has told of it. */
  orderId: number;
  side: Side;
  priceTicks: number | null;
  leavesLots: number;
  cumLots: number;
  settled: boolean;
  /** A cancel of it is on its way. */
  canceling: boolean;
}

export class OwnOrders {
  readonly #byClOrdId = new Map<string, OwnOrder>();
  #list: readonly OwnOrder[] | null = null;

  get count(): number {
    return this.#byClOrdId.size;
  }

  /** Oldest first. */
  get list(): readonly OwnOrder[] {
    this.#list ??= [...this.#byClOrdId.values()];
    return this.#list;
  }

  /** Forgets what the exchange has told of; what is on its way to it stays. */
  forgetTold(): void {
    for (const { clOrdId, orderId } of this.list) if (orderId !== 0) this.#byClOrdId.delete(clOrdId);
    this.#list = null;
  }

  sent(clOrdId: string, side: Side, priceTicks: number | null, qtyLots: number): void {
    this.#byClOrdId.set(clOrdId, {
      clOrdId,
      orderId: 0,
      side,
      priceTicks,
      leavesLots: qtyLots,
      cumLots: 0,
      settled: false,
      canceling: false,
    });
    this.#list = null;
  }

  /** The order never reached the exchange, or nobody knows: if it did, the exchange will tell of it. */
  notSent(clOrdId: string): void {
    if (this.#byClOrdId.get(clOrdId)?.orderId !== 0) return;
    this.#byClOrdId.delete(clOrdId);
    this.#list = null;
  }

  /** Returns the order where it may be changed. */
  settled(clOrdId: string): OwnOrder | undefined {
    const order = this.#byClOrdId.get(clOrdId);
    return order?.settled === true && order.orderId !== 0 ? order : undefined;
  }

  /** Takes what the exchange says of an own order, also of one that a run before has sent. */
  told(clOrdId: string, order: OrderFields): void {
    this.#list = null;
    if (order.leavesQtyLots === 0) {
      this.#byClOrdId.delete(clOrdId);
      return;
    }
    this.#byClOrdId.set(clOrdId, {
      clOrdId,
      orderId: order.orderId,
      side: order.side,
      priceTicks: order.priceTicks,
      leavesLots: order.leavesQtyLots,
      cumLots: order.cumQtyLots,
      settled: true,
      canceling: this.#byClOrdId.get(clOrdId)?.canceling ?? false,
    });
  }

  filled(clOrdId: string, cumLots: number, leavesLots: number): void {
    const order = this.#byClOrdId.get(clOrdId);
    if (order === undefined) return;
    if (leavesLots === 0) {
      this.#byClOrdId.delete(clOrdId);
      this.#list = null;
      return;
    }
    order.cumLots = cumLots;
    order.leavesLots = leavesLots;
  }

  /** A change of the order was refused: it stands as before. @returns the order; undefined where it is none of these */
  settle(orderId: number): OwnOrder | undefined {
    for (const order of this.#byClOrdId.values()) {
      if (order.orderId !== orderId) continue;
      order.settled = true;
      order.canceling = false;
      return order;
    }
    return undefined;
  }
}
