/**
 * Limits as values: those of an account, of its tier, and of an account on one symbol, and how they come together.
 *
 * For each rule: the account's own limit, where it is null that of its tier, where that is null none. A limit on a symbol
 * holds beside it: for rules on one order (quantity, notional, position, collar) the tighter of the two; for rules on a
 * sum (exposure, open orders, loss, rates) each on its own sum, the account's over all symbols and the symbol's on its own.
 */
import type { RiskLimitValues } from '../exchange/command.js';

export const NO_LIMITS: RiskLimitValues = {
  maxOrderQtyE8: null,
  maxOrderNotionalE6: null,
  maxPositionQtyE8: null,
  maxGrossExposureE6: null,
  maxNetExposureE6: null,
  maxOpenOrders: null,
  maxDailyLossE6: null,
  maxOrdersPerSecond: null,
  maxCancelsPerSecond: null,
  priceCollarPpm: null,
};

/** Names of all limits, in the order in which state and journal hold them. */
export const LIMIT_NAMES = Object.keys(NO_LIMITS) as readonly (keyof RiskLimitValues)[];

const MAX_COLLAR_PPM = 1_000_000;
/** Most orders or cancels a second: a bucket of so many tokens, in millionths, stays a safe integer. */
export const MAX_RATE = 1_000_000_000;

export interface SetLimits {
  readonly limits: RiskLimitValues;
  readonly setBy: string;
}

/** Defaults that accounts share; an account names its tier. */
export interface Tier {
  readonly name: string;
  limits: RiskLimitValues;
  setBy: string;
}

/** Returns what is wrong with limits as a sentence; null when nothing is. */
export function limitsProblem(limits: RiskLimitValues): string | null {
  for (const name of LIMIT_NAMES) {
    const value = limits[name];
    if (value !== null && (!Number.isSafeInteger(value) || value < 0)) {
      return `${name} is a whole number of at least 0, or null for no limit.`;
    }
  }
  if ((limits.priceCollarPpm ?? 0) > MAX_COLLAR_PPM) return `priceCollarPpm is at most ${MAX_COLLAR_PPM} (100 %).`;
  for (const name of ['maxOrdersPerSecond', 'maxCancelsPerSecond'] as const) {
    if ((limits[name] ?? 0) > MAX_RATE) return `${name} is at most ${MAX_RATE}.`;
  }
  return null;
}

/** Returns a copy that holds exactly the known limits. */
export function copyOfLimits(limits: RiskLimitValues): RiskLimitValues {
  return merged((name) => limits[name]);
}

/** Returns each limit of the account, where it has none that of the tier. */
export function withDefaults(own: RiskLimitValues, tier: RiskLimitValues | null): RiskLimitValues {
  return tier === null ? own : merged((name) => own[name] ?? tier[name]);
}

/** Returns the lower of each two limits. */
export function tighter(a: RiskLimitValues, b: RiskLimitValues): RiskLimitValues {
  return merged((name) => {
    const [first, second] = [a[name], b[name]];
    if (first === null || second === null) return first ?? second;
    return Math.min(first, second);
  });
}

export function isWithoutLimits(limits: RiskLimitValues): boolean {
  return LIMIT_NAMES.every((name) => limits[name] === null);
}

function merged(limitOf: (name: keyof RiskLimitValues) => number | null): RiskLimitValues {
  return {
    maxOrderQtyE8: limitOf('maxOrderQtyE8'),
    maxOrderNotionalE6: limitOf('maxOrderNotionalE6'),
    maxPositionQtyE8: limitOf('maxPositionQtyE8'),
    maxGrossExposureE6: limitOf('maxGrossExposureE6'),
    maxNetExposureE6: limitOf('maxNetExposureE6'),
    maxOpenOrders: limitOf('maxOpenOrders'),
    maxDailyLossE6: limitOf('maxDailyLossE6'),
    maxOrdersPerSecond: limitOf('maxOrdersPerSecond'),
    maxCancelsPerSecond: limitOf('maxCancelsPerSecond'),
    priceCollarPpm: limitOf('priceCollarPpm'),
  };
}
