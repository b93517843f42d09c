/** Strategies at an exchange of their own: what they do, and what they must never do. */
import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { TestVenue } from '../../testing/test-venue.js';
import { createTerms } from '../instrument/terms.js';
import { Backtest, type BacktestOptions, factsOf } from './backtest/backtest.js';
import { BarFlow } from './backtest/bar-flow.js';
import type { MarketFlow } from './backtest/market-flow.js';
import { OrderFlow, type RecordedAction } from './backtest/order-flow.js';
import { TradeFlow } from './backtest/trade-flow.js';
import { STRATEGIES, STRATEGY_TYPES, type StrategyType } from './catalogue.js';
import { StrategyRunner } from './runner.js';
import { SeededRandom } from './seeded-random.js';
import type { Bar, Desk, Strategy, StrategyInput } from './strategy.js';
import { barsThrough, MINUTE_US, reverting, START_US, specOf, walk } from './testing/simulated-bars.js';
import { optimalSpread, reservationPrice } from './types/avellaneda-stoikov.js';

const CASH = 1_000_000_000_000;

function withDefaults(type: StrategyType, parameters: Record<string, unknown>): Record<string, unknown> {
  const complete = structuredClone(parameters);
  const validate = new Ajv({ useDefaults: true, strict: false }).compile(structuredClone(STRATEGIES[type].schema));
  if (!validate(complete)) throw new Error(JSON.stringify(validate.errors));
  return complete;
}

const make = (type: StrategyType, parameters: Record<string, unknown>) =>
  STRATEGIES[type].create(withDefaults(type, parameters));

const BOUNDS = { minPriceTicks: 1, maxPriceTicks: 1_000_000, minQtyLots: 1, maxQtyLots: 1_000_000 };

function barFlow(series: readonly (readonly Bar[])[]): BarFlow {
  return new BarFlow(
    series.map((bars) => ({ bars, ...BOUNDS })),
    { intervalUs: MINUTE_US, participation: 0.1, halfSpreadTicks: 1 },
  );
}

function backtest(
  strategy: Strategy,
  flow: MarketFlow,
  symbols = ['KO'],
  change: Partial<BacktestOptions> = {},
): Backtest {
  return new Backtest({
    strategy,
    flow,
    markets: symbols.map((symbol) => ({ spec: specOf(symbol, 10_000), baseScale: 0, firstPriceTicks: 10_000 })),
    quoteScale: 6,
    initialCashUnits: CASH,
    latencyUs: 1_000,
    makerFeePpm: 0,
    takerFeePpm: 0,
    sampleUs: MINUTE_US,
    ...change,
  });
}

function run(test: Backtest) {
  while (test.step(1_000));
  expect(test.failure).toBeNull();
  return test.report();
}

/** Does nothing but note what it was told. */
class Listener implements Strategy {
  readonly barInterval = 'M1' as const;
  readonly warmUpBars = 0;
  readonly timerUs = null;
  readonly heard: { readonly timeUs: number; readonly input: StrategyInput }[] = [];
  constructor(private readonly act: (input: StrategyInput, desk: Desk) => void = () => undefined) {}
  on(input: StrategyInput, desk: Desk): void {
    this.heard.push({ timeUs: desk.timeUs, input });
    this.act(input, desk);
  }
}

const rising = Array.from({ length: 200 }, (_, index) => 10_000 + 5 * index);

describe('The closed forms of Avellaneda and Stoikov', () => {
  const file = '../shared/data/vectors/avellaneda_stoikov.json';
  it('meet the published cases', () => {
    if (!existsSync(file)) {
      process.stdout.write(`${file} is missing: published quotes are left out\n`);
      return;
    }
    const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Record<string, number>[] };
    for (const { s, q, gamma, sigma, k, T_minus_t: left, reservation, spread } of cases) {
      expect(reservationPrice(s!, q!, gamma!, sigma!, left!)).toBeCloseTo(reservation!, 12);
      expect(optimalSpread(gamma!, sigma!, left!, k!)).toBeCloseTo(spread!, 12);
    }
    expect(cases.length).toBeGreaterThan(3);
  });

  it('refuse what makes no sense', () => {
    expect(() => reservationPrice(100, 0, 0, 1, 1)).toThrow(RangeError);
    expect(() => optimalSpread(0.1, -1, 1, 1)).toThrow(RangeError);
    expect(() => optimalSpread(0.1, 1, 1, 0)).toThrow(RangeError);
  });
});

