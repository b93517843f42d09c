/**
 * Instruments: what is traded, in which steps, within which bounds and for which fees.
 *
 * Invariants: tickSize × lotSize is a whole number of quote units, lotSize a whole number of base units;
 * so the notional of any whole number of ticks and lots is a whole number of quote units.
 */
import type { SelfTradePrevention, TradingStatus } from '../values/vocabulary.js';

/** Terms of an instrument as listed. */
export interface InstrumentSpec {
  /** Public symbol, e.g. BTC-USD; 1 to 32 characters of A–Z, 0–9, '.', '-', '_'. */
  readonly symbol: string;
  readonly description: string;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  /** Smallest price step, Decimal string in quote per base, e.g. "0.01". */
  readonly tickSize: string;
  /** Smallest quantity step, Decimal string in base, e.g. "0.0001". */
  readonly lotSize: string;
  readonly minPriceTicks: number;
  readonly maxPriceTicks: number;
  readonly minQtyLots: number;
  readonly maxQtyLots: number;
  /** Fee of the resting side, parts per million of notional (1 basis point = 100); negative = rebate. */
  readonly makerFeePpm: number;
  /** Fee of the incoming side, parts per million of notional. */
  readonly takerFeePpm: number;
  /** Greatest distance of an order's price from the reference price, parts per million; null = no collar. */
  readonly priceCollarPpm: number | null;
  /** Reference price until the first trade. */
  readonly referencePxTicks: number;
  readonly initialStatus: TradingStatus;
  readonly allowedSelfTradePrevention: readonly SelfTradePrevention[];
}
