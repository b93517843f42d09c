/**
 * The terms of an order under check, and the rules that ask for nothing but them and the instrument: which terms go
 * together, which quantities and prices are taken. Every other rule stands in `order-check.ts`.
 * Complexity: O(1).
 */
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { LEASED, NIL, POST_ONLY } from '../matching/order-table.js';
import { trailingDistance } from '../matching/stop-book.js';
import { endsAtMarket } from '../matching/working-orders.js';
import { BUY, NONE, ORD_TYPE, TIME_IN_FORCE } from '../values/codes.js';

const { MARKET, LIMIT, STOP, STOP_LIMIT, TRAILING_STOP } = ORD_TYPE;
const { DAY, GTC, IOC, FOK, GTD, AT_THE_OPEN, AT_THE_CLOSE } = TIME_IN_FORCE;
/** Greatest trailing distance, parts per million of the price. */
const MAX_TRAILING_PPM = 999_999;

export class TermsCheck {
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
  /** Order that is replaced; NIL = none. */
  replacedSlot = NIL;
  /** Lots that limits count as open of the order already, by a replace. */
  countedLots = 0;
  /** False in a replace: the order counts among the open ones already. */
  isNew = true;
  /** Set by `refusal`: the accepted order gathers for an auction and does not trade now. */
  gathers = false;
  /** True in a replace that leaves a trailing stop's price where it is. */
  keepsTrailing = false;
  /** True for an exit or counter of a plan. */
  isLeg = false;
  /** True for an exit of a plan while it waits for its entry. */
  isHeld = false;

  limit = Number.NaN;
  current = Number.NaN;
  projected = Number.NaN;
  /** Worst price that the order may trade at, set by `refusal` where it accepts. */
  limitTicks = 0;

  /** True while every rule is told with its arithmetic, and not the first that refuses only. */
  protected tellsAll = false;

  constructor(protected readonly state: ExchangeState) {}

  /** Forgets the arithmetic of the check before. */
  clear(): void {
    this.limit = Number.NaN;
    this.current = Number.NaN;
    this.projected = Number.NaN;
  }

  /** Tells whether the order can come to rest in the book, at once or once triggered. */
  protected get canRest(): boolean {
    return !endsAtMarket(this.ordType) && this.timeInForce !== IOC && this.timeInForce !== FOK;
  }

  protected isSupported(): boolean {
    if (!this.#isTimeSupported()) return false;
    const isTrailing = this.ordType === TRAILING_STOP;
    const distances = (this.trailingOffsetTicks === NONE ? 0 : 1) + (this.trailingPpm === NONE ? 0 : 1);
    if (distances !== (isTrailing ? 1 : 0)) return false;
    const takesStopPx = this.ordType === STOP || this.ordType === STOP_LIMIT || (isTrailing && this.keepsTrailing);
    if (this.stopPxTicks !== NONE && !takesStopPx) return false;
    if ((this.flags & POST_ONLY) !== 0 && (this.ordType !== LIMIT || !this.canRest)) return false;
    if (this.displayQtyLots !== NONE && !this.canRest) return false;
    if (this.timeInForce >= AT_THE_OPEN && ((this.flags & ~LEASED) !== 0 || this.displayQtyLots !== NONE)) return false;
    return !this.isLeg || this.#canWait;
  }

  get #canWait(): boolean {
    const { timeInForce } = this;
    const lasts = timeInForce === GTC || timeInForce === DAY || timeInForce === GTD;
    return lasts && this.ordType !== MARKET && !(this.isHeld && (this.flags & POST_ONLY) !== 0);
  }

  #isTimeSupported(): boolean {
    const { timeInForce, expireTimeUs } = this;
    if (timeInForce === AT_THE_OPEN || timeInForce === AT_THE_CLOSE) {
      return expireTimeUs === NONE && (this.ordType === MARKET || this.ordType === LIMIT);
    }
    if (timeInForce !== GTD) {
      return (
        expireTimeUs === NONE &&
        (timeInForce === GTC || timeInForce === DAY || timeInForce === IOC || timeInForce === FOK)
      );
    }
    if (this.ordType === MARKET || expireTimeUs === NONE) return false;
    return expireTimeUs > this.state.timeUs || !this.refuse(this.state.timeUs, Number.NaN, expireTimeUs);
  }

  protected isQtyInvalid(listing: Listing): boolean {
    const qty = this.orderQtyLots;
    const display = this.displayQtyLots;
    let limit = Number.NaN;
    if (!Number.isSafeInteger(qty) || qty < listing.minQtyLots) limit = listing.minQtyLots;
    else if (qty > listing.maxQtyLots) limit = listing.maxQtyLots;
    else if (qty <= this.cumQtyLots) limit = this.cumQtyLots + 1;
    if (!Number.isNaN(limit)) return this.refuse(limit, Number.NaN, qty);
    if (display !== NONE && (display < 1 || display > qty)) return this.refuse(qty, Number.NaN, display);
    return false;
  }

  protected isPriceInvalid(listing: Listing): boolean {
    if (endsAtMarket(this.ordType)) {
      if (this.priceTicks !== NONE) return this.refuse(Number.NaN, Number.NaN, this.priceTicks);
    } else if (this.#isOutOfBounds(listing, this.priceTicks)) {
      return true;
    }
    if (!isStop(this.ordType)) return false;
    if (this.ordType === TRAILING_STOP && !this.keepsTrailing && !this.#setTrailingStop(listing)) return true;
    return this.#isOutOfBounds(listing, this.stopPxTicks);
  }

  #isOutOfBounds(listing: Listing, price: number): boolean {
    if (!Number.isSafeInteger(price) || price < listing.minPriceTicks) {
      return this.refuse(listing.minPriceTicks, Number.NaN, price === NONE ? Number.NaN : price);
    }
    return price > listing.maxPriceTicks && this.refuse(listing.maxPriceTicks, Number.NaN, price);
  }

  /** Works out where a new trailing stop begins; false where its distance makes no sense. */
  #setTrailingStop(listing: Listing): boolean {
    const { trailingOffsetTicks: offset, trailingPpm: ppm } = this;
    const [given, most] = offset === NONE ? [ppm, MAX_TRAILING_PPM] : [offset, listing.maxPriceTicks];
    if (!Number.isSafeInteger(given) || given < 1) return !this.refuse(1, Number.NaN, given);
    if (given > most) return !this.refuse(most, Number.NaN, given);
    const reference = listing.referencePxTicks;
    const distance = trailingDistance(offset, ppm, reference);
    this.stopPxTicks = this.side === BUY ? reference + distance : reference - distance;
    // Told here, since a stop price of −1 would be taken for none.
    if (this.stopPxTicks >= listing.minPriceTicks) return true;
    return !this.refuse(listing.minPriceTicks, Number.NaN, this.stopPxTicks);
  }

  /** Keeps a rule's arithmetic where it refuses, and where all rules are told. */
  protected weigh(refuses: boolean, limit: number, current: number, projected: number): boolean {
    if (refuses || this.tellsAll) this.refuse(limit, current, projected);
    return refuses;
  }

  protected refuse(limit: number, current: number, projected: number): true {
    this.limit = limit;
    this.current = current;
    this.projected = projected;
    return true;
  }
}

/** Tells whether orders of this type wait for a trigger. */
export function isStop(ordType: number): boolean {
  return ordType === STOP || ordType === STOP_LIMIT || ordType === TRAILING_STOP;
}
