/**
 * The short way of the orders that nearly all traffic consists of: LIMIT orders, GTC or IOC, without options, placed,
 * moved to another price and canceled, for accounts without limits on single symbols, on instruments that trade
 * continuously.
 *
 * Each method first looks whether the request is of that kind and whether every rule lets it pass. Where it is not, or
 * where anything would be refused, it returns NIL with nothing changed and the general way (`OrderEntry`, `OrderCheck`,
 * `Matcher`, `WorkingOrders`) does all of it, reasons and arithmetic included. Where it is, the outcome is the same to
 * the last event and bit of the state hash; random commands against the naive reference exchange check that.
 *
 * What makes it short: terms are read once from the command and never copied into a check; an order remembers the rows
 * of its account's balances and position, so that trades and cancels look nothing up; the words of a record are read from
 * one memory (see FLOAT and INT in `order-table.ts`). Measured: about twice the commands a second.
 *
 * To add a rule or an option elsewhere: what makes an order, account or instrument special must make the conditions here
 * false (`isPlain`, `Account.isFree`, `#isOpenTo`, `#isPlainMaker`).
 */
import type { BookSide } from '../matching/book-side.js';
import { LEVEL_FLOAT } from '../matching/level-table.js';
import type { Matcher } from '../matching/matcher.js';
import { FILL_ALL, FILL_PART, nextState } from '../matching/order-state.js';
import { ACTIVE, BYTE, FLOAT, INT, NIL, POST_ONLY, QUOTE, UNLINKED } from '../matching/order-table.js';
import type { StopTrigger } from '../matching/stop-trigger.js';
import type { WorkingOrders } from '../matching/working-orders.js';
import { type Account, VENUE_ACCOUNT } from '../risk/account.js';
import type { AccountGuard } from '../risk/account-guard.js';
import { AccountRows, ROWS } from '../risk/account-rows.js';
import { LimitPass } from '../risk/limit-pass.js';
import { FREE_TO_TRADE } from '../risk/stop-level.js';
import { feeOf } from '../values/amount.js';
import {
  BUY,
  CANCEL,
  NONE,
  ORD_STATUS,
  ORD_TYPE,
  SELF_TRADE,
  SELL,
  selfTradeCode,
  TIME_IN_FORCE,
  TRADING_STATUS,
} from '../values/codes.js';
import type { PlaceOrder, ReplaceOrder } from './command.js';
import { ROW } from './event-buffer.js';
import type { Listing } from './listing.js';
import type { ExchangeState } from './state.js';

const { LIMIT } = ORD_TYPE;
const { GTC, IOC } = TIME_IN_FORCE;
const { NEW, CANCELED } = ORD_STATUS;
/** Options that mean nothing once the order rests. */
const PLAIN_FLAGS = POST_ONLY | QUOTE;

export class PlainOrders {
  readonly #rows: AccountRows;
  readonly #limits: LimitPass;

  constructor(
    private readonly state: ExchangeState,
    private readonly working: WorkingOrders,
    private readonly matcher: Matcher,
    private readonly stops: StopTrigger,
  ) {
    this.#rows = new AccountRows(state.ledger, state.positions, state.exposures);
    this.#limits = new LimitPass(state);
  }

