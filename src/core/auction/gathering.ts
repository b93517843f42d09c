/**
 * How orders gather for an auction: into the book or the list of MARKET orders, or outside until the closing auction.
 *
 * Self-trades: an order that comes to gather meets the orders of its own account that it could trade with at some price,
 * oldest first, as it would in continuous trading: its own mode rules (NONE lets both stand). So no auction ever holds
 * two orders of one account that may not trade with each other, and the indicative is what would trade.
 * A MARKET buy holds funds at its protection price. One that waited for the closing auction gets its protection price
 * anew when that begins, and is canceled where the account can't hold it.
 * Complexity: O(open orders of the account) an order; O(1) under NONE.
 */
import { ROW } from '../exchange/event-buffer.js';
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { nextState, RESTATE_ORDER } from '../matching/order-state.js';
import { ACTIVE, AWAITS_CLOSE, GATHERED_MARKET, NIL } from '../matching/order-table.js';
import type { WorkingOrders } from '../matching/working-orders.js';
import { protectionPrice } from '../risk/collar.js';
import { AUCTION_KIND, BUY, CANCEL, NONE, ORD_TYPE, RESTATE, SELF_TRADE, TIME_IN_FORCE } from '../values/codes.js';

export class Gathering {
  constructor(
    private readonly state: ExchangeState,
    private readonly working: WorkingOrders,
  ) {}

  /** Makes an accepted order one that gathers, before it holds funds. @param limitTicks protection price of a MARKET order */
  enter(slot: number, limitTicks: number): void {
    const { orders } = this.state;
    const isMarket = orders.ordType[slot] === ORD_TYPE.MARKET;
    orders.phase[slot] = isMarket ? GATHERED_MARKET : ACTIVE;
    orders.protectionPxTicks[slot] = isMarket ? limitTicks : NONE;
  }

  /** Puts an order where it waits for its auction, behind those that wait already. */
  gather(slot: number, listing: Listing): void {
    const isClosing = listing.auctionKind === AUCTION_KIND.CLOSING;
    if (this.state.orders.timeInForce[slot] === TIME_IN_FORCE.AT_THE_CLOSE && !isClosing) this.#await(slot, listing);
    else this.#join(slot, listing);
  }

  /** Lets the AT_THE_CLOSE orders join the auction, in the order of their arrival. */
  joinClose(listing: Listing): void {
    const { orders, ledger } = this.state;
    for (const slot of listing.auction.awaitingClose.splice(0)) {
      this.enter(slot, protectionPrice(this.working.accountOf(slot), listing, orders.side[slot]!));
      const needed = this.working.neededHold(slot);
      const asset = orders.side[slot] === BUY ? listing.quoteAsset : listing.baseAsset;
      // A margin account's order was weighed at its protection price when it was placed.
      const isPaid = this.working.accountOf(slot).kind === 'MARGIN';
      if (!isPaid && needed > ledger.availableOf(orders.account[slot]!, asset) + orders.heldUnits[slot]!) {
        orders.phase[slot] = ACTIVE;
        this.working.cancel(slot, CANCEL.INSUFFICIENT_FUNDS);
        continue;
      }
      this.working.setHold(slot, needed);
      this.#join(slot, listing);
    }
  }

  /** Takes the AT_THE_CLOSE orders out of a closing auction that is interrupted; they wait for the next one. */
  stepBack(listing: Listing, resting: readonly number[]): void {
    const { orders } = this.state;
    const { marketBuys, marketSells } = listing.auction;
    for (const slot of [...marketBuys, ...marketSells, ...resting]) {
      if (orders.timeInForce[slot] !== TIME_IN_FORCE.AT_THE_CLOSE) continue;
      this.working.leaveBook(slot);
      this.#await(slot, listing);
    }
  }

