/**
 * The pre-trade check: every reason to refuse an order, in one documented precedence.
 *
 * The rules run in the order of REJECT_PRECEDENCE and the first that refuses names the reason; what the rules
 * compared stands in `limit`, `current` and `projected` in the rule's own units (NaN = none). The check changes
 * nothing. Complexity: O(1), except that MARKET and FOK orders walk the part of the book that they would take.
 *
 * Prices are measured from the reference price (last trade, before it the listed reference). A MARKET order may
 * trade within the tighter of the instrument's and the account's collar, without either within the instrument's
 * price bounds; its notional is valued at the reference price. A MARKET buy needs the notional of what it would
 * take plus the fee on their sum, at most one unit for each trade more than what it pays in the end.
 */
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import type { Matcher } from '../matching/matcher.js';
import { POST_ONLY, REDUCE_ONLY } from '../matching/order-table.js';
import { BUY, NONE, ORD_TYPE, REJECT, TIME_IN_FORCE, TRADING_STATUS } from '../values/codes.js';
import { floorPpm } from '../values/decimal.js';
import type { OrdRejReason } from '../values/vocabulary.js';
import type { Account } from './account.js';

/** Reasons to refuse a new order, the first that holds wins. A replace is checked from UNSUPPORTED_ORDER on. */
export const REJECT_PRECEDENCE: readonly OrdRejReason[] = [
  'UNKNOWN_ACCOUNT',
  'INVALID_REQUEST',
  'DUPLICATE_CL_ORD_ID',
  'ORDER_RATE_LIMIT',
  'UNKNOWN_SYMBOL',
  'UNSUPPORTED_ORDER',
  'INVALID_QTY',
  'INVALID_PRICE',
  'SELF_TRADE',
  'KILL_SWITCH',
  'TRADING_HALTED',
  'MAX_ORDER_QTY',
  'MAX_ORDER_NOTIONAL',
  'PRICE_COLLAR',
  'OPEN_ORDER_LIMIT',
  'NO_LIQUIDITY',
  'POST_ONLY_WOULD_TAKE',
  'FOK_NOT_FILLABLE',
  'INSUFFICIENT_FUNDS',
];

const { MARKET, LIMIT } = ORD_TYPE;
const { GTC, IOC, FOK } = TIME_IN_FORCE;

/** Terms under check; set all of them, then ask `refusal`. */
export class OrderCheck {
  side = 0;
  ordType = 0;
  timeInForce = 0;
  flags = 0;
  selfTradePrevention = 0;
  orderQtyLots = 0;
  /** Part of orderQtyLots that has traded already; above 0 in a replace only. */
  cumQtyLots = 0;
  priceTicks = NONE;
  stopPxTicks = NONE;
  trailingOffsetTicks = NONE;
  trailingPpm = NONE;
  displayQtyLots = NONE;
  expireTimeUs = NONE;
  /** Units that the order holds already, released by a replace. */
  heldUnits = 0;
  /** False in a replace: the order counts among the open ones already. */
  isNew = true;

  limit = Number.NaN;
  current = Number.NaN;
  projected = Number.NaN;
  /** Worst price that the order may trade at, set by `refusal` where it accepts. */
  limitTicks = 0;

  constructor(
    private readonly state: ExchangeState,
    private readonly matcher: Matcher,
  ) {}

  /** Forgets the arithmetic of the check before. */
  clear(): void {
    this.limit = Number.NaN;
    this.current = Number.NaN;
    this.projected = Number.NaN;
  }

