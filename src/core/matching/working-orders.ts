/**
 * What happens to an order outside of a trade: it rests, leaves the book, holds and releases funds, is canceled.
 *
 * Invariants: an order is in its account's list exactly while it rests (oldest first, kept by a replace); what an
 * order holds is `holdFor` its leaves from acceptance to its end; a finished order has leaves 0, holds nothing,
 * and its slot is free once the command has ended.
 * Complexity: O(1) each.
 */
import { ROW } from '../exchange/event-buffer.js';
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import type { Account } from '../risk/account.js';
import { BUY, NONE } from '../values/codes.js';
import { CANCEL_ORDER, nextState } from './order-state.js';
import { NIL, UNLINKED } from './order-table.js';

export class WorkingOrders {
  constructor(private readonly state: ExchangeState) {}

  listingOf(slot: number): Listing {
    return this.state.listings[this.state.orders.instrument[slot]!]!;
  }

  accountOf(slot: number): Account {
    return this.state.accounts[this.state.orders.account[slot]!]!;
  }

  /**
   * Returns the units that the order must hold for `lots` at `priceTicks`: quote with fee for a buy, base for a
   * sell; 0 for a buy without a price, which pays from what is available and never rests.
   */
  holdFor(listing: Listing, side: number, priceTicks: number, lots: number): number {
    if (side !== BUY) return lots * listing.baseUnitsPerLot;
    return priceTicks === NONE ? 0 : listing.buyHold(priceTicks, lots);
  }

  /** Brings what the order holds to the given units. */
  setHold(slot: number, units: number): void {
    const { orders, ledger } = this.state;
    const listing = this.listingOf(slot);
    const asset = orders.side[slot] === BUY ? listing.quoteAsset : listing.baseAsset;
    ledger.hold(orders.account[slot]!, asset, units - orders.heldUnits[slot]!);
    orders.heldUnits[slot] = units;
  }

  /** Puts the order at the back of its level, and into its account's list where it is not there yet. */
  rest(slot: number): void {
    const { orders } = this.state;
    const leaves = orders.leavesQtyLots[slot]!;
    const display = orders.displayQtyLots[slot]!;
    const shown = display === NONE || display > leaves ? leaves : display;
    orders.shownQtyLots[slot] = shown;
    this.listingOf(slot).side(orders.side[slot]!).append(slot, shown);
    if (orders.accountPrev[slot] === UNLINKED) orders.linkLast(this.accountOf(slot), slot);
  }

  /** Takes a resting order out of the book; it stays in its account's list. */
  leaveBook(slot: number): void {
    const { orders } = this.state;
    if (orders.level[slot] === NIL) return;
    this.listingOf(slot).side(orders.side[slot]!).remove(slot, orders.shownQtyLots[slot]!);
  }

  /** Ends a working order whose remainder leaves the market, and tells it. */
  cancel(slot: number, reason: number): void {
    const { orders, events } = this.state;
    const lots = orders.leavesQtyLots[slot]!;
    this.leaveBook(slot);
    orders.leavesQtyLots[slot] = 0;
    orders.state[slot] = nextState(orders.state[slot]!, CANCEL_ORDER);
    events.order(ROW.ORDER_CANCELED, orders, slot, reason, lots);
    this.end(slot);
  }

  /** Lets go of a finished order: nothing held, in no list, its slot given back. */
  end(slot: number): void {
    const { orders } = this.state;
    this.setHold(slot, 0);
    if (orders.accountPrev[slot] !== UNLINKED) orders.unlink(this.accountOf(slot), slot);
    orders.release(slot);
  }
}
