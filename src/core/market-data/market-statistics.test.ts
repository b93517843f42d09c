import fc from 'fast-check';
import { EwmaVolatility } from '../statistics/ewma-volatility.js';
import { Moments } from '../statistics/moments.js';
import { MarketStatistics, VOLATILITY_LAMBDA } from './market-statistics.js';

/** Exact mean and variance of whole numbers, by bigint: sum and sum of squares cannot cancel there. */
function direct(values: readonly number[]): { mean: number; variance: number } {
  const n = BigInt(values.length);
  const sum = values.reduce((total, value) => total + BigInt(value), 0n);
  const squares = values.reduce((total, value) => total + BigInt(value) ** 2n, 0n);
  const scaled = n * squares - sum * sum;
  return { mean: Number(sum) / values.length, variance: Number(scaled) / Number(n * (n - 1n)) };
}

function expectClose(found: number | null, expected: number): void {
  expect(found).not.toBeNull();
  expect(Math.abs((found ?? 0) - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
}

const price = fc.integer({ min: 1, max: 10_000_000 });
const lots = fc.integer({ min: 1, max: 1_000_000 });

describe('statistics a tick at a time', () => {
  it('equal those worked out directly over all ticks', () => {
    const tick = fc.record({ bid: price, spread: fc.integer({ min: 1, max: 500 }), bidLots: lots, askLots: lots });
    const trade = fc.record({ priceTicks: price, qtyLots: lots });
    fc.assert(
      fc.property(
        fc.array(tick, { minLength: 2, maxLength: 300 }),
        fc.array(trade, { maxLength: 100 }),
        (ticks, trades) => {
          const statistics = new MarketStatistics();
          for (const { bid, spread, bidLots, askLots } of ticks) {
            statistics.quote({ priceTicks: bid, qtyLots: bidLots }, { priceTicks: bid + spread, qtyLots: askLots });
          }
          for (const { priceTicks, qtyLots } of trades) statistics.trade(priceTicks, qtyLots);

          const mids = direct(ticks.map(({ bid, spread }) => 2 * bid + spread));
          expectClose(statistics.mid.mean, mids.mean / 2);
          expectClose(statistics.mid.variance, mids.variance / 4);
          const spreads = direct(ticks.map(({ spread }) => spread));
          expectClose(statistics.spread.mean, spreads.mean);
          expectClose(statistics.spread.variance, spreads.variance);
          const last = ticks[ticks.length - 1];
          if (last === undefined) throw new Error('no tick');
          expect(statistics.spreadTicks).toBe(last.spread);
          expect(statistics.imbalance).toBe((last.bidLots - last.askLots) / (last.bidLots + last.askLots));

          const returns = ticks.slice(1).map(({ bid, spread }, index) => {
            const before = ticks[index];
            return Math.log((2 * bid + spread) / (2 * (before?.bid ?? 0) + (before?.spread ?? 0)));
          });
          // Weights by the formula's closed form: the first return keeps λ^(n−1), each later one (1 − λ) λ^(steps since).
          const variance = returns.reduce((sum, change, index) => {
            const weight =
              VOLATILITY_LAMBDA ** (returns.length - 1 - index) * (index === 0 ? 1 : 1 - VOLATILITY_LAMBDA);
            return sum + weight * change * change;
          }, 0);
          expectClose(statistics.volatility.volatility, Math.sqrt(variance));

          expect(statistics.tradeCount).toBe(trades.length);
          expect(statistics.volumeLots).toBe(trades.reduce((sum, { qtyLots }) => sum + BigInt(qtyLots), 0n));
          expect(statistics.turnover).toBe(
            trades.reduce((sum, { priceTicks, qtyLots }) => sum + BigInt(priceTicks) * BigInt(qtyLots), 0n),
          );
        },
      ),
    );
  });

  it('keep their digits where prices are huge and close together', () => {
    const moments = new Moments();
    const values = Array.from({ length: 100_000 }, (_, index) => 9_000_000_000_000 + (index % 7));
    for (const value of values) moments.add(value);
    const { variance } = direct(values);
    expect(Math.abs((moments.variance ?? 0) / variance - 1)).toBeLessThan(1e-4);
    // The sum of squares would be off by far more than all of it.
    const naive = values.reduce((sum, value) => sum + value * value, 0) / values.length - (moments.mean ?? 0) ** 2;
    expect(Math.abs(naive - variance)).toBeGreaterThan(variance);
  });

  it('are null while there is too little to tell, and on an empty side', () => {
    const statistics = new MarketStatistics();
    expect([statistics.mid.mean, statistics.mid.variance, statistics.imbalance, statistics.spreadTicks]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    statistics.quote({ priceTicks: 10, qtyLots: 4 }, undefined);
    expect([statistics.imbalance, statistics.spreadTicks, statistics.mid.count]).toEqual([1, null, 0]);
    statistics.quote({ priceTicks: 10, qtyLots: 4 }, { priceTicks: 12, qtyLots: 4 });
    expect([statistics.imbalance, statistics.mid.mean, statistics.mid.variance]).toEqual([0, 11, null]);
    expect(statistics.volatility.volatility).toBeNull();
    statistics.quote(undefined, undefined);
    expect([statistics.imbalance, statistics.spreadTicks]).toEqual([null, null]);
  });

  it('refuse a weight that is none', () => {
    expect(() => new EwmaVolatility(1)).toThrow(RangeError);
    expect(() => new EwmaVolatility(Number.NaN)).toThrow(RangeError);
  });
});