  /** Returns the code of the first reason to refuse, NONE to accept. */
  refusal(account: Account, listing: Listing): number {
    if (!this.#isSupported()) return REJECT.UNSUPPORTED_ORDER;
    if (this.#isQtyInvalid(listing)) return REJECT.INVALID_QTY;
    if (this.#isPriceInvalid(listing)) return REJECT.INVALID_PRICE;
    if ((listing.selfTradeModes & (1 << this.selfTradePrevention)) === 0) return REJECT.SELF_TRADE;
    if (account.killSwitch) return REJECT.KILL_SWITCH;
    if (listing.status !== TRADING_STATUS.OPEN) return REJECT.TRADING_HALTED;
    if (this.#isAboveMaxQty(account, listing)) return REJECT.MAX_ORDER_QTY;
    if (this.#isAboveMaxNotional(account, listing)) return REJECT.MAX_ORDER_NOTIONAL;
    if (this.#isOutsideCollar(account, listing)) return REJECT.PRICE_COLLAR;
    if (this.#isOneOrderTooMany(account)) return REJECT.OPEN_ORDER_LIMIT;
    const bookReason = this.#bookRefusal(account, listing);
    if (bookReason !== NONE) return bookReason;
    return this.#isBeyondFunds(account, listing) ? REJECT.INSUFFICIENT_FUNDS : NONE;
  }

  /** As `refusal` for a replace that only lowers the quantity: it frees funds and risk, so only the quantity counts. */
  reductionRefusal(listing: Listing): number {
    return this.#isQtyInvalid(listing) ? REJECT.INVALID_QTY : NONE;
  }

  get #isResting(): boolean {
    return this.ordType === LIMIT && this.timeInForce === GTC;
  }

  #isSupported(): boolean {
    if (this.ordType !== MARKET && this.ordType !== LIMIT) return false;
    if (this.timeInForce !== GTC && this.timeInForce !== IOC && this.timeInForce !== FOK) return false;
    if (this.stopPxTicks !== NONE || this.expireTimeUs !== NONE) return false;
    if (this.trailingOffsetTicks !== NONE || this.trailingPpm !== NONE) return false;
    if ((this.flags & REDUCE_ONLY) !== 0) return false;
    return this.#isResting || ((this.flags & POST_ONLY) === 0 && this.displayQtyLots === NONE);
  }

  #isQtyInvalid(listing: Listing): boolean {
    const qty = this.orderQtyLots;
    const display = this.displayQtyLots;
    let limit = Number.NaN;
    if (!Number.isSafeInteger(qty) || qty < listing.minQtyLots) limit = listing.minQtyLots;
    else if (qty > listing.maxQtyLots) limit = listing.maxQtyLots;
    else if (qty <= this.cumQtyLots) limit = this.cumQtyLots + 1;
    if (!Number.isNaN(limit)) return this.#refuse(limit, Number.NaN, qty);
    if (display !== NONE && (display < 1 || display > qty)) return this.#refuse(qty, Number.NaN, display);
    return false;
  }

  #isPriceInvalid(listing: Listing): boolean {
    const price = this.priceTicks;
    if (this.ordType === MARKET) return price !== NONE && this.#refuse(Number.NaN, Number.NaN, price);
    if (!Number.isSafeInteger(price) || price < listing.minPriceTicks) {
      return this.#refuse(listing.minPriceTicks, Number.NaN, price === NONE ? Number.NaN : price);
    }
    return price > listing.maxPriceTicks && this.#refuse(listing.maxPriceTicks, Number.NaN, price);
  }

  #isAboveMaxQty(account: Account, listing: Listing): boolean {
    const limit = account.limits.maxOrderQtyE8;
    if (limit === null || this.orderQtyLots <= Math.floor(limit / listing.lotE8)) return false;
    return this.#refuse(limit, Number.NaN, this.orderQtyLots * listing.lotE8);
  }

  #isAboveMaxNotional(account: Account, listing: Listing): boolean {
    const limit = account.limits.maxOrderNotionalE6;
    if (limit === null) return false;
    const price = this.ordType === MARKET ? listing.referencePxTicks : this.priceTicks;
    const projected = toE6(listing.notional(price, this.orderQtyLots), listing.quoteScale);
    return projected > limit && this.#refuse(limit, Number.NaN, projected);
  }

  /** Sets limitTicks on the way. */
  #isOutsideCollar(account: Account, listing: Listing): boolean {
    const reference = listing.referencePxTicks;
    const ppm = tighter(listing.priceCollarPpm, account.limits.priceCollarPpm ?? NONE);
    const distance = ppm === NONE ? Number.MAX_SAFE_INTEGER : floorPpm(reference, ppm);
    const low = Math.max(listing.minPriceTicks, reference - distance);
    const high = Math.min(listing.maxPriceTicks, reference + distance);
    if (this.ordType === MARKET) {
      this.limitTicks = this.side === BUY ? high : low;
      return false;
    }
    this.limitTicks = this.priceTicks;
    if (ppm === NONE) return false;
    if (this.priceTicks < low) return this.#refuse(low, reference, this.priceTicks);
    return this.priceTicks > high && this.#refuse(high, reference, this.priceTicks);
  }

