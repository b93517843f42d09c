/** The bounds that an instrument's terms must keep, whatever else is listed. */
import type { InstrumentSpec } from '../instrument/instrument.js';

const SYMBOL = /^[A-Z0-9._-]{1,32}$/;
const PPM = 1_000_000;
const MAX_DESCRIPTION_LENGTH = 200;

/** Returns the first rule that the terms break, as a sentence; null when they keep all. */
export function listingProblem(spec: InstrumentSpec): string | null {
  if (!SYMBOL.test(spec.symbol)) return "A symbol has 1 to 32 characters of A-Z, 0-9, '.', '-' and '_'.";
  if (spec.description.length > MAX_DESCRIPTION_LENGTH) {
    return `A description has at most ${MAX_DESCRIPTION_LENGTH} characters.`;
  }
  if (spec.baseAsset === spec.quoteAsset) return 'Base and quote are two different assets.';
  if (!inBounds(spec.minPriceTicks, 1, spec.maxPriceTicks)) return 'minPriceTicks is from 1 to maxPriceTicks.';
  if (!inBounds(spec.maxPriceTicks, 1, Number.MAX_SAFE_INTEGER)) return 'maxPriceTicks is a whole number.';
  if (!inBounds(spec.minQtyLots, 1, spec.maxQtyLots)) return 'minQtyLots is from 1 to maxQtyLots.';
  if (!inBounds(spec.maxQtyLots, 1, Number.MAX_SAFE_INTEGER)) return 'maxQtyLots is a whole number.';
  if (!inBounds(spec.takerFeePpm, 0, PPM)) return `takerFeePpm is from 0 to ${PPM}.`;
  if (!inBounds(spec.makerFeePpm, -spec.takerFeePpm, PPM)) {
    return `makerFeePpm is from -takerFeePpm (a rebate that the taker's fee pays) to ${PPM}.`;
  }
  if (spec.priceCollarPpm !== null && !inBounds(spec.priceCollarPpm, 0, PPM)) {
    return `priceCollarPpm is from 0 to ${PPM}, or null for no collar.`;
  }
  if (!inBounds(spec.referencePxTicks, spec.minPriceTicks, spec.maxPriceTicks)) {
    return 'referencePxTicks is from minPriceTicks to maxPriceTicks.';
  }
  if (spec.allowedSelfTradePrevention.length === 0) return 'At least one self-trade prevention is allowed.';
  return null;
}

function inBounds(value: number, least: number, greatest: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= greatest;
}