  /** Places an order and returns its slot; NIL, with nothing changed, where the general way has to do it. */
  place(command: PlaceOrder): number {
    if (!isPlain(command)) return NIL;
    const { state } = this;
    const account = state.accounts[command.account];
    const listing = state.listings[command.instrument];
    if (account === undefined || listing === undefined) return NIL;
    const prevention = selfTradeCode(command.selfTradePrevention);
    if (!this.#isOpenTo(account, listing, prevention)) return NIL;
    const lots = command.orderQtyLots;
    const price = command.priceTicks!;
    if (!listing.takesQty(lots) || !listing.takesPrice(price)) return NIL;
    const { orders } = state;
    if (orders.inUse >= orders.maxOrders) return NIL;
    const isBuy = command.side === 'BUY';
    const needed = isBuy ? listing.buyHold(price, lots) : lots * listing.baseUnitsPerLot;
    const rows = this.#rows.find(account.index, listing);
    const heldRow = this.#rows.table[rows + (isBuy ? ROWS.QUOTE : ROWS.BASE)]!;
    if (state.ledger.availableAt(heldRow) < needed) return NIL;
    const isImmediate = command.timeInForce === 'IOC';
    const { guard } = account;
    if (guard !== null && !this.#isNewWithin(account, guard, listing, isBuy, price, lots, isImmediate)) return NIL;

    const slot = orders.allocate();
    const { ints, floats, bytes } = orders;
    ints[slot + INT.ACCOUNT] = account.index;
    ints[slot + INT.INSTRUMENT] = listing.index;
    ints[slot + INT.QUOTE_ROW] = this.#rows.table[rows + ROWS.QUOTE]!;
    ints[slot + INT.BASE_ROW] = this.#rows.table[rows + ROWS.BASE]!;
    ints[slot + INT.POSITION_ROW] = this.#rows.table[rows + ROWS.POSITION]!;
    bytes[slot + BYTE.STATE] = NEW;
    bytes[slot + BYTE.SIDE] = isBuy ? BUY : SELL;
    bytes[slot + BYTE.ORD_TYPE] = LIMIT;
    bytes[slot + BYTE.TIME_IN_FORCE] = isImmediate ? IOC : GTC;
    bytes[slot + BYTE.SELF_TRADE] = prevention;
    bytes[slot + BYTE.FLAGS] = 0;
    floats[slot + FLOAT.LEAVES] = lots;
    floats[slot + FLOAT.PRICE] = price;
    floats[slot + FLOAT.HELD] = needed;
    floats[slot + FLOAT.QTY] = lots;
    floats[slot + FLOAT.DISPLAY] = NONE;
    floats[slot + FLOAT.CREATED] = state.timeUs;
    orders.clearRare(slot);
    orders.setClOrdId(slot, command.clOrdId);
    state.ledger.holdAt(heldRow, needed);
    state.events.order(ROW.ORDER_ACCEPTED, orders, slot, NONE, NONE);
    this.#work(slot, account, listing, isBuy, price, isImmediate);
    return slot;
  }

  /**
   * Cancels a resting order.
   * @returns its slot; NIL, with nothing changed, where the general way has to do it
   */
  cancel(accountIndex: number, orderId: number): number {
    const { state } = this;
    const account = state.accounts[accountIndex];
    if (account === undefined || !account.isFree || state.trial.isOn) return NIL;
    const { orders } = state;
    const slot = orders.slotOf(orderId);
    if (slot === NIL) return NIL;
    const { ints, floats, bytes } = orders;
    if (ints[slot + INT.ACCOUNT] !== accountIndex || ints[slot + INT.LEVEL] === NIL) return NIL;
    if ((bytes[slot + BYTE.FLAGS]! & ~PLAIN_FLAGS) !== 0) return NIL;
    const listing = state.listings[ints[slot + INT.INSTRUMENT]!]!;
    if (listing.auctionKind !== NONE) return NIL;
    if (account.guard !== null) {
      const all = this.#rows.table[this.#rows.findLimited(accountIndex, listing) + ROWS.ALL_FIGURES]!;
      if (!state.rates.takeAt(all, account.guard.account, false, state.timeUs)) return NIL;
    }
    const isBuy = bytes[slot + BYTE.SIDE] === BUY;
    const lots = floats[slot + FLOAT.LEAVES]!;
    const side = isBuy ? listing.bids : listing.asks;
    side.remove(slot, floats[slot + FLOAT.SHOWN]!);
    floats[slot + FLOAT.LEAVES] = 0;
    bytes[slot + BYTE.STATE] = CANCELED;
    state.events.order(ROW.ORDER_CANCELED, orders, slot, CANCEL.REQUESTED, lots);
    this.#end(slot, account);
    return slot;
  }

  /**
   * Moves a resting order to another price, at the back of its queue there.
   * @returns its slot; NIL, with nothing changed, where the general way has to do it
   */
  move(command: ReplaceOrder): number {
    const { priceTicks: price } = command;
    if (price === null || command.orderQtyLots !== null || command.stopPxTicks !== null) return NIL;
    const { state } = this;
    const account = state.accounts[command.account];
    if (account === undefined) return NIL;
    const { orders } = state;
    const slot = orders.slotOf(command.orderId);
    if (slot === NIL) return NIL;
    const { ints, floats, bytes } = orders;
    if (ints[slot + INT.ACCOUNT] !== command.account || floats[slot + FLOAT.PRICE] === price) return NIL;
    if (!this.#isPlainMaker(slot) || bytes[slot + BYTE.FLAGS] !== 0) return NIL;
    const listing = state.listings[ints[slot + INT.INSTRUMENT]!]!;
    if (!this.#isOpenTo(account, listing, bytes[slot + BYTE.SELF_TRADE]!)) return NIL;
    if (!listing.takesQty(floats[slot + FLOAT.QTY]!) || !listing.takesPrice(price)) return NIL;
    const leaves = floats[slot + FLOAT.LEAVES]!;
    const isBuy = bytes[slot + BYTE.SIDE] === BUY;
    if (account.guard !== null) {
      const limits = account.guard.account;
      if (!this.#limits.admitsTerms(limits, listing, price, floats[slot + FLOAT.QTY]!)) return NIL;
      if (!this.#areSumsWithin(account, account.guard, listing, isBuy, leaves - orders.countedOf(slot))) return NIL;
    }
    if (isBuy) {
      const needed = listing.buyHold(price, leaves);
      const more = needed - floats[slot + FLOAT.HELD]!;
      const row = ints[slot + INT.QUOTE_ROW]!;
      if (more !== 0) {
        if (state.ledger.availableAt(row) < more) return NIL;
        state.ledger.holdAt(row, more);
        floats[slot + FLOAT.HELD] = needed;
      }
    }
    const side = isBuy ? listing.bids : listing.asks;
    side.remove(slot, floats[slot + FLOAT.SHOWN]!);
    floats[slot + FLOAT.PRICE] = price;
    state.events.order(ROW.ORDER_REPLACED, orders, slot, 0, NONE);
    this.#work(slot, account, listing, isBuy, price, false);
    return slot;
  }

  /** Lets an order trade, then rest or end. */
  #work(slot: number, account: Account, listing: Listing, isBuy: boolean, price: number, isImmediate: boolean): void {
    const { orders, levels } = this.state;
    const makers = isBuy ? listing.asks : listing.bids;
    const { best } = makers;
    if (best !== NIL && levels.key[best]! >= (isBuy ? -price : price)) {
      // Stops that a trade triggers act behind it, reduceOnly orders follow positions, and breakers forbid: the general way
      // knows.
      if (
        listing.stops.count > 0 ||
        listing.tradeGuard !== null ||
        this.state.reduceOnlyOrders !== 0 ||
        !this.#take(slot, listing, makers, isBuy, price)
      ) {
        if (account.guard !== null) this.#count(slot, listing);
        this.matcher.match(listing, slot, price);
        this.working.dispose(slot);
        this.stops.drain();
        return;
      }
    }
    const leaves = orders.floats[slot + FLOAT.LEAVES]!;
    if (leaves === 0) {
      this.#end(slot, account);
    } else if (isImmediate) {
      orders.floats[slot + FLOAT.LEAVES] = 0;
      orders.bytes[slot + BYTE.STATE] = CANCELED;
      this.state.events.order(ROW.ORDER_CANCELED, orders, slot, CANCEL.IOC_REMAINDER, leaves);
      this.#end(slot, account);
    } else {
      orders.floats[slot + FLOAT.SHOWN] = leaves;
      (isBuy ? listing.bids : listing.asks).append(slot, leaves);
      if (account.guard !== null) this.#count(slot, listing);
      if (orders.ints[slot + INT.ACCOUNT_PREV] === UNLINKED) orders.linkLast(account, slot);
    }
  }

  /** Trades with plain makers; false where one within the limit is not plain, and the general way has to go on. */
  #take(taker: number, listing: Listing, makers: BookSide, isBuy: boolean, price: number): boolean {
    const { orders, levels } = this.state;
    const { ints, floats, bytes } = orders;
    const limitKey = isBuy ? -price : price;
    const own = bytes[taker + BYTE.SELF_TRADE] === SELF_TRADE.NONE ? NIL : ints[taker + INT.ACCOUNT]!;
    while (floats[taker + FLOAT.LEAVES]! > 0) {
      const level = makers.best;
      if (level === NIL) return true;
      const key = levels.floats[level + LEVEL_FLOAT.KEY]!;
      if (key < limitKey) return true;
      const maker = levels.head[level]!;
      if (ints[maker + INT.ACCOUNT] === own || !this.#isPlainMaker(maker)) return false;
      this.#trade(taker, maker, listing, makers, isBuy, isBuy ? -key : key);
    }
    return true;
  }

  #trade(taker: number, maker: number, listing: Listing, makers: BookSide, isBuy: boolean, price: number): void {
    const { state } = this;
    const { orders } = state;
    const { floats } = orders;
    const makerLeaves = floats[maker + FLOAT.LEAVES]!;
    const lots = Math.min(floats[taker + FLOAT.LEAVES]!, makerLeaves);
    const notional = price * lots * listing.unitsPerTickLot;
    const makerFee = feeOf(notional, listing.makerFeePpm);
    const takerFee = feeOf(notional, listing.takerFeePpm);
    this.#fill(maker, lots, notional);
    this.#fill(taker, lots, notional);
    const unitsPerLot = price * listing.unitsPerTickLot;
    if (isBuy) {
      this.#bought(taker, listing, lots, notional, takerFee, unitsPerLot);
      this.#sold(maker, listing, lots, notional, makerFee, unitsPerLot);
    } else {
      this.#bought(maker, listing, lots, notional, makerFee, unitsPerLot);
      this.#sold(taker, listing, lots, notional, takerFee, unitsPerLot);
    }
    const fees = makerFee + takerFee;
    if (fees !== 0) {
      const venue = this.#rows.table[this.#rows.find(VENUE_ACCOUNT, listing) + ROWS.QUOTE]!;
      state.ledger.moveAt(venue, fees);
    }
    listing.lastPxTicks = price;
    state.tradeSequence += 1;
    const side = isBuy ? BUY : SELL;
    state.events.trade(orders, state.tradeSequence, price, lots, side, maker, makerFee, taker, takerFee);
    const account = state.accounts[orders.ints[maker + INT.ACCOUNT]!]!;
    if (lots < makerLeaves) {
      floats[maker + FLOAT.SHOWN] = makerLeaves - lots;
      makers.reduce(maker, lots);
      if (account.guard !== null) this.#count(maker, listing);
    } else {
      makers.remove(maker, lots);
      this.#end(maker, account);
    }
  }

  #fill(slot: number, lots: number, notional: number): void {
    const { floats, bytes } = this.state.orders;
    const leaves = floats[slot + FLOAT.LEAVES]! - lots;
    floats[slot + FLOAT.LEAVES] = leaves;
    floats[slot + FLOAT.CUM]! += lots;
    floats[slot + FLOAT.NOTIONAL]! += notional;
    bytes[slot + BYTE.STATE] = nextState(bytes[slot + BYTE.STATE]!, leaves === 0 ? FILL_ALL : FILL_PART);
  }

  #bought(slot: number, listing: Listing, lots: number, notional: number, fee: number, unitsPerLot: number): void {
    const { orders, ledger, positions } = this.state;
    const { ints, floats } = orders;
    const held = listing.buyHold(floats[slot + FLOAT.PRICE]!, floats[slot + FLOAT.LEAVES]!);
    ledger.releaseAndPayAt(ints[slot + INT.QUOTE_ROW]!, floats[slot + FLOAT.HELD]! - held, notional + fee);
    floats[slot + FLOAT.HELD] = held;
    ledger.moveAt(ints[slot + INT.BASE_ROW]!, lots * listing.baseUnitsPerLot);
    positions.tradeAt(ints[slot + INT.POSITION_ROW]!, lots, unitsPerLot, fee);
  }

  #sold(slot: number, listing: Listing, lots: number, notional: number, fee: number, unitsPerLot: number): void {
    const { orders, ledger, positions } = this.state;
    const { ints, floats } = orders;
    const base = lots * listing.baseUnitsPerLot;
    const held = floats[slot + FLOAT.LEAVES]! * listing.baseUnitsPerLot;
    ledger.releaseAndPayAt(ints[slot + INT.BASE_ROW]!, floats[slot + FLOAT.HELD]! - held, base);
    floats[slot + FLOAT.HELD] = held;
    ledger.moveAt(ints[slot + INT.QUOTE_ROW]!, notional - fee);
    positions.tradeAt(ints[slot + INT.POSITION_ROW]!, -lots, unitsPerLot, fee);
  }

  /** Lets go of a finished order: nothing held, in no list, its slot given back. */
  #end(slot: number, account: Account): void {
    const { orders, ledger, expiries } = this.state;
    const { ints, floats, bytes } = orders;
    const held = floats[slot + FLOAT.HELD]!;
    if (held !== 0) {
      if (ints[slot + INT.QUOTE_ROW] === NIL) this.#learnRows(slot);
      ledger.holdAt(ints[slot + (bytes[slot + BYTE.SIDE] === BUY ? INT.QUOTE_ROW : INT.BASE_ROW)]!, -held);
      floats[slot + FLOAT.HELD] = 0;
    }
    if (account.guard !== null) this.#count(slot, this.state.listings[ints[slot + INT.INSTRUMENT]!]!);
    if (ints[slot + INT.HEAP_INDEX] !== NIL) expiries.remove(slot);
    if (ints[slot + INT.ACCOUNT_PREV] !== UNLINKED) orders.unlink(account, slot);
    orders.release(slot);
  }

