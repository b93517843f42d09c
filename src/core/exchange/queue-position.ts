/** Where resting orders stand in the queues of their prices. */
import { NIL } from '../matching/order-table.js';
import type { ExchangeState } from './state.js';

/** What trades before an order at its own price. */
export interface QueuePosition {
  /** Orders in front of it. */
  readonly ordersAhead: number;
  /** What these show, lots; hidden quantity is not told. */
  readonly qtyAheadLots: number;
}

/** Returns a position for each id, null where the order does not rest in the book. Walks each level once. */
export function queuePositions(state: ExchangeState, orderIds: readonly number[]): (QueuePosition | null)[] {
  const { orders, levels } = state;
  const wanted = new Map<number, QueuePosition | null>();
  const slots = orderIds.map((orderId) => {
    const slot = orders.slotOf(orderId);
    return slot !== NIL && orders.isInUse(slot) && orders.level[slot] !== NIL ? slot : NIL;
  });
  for (const slot of slots) if (slot !== NIL) wanted.set(slot, null);
  for (const level of new Set([...wanted.keys()].map((slot) => orders.level[slot]!))) {
    let [ordersAhead, qtyAheadLots] = [0, 0];
    let left = [...wanted.keys()].filter((slot) => orders.level[slot] === level).length;
    for (let slot = levels.head[level]!; slot !== NIL && left > 0; slot = orders.next[slot]!) {
      if (wanted.has(slot)) {
        wanted.set(slot, { ordersAhead, qtyAheadLots });
        left -= 1;
      }
      ordersAhead += 1;
      qtyAheadLots += orders.shownQtyLots[slot]!;
    }
  }
  return slots.map((slot) => wanted.get(slot) ?? null);
}
