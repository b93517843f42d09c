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

  clear(): void {
    this.#byClOrdId.clear();
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
    });
    this.#list = null;
  }

  /** Returns the order where it may be changed. */
  settled(clOrdId: string): OwnOrder | undefined {
    const order = this.#byClOrdId.get(clOrdId);
    return order?.settled === true && order.orderId !== 0 ? order : undefined;
  }

  /** Takes what the exchange says of an order; one that it never sent (of a run before) is taken in by its orderId. */
  told(order: OrderFields): void {
    const key = order.clOrdId ?? `#${order.orderId}`;
    this.#list = null;
    if (order.leavesQtyLots === 0) {
      this.#byClOrdId.delete(key);
      return;
    }
    this.#byClOrdId.set(key, {
      clOrdId: key,
      orderId: order.orderId,
      side: order.side,
      priceTicks: order.priceTicks,
      leavesLots: order.leavesQtyLots,
      cumLots: order.cumQtyLots,
      settled: true,
    });
  }

  filled(clOrdId: string | null, cumLots: number, leavesLots: number): void {
    if (clOrdId === null) return;
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

  /** A change of the order was refused: it stands as before. @returns false where it is none of these */
  settle(orderId: number): boolean {
    for (const order of this.#byClOrdId.values()) {
      if (order.orderId !== orderId) continue;
      order.settled = true;
      return true;
    }
    return false;
  }
}