  #await(slot: number, listing: Listing): void {
    const { orders, trial } = this.state;
    trial.note(listing);
    orders.recorder.note(slot);
    orders.phase[slot] = AWAITS_CLOSE;
    listing.auction.awaitingClose.push(slot);
    this.working.keep(slot);
  }

  #join(slot: number, listing: Listing): void {
    const { orders, trial } = this.state;
    const { auction } = listing;
    this.#preventSelfTrades(slot, listing);
    if (!orders.isInUse(slot)) return;
    this.state.touchAuction(listing);
    if (orders.phase[slot] === GATHERED_MARKET) {
      trial.note(listing);
      auction.market(orders.side[slot]!).push(slot);
      this.working.keep(slot);
      return;
    }
    this.working.rest(slot);
    if (orders.shownQtyLots[slot]! < orders.leavesQtyLots[slot]!) auction.icebergs.add(slot);
  }

  #preventSelfTrades(slot: number, listing: Listing): void {
    const { orders } = this.state;
    const mode = orders.selfTradePrevention[slot]!;
    if (mode === SELF_TRADE.NONE) return;
    const met: number[] = [];
    for (let own = this.working.accountOf(slot).firstOrder; own !== NIL; own = orders.accountNext[own]!) {
      if (this.#couldTrade(slot, own, listing)) met.push(own);
    }
    for (const own of met) {
      // One that is linked to another may have ended with it.
      if (orders.isInUse(own)) this.#meet(slot, own, mode);
      if (!orders.isInUse(slot)) return;
    }
  }

  #couldTrade(slot: number, own: number, listing: Listing): boolean {
    const { orders } = this.state;
    if (orders.instrument[own] !== listing.index || orders.side[own] === orders.side[slot]) return false;
    if (orders.level[own] === NIL && orders.phase[own] !== GATHERED_MARKET) return false;
    const isBuy = orders.side[slot] === BUY;
    return this.#limitOf(isBuy ? slot : own) >= this.#limitOf(isBuy ? own : slot);
  }

  #limitOf(slot: number): number {
    const { orders } = this.state;
    return orders.phase[slot] === GATHERED_MARKET ? orders.protectionPxTicks[slot]! : orders.priceTicks[slot]!;
  }

  #meet(slot: number, own: number, mode: number): void {
    const { orders } = this.state;
    if (mode === SELF_TRADE.DECREMENT) {
      const lots = Math.min(orders.leavesQtyLots[slot]!, orders.leavesQtyLots[own]!);
      if (!this.#decrement(own, lots)) this.working.cancel(own, CANCEL.SELF_TRADE);
      if (!this.#decrement(slot, lots)) this.#cancelNewcomer(slot);
      return;
    }
    if (mode !== SELF_TRADE.CANCEL_NEWEST) this.working.cancel(own, CANCEL.SELF_TRADE);
    if (mode !== SELF_TRADE.CANCEL_OLDEST) this.#cancelNewcomer(slot);
  }

  /** The newcomer is in no list of the auction yet. */
  #cancelNewcomer(slot: number): void {
    const { orders } = this.state;
    orders.recorder.note(slot);
    orders.phase[slot] = ACTIVE;
    this.working.cancel(slot, CANCEL.SELF_TRADE);
  }

  /** Takes lots out of an order, which keeps its place; false, with nothing changed, where nothing would be left. */
  #decrement(slot: number, lots: number): boolean {
    const { orders, events } = this.state;
    if (orders.leavesQtyLots[slot] === lots) return false;
    orders.recorder.note(slot);
    const listing = this.working.listingOf(slot);
    this.state.touchAuction(listing);
    const leaves = orders.leavesQtyLots[slot]! - lots;
    orders.leavesQtyLots[slot] = leaves;
    orders.orderQtyLots[slot]! -= lots;
    orders.state[slot] = nextState(orders.state[slot]!, RESTATE_ORDER);
    this.working.setHold(slot, this.working.neededHold(slot));
    events.order(ROW.ORDER_RESTATED, orders, slot, RESTATE.SELF_TRADE, lots);
    const shown = orders.shownQtyLots[slot]!;
    if (orders.level[slot] === NIL || shown <= leaves) return true;
    orders.shownQtyLots[slot] = leaves;
    listing.side(orders.side[slot]!).reduce(slot, shown - leaves);
    return true;
  }
}