describe('A strategy', () => {
  it('sees a bar when it has closed, never before', () => {
    const listener = new Listener();
    run(backtest(listener, barFlow([barsThrough(walk(1, 50))])));
    const bars = listener.heard.filter(({ input }) => input.type === 'BAR');
    expect(bars).toHaveLength(50);
    for (const { timeUs, input } of bars) {
      if (input.type === 'BAR') expect(timeUs).toBe(input.bar.openTimeUs + MINUTE_US);
    }
  });

  it('makes its bars of trades where the market is recorded orders, and sees them closed too', () => {
    const listener = new Listener();
    run(backtest(listener, new OrderFlow(recordedMarket(1, 2_000))));
    const bars = listener.heard.filter(({ input }) => input.type === 'BAR');
    expect(bars.length).toBeGreaterThan(10);
    for (const { timeUs, input } of bars) {
      if (input.type === 'BAR') expect(timeUs).toBeGreaterThanOrEqual(input.bar.openTimeUs + MINUTE_US);
    }
  });

  it('fails alone with its message, and its orders are withdrawn', () => {
    const strategy = new Listener((input, desk) => {
      if (input.type !== 'BAR') return;
      if (desk.markets[0]!.orders.length > 0) throw new Error('I am lost');
      desk.place(0, { side: 'BUY', qtyLots: 5, priceTicks: 5_000, timeInForce: 'GTC' });
    });
    const test = backtest(strategy, barFlow([barsThrough(walk(2, 20))]));
    while (test.step(1_000));
    expect(test.failure).toBe('I am lost');
    expect(test.report().tradeCount).toBe(0);
  });

  it('that fails sends nothing more but the withdrawal of its orders', () => {
    let isLost = false;
    const strategy = new Listener((_, desk) => {
      if (isLost) throw new Error('I am lost');
      desk.place(0, { side: 'BUY', qtyLots: 5, priceTicks: 5_000, timeInForce: 'GTC' });
    });
    const facts = factsOf(createTerms(specOf('KO', 10_000), 0, 6));
    const markets = [{ instrument: 0, facts }];
    const runner = new StrategyRunner({ strategy, account: 2, markets, clOrdIdPrefix: 'S', makesBars: false });
    const [bar] = barsThrough([10_000]);
    runner.start(START_US);
    runner.closeBar(0, bar!);
    expect(runner.takeCommands().map(({ type }) => type)).toEqual(['PlaceOrder']);
    isLost = true;
    runner.closeBar(0, bar!);
    expect(runner.mode).toBe('FAILED');
    runner.closeBar(0, bar!);
    expect(runner.takeCommands()).toEqual([]);
    // Its order is on its way still: it is withdrawn as soon as the exchange tells of it.
    const venue = new TestVenue();
    venue.open(['alice', 'bob']);
    const events = venue.place(2, 0, 'BUY', 5, 5_000, { clOrdId: 'S-1' });
    runner.apply(events);
    const orderId = events[0]?.type === 'OrderAccepted' ? events[0].orderId : 0;
    expect(runner.takeCommands()).toEqual([{ type: 'CancelOrder', account: 2, orderId }]);
  });

  it('has no more orders than its bound', () => {
    const strategy = new Listener((_, desk) => {
      for (let count = 0; count < 100; count += 1) {
        desk.place(0, { side: 'BUY', qtyLots: 1, priceTicks: 5_000, timeInForce: 'GTC' });
      }
    });
    const test = backtest(strategy, barFlow([barsThrough(walk(2, 3))]));
    while (test.step(1_000));
    expect(test.failure).toMatch(/more than 64 own orders/);
  });
});

