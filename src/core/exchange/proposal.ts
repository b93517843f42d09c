/** The terms of an order, new or replaced, as the pre-trade check reads them. */
import { HELD, NIL, type OrderTable, WAITING } from '../matching/order-table.js';
import type { OrderCheck } from '../risk/order-check.js';
import { NONE, ORD_TYPE } from '../values/codes.js';
import type { PlaceOrder, ReplaceOrder } from './command.js';

/** Puts a new order's terms into the check. */
export function propose(check: OrderCheck, orders: OrderTable, slot: number, command: PlaceOrder): void {
  check.side = orders.side[slot]!;
  check.ordType = orders.ordType[slot]!;
  check.timeInForce = orders.timeInForce[slot]!;
  check.flags = orders.flags[slot]!;
  check.selfTradePrevention = orders.selfTradePrevention[slot]!;
  check.orderQtyLots = command.orderQtyLots;
  check.cumQtyLots = 0;
  check.priceTicks = orders.priceTicks[slot]!;
  check.stopPxTicks = orders.stopPxTicks[slot]!;
  check.trailingOffsetTicks = command.trailingOffsetTicks ?? NONE;
  check.trailingPpm = command.trailingPpm ?? NONE;
  check.displayQtyLots = orders.displayQtyLots[slot]!;
  check.expireTimeUs = orders.expireTimeUs[slot]!;
  check.heldUnits = 0;
  check.replacedSlot = NIL;
  check.countedLots = 0;
  check.isNew = true;
  check.keepsTrailing = false;
}

/** Puts the terms into the check that a working order would have after a replace. */
export function proposeReplace(check: OrderCheck, orders: OrderTable, slot: number, command: ReplaceOrder): void {
  check.side = orders.side[slot]!;
  check.ordType = orders.ordType[slot]!;
  check.timeInForce = orders.timeInForce[slot]!;
  check.flags = orders.flags[slot]!;
  check.selfTradePrevention = orders.selfTradePrevention[slot]!;
  check.orderQtyLots = command.orderQtyLots ?? orders.orderQtyLots[slot]!;
  check.cumQtyLots = orders.cumQtyLots[slot]!;
  check.priceTicks = command.priceTicks ?? orders.priceTicks[slot]!;
  const waits = orders.phase[slot] === WAITING || orders.phase[slot] === HELD;
  check.stopPxTicks = command.stopPxTicks ?? (waits ? orders.stopPxTicks[slot]! : NONE);
  check.trailingOffsetTicks = orders.trailingOffsetTicks[slot]!;
  check.trailingPpm = orders.trailingPpm[slot]!;
  check.keepsTrailing = command.stopPxTicks === null;
  // A triggered STOP_LIMIT that rests is a LIMIT order.
  if (!waits && check.ordType !== ORD_TYPE.MARKET) check.ordType = ORD_TYPE.LIMIT;
  const display = orders.displayQtyLots[slot]!;
  check.displayQtyLots = Math.min(display, check.orderQtyLots);
  check.expireTimeUs = orders.expireTimeUs[slot]!;
  check.heldUnits = orders.heldUnits[slot]!;
  check.replacedSlot = slot;
  check.countedLots = orders.countedOf(slot);
  check.isNew = false;
}
