/** The limits in force on an account, worked out once when they are set and read at every order. */
import type { RiskLimitValues } from '../exchange/command.js';
import { isWithoutLimits, NO_LIMITS, type SetLimits, tighter, withDefaults } from './limit-values.js';

export interface AccountGuard {
  /** Limits on all symbols together. */
  readonly account: RiskLimitValues;
  /** Limits on single symbols, by instrument index, where there are any. */
  readonly symbols: ReadonlyMap<number, RiskLimitValues>;
  /** The tighter of both for single orders, by instrument index. */
  readonly orders: ReadonlyMap<number, RiskLimitValues>;
}

/** Returns the limits in force; null where there are none at all. */
export function guardOf(
  own: RiskLimitValues,
  tier: RiskLimitValues | null,
  bySymbol: ReadonlyMap<number, SetLimits>,
): AccountGuard | null {
  const account = withDefaults(own, tier);
  const symbols = new Map<number, RiskLimitValues>();
  const orders = new Map<number, RiskLimitValues>();
  for (const [instrument, { limits }] of bySymbol) {
    if (isWithoutLimits(limits)) continue;
    symbols.set(instrument, limits);
    orders.set(instrument, tighter(account, limits));
  }
  if (symbols.size === 0 && isWithoutLimits(account)) return null;
  return { account, symbols, orders };
}

/** Limits of one order on the instrument. */
export function orderLimits(guard: AccountGuard, instrument: number): RiskLimitValues {
  return guard.symbols.size === 0 ? guard.account : (guard.orders.get(instrument) ?? guard.account);
}

/** Limits on the sums of one symbol. */
export function symbolLimits(guard: AccountGuard, instrument: number): RiskLimitValues {
  return guard.symbols.size === 0 ? NO_LIMITS : (guard.symbols.get(instrument) ?? NO_LIMITS);
}
