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
 * take plus the fee on their sum, at most one unit for each trade more than what it pays in the end. A STOP or
 * TRAILING_STOP is valued and held at its stop price; a STOP_LIMIT's price is measured from its stop price.
 * What gathers for an auction is not measured against the book; a MARKET order holds its protection price there.
 * A reduceOnly order has at most the position left; stops are measured when they are triggered (`reduce-only.ts`).
 * A leg of a plan must be able to wait. An exit that waits for its entry is measured against position, book and funds
 * when it is put to work; limits on sums do not ask for it, since it closes what its entry was asked for.
 */
import { phaseRefusal } from '../auction/trading-phase.js';
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import type { Matcher } from '../matching/matcher.js';
import { POST_ONLY, REDUCE_ONLY } from '../matching/order-table.js';
import { endsAtMarket } from '../matching/working-orders.js';
import { BUY, NONE, ORD_TYPE, REJECT, TIME_IN_FORCE, TRADING_STATUS } from '../values/codes.js';
import { floorPpm } from '../values/decimal.js';
import type { OrdRejReason } from '../values/vocabulary.js';
import type { Account } from './account.js';
import { type AccountGuard, orderLimits } from './account-guard.js';
import { collarTicks, protectionPrice } from './collar.js';
import { notionalE6 } from './exposures.js';
import { type Compared, LimitCheck, type SumRule } from './limit-check.js';
import type { Margin } from './margin.js';
import { MarginCheck } from './margin-check.js';
import type { RuleRow } from './rule-row.js';
import { isStopped } from './stop-level.js';
import { isStop, TermsCheck } from './terms-check.js';

export type { RuleRow } from './rule-row.js';

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
  'ACCOUNT_HALTED',
  'ACCOUNT_REDUCE_ONLY',
  'TRADING_HALTED',
  'TRADING_PHASE',
  'DAILY_LOSS_LIMIT',
  'MAX_ORDER_QTY',
  'MAX_ORDER_NOTIONAL',
  'PRICE_COLLAR',
  'OPEN_ORDER_LIMIT',
  'POSITION_LIMIT',
  'GROSS_EXPOSURE_LIMIT',
  'NET_EXPOSURE_LIMIT',
  'REDUCE_ONLY_WOULD_INCREASE',
  'NO_LIQUIDITY',
  'POST_ONLY_WOULD_TAKE',
  'FOK_NOT_FILLABLE',
  'INSUFFICIENT_FUNDS',
];

const { MARKET, STOP_LIMIT } = ORD_TYPE;
const { FOK, AT_THE_OPEN } = TIME_IN_FORCE;
/** Rules on what the order would add up to, in their precedence. */
const EXPOSURE_RULES = ['POSITION_LIMIT', 'GROSS_EXPOSURE_LIMIT', 'NET_EXPOSURE_LIMIT'] as const;

/** Set all terms, then ask `refusal`. */
export class OrderCheck extends TermsCheck {
  readonly #limits: LimitCheck;
  readonly #marginCheck: MarginCheck;

  constructor(
    state: ExchangeState,
    private readonly matcher: Matcher,
    private readonly margin: Margin,
  ) {
    super(state);
    this.#marginCheck = new MarginCheck(state, margin);
    this.#limits = new LimitCheck(state);
  }

