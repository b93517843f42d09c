/**
 * Translation of an L3 recording into order flow: each order under its own name, in its own place of the queue.
 *
 * - A fill becomes an immediate-or-cancel order against the resting order's price, of its size.
 * - A modify that only lowers the size keeps the order's place; any other takes it out and puts it at the back of its price.
 * - A trade tells what the fills of its aggressor add up to, and changes nothing.
 * Memory: one entry a working order. Cost: O(1) a row.
 */
import type { Side } from '../../core/values/vocabulary.js';
import type { FlowAction, FlowEvent } from './flow.js';
import type { L3Format, L3Row } from './l3.js';
import type { BadLine } from './lobster.js';

const MAX_ORDERS = 2_000_000;
const opposite = (side: Side): Side => (side === 'BUY' ? 'SELL' : 'BUY');

interface L3Order {
  readonly side: Side;
  readonly priceTicks: number;
  /** Total quantity less what was canceled. */
  orderQtyLots: number;
  leavesQtyLots: number;
  /** Filled lots that the row behind the fill has yet to take out. */
  toldLots: number;
}

/** A working order of the recording. */
export interface RecordedOrder {
  readonly orderId: string;
  readonly side: Side;
  readonly priceTicks: number;
  readonly leavesQtyLots: number;
}

export class L3Flow {
  readonly #orders = new Map<string, L3Order>();
  readonly #isFillToldTwice: boolean;

  constructor({ isFillToldTwice }: L3Format) {
    this.#isFillToldTwice = isFillToldTwice;
  }

  /** Returns the orders that rest in the recording now. */
  orders(): RecordedOrder[] {
    return [...this.#orders].map(([orderId, { side, priceTicks, leavesQtyLots }]) => ({
      orderId,
      side,
      priceTicks,
      leavesQtyLots,
    }));
  }

  /** Translates a row. Returns what is wrong with it as text. */
  apply(row: L3Row): FlowAction[] | string {
    switch (row.action) {
      case 'ADD':
        return this.#add(row);
      case 'CANCEL':
        return this.#ofOrder(row, (order) => this.#cancel(row.orderId, order, row.qtyLots));
      case 'MODIFY':
        return this.#ofOrder(row, (order) => this.#modify(row, order));
      case 'FILL':
        return this.#ofOrder(row, (order) => this.#fill(row, order));
      case 'TRADE':
        return [{ kind: 'NONE', reason: 'TRADE_PRINT' }];
      case 'CLEAR': {
        const actions = [...this.#orders.keys()].map((ref): FlowAction => ({ kind: 'CANCEL', ref }));
        this.#orders.clear();
        return actions;
      }
    }
  }

  #add({ orderId, side, priceTicks, qtyLots }: L3Row): FlowAction[] | string {
    if (side === null || priceTicks === null || qtyLots === null) return 'an order needs a side, a price and a size';
    if (this.#orders.has(orderId)) return `order ${orderId} rests already`;
    if (this.#orders.size >= MAX_ORDERS) throw new RangeError(`more than ${MAX_ORDERS} orders rest at once`);
    this.#orders.set(orderId, { side, priceTicks, orderQtyLots: qtyLots, leavesQtyLots: qtyLots, toldLots: 0 });
    return [{ kind: 'PLACE', ref: orderId, side, qtyLots, priceTicks }];
  }

  /** What is said of an order that rested before the recording began, or beyond its sight, has no effect. */
  #ofOrder({ orderId }: L3Row, act: (order: L3Order) => FlowAction[] | string): FlowAction[] | string {
    const order = this.#orders.get(orderId);
    return order === undefined ? [{ kind: 'NONE', reason: 'UNSEEN_ORDER' }] : act(order);
  }

  /** @param lots what is taken out; null = all */
  #cancel(orderId: string, order: L3Order, lots: number | null): FlowAction[] | string {
    const filled = Math.min(order.toldLots, lots ?? order.toldLots);
    order.toldLots -= filled;
    const left = lots === null ? order.leavesQtyLots : lots - filled;
    if (left > order.leavesQtyLots)
      return `${left} lots are canceled of ${order.leavesQtyLots} that order ${orderId} has`;
    if (left === order.leavesQtyLots) {
      this.#orders.delete(orderId);
      return left === 0 ? [] : [{ kind: 'CANCEL', ref: orderId }];
    }
    return left === 0 ? [] : [this.#reduce(orderId, order, left)];
  }

  #modify({ orderId, side, priceTicks, qtyLots }: L3Row, order: L3Order): FlowAction[] | string {
    if (priceTicks === null || qtyLots === null) return 'a modify needs a price and a size';
    if (side !== null && side !== order.side) return `order ${orderId} is on the other side`;
    order.toldLots = 0;
    const lower = order.leavesQtyLots - qtyLots;
    if (priceTicks === order.priceTicks && lower >= 0) return lower === 0 ? [] : [this.#reduce(orderId, order, lower)];
    const moved = { side: order.side, priceTicks, orderQtyLots: qtyLots, leavesQtyLots: qtyLots, toldLots: 0 };
    this.#orders.set(orderId, moved);
    const place: FlowAction = { kind: 'PLACE', ref: orderId, side: order.side, qtyLots, priceTicks };
    return order.leavesQtyLots === 0 ? [place] : [{ kind: 'CANCEL', ref: orderId }, place];
  }

  #fill({ orderId, qtyLots }: L3Row, order: L3Order): FlowAction[] | string {
    if (qtyLots === null) return 'a fill needs a size';
    if (qtyLots > order.leavesQtyLots)
      return `${qtyLots} lots are filled of ${order.leavesQtyLots} that order ${orderId} has`;
    order.leavesQtyLots -= qtyLots;
    if (this.#isFillToldTwice) order.toldLots += qtyLots;
    else if (order.leavesQtyLots === 0) this.#orders.delete(orderId);
    return [{ kind: 'EXECUTE', side: opposite(order.side), qtyLots, priceTicks: order.priceTicks, expected: orderId }];
  }

  #reduce(ref: string, order: L3Order, lots: number): FlowAction {
    order.leavesQtyLots -= lots;
    order.orderQtyLots -= lots;
    return { kind: 'REDUCE', ref, orderQtyLots: order.orderQtyLots };
  }
}

/** Translates a recording row by row. A bad row, or one that contradicts those before it, is passed on as such. */
export async function* l3Flow(
  items: AsyncIterable<{ readonly kind: 'format'; readonly format: L3Format } | L3Row | BadLine>,
): AsyncGenerator<FlowEvent | BadLine> {
  let flow: L3Flow | null = null;
  for await (const item of items) {
    if (item.kind === 'format') {
      flow = new L3Flow(item.format);
    } else if (item.kind === 'bad' || flow === null) {
      if (item.kind === 'bad') yield item;
    } else {
      const { line, timeNs } = item;
      const actions = flow.apply(item);
      if (typeof actions === 'string') yield { kind: 'bad', line, problem: actions };
      else yield { kind: 'event', line, timeNs, actions, corrections: [] };
    }
  }
}