  /** Tells whether all limits let a new order pass; takes of the account's rate where they do. */
  #isNewWithin(
    account: Account,
    guard: AccountGuard,
    listing: Listing,
    isBuy: boolean,
    price: number,
    lots: number,
    isImmediate: boolean,
  ): boolean {
    const limits = guard.account;
    const { maxOpenOrders } = limits;
    if (!isImmediate && maxOpenOrders !== null && account.openOrders >= maxOpenOrders) return false;
    if (!this.#limits.admitsTerms(limits, listing, price, lots)) return false;
    if (!this.#areSumsWithin(account, guard, listing, isBuy, lots)) return false;
    const all = this.#rows.table[this.#rows.findLimited(account.index, listing) + ROWS.ALL_FIGURES]!;
    return this.state.rates.takeAt(all, limits, true, this.state.timeUs);
  }

  #areSumsWithin(account: Account, guard: AccountGuard, listing: Listing, isBuy: boolean, addedLots: number): boolean {
    const { table } = this.#rows;
    const rows = this.#rows.findLimited(account.index, listing);
    return this.#limits.admitsSums(
      account,
      guard.account,
      listing,
      isBuy,
      addedLots,
      table[rows + ROWS.FIGURES]!,
      table[rows + ROWS.ALL_FIGURES]!,
      table[rows + ROWS.POSITION]!,
    );
  }

  /** Counts the order's leaves among what limits see as open; once both parties of a trade have their positions. */
  #count(slot: number, listing: Listing): void {
    const { exposures, orders } = this.state;
    const { table } = this.#rows;
    const rows = this.#rows.findLimited(orders.ints[slot + INT.ACCOUNT]!, listing);
    exposures.followAt(
      slot,
      listing,
      table[rows + ROWS.FIGURES]!,
      table[rows + ROWS.ALL_FIGURES]!,
      table[rows + ROWS.POSITION]!,
    );
  }

  /** Tells whether the account and the instrument let every plain order pass that has the funds and is within limits. */
  #isOpenTo(account: Account, listing: Listing, prevention: number): boolean {
    return (
      account.isFree &&
      listing.stopLevel === FREE_TO_TRADE &&
      listing.status === TRADING_STATUS.OPEN &&
      (listing.selfTradeModes & (1 << prevention)) !== 0 &&
      !this.state.trial.isOn
    );
  }

  /** Tells whether trading with the order moves money and quantity and nothing else, and that it rests. */
  #isPlainMaker(slot: number): boolean {
    const { orders, accounts } = this.state;
    const { ints, floats, bytes } = orders;
    const isPlain =
      accounts[ints[slot + INT.ACCOUNT]!]!.isFree &&
      ints[slot + INT.LEVEL] !== NIL &&
      bytes[slot + BYTE.PHASE] === ACTIVE &&
      bytes[slot + BYTE.ORD_TYPE] === LIMIT &&
      floats[slot + FLOAT.DISPLAY] === NONE &&
      (bytes[slot + BYTE.FLAGS]! & ~PLAIN_FLAGS) === 0;
    if (isPlain && ints[slot + INT.QUOTE_ROW] === NIL) this.#learnRows(slot);
    return isPlain;
  }

  /** Notes the rows of an order that came the general way. */
  #learnRows(slot: number): void {
    const { ints } = this.state.orders;
    const { table } = this.#rows;
    const rows = this.#rows.find(ints[slot + INT.ACCOUNT]!, this.state.listings[ints[slot + INT.INSTRUMENT]!]!);
    ints[slot + INT.QUOTE_ROW] = table[rows + ROWS.QUOTE]!;
    ints[slot + INT.BASE_ROW] = table[rows + ROWS.BASE]!;
    ints[slot + INT.POSITION_ROW] = table[rows + ROWS.POSITION]!;
  }
}

/** Tells whether the terms are those of a LIMIT order, GTC or IOC, without options. */
function isPlain(command: PlaceOrder): boolean {
  return (
    command.ordType === 'LIMIT' &&
    (command.timeInForce === 'GTC' || command.timeInForce === 'IOC') &&
    command.priceTicks !== null &&
    command.stopPxTicks === null &&
    command.trailingOffsetTicks === null &&
    command.trailingPpm === null &&
    command.displayQtyLots === null &&
    command.expireTimeUs === null &&
    !command.postOnly &&
    !command.reduceOnly
  );
}