describe('Bars as a market', () => {
  const once = (request: Parameters<Desk['place']>[1]) => {
    let sent = false;
    return new Listener((input, desk) => {
      if (sent || input.type !== 'BAR') return;
      sent = true;
      desk.place(0, request);
    });
  };

  it('fill a resting order at its price once the price has gone through it, not at a touch', () => {
    // After the first bar the lows are 9,998: an order there is touched, one at 9,999 is gone through.
    const flat = barsThrough([10_000, 10_000, 10_000, 10_000]);
    const order = { side: 'BUY', qtyLots: 10, timeInForce: 'GTC' } as const;
    expect(run(backtest(once({ ...order, priceTicks: 9_998 }), barFlow([flat]))).tradeCount).toBe(0);
    const report = run(backtest(once({ ...order, priceTicks: 9_999 }), barFlow([flat])));
    expect(report.tradeCount).toBe(1);
    expect(report.turnoverUnits).toBe(BigInt(10 * 9_999) * 10_000n);
  });

  it('let an order that crosses pay the spread at the next bar’s open, and no more than its share of the volume', () => {
    const bars = barsThrough([10_000, 10_100, 10_200], START_US, 400);
    const report = run(
      backtest(once({ side: 'BUY', qtyLots: 1_000, priceTicks: 20_000, timeInForce: 'IOC' }), barFlow([bars])),
    );
    // 10 % of 400 lots over four points of the bar: ten lots at a time, at the open of bar two and a tick.
    expect(report.tradeCount).toBe(1);
    expect(report.turnoverUnits).toBe(BigInt(10 * 10_001) * 10_000n);
  });

  it('charge maker and taker what they were told to', () => {
    const flat = barsThrough([10_000, 10_000, 10_000]);
    const fees = { makerFeePpm: 100, takerFeePpm: 500 };
    const maker = run(
      backtest(
        once({ side: 'BUY', qtyLots: 10, priceTicks: 9_999, timeInForce: 'GTC' }),
        barFlow([flat]),
        ['KO'],
        fees,
      ),
    );
    expect(maker.feesUnits).toBe(99_990n);
    const taker = run(
      backtest(
        once({ side: 'BUY', qtyLots: 10, priceTicks: 20_000, timeInForce: 'IOC' }),
        barFlow([flat]),
        ['KO'],
        fees,
      ),
    );
    expect(taker.feesUnits).toBe(500_050n);
    expect(taker.finalEquityUnits).toBe(CASH - 500_050 - 10 * 10_000);
  });
});

const STRATEGIES_AT_WORK: readonly [StrategyType, Record<string, unknown>, readonly string[]][] = [
  ['MARKET_MAKING', { orderQty: 10, maxInventory: 100, sigma: 0.01, kappa: 5, refreshMs: 5_000 }, ['KO']],
  ['PAIRS_TRADING', { orderQty: 50, window: 60, reestimateBars: 5, entryZ: 1.5 }, ['PEP', 'KO']],
  ['MOMENTUM', { orderQty: 50, lookback: 5, allowShort: true }, ['KO']],
  ['MEAN_REVERSION', { orderQty: 50, entryBands: 1.5, allowShort: true }, ['KO']],
  ['TWAP', { side: 'BUY', quantity: 200, durationS: 6_000, slices: 20 }, ['KO']],
  ['VWAP', { side: 'SELL', quantity: 200, durationS: 6_000, slices: 20, profile: [1, 3, 1] }, ['KO']],
];

function seriesFor(symbols: readonly string[], bars: number): (readonly Bar[])[] {
  const first = walk(5, 300);
  const spread = reverting(6, 300, 0, 0.3, 12);
  const all =
    symbols.length === 1
      ? [reverting(7, 300)]
      : [first.map((px, at) => Math.round(px * 0.9 + 1_000 + spread[at]!)), first];
  return all.map((closes) => barsThrough(closes).slice(0, bars));
}

