/** A listed instrument as the core holds it: terms worked out once, phase, last trade, and its book. */
import { AuctionBook } from '../auction/auction-book.js';
import type { TradeGuard } from '../breaker/trade-guard.js';
import type { InstrumentSpec } from '../instrument/instrument.js';
import type { InstrumentTerms } from '../instrument/terms.js';
import type { BookSide } from '../matching/book-side.js';
import type { OrderTable } from '../matching/order-table.js';
import { StopBook } from '../matching/stop-book.js';
import { FREE_TO_TRADE, KillSwitch } from '../risk/stop-level.js';
import { AUCTION_KIND, codeOf, NONE, SELF_TRADE, TRADING_STATUS } from '../values/codes.js';
import { ceilPpm, floorPpm } from '../values/decimal.js';
import type { TradingStatus } from '../values/vocabulary.js';

/** Largest notional that can be held with its fee (at most 100 %) within 2^53 − 1. */
export const MAX_NOTIONAL_UNITS = 2 ** 52 - 1;

export class Listing {
  readonly spec: InstrumentSpec;
  readonly unitsPerTickLot: number;
  readonly baseUnitsPerLot: number;
  readonly lotE8: number;
  readonly quoteScale: number;
  /** 10⁻⁶ of the quote asset in one of its units; 1 where units are finer than that. */
  readonly e6PerUnit: number;
  /** Units in 10⁻⁶ of the quote asset; 1 where they are no finer than that. */
  readonly unitsPerE6: number;
  readonly minPriceTicks: number;
  readonly maxPriceTicks: number;
  readonly minQtyLots: number;
  /** Largest order: the spec's bound, or what keeps every notional of the instrument a safe integer. */
  readonly maxQtyLots: number;
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  /** Rate at which buy orders hold fees: the greater of the two. */
  readonly holdFeePpm: number;
  /** NONE = no collar. */
  readonly priceCollarPpm: number;
  /** One bit a mode. */
  readonly selfTradeModes: number;
  status: number;
  statusReason = '';
  /** Kind of the auction under way; NONE in every other phase. */
  auctionKind = NONE;
  /** True from the first OPEN of a session to its close: what tells an opening auction from the others. */
  hasOpened: boolean;
  /** True while HALTED takes orders for the auction that follows. */
  haltQueues = false;
  /** Due time of the last transition of the calendar that was applied, microseconds since 1970 UTC; NONE before. */
  scheduledUs = NONE;
  /** Calendar of the sessions as text that the core only keeps; null = no sessions, DAY orders end at midnight UTC. */
  calendar: string | null = null;
  /** NONE until the first trade. */
  lastPxTicks = NONE;
  /** Price that limits value positions at: the reference price as it was at the first command of the second. */
  riskMarkTicks: number;
  readonly kill = new KillSwitch();
  /** Which orders its own and the venue's switch let pass, one of `stop-level.ts`. */
  stopLevel = FREE_TO_TRADE;
  /** What circuit breakers say of its trades; null where none watches it. */
  tradeGuard: TradeGuard | null = null;
  /** Breaker that halted it, a code of TRIP_CAUSE; NONE unless it is halted by one or in the auction behind that. */
  tripCause = NONE;
  /** When that was, microseconds since 1970 UTC; NONE likewise. */
  trippedUs = NONE;
  /** Price that its own breaker measured from, and the price that did not trade; NONE likewise and after a market-wide trip. */
  tripReferencePxTicks = NONE;
  tripPxTicks = NONE;
  /** When the exchange itself takes the next step of a halt, microseconds since 1970 UTC; NONE where it takes none. */
  resumesUs = NONE;
  /** How long the auction behind the halt lasts, microseconds; 0 = none. */
  reopeningUs = 0;
  /** Stops that wait for their trigger. */
  readonly stops: StopBook;
  /** What gathers for an auction beside the book itself. */
  readonly auction = new AuctionBook();

