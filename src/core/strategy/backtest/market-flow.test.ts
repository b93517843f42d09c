/** The market of a backtest stands whatever the volume of the past, the bounds of an order and the cash to begin with. */
import { KO } from '../../../testing/test-venue.js';
import type { InstrumentSpec } from '../../instrument/instrument.js';
import type { Bar } from '../strategy.js';
import type { Backtest } from './backtest.js';
import { type BacktestJob, createBacktest } from './job.js';

const MINUTE_US = 60_000_000;

/** Prices that rise so that momentum buys, then fall so that it sells. */
function bars(priceTicks: number, volumeLots: number): Bar[] {
  return Array.from({ length: 80 }, (_, index) => {
    const closeTicks = priceTicks + 5 * Math.min(index, 80 - index);
    const openTicks = closeTicks - 2;
    return {
      openTimeUs: index * MINUTE_US,
      openTicks,
      highTicks: closeTicks + 1,
      lowTicks: openTicks - 1,
      closeTicks,
      volumeLots,
    };
  });
}

function run(spec: Partial<InstrumentSpec>, change: Partial<BacktestJob>, priceTicks = 6_000, volumeLots = 10_000) {
  const job: BacktestJob = {
    type: 'MOMENTUM',
    parameters: { interval: 'M1', lookback: 3, threshold: 0, orderQty: 10, allowShort: false, slippageTicks: 2 },
    markets: [{ spec: { ...KO, ...spec }, baseScale: 8 }],
    quoteScale: 6,
    data: { kind: 'BARS', interval: 'M1', bars: [bars(priceTicks, volumeLots)] },
    initialCashUnits: 100_000_000_000,
    latencyUs: 0,
    makerFeePpm: 0,
    takerFeePpm: 0,
    participation: 0.1,
    halfSpreadTicks: 1,
    ...change,
  };
  const test: Backtest = createBacktest(job);
  while (test.step(1_000));
  expect(test.failure).toBeNull();
  return test.report();
}

describe('The market of a backtest', () => {
  it('trades the same however large the volume is beside the greatest order', () => {
    const { tradeCount, turnoverUnits } = run({}, {});
    expect(tradeCount).toBeGreaterThan(1);
    const large = run({ maxQtyLots: 100 }, {}, 6_000, 15_000_000);
    expect([large.tradeCount, large.turnoverUnits]).toEqual([tradeCount, turnoverUnits]);
  });

  it('trades the same where the volume is more than anybody could pay for', () => {
    const { tradeCount, turnoverUnits } = run({}, {});
    const dear = run({ maxQtyLots: 1_000_000_000_000 }, { participation: 1 }, 6_000, 1_000_000_000_000);
    expect([dear.tradeCount, dear.turnoverUnits]).toEqual([tradeCount, turnoverUnits]);
  });

  it('trades the least order where the share of the volume is less than it', () => {
    expect(run({ minQtyLots: 5 }, {}, 6_000, 1).tradeCount).toBeGreaterThan(1);
  });

  it('lends of cheap things no more than can be counted', () => {
    const rich = run({}, { initialCashUnits: 1_000_000_000_000_000 }, 10);
    expect(rich.tradeCount).toBeGreaterThan(1);
    expect(rich.finalEquityUnits).toBeGreaterThan(999_000_000_000_000);
  });
});