  #isOneOrderTooMany(account: Account): boolean {
    if (!this.#isResting || !this.isNew) return false;
    const limit = account.limits.maxOpenOrders;
    if (limit !== null && account.openOrders >= limit) {
      return this.#refuse(limit, account.openOrders, account.openOrders + 1);
    }
    // The order under check has its slot already.
    const { orders } = this.state;
    return orders.inUse > orders.maxOrders && this.#refuse(orders.maxOrders, orders.inUse - 1, orders.inUse);
  }

  #bookRefusal(account: Account, listing: Listing): number {
    const makers = listing.side(1 - this.side);
    const best = makers.best;
    if (this.ordType === MARKET && best < 0) return REJECT.NO_LIQUIDITY;
    const crosses = best >= 0 && this.state.levels.key[best]! >= this.limitTicks * makers.sign;
    if (this.ordType === MARKET && !crosses) {
      this.#refuse(this.limitTicks, listing.referencePxTicks, makers.priceOf(best));
      return REJECT.PRICE_COLLAR;
    }
    if (crosses && (this.flags & POST_ONLY) !== 0) {
      this.#refuse(makers.priceOf(best), Number.NaN, this.priceTicks);
      return REJECT.POST_ONLY_WOULD_TAKE;
    }
    if (this.timeInForce !== FOK) return NONE;
    this.#probe(account, listing, true);
    if (this.matcher.probedLots === this.orderQtyLots) return NONE;
    this.#refuse(this.matcher.probedLots, Number.NaN, this.orderQtyLots);
    return REJECT.FOK_NOT_FILLABLE;
  }

  #isBeyondFunds(account: Account, listing: Listing): boolean {
    const { ledger } = this.state;
    const asset = this.side === BUY ? listing.quoteAsset : listing.baseAsset;
    const available = ledger.availableOf(account.index, asset) + this.heldUnits;
    const needed = this.#neededUnits(account, listing);
    return needed > available && this.#refuse(available, ledger.heldOf(account.index, asset), needed);
  }

  #neededUnits(account: Account, listing: Listing): number {
    const lots = this.orderQtyLots - this.cumQtyLots;
    if (this.side !== BUY) return lots * listing.baseUnitsPerLot;
    if (this.ordType !== MARKET) return listing.buyHold(this.priceTicks, lots);
    this.#probe(account, listing, false);
    return this.matcher.probedUnits + floorPpm(this.matcher.probedUnits, listing.takerFeePpm);
  }

  #probe(account: Account, listing: Listing, decrementStops: boolean): void {
    const mode = this.selfTradePrevention;
    this.matcher.probe(listing, this.side, account.index, mode, this.limitTicks, this.orderQtyLots, decrementStops);
  }

  #refuse(limit: number, current: number, projected: number): true {
    this.limit = limit;
    this.current = current;
    this.projected = projected;
    return true;
  }
}

function tighter(a: number, b: number): number {
  if (a === NONE) return b;
  return b === NONE ? a : Math.min(a, b);
}

/** Returns quote units in 10⁻⁶, rounded up; the largest safe integer where that would be passed. */
function toE6(units: number, scale: number): number {
  if (scale > 6) return Math.ceil(units / 10 ** (scale - 6));
  const scaled = units * 10 ** (6 - scale);
  return Math.min(scaled, Number.MAX_SAFE_INTEGER);
}
