/**
 * Whether a strategy's quantities and prices are possible in the markets that it trades: whole lots, no less than the smallest
 * order, no more than the greatest. A schema knows no market, so this is asked besides.
 */
import { amountOf } from './amount.js';
import type { StrategyType } from './catalogue.js';
import type { MarketFacts } from './strategy.js';

/** A parameter that no market would take. */
export interface BoundsProblem {
  readonly parameter: string;
  /** What is wrong, and the bound. */
  readonly problem: string;
}

/** ORDER fits one order, PARENT the orders of all slices, INVENTORY any count of lots, SIGNED the same on both sides of 0. */
type QuantityKind = 'ORDER' | 'PARENT' | 'INVENTORY' | 'SIGNED';

/** Parameters that are a quantity of the first market. */
const QUANTITIES: Readonly<Record<StrategyType, Readonly<Record<string, QuantityKind>>>> = {
  MARKET_MAKING: { orderQty: 'ORDER', maxInventory: 'INVENTORY', targetInventory: 'SIGNED' },
  PAIRS_TRADING: { orderQty: 'ORDER' },
  MOMENTUM: { orderQty: 'ORDER' },
  MEAN_REVERSION: { orderQty: 'ORDER' },
  TWAP: { quantity: 'PARENT' },
  VWAP: { quantity: 'PARENT' },
};
/** Most orders of the greatest size that an inventory may take. */
const MOST_ORDERS = 1_000_000;

/**
 * @param parameters that the type's schema has accepted
 * @param facts of the markets, in the order of the strategy's symbols
 * @returns the first problem; null where there is none
 */
export function boundsProblem(
  type: StrategyType,
  parameters: Readonly<Record<string, unknown>>,
  facts: readonly MarketFacts[],
): BoundsProblem | null {
  const market = facts[0]!;
  for (const [parameter, kind] of Object.entries(QUANTITIES[type])) {
    const problem = quantityProblem(parameters[parameter] as number, kind, market, slicesOf(parameters));
    if (problem !== null) return { parameter, problem };
  }
  const { limitPrice } = parameters;
  if (typeof limitPrice !== 'number') return null;
  const ticks = limitPrice / market.tickSize;
  if (ticks >= market.minPriceTicks - NOISE && ticks <= market.maxPriceTicks + NOISE) return null;
  const [least, most] = [market.minPriceTicks, market.maxPriceTicks].map((one) => amountOf(one, market.tickSize));
  return { parameter: 'limitPrice', problem: `${limitPrice} is no price of ${market.symbol}: ${least} to ${most}` };
}

/** Relative noise of a float that stands for a decimal. */
const NOISE = 1e-9;

function quantityProblem(value: number, kind: QuantityKind, market: MarketFacts, slices: number): string | null {
  const { symbol, lotSize, minQtyLots, maxQtyLots } = market;
  const text = (lots: number) => amountOf(lots, lotSize);
  const isInventory = kind === 'INVENTORY' || kind === 'SIGNED';
  const least = kind === 'SIGNED' ? 0 : minQtyLots;
  const orders = kind === 'ORDER' ? 1 : kind === 'PARENT' ? slices : MOST_ORDERS;
  const most = Math.min(maxQtyLots * orders, Number.MAX_SAFE_INTEGER);
  const lots = Math.abs(value) / lotSize;
  if (lots < least * (1 - NOISE)) return `${value} is below the smallest order of ${symbol}: ${text(least)}`;
  if (!(lots <= most * (1 + NOISE))) {
    const what = isInventory ? 'inventory' : kind === 'PARENT' ? `order in ${slices} slices` : 'order';
    return `${value} is above the greatest ${what} of ${symbol}: ${text(most)}`;
  }
  if (!isInventory && Math.abs(lots - Math.round(lots)) > NOISE * Math.max(1, lots)) {
    return `${value} is not a multiple of the lot of ${symbol}: ${text(1)}`;
  }
  return null;
}

function slicesOf({ slices }: Readonly<Record<string, unknown>>): number {
  return typeof slices === 'number' ? slices : 1;
}