describe.each(STRATEGIES_AT_WORK)('%s', (type, parameters, symbols) => {
  it('trades, and does the same again with the same seed, data and code', () => {
    const reports = [0, 1].map(() =>
      run(backtest(make(type, parameters), barFlow(seriesFor(symbols, 300)), [...symbols])),
    );
    expect(reports[0]!.tradeCount).toBeGreaterThan(0);
    expect(reports[1]).toEqual(reports[0]);
  });

  it('does on a prefix what it did before later bars were known', () => {
    const curveOf = (bars: number) =>
      run(backtest(make(type, parameters), barFlow(seriesFor(symbols, bars)), [...symbols])).equityCurve;
    const [short, long] = [curveOf(150), curveOf(300)];
    const common = short.slice(0, -2).map(({ timeUs, equityUnits }) => [timeUs, equityUnits]);
    expect(common.length).toBeGreaterThan(140);
    expect(long.slice(0, common.length).map(({ timeUs, equityUnits }) => [timeUs, equityUnits])).toEqual(common);
  });

  it('is described parameter by parameter, and refuses one that it does not know', () => {
    const { schema, description } = STRATEGIES[type];
    expect(description).toMatch(/\.$/);
    for (const property of Object.values(schema.properties)) expect(property.description).toMatch(/\.$/);
    expect(() => withDefaults(type, { ...parameters, noSuchThing: 1 })).toThrow(/noSuchThing/);
  });
});

describe('What each is for', () => {
  it('every type has a definition', () => expect(Object.keys(STRATEGIES)).toEqual([...STRATEGY_TYPES]));

  it('momentum earns on a trend and mean reversion on reversion', () => {
    const momentum = make('MOMENTUM', { orderQty: 100, lookback: 5 });
    expect(run(backtest(momentum, barFlow([barsThrough(rising)]))).totalReturn).toBeGreaterThan(0);
    const reversion = make('MEAN_REVERSION', { orderQty: 100, entryBands: 1.5, allowShort: true });
    const report = run(backtest(reversion, barFlow([barsThrough(reverting(9, 2_000))])));
    expect(report.totalReturn).toBeGreaterThan(0);
    expect(report.winRate).toBeGreaterThan(0.5);
  });

  it('market making earns the spread in a market that goes nowhere, within its inventory', () => {
    const parameters = { orderQty: 10, maxInventory: 50, sigma: 0.01, kappa: 20, refreshMs: 5_000, minSpreadTicks: 30 };
    const report = run(
      backtest(make('MARKET_MAKING', parameters), barFlow([barsThrough(reverting(11, 2_000, 10_000, 0.5, 8))])),
    );
    expect(report.tradeCount).toBeGreaterThan(50);
    expect(report.totalReturn).toBeGreaterThan(0);
  });

  it('pairs trading earns on a spread that reverts and leaves unrelated prices alone', () => {
    const parameters = { orderQty: 50, window: 120, reestimateBars: 10, entryZ: 1.5 };
    const x = walk(21, 1_500, 10_000, 6);
    const spread = reverting(22, 1_500, 0, 0.25, 15);
    const y = x.map((px, at) => Math.round(0.8 * px + 2_000 + spread[at]!));
    const related = run(
      backtest(make('PAIRS_TRADING', parameters), barFlow([barsThrough(y), barsThrough(x)]), ['PEP', 'KO']),
    );
    expect(related.tradeCount).toBeGreaterThan(20);
    expect(related.totalReturn).toBeGreaterThan(0);
    const kalman = run(
      backtest(make('PAIRS_TRADING', { ...parameters, method: 'KALMAN' }), barFlow([barsThrough(y), barsThrough(x)]), [
        'PEP',
        'KO',
      ]),
    );
    expect(kalman.tradeCount).toBeGreaterThan(0);
    const strict = { ...parameters, maxPValue: 0.001 };
    const other = run(
      backtest(make('PAIRS_TRADING', strict), barFlow([barsThrough(walk(23, 600)), barsThrough(walk(24, 600))]), [
        'PEP',
        'KO',
      ]),
    );
    expect(other.tradeCount).toBeLessThan(related.tradeCount / 4);
  });

  it('TWAP does the whole quantity in its time, in slices', () => {
    const parameters = { side: 'BUY', quantity: 500, durationS: 3_000, slices: 50, seed: 3 };
    const report = run(backtest(make('TWAP', parameters), barFlow([barsThrough(walk(31, 120))])));
    expect(report.tradeCount).toBeGreaterThanOrEqual(50);
    expect(Number(report.turnoverUnits / 1_000_000n)).toBeGreaterThan(45_000);
  });

  it('TWAP keeps to its share of the market', () => {
    const parameters = { side: 'BUY', quantity: 5_000, durationS: 3_000, slices: 50, participationCap: 0.1 };
    const trades = Array.from({ length: 300 }, (_, at) => ({
      timeUs: START_US + at * 10_000_000,
      market: 0,
      priceTicks: 10_000,
      qtyLots: 100,
      aggressorSide: 'BUY' as const,
    }));
    const bounds = [BOUNDS];
    const flow = new TradeFlow(trades, bounds, { participation: 1, halfSpreadTicks: 1 });
    const report = run(backtest(make('TWAP', parameters), flow));
    const bought = Number(report.turnoverUnits) / (10_001 * 10_000);
    expect(bought).toBeGreaterThan(1_500);
    expect(bought).toBeLessThanOrEqual((30_000 * 0.1) / 0.9 + 1);
  });
});