  constructor(
    readonly index: number,
    terms: InstrumentTerms,
    readonly baseAsset: number,
    readonly quoteAsset: number,
    readonly bids: BookSide,
    readonly asks: BookSide,
    orders: OrderTable,
  ) {
    this.stops = new StopBook(orders);
    const { spec } = terms;
    this.spec = spec;
    this.unitsPerTickLot = terms.quoteUnitsPerTickLot;
    this.baseUnitsPerLot = terms.baseUnitsPerLot;
    this.lotE8 = terms.lotE8;
    this.quoteScale = terms.quoteScale;
    this.e6PerUnit = 10 ** Math.max(0, 6 - terms.quoteScale);
    this.unitsPerE6 = 10 ** Math.max(0, terms.quoteScale - 6);
    this.riskMarkTicks = spec.referencePxTicks;
    this.minPriceTicks = spec.minPriceTicks;
    this.maxPriceTicks = spec.maxPriceTicks;
    this.minQtyLots = spec.minQtyLots;
    this.maxQtyLots = Math.min(spec.maxQtyLots, largestSafeQty(terms));
    this.makerFeePpm = spec.makerFeePpm;
    this.takerFeePpm = spec.takerFeePpm;
    this.holdFeePpm = Math.max(spec.makerFeePpm, spec.takerFeePpm);
    this.priceCollarPpm = spec.priceCollarPpm ?? NONE;
    this.selfTradeModes = spec.allowedSelfTradePrevention.reduce(
      (bits, mode) => bits | (1 << codeOf(SELF_TRADE, mode)),
      0,
    );
    this.status = codeOf<TradingStatus>(TRADING_STATUS, spec.initialStatus);
    this.hasOpened = this.status === TRADING_STATUS.OPEN;
    if (this.status === TRADING_STATUS.AUCTION) this.auctionKind = AUCTION_KIND.OPENING;
  }

  /** Price that collars and market orders are measured from: the last trade, before it the listed reference. */
  get referencePxTicks(): number {
    return this.lastPxTicks === NONE ? this.spec.referencePxTicks : this.lastPxTicks;
  }

  /** Side of the book by side code. */
  side(code: number): BookSide {
    return code === 0 ? this.bids : this.asks;
  }

  /** Tells whether an order may have this quantity. */
  takesQty(lots: number): boolean {
    return Number.isSafeInteger(lots) && lots >= this.minQtyLots && lots <= this.maxQtyLots;
  }

  /** Tells whether the price is within the bounds and the instrument's collar. */
  takesPrice(priceTicks: number): boolean {
    if (!Number.isSafeInteger(priceTicks) || priceTicks < this.minPriceTicks || priceTicks > this.maxPriceTicks) {
      return false;
    }
    if (this.priceCollarPpm === NONE) return true;
    const from = this.referencePxTicks;
    const distance = floorPpm(from, this.priceCollarPpm);
    return priceTicks >= from - distance && priceTicks <= from + distance;
  }

  notional(priceTicks: number, lots: number): number {
    return priceTicks * lots * this.unitsPerTickLot;
  }

  /** Quote units that a buy order at this price holds: notional and the fee, rounded up. */
  buyHold(priceTicks: number, lots: number): number {
    const notional = this.notional(priceTicks, lots);
    return notional + ceilPpm(notional, this.holdFeePpm);
  }
}

const DAY_US = 86_400_000_000;

/** Returns when a DAY order ends by time: at the next midnight UTC, NONE where the instrument's sessions end it. */
export function dayEndUs(listing: Listing | undefined, timeUs: number): number {
  return listing?.calendar != null ? NONE : (Math.floor(timeUs / DAY_US) + 1) * DAY_US;
}

function largestSafeQty(terms: InstrumentTerms): number {
  const byNotional = Math.floor(MAX_NOTIONAL_UNITS / (terms.spec.maxPriceTicks * terms.quoteUnitsPerTickLot));
  const byBase = Math.floor(MAX_NOTIONAL_UNITS / terms.baseUnitsPerLot);
  const byE8 = Math.floor(MAX_NOTIONAL_UNITS / terms.lotE8);
  return Math.min(byNotional, byBase, byE8);
}