  /** Returns the code of the first reason to refuse, NONE to accept. */
  refusal(account: Account, listing: Listing): number {
    if (!this.isSupported() || !this.#isForAccount(account, listing)) return REJECT.UNSUPPORTED_ORDER;
    if (this.isQtyInvalid(listing)) return REJECT.INVALID_QTY;
    if (this.isPriceInvalid(listing)) return REJECT.INVALID_PRICE;
    if ((listing.selfTradeModes & (1 << this.selfTradePrevention)) === 0) return REJECT.SELF_TRADE;
    if ((account.stopLevel | listing.stopLevel) !== 0) {
      const stop = this.#stopReason(account, listing);
      if (stop !== NONE) return stop;
    }
    const phaseReason = this.#phaseReason(listing);
    if (phaseReason !== NONE) return phaseReason;
    if (account.guard !== null && this.#hasLostTooMuch(account, account.guard, listing)) return REJECT.DAILY_LOSS_LIMIT;
    if (this.#isAboveMaxQty(account, listing)) return REJECT.MAX_ORDER_QTY;
    if (this.#isAboveMaxNotional(account, listing)) return REJECT.MAX_ORDER_NOTIONAL;
    if (this.#isOutsideCollar(account, listing)) return REJECT.PRICE_COLLAR;
    if (this.#isOneOrderTooMany(account, listing)) return REJECT.OPEN_ORDER_LIMIT;
    if (this.isHeld) return NONE;
    if (account.guard !== null) {
      for (const rule of EXPOSURE_RULES) {
        if (this.#isBeyondSum(rule, account, account.guard, listing)) return REJECT[rule];
      }
    }
    if (this.#wouldIncrease(account, listing)) return REJECT.REDUCE_ONLY_WOULD_INCREASE;
    const bookReason = this.#bookRefusal(account, listing);
    if (bookReason !== NONE) return bookReason;
    return this.#isBeyondFunds(account, listing) ? REJECT.INSUFFICIENT_FUNDS : NONE;
  }

  /** As `rows`, and leaves the arithmetic of the refusal as it is. */
  rowsOfRefusal(account: Account, listing: Listing): RuleRow[] {
    const { limit, current, projected } = this;
    const rows = this.rows(account, listing);
    Object.assign(this, { limit, current, projected });
    return rows;
  }

  /**
   * Returns every rule that applies with its arithmetic, each for itself, in their precedence. Where the terms make no
   * sense (up to SELF_TRADE) the first that refuses is the last one told, since nothing behind it could be worked out.
   */
  rows(account: Account, listing: Listing): RuleRow[] {
    const rows: RuleRow[] = [];
    const tell = (rule: OrdRejReason, refuses: boolean): boolean => {
      const [limit, current, projected] = [this.limit, this.current, this.projected].map((value) =>
        Number.isNaN(value) ? null : value,
      );
      rows.push({ rule, passed: !refuses, limit: limit!, current: current!, projected: projected! });
      this.clear();
      return refuses;
    };
    this.clear();
    this.tellsAll = true;
    const modes = listing.selfTradeModes;
    const makesSense =
      !tell('UNSUPPORTED_ORDER', !this.isSupported() || !this.#isForAccount(account, listing)) &&
      !tell('INVALID_QTY', this.isQtyInvalid(listing)) &&
      !tell('INVALID_PRICE', this.isPriceInvalid(listing)) &&
      !tell('SELF_TRADE', (modes & (1 << this.selfTradePrevention)) === 0);
    if (makesSense) {
      const stop = this.#stopReason(account, listing);
      tell('KILL_SWITCH', stop === REJECT.KILL_SWITCH);
      tell('ACCOUNT_HALTED', account.state === 'HALTED');
      tell('ACCOUNT_REDUCE_ONLY', account.state === 'REDUCE_ONLY' && (this.flags & REDUCE_ONLY) === 0);
      const phaseReason = this.#phaseReason(listing);
      tell('TRADING_HALTED', phaseReason === REJECT.TRADING_HALTED);
      tell('TRADING_PHASE', phaseReason === REJECT.TRADING_PHASE);
      const { guard } = account;
      if (guard !== null) tell('DAILY_LOSS_LIMIT', this.#hasLostTooMuch(account, guard, listing));
      tell('MAX_ORDER_QTY', this.#isAboveMaxQty(account, listing));
      tell('MAX_ORDER_NOTIONAL', this.#isAboveMaxNotional(account, listing));
      const isOutside = this.#isOutsideCollar(account, listing);
      if (this.ordType !== MARKET) tell('PRICE_COLLAR', isOutside);
      tell('OPEN_ORDER_LIMIT', this.#isOneOrderTooMany(account, listing));
      if (!this.isHeld) this.#tellPresent(account, listing, tell);
    }
    this.tellsAll = false;
    return rows;
  }

  /** Tells the rules that an exit which waits for its entry is not asked yet. */
  #tellPresent(account: Account, listing: Listing, tell: (rule: OrdRejReason, refuses: boolean) => boolean): void {
    const { guard } = account;
    if (guard !== null) {
      for (const rule of EXPOSURE_RULES) tell(rule, this.#isBeyondSum(rule, account, guard, listing));
    }
    if ((this.flags & REDUCE_ONLY) !== 0) {
      tell('REDUCE_ONLY_WOULD_INCREASE', this.#wouldIncrease(account, listing));
    }
    const reason = this.#bookRefusal(account, listing);
    const arithmetic = { limit: this.limit, current: this.current, projected: this.projected };
    for (const rule of this.#bookRules()) {
      this.clear();
      if (reason === REJECT[rule]) Object.assign(this, arithmetic);
      tell(rule, reason === REJECT[rule]);
    }
    tell('INSUFFICIENT_FUNDS', this.#isBeyondFunds(account, listing));
  }

  /** Returns why the trading phase does not take the order, NONE where it does; sets `gathers`. */
  #phaseReason(listing: Listing): number {
    this.gathers = false;
    if (listing.status === TRADING_STATUS.OPEN && this.timeInForce < AT_THE_OPEN) return NONE;
    const reason = phaseRefusal(listing, this.ordType, this.timeInForce, this.flags);
    this.gathers = reason === NONE && !isStop(this.ordType);
    return reason;
  }

  /** Rules of `#bookRefusal` that apply to the order. */
  #bookRules(): OrdRejReason[] {
    if (this.gathers) return [];
    const rules: OrdRejReason[] = this.ordType === MARKET ? ['NO_LIQUIDITY', 'PRICE_COLLAR'] : [];
    if ((this.flags & POST_ONLY) !== 0) rules.push('POST_ONLY_WOULD_TAKE');
    if (this.timeInForce === FOK && !isStop(this.ordType)) rules.push('FOK_NOT_FILLABLE');
    return rules;
  }

  /** As `refusal` for a replace that only lowers the quantity: it frees funds and risk, so only the quantity counts. */
  reductionRefusal(listing: Listing): number {
    return this.isQtyInvalid(listing) ? REJECT.INVALID_QTY : NONE;
  }

  #isForAccount(account: Account, listing: Listing): boolean {
    return account.kind !== 'MARGIN' || this.margin.isTradable(listing);
  }

  #isAboveMaxQty(account: Account, listing: Listing): boolean {
    const limit = account.guard === null ? null : orderLimits(account.guard, listing.index).maxOrderQtyE8;
    if (limit === null) return false;
    const refuses = this.orderQtyLots > Math.floor(limit / listing.lotE8);
    return this.weigh(refuses, limit, Number.NaN, this.orderQtyLots * listing.lotE8);
  }

  /** Price that values the order: its own, else its stop price, else the reference price. */
  #valuedAt(listing: Listing): number {
    if (this.priceTicks !== NONE) return this.priceTicks;
    return this.ordType === MARKET ? listing.referencePxTicks : this.stopPxTicks;
  }

  #isAboveMaxNotional(account: Account, listing: Listing): boolean {
    const limit = account.guard === null ? null : orderLimits(account.guard, listing.index).maxOrderNotionalE6;
    if (limit === null) return false;
    const price = this.#valuedAt(listing);
    const projected = notionalE6(listing, price, this.orderQtyLots);
    return this.weigh(projected > limit, limit, Number.NaN, projected);
  }

  /** Sets limitTicks on the way. A STOP_LIMIT's price is measured from its stop price, other stops have none. */
  #isOutsideCollar(account: Account, listing: Listing): boolean {
    const from = this.ordType === STOP_LIMIT ? this.stopPxTicks : listing.referencePxTicks;
    const distance = collarTicks(account, listing, from);
    const low = Math.max(listing.minPriceTicks, from - distance);
    const high = Math.min(listing.maxPriceTicks, from + distance);
    if (endsAtMarket(this.ordType)) {
      this.limitTicks = this.side === BUY ? high : low;
      if (this.gathers) this.limitTicks = protectionPrice(account, listing, this.side);
      return false;
    }
    this.limitTicks = this.priceTicks;
    if (this.priceTicks < low) return this.refuse(low, from, this.priceTicks);
    const bound = this.side === BUY || this.priceTicks > high ? high : low;
    return this.weigh(this.priceTicks > high, bound, from, this.priceTicks);
  }

  #wouldIncrease(account: Account, listing: Listing): boolean {
    if ((this.flags & REDUCE_ONLY) === 0 || isStop(this.ordType)) return false;
    const closable = this.state.positions.closableBy(account.index, listing.index, this.side);
    const position = this.state.positions.qtyOf(account.index, listing.index);
    const leaves = this.orderQtyLots - this.cumQtyLots;
    return this.weigh(leaves > closable, closable, position, leaves);
  }

  #isOneOrderTooMany(account: Account, listing: Listing): boolean {
    if (!this.isNew || !(this.canRest || this.gathers || isStop(this.ordType))) return false;
    if (account.guard !== null) {
      const compared = this.#limits.openOrders(account, account.guard, listing);
      if (compared !== null && this.#weighs(compared)) return true;
    }
    // The order under check has its slot already.
    const { orders } = this.state;
    return orders.inUse > orders.maxOrders && this.refuse(orders.maxOrders, orders.inUse - 1, orders.inUse);
  }

  /** The first reason why a switch or the account's state stops the order, NONE where it passes. */
  #stopReason(account: Account, listing: Listing): number {
    const reduces = (this.flags & REDUCE_ONLY) !== 0;
    if (isStopped(Math.max(account.kill.level, listing.stopLevel), reduces)) return REJECT.KILL_SWITCH;
    if (account.state === 'HALTED') return REJECT.ACCOUNT_HALTED;
    return account.state === 'REDUCE_ONLY' && !reduces ? REJECT.ACCOUNT_REDUCE_ONLY : NONE;
  }

  #hasLostTooMuch(account: Account, guard: AccountGuard, listing: Listing): boolean {
    this.state.exposures.catchUp(account);
    const isHeld = (this.flags & REDUCE_ONLY) === 0;
    return this.#isBeyondSum('DAILY_LOSS_LIMIT', account, guard, listing) && isHeld;
  }

  #isBeyondSum(rule: SumRule, account: Account, guard: AccountGuard, listing: Listing): boolean {
    const addedLots = this.orderQtyLots - this.cumQtyLots - this.countedLots;
    const compared = this.#limits.compare(rule, account, guard, listing, { side: this.side, addedLots });
    return compared !== null && this.#weighs(compared);
  }

  #weighs({ isWithin, limit, current, projected }: Compared): boolean {
    return this.weigh(!isWithin, limit, current, projected);
  }

  #bookRefusal(account: Account, listing: Listing): number {
    if (this.gathers || isStop(this.ordType)) return NONE;
    const makers = listing.side(1 - this.side);
    const best = makers.best;
    if (this.ordType === MARKET && best < 0) return REJECT.NO_LIQUIDITY;
    const crosses = best >= 0 && this.state.levels.key[best]! >= this.limitTicks * makers.sign;
    if (this.ordType === MARKET && !crosses) {
      this.refuse(this.limitTicks, listing.referencePxTicks, makers.priceOf(best));
      return REJECT.PRICE_COLLAR;
    }
    if (crosses && (this.flags & POST_ONLY) !== 0) {
      this.refuse(makers.priceOf(best), Number.NaN, this.priceTicks);
      return REJECT.POST_ONLY_WOULD_TAKE;
    }
    if (this.timeInForce !== FOK) return NONE;
    this.#probe(account, listing, true);
    if (this.matcher.probedLots === this.orderQtyLots) return NONE;
    this.refuse(this.matcher.probedLots, Number.NaN, this.orderQtyLots);
    return REJECT.FOK_NOT_FILLABLE;
  }

  #isBeyondFunds(account: Account, listing: Listing): boolean {
    if (account.kind === 'MARGIN') return this.#isBeyondMargin(account, listing);
    const { ledger } = this.state;
    const asset = this.side === BUY ? listing.quoteAsset : listing.baseAsset;
    const available = ledger.availableOf(account.index, asset) + this.heldUnits;
    const needed = this.#neededUnits(account, listing);
    if (needed <= available && !this.tellsAll) return false;
    return this.weigh(needed > available, available, ledger.heldOf(account.index, asset), needed);
  }

  #isBeyondMargin(account: Account, listing: Listing): boolean {
    const { side, heldUnits, replacedSlot } = this;
    const neededUnits = this.#neededUnits(account, listing);
    let lots = this.orderQtyLots - this.cumQtyLots;
    let costUnits: number;
    if (this.ordType === MARKET && !this.gathers) {
      if (side !== BUY) this.#probe(account, listing, false);
      lots = this.matcher.probedLots;
      costUnits = this.margin.marketCostOf(listing, side, lots, this.matcher.probedUnits);
    } else {
      const price = this.ordType === MARKET ? this.limitTicks : this.#valuedAt(listing);
      costUnits = this.margin.costOf(listing, side, price, lots, isStop(this.ordType));
    }
    const proposal = { listing, side, lots, neededUnits, costUnits, replacedSlot, heldUnits };
    const refuses = this.#marginCheck.refuses(account.index, proposal);
    const { limit, current, projected } = this.#marginCheck;
    return this.weigh(refuses, limit, current, projected);
  }

  #neededUnits(account: Account, listing: Listing): number {
    const lots = this.orderQtyLots - this.cumQtyLots;
    if (this.side !== BUY) return lots * listing.baseUnitsPerLot;
    if (this.ordType !== MARKET) return listing.buyHold(this.#valuedAt(listing), lots);
    if (this.gathers) return listing.buyHold(this.limitTicks, lots);
    this.#probe(account, listing, false);
    return this.matcher.probedUnits + floorPpm(this.matcher.probedUnits, listing.takerFeePpm);
  }

  #probe(account: Account, listing: Listing, decrementStops: boolean): void {
    const mode = this.selfTradePrevention;
    this.matcher.probe(listing, this.side, account.index, mode, this.limitTicks, this.orderQtyLots, decrementStops);
  }
}