/** Recorded orders of a market that wanders: adds on both sides, cancels, executions. */
function recordedMarket(seed: number, count: number): RecordedAction[] {
  const random = new SeededRandom(seed);
  const actions: RecordedAction[] = [];
  const live: string[] = [];
  let mid = 10_000;
  for (let index = 0; index < count; index += 1) {
    const timeUs = START_US + index * 1_000_000;
    const pick = random.next();
    mid += Math.round((random.next() - 0.5) * 2);
    const side = random.next() < 0.5 ? 'BUY' : 'SELL';
    const sign = side === 'BUY' ? -1 : 1;
    if (pick < 0.6 || live.length < 10) {
      const ref = `r${index}`;
      live.push(ref);
      const priceTicks = mid + sign * (1 + Math.floor(random.next() * 5));
      actions.push({ kind: 'PLACE', timeUs, market: 0, ref, side, qtyLots: 10, priceTicks });
    } else if (pick < 0.8) {
      const [ref] = live.splice(Math.floor(random.next() * live.length), 1);
      actions.push({ kind: 'CANCEL', timeUs, ref: ref! });
    } else {
      actions.push({ kind: 'EXECUTE', timeUs, market: 0, side, qtyLots: 8, priceTicks: mid - sign * 6 });
    }
  }
  return actions;
}

describe('Recorded orders as a market', () => {
  it('let an order wait in the queue behind those that were there, and fill in part', () => {
    const at = (seconds: number) => START_US + seconds * 1_000_000;
    const ask = { market: 0, side: 'SELL', priceTicks: 10_010, qtyLots: 5 } as const;
    const bid = { market: 0, side: 'BUY', priceTicks: 10_000, qtyLots: 10 } as const;
    const hit = { kind: 'EXECUTE', market: 0, side: 'SELL', priceTicks: 10_000 } as const;
    const fills: StrategyInput[] = [];
    let placed = false;
    const strategy = new Listener((input, desk) => {
      if (input.type === 'FILL') fills.push(input);
      if (placed || desk.markets[0]!.bidTicks !== 10_000 || desk.markets[0]!.askTicks === null) return;
      placed = true;
      desk.place(0, { side: 'BUY', qtyLots: 10, priceTicks: 10_000, timeInForce: 'GTC' });
    });
    const flow = new OrderFlow([
      { kind: 'PLACE', timeUs: at(0), ref: 'a', ...ask },
      { kind: 'PLACE', timeUs: at(1), ref: 'b', ...bid },
      { ...hit, timeUs: at(3), qtyLots: 8 },
      { ...hit, timeUs: at(4), qtyLots: 6 },
      { ...hit, timeUs: at(5), qtyLots: 3 },
    ]);
    run(backtest(strategy, flow));
    expect(fills.map((fill) => (fill.type === 'FILL' ? [fill.qtyLots, fill.maker] : []))).toEqual([
      [4, true],
      [3, true],
    ]);
  });

  it('carry market making, the same on every run', () => {
    const parameters = { orderQty: 5, maxInventory: 50, refreshMs: 1_000 };
    const reports = [0, 1].map(() =>
      run(backtest(make('MARKET_MAKING', parameters), new OrderFlow(recordedMarket(7, 5_000)))),
    );
    expect(reports[0]!.tradeCount).toBeGreaterThan(20);
    expect(reports[0]!.markouts.map(({ horizonS }) => horizonS)).toEqual([1, 5, 60]);
    expect(reports[1]).toEqual(reports[0]);
  });
});
