import { boundsProblem } from './market-bounds.js';
import type { MarketFacts } from './strategy.js';

/** Lots of 0.01, orders of 0.05 to 100, prices of 0.01 to 1,000. */
const KO: MarketFacts = {
  symbol: 'KO',
  tickSize: 0.01,
  lotSize: 0.01,
  minQtyLots: 5,
  maxQtyLots: 10_000,
  minPriceTicks: 1,
  maxPriceTicks: 100_000,
};
const maker = { orderQty: 1, maxInventory: 10, targetInventory: 0 };
const twap = { quantity: 100, slices: 4, limitPrice: null };

describe('Quantities of a strategy', () => {
  it.each([
    ['MARKET_MAKING', maker],
    ['MARKET_MAKING', { ...maker, orderQty: 0.05, maxInventory: 0.05, targetInventory: -10 }],
    ['MARKET_MAKING', { ...maker, orderQty: 100 }],
    ['MOMENTUM', { orderQty: 0.07 }],
    ['MEAN_REVERSION', { orderQty: 33.33 }],
    ['PAIRS_TRADING', { orderQty: 0.29 }],
    ['TWAP', twap],
    ['TWAP', { ...twap, quantity: 400, limitPrice: 1_000 }],
    ['VWAP', { ...twap, limitPrice: 0.01 }],
  ] as const)('that their market takes are accepted: %s %j', (type, parameters) => {
    expect(boundsProblem(type, parameters, [KO])).toBeNull();
  });

  it.each([
    ['MARKET_MAKING', { ...maker, orderQty: 0.0001 }, 'orderQty', '0.0001 is below the smallest order of KO: 0.05'],
    ['MARKET_MAKING', { ...maker, orderQty: 0.055 }, 'orderQty', '0.055 is not a multiple of the lot of KO: 0.01'],
    ['MARKET_MAKING', { ...maker, orderQty: 1e308 }, 'orderQty', '1e+308 is above the greatest order of KO: 100'],
    ['MARKET_MAKING', { ...maker, maxInventory: 0.04 }, 'maxInventory', 'below the smallest order of KO: 0.05'],
    [
      'MARKET_MAKING',
      { ...maker, maxInventory: 1e308 },
      'maxInventory',
      'above the greatest inventory of KO: 100000000',
    ],
    ['MARKET_MAKING', { ...maker, targetInventory: -1e308 }, 'targetInventory', 'above the greatest inventory of KO'],
    ['PAIRS_TRADING', { orderQty: 100.01 }, 'orderQty', '100.01 is above the greatest order of KO: 100'],
    ['MOMENTUM', { orderQty: 0.04 }, 'orderQty', 'below the smallest order of KO: 0.05'],
    ['MEAN_REVERSION', { orderQty: 1e308 }, 'orderQty', 'above the greatest order of KO: 100'],
    ['TWAP', { ...twap, quantity: 400.01 }, 'quantity', '400.01 is above the greatest order in 4 slices of KO: 400'],
    ['VWAP', { ...twap, quantity: 0.001 }, 'quantity', 'below the smallest order of KO: 0.05'],
    ['TWAP', { ...twap, limitPrice: 1_000.01 }, 'limitPrice', '1000.01 is no price of KO: 0.01 to 1000'],
    ['TWAP', { ...twap, limitPrice: 0.001 }, 'limitPrice', '0.001 is no price of KO: 0.01 to 1000'],
  ] as const)('that it does not take are refused by name and bound: %s %j', (type, parameters, parameter, problem) => {
    const found = boundsProblem(type, parameters, [KO]);
    expect(found?.parameter).toBe(parameter);
    expect(found?.problem).toContain(problem);
  });
});
