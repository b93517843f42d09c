/**
 * reduceOnly: an order that can only bring its account's position nearer to nothing, at any time of its life.
 *
 * One rule: no reduceOnly order that rests has more left than the position that it may close. Whatever makes the position
 * smaller or turns it (a trade, a withdrawal) lowers each such order to the position, oldest first, in the same command
 * and before the next match, keeping its place; with no position left, it is canceled. Each order is measured for itself:
 * two of them may stand against one position, and what one fills the other loses. A position that grows changes nothing.
 * It has no part in auctions: one that rests is canceled before an auction or uncross, and none is taken while one gathers.
 * A stop is measured when it is triggered, an exit of a plan when it is put to work.
 * Complexity: O(1) while no order of the exchange is reduceOnly, otherwise O(orders of the account) for each trade.
 */
import type { ExchangeState } from '../exchange/state.js';
import { CANCEL, RESTATE } from '../values/codes.js';
import type { OrderSteps } from './order-steps.js';
import { NIL, REDUCE_ONLY } from './order-table.js';

export class ReduceOnly {
  constructor(
    private readonly state: ExchangeState,
    private readonly working: OrderSteps,
  ) {}

  /** Lowers the order to what the position can lose; false where that is nothing and the order is canceled. */
  cutToPosition(slot: number): boolean {
    const { orders, positions } = this.state;
    const closable = positions.closableBy(orders.account[slot]!, orders.instrument[slot]!, orders.side[slot]!);
    if (orders.leavesQtyLots[slot]! <= closable) return true;
    if (closable === 0) {
      this.working.cancel(slot, CANCEL.REDUCE_ONLY);
      return false;
    }
    this.working.lower(slot, closable, RESTATE.REDUCE_ONLY);
    return true;
  }

  /** To be called after a position changed, where any working order is reduceOnly. */
  followPosition(accountIndex: number, instrument: number): void {
    const { orders, accounts } = this.state;
    const chosen: number[] = [];
    for (let slot = accounts[accountIndex]!.firstOrder; slot !== NIL; slot = orders.accountNext[slot]!) {
      if ((orders.flags[slot]! & REDUCE_ONLY) !== 0 && orders.instrument[slot] === instrument) chosen.push(slot);
    }
    for (const slot of chosen) {
      // Canceling one may have canceled another that it is linked to; what does not rest is measured later.
      if (orders.isInUse(slot) && orders.level[slot] !== NIL) this.cutToPosition(slot);
    }
  }
}
