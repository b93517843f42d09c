/** Whether pairs trading finds a relation where there is one, and only as often as its p-value says where there is none. */
import { createTerms } from '../instrument/terms.js';
import { factsOf } from './backtest/backtest.js';
import { STRATEGIES } from './catalogue.js';
import { StrategyRunner } from './runner.js';
import { barsThrough, MINUTE_US, reverting, START_US, specOf, walk } from './testing/simulated-bars.js';
import type { PairsTradingParameters } from './types/pairs-trading.js';

/** Long enough for the tables of p-values: with half of it the lags chosen by AIC find more than is there. */
const WINDOW = 250;
const HEDGE_RATIO = 0.8;

/** Enters at any distance from the mean, so that what it does on the bar behind its estimate tells whether it trades on it. */
const PARAMETERS: PairsTradingParameters = {
  interval: 'M1',
  method: 'ENGLE_GRANGER',
  window: WINDOW,
  reestimateBars: 5_000,
  entryZ: 1e-9,
  exitZ: 0,
  stopZ: 1e9,
  maxPValue: 0.05,
  maxHalfLife: null,
  orderQty: 50,
  legTimeoutMs: 5_000,
  slippageTicks: 10,
  kalmanDelta: 1e-5,
};

interface Opinion {
  /** By its own words, before it could trade. */
  readonly pValue: number;
  readonly hedgeRatio: number | null;
  readonly entered: boolean;
}

/** Shows the strategy its window of bars, then one live bar. @param y closes, ticks, WINDOW + 1 of them */
function opinionOn(y: readonly number[], x: readonly number[]): Opinion {
  const strategy = STRATEGIES.PAIRS_TRADING.create(PARAMETERS);
  const markets = ['PEP', 'KO'].map((symbol, instrument) => ({
    instrument,
    facts: factsOf(createTerms(specOf(symbol, 10_000), 0, 6)),
  }));
  const runner = new StrategyRunner({ strategy, account: 1, markets, clOrdIdPrefix: 'S', makesBars: false });
  const [barsY, barsX] = [barsThrough(y), barsThrough(x)];
  for (let at = 0; at < WINDOW; at += 1) {
    runner.warmUp(0, barsY[at]!);
    runner.warmUp(1, barsX[at]!);
  }
  const verdict = runner.lastRemark?.text ?? '';
  const pValue = /\bp (\d\.\d{3}), half-life/.exec(verdict)?.[1];
  if (pValue === undefined) throw new Error(`the strategy has no opinion: ${verdict}`);
  const hedgeRatio = /^relation: hedge ratio (\S+),/.exec(verdict)?.[1];
  runner.start(START_US + WINDOW * MINUTE_US);
  runner.closeBar(0, barsY[WINDOW]!);
  runner.closeBar(1, barsX[WINDOW]!);
  expect(runner.mode).toBe('RUNNING');
  return {
    pValue: Number(pValue),
    hedgeRatio: hedgeRatio === undefined ? null : Number(hedgeRatio),
    entered: / the spread at z /.test(runner.lastRemark?.text ?? ''),
  };
}

describe('Pairs trading', () => {
  it('finds a relation of independent random walks in about one of twenty of 1,000 seeds, and trades on no other', () => {
    let found = 0;
    let entered = 0;
    for (let seed = 1; seed <= 1_000; seed += 1) {
      const opinion = opinionOn(walk(2 * seed, WINDOW + 1), walk(2 * seed + 1, WINDOW + 1));
      if (opinion.pValue < 0.05) found += 1;
      if (!opinion.entered) continue;
      entered += 1;
      expect(opinion.pValue).toBeLessThanOrEqual(0.05);
      expect(opinion.hedgeRatio).toBeGreaterThan(0);
    }
    // Two-sided 99.9 % range of a binomial of 1,000 at 5 %.
    expect(found).toBeGreaterThan(27);
    expect(found).toBeLessThan(75);
    // A negative hedge ratio is found as often as a positive one, and is refused.
    expect(entered).toBeGreaterThan(0);
    expect(entered).toBeLessThan(found);
  });

  it('finds the relation of simulated Ornstein–Uhlenbeck pairs, and trades on it', () => {
    let traded = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const x = walk(2 * seed, WINDOW + 1);
      const spread = reverting(2 * seed + 1, WINDOW + 1, 2_000, 0.2, 10);
      const y = x.map((px, at) => Math.round(HEDGE_RATIO * px + spread[at]!));
      const { hedgeRatio, entered } = opinionOn(y, x);
      if (entered && Math.abs(hedgeRatio! - HEDGE_RATIO) < 0.25) traded += 1;
    }
    expect(traded).toBeGreaterThan(95);
  });
});
