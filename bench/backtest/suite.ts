/** Backtests beside the bare exchange: what replaying history with a strategy at work costs. */
import { Backtest } from '../../src/core/strategy/backtest/backtest.js';
import { type BacktestJob, createBacktest } from '../../src/core/strategy/backtest/job.js';
import type { RecordedAction } from '../../src/core/strategy/backtest/order-flow.js';
import { START_US, specOf } from '../../src/core/strategy/testing/simulated-bars.js';
import { seededRandom } from '../../src/testing/random.js';
import { median, millions, type Suite } from '../suite.js';

interface BacktestRow {
  readonly what: string;
  /** Recorded actions of the market. */
  readonly actions: number;
  readonly events: number;
  readonly fills: number;
  readonly actionsPerSecond: number;
  readonly eventsPerSecond: number;
}

const ACTIONS = 200_000;
const PASSES = 3;

/** Orders of a market that wanders: 60 % adds, 25 % cancels, 15 % executions, a millisecond apart. */
function recording(): RecordedAction[] {
  const random = seededRandom(1);
  const actions: RecordedAction[] = [];
  const live: string[] = [];
  let mid = 10_000;
  for (let index = 0; index < ACTIONS; index += 1) {
    const timeUs = START_US + index * 1_000;
    if (index % 50 === 0) mid += Math.round((random() - 0.5) * 4);
    const side = random() < 0.5 ? 'BUY' : 'SELL';
    const sign = side === 'BUY' ? -1 : 1;
    const pick = random();
    if (pick < 0.6 || live.length < 100) {
      const ref = String(index);
      live.push(ref);
      const priceTicks = mid + sign * (1 + Math.floor(random() * 20));
      actions.push({ kind: 'PLACE', timeUs, market: 0, ref, side, qtyLots: 10, priceTicks });
    } else if (pick < 0.85) {
      const at = Math.floor(random() * live.length);
      const ref = live[at]!;
      live[at] = live[live.length - 1]!;
      live.pop();
      actions.push({ kind: 'CANCEL', timeUs, ref });
    } else actions.push({ kind: 'EXECUTE', timeUs, market: 0, side, qtyLots: 12, priceTicks: mid - sign * 30 });
  }
  return actions;
}

function measure(what: string, job: BacktestJob): BacktestRow {
  const seconds: number[] = [];
  let events = 0;
  let fills = 0;
  for (let pass = 0; pass < PASSES; pass += 1) {
    const backtest: Backtest = createBacktest(job);
    const started = performance.now();
    while (backtest.step(10_000));
    seconds.push((performance.now() - started) / 1_000);
    if (backtest.failure !== null) throw new Error(backtest.failure);
    const report = backtest.report();
    events = report.events;
    fills = report.tradeCount;
  }
  const middle = median(seconds);
  return {
    what,
    actions: ACTIONS,
    events,
    fills,
    actionsPerSecond: ACTIONS / middle,
    eventsPerSecond: events / middle,
  };
}

export const suite: Suite<BacktestRow> = {
  columns: [
    { title: 'recorded orders', width: 34, cell: (row) => row.what },
    { title: 'M actions/s', width: 13, cell: (row) => millions(row.actionsPerSecond) },
    { title: 'M events/s', width: 12, cell: (row) => millions(row.eventsPerSecond) },
    { title: 'events', width: 10, cell: (row) => String(row.events) },
    { title: 'fills', width: 8, cell: (row) => String(row.fills) },
  ],
  run: (onRow) => {
    const job: BacktestJob = {
      type: 'MARKET_MAKING',
      parameters: {
        orderQty: 10,
        gamma: 0.1,
        horizonS: 10,
        levels: 2,
        levelSpacingTicks: 1,
        minSpreadTicks: 2,
        refreshToleranceTicks: 1,
        refreshMs: 100,
        targetInventory: 0,
        maxInventory: 200,
        sigma: null,
        kappa: null,
        estimateHalfLifeS: 60,
      },
      markets: [{ spec: specOf('XYZ', 10_000), baseScale: 0 }],
      quoteScale: 6,
      data: { kind: 'ORDERS', actions: recording() },
      initialCashUnits: 1_000_000_000_000,
      latencyUs: 1_000,
      makerFeePpm: 0,
      takerFeePpm: 100,
      participation: 0.1,
      halfSpreadTicks: 1,
    };
    const quiet = {
      ...job,
      type: 'MOMENTUM' as const,
      parameters: { interval: 'D1', lookback: 5, threshold: 0, orderQty: 1, allowShort: false, slippageTicks: 1 },
    };
    return Promise.resolve(
      [
        () => measure('market making, two levels a side', job),
        () => measure('a strategy that only looks on', quiet),
      ].map((run) => {
        const row = run();
        onRow(row);
        return row;
      }),
    );
  },
};
