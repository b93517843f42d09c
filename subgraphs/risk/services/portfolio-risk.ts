/**
 * Portfolio risk: value at risk and expected shortfall of an account's positions from the bars of history, and stress scenarios.
 * Estimates are floats; a scenario, which is plain arithmetic on positions and marks, is exact. docs/risk.md has the formulas.
 */
import type { AccountEntry, InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import { formatQty } from '../../../src/core/instrument/terms.js';
import { INTERVAL_US, openTimeOf } from '../../../src/core/market-data/candles.js';
import { logReturns } from '../../../src/core/statistics/series.js';
import { StatisticsError } from '../../../src/core/statistics/statistics-error.js';
import {
  ewmaCovariance,
  historicalTailRisk,
  horizonReturns,
  normalTailRisk,
  portfolioDeviation,
} from '../../../src/core/statistics/value-at-risk.js';
import { formatRatio, parseScaled } from '../../../src/core/values/decimal.js';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import { badUserInput, clipped, limitExceeded, notFound, withClientErrors } from '../../../src/graphql/errors.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { History } from '../../../src/ports/history.js';
import type { RiskView } from '../events.js';
import type { PortfolioRisk, PortfolioRiskInput, ShockInput, StressTest } from '../types/portfolio-risk.js';
import { formatMark, formatShare, toSum, valueTwice } from './money.js';

const CONFIDENCES = [0.95, 0.99] as const;
/** Fewest returns over the horizon: so many give the tail at 99 % one. */
const MIN_SAMPLE = 100;
const MAX_WINDOW = 500;
const MAX_HORIZON = 30;
/** Most positions of one estimate, as it reads the bars of each. */
const MAX_POSITIONS = 50;
const MAX_SHOCKS = 100;
const PERCENT_SCALE = 4;
const MAX_PERCENT = 1_000;

interface Held {
  readonly entry: InstrumentEntry;
  readonly qtyLots: number;
}

export class PortfolioDesk {
  constructor(
    private readonly view: RiskView,
    private readonly history: History,
    private readonly clock: Clock,
  ) {}

  /** @throws GraphQLError BAD_USER_INPUT naming what is out of range or too little history, LIMIT_EXCEEDED, HISTORY_UNAVAILABLE */
  async estimate(account: AccountEntry, input: PortfolioRiskInput): Promise<PortfolioRisk> {
    const { interval, window, horizon, lambda } = checkedInput(input);
    const held = this.#held(account);
    if (held.length > MAX_POSITIONS) {
      throw limitExceeded(
        'accountId',
        MAX_POSITIONS,
        `has ${held.length} positions; at most ${MAX_POSITIONS} are estimated`,
      );
    }
    const symbols = held.map(({ entry }) => entry.symbol);
    const values = held.map(({ entry, qtyLots }) => this.#valueOf(entry, qtyLots));
    const value = values.reduce((sum, each) => sum + each, 0);
    const told = { accountId: account.accountId, value, interval, horizon, lambda, symbols };
    if (held.length === 0) {
      const estimates = CONFIDENCES.flatMap((confidence) => [
        { method: 'HISTORICAL' as const, confidence, valueAtRisk: 0, expectedShortfall: 0 },
        { method: 'PARAMETRIC' as const, confidence, valueAtRisk: 0, expectedShortfall: 0 },
      ]);
      return { ...told, estimates, sampleSize: 0, from: null, to: null };
    }
    const { times, closes } = await withClientErrors(this.#commonBars(held, interval, window));
    const sampleSize = Math.max(0, times.length - 1);
    if (sampleSize - horizon + 1 < MIN_SAMPLE) {
      const has = `only ${sampleSize} returns of ${interval} are common to ${symbols.slice(0, 10).join(', ')}`;
      throw badUserInput('input.window', `${has}; ${MIN_SAMPLE + horizon - 1} are needed: take a narrower interval`);
    }
    const estimates = computed(() => estimatesOf(values, closes, horizon, lambda));
    return { ...told, estimates, sampleSize, from: times[0]!, to: times[times.length - 1]! };
  }

  /** @throws GraphQLError NOT_FOUND for an unknown symbol, BAD_USER_INPUT, LIMIT_EXCEEDED */
  stress(account: AccountEntry, shocks: readonly ShockInput[]): StressTest {
    const ppmOf = this.#shocks(shocks);
    let sum = 0n;
    const positions = this.#held(account).map(({ entry, qtyLots }) => {
      const { symbol, instrument, terms } = entry;
      const mark = this.view.markOf(instrument);
      const ppm = BigInt(ppmOf.get(instrument) ?? 0);
      const profit = toSum(terms, valueTwice(terms, BigInt(qtyLots), mark)) * ppm;
      sum += profit;
      return {
        symbol,
        qty: formatQty(terms, qtyLots),
        markPx: formatMark(terms, mark),
        percent: formatRatio(ppm, 10n ** BigInt(PERCENT_SCALE), 0, PERCENT_SCALE),
        profit: formatShare(profit),
      };
    });
    return { accountId: account.accountId, profit: formatShare(sum), positions };
  }

  /** Shocks in parts per million by instrument. */
  #shocks(shocks: readonly ShockInput[]): Map<number, number> {
    if (shocks.length < 1 || shocks.length > MAX_SHOCKS) {
      throw limitExceeded('shocks', MAX_SHOCKS, `holds ${shocks.length} entries; 1 to ${MAX_SHOCKS} are taken`);
    }
    const ppmOf = new Map<number, number>();
    for (const [index, { symbol, percent }] of shocks.entries()) {
      const field = `shocks.${index}`;
      const entry = this.view.reference.instrumentBySymbol(symbol);
      if (entry === undefined) throw notFound(`instrument "${clipped(symbol)}"`, `${field}.symbol`);
      if (ppmOf.has(entry.instrument)) throw badUserInput(`${field}.symbol`, `"${symbol}" stands there twice`);
      const ppm = parseScaled(percent, PERCENT_SCALE);
      const scale = 10 ** PERCENT_SCALE;
      if (typeof ppm !== 'number' || ppm < -100 * scale || ppm > MAX_PERCENT * scale) {
        const accepted = `-100 to ${MAX_PERCENT} with at most ${PERCENT_SCALE} decimals`;
        throw badUserInput(`${field}.percent`, `"${clipped(percent)}" is not from ${accepted}`);
      }
      ppmOf.set(entry.instrument, ppm);
    }
    return ppmOf;
  }

  #held({ account }: AccountEntry): Held[] {
    const { reference } = this.view;
    return [...this.view.account(account).positions]
      .filter(([, { qtyLots }]) => qtyLots !== 0)
      .sort(([a], [b]) => a - b)
      .map(([instrument, { qtyLots }]) => ({ entry: reference.instrumentAt(instrument), qtyLots }));
  }

  #valueOf({ instrument, terms }: InstrumentEntry, qtyLots: number): number {
    const twiceUnits = valueTwice(terms, BigInt(qtyLots), this.view.markOf(instrument));
    return Number(twiceUnits) / 2 / 10 ** terms.quoteScale;
  }

  /** Closed bars that all have, oldest first. */
  async #commonBars(held: readonly Held[], interval: CandleInterval, window: number) {
    const toUs = openTimeOf(interval, this.clock.nowUs());
    const fromUs = Math.max(0, toUs - window * INTERVAL_US[interval]);
    const bars: Map<number, number>[] = [];
    for (const { entry } of held) {
      const range = { fromUs, toUs };
      const { records } = await this.history.candlesOf(entry.instrument, interval, range, null, MAX_WINDOW);
      bars.push(new Map(records.map(({ openTimeUs, closeTicks }) => [openTimeUs, closeTicks])));
    }
    const times = [...(bars[0] ?? new Map<number, number>()).keys()].filter((time) =>
      bars.every((one) => one.has(time)),
    );
    return { times, closes: bars.map((one) => Float64Array.from(times, (time) => one.get(time)!)) };
  }
}

function checkedInput(input: PortfolioRiskInput) {
  const { interval, window, horizon, lambda } = input;
  const chosen = { interval: interval ?? 'D1', window: window ?? 365, horizon: horizon ?? 1, lambda: lambda ?? 0.94 };
  const refuse = (name: string, given: number, least: number, most: number) => {
    if (given < least || given > most)
      throw badUserInput(`input.${name}`, `is ${given}; ${least} to ${most} are taken`);
  };
  refuse('window', chosen.window, MIN_SAMPLE, MAX_WINDOW);
  refuse('horizon', chosen.horizon, 1, MAX_HORIZON);
  refuse('lambda', chosen.lambda, 0.5, 0.999);
  return chosen;
}

function estimatesOf(values: readonly number[], closes: readonly Float64Array[], horizon: number, lambda: number) {
  const returns = closes.map((series) => logReturns(series));
  const overHorizon = returns.map((series) => horizonReturns(series, horizon));
  const profits = Float64Array.from(overHorizon[0]!, (_, at) =>
    values.reduce((sum, value, which) => sum + value * Math.expm1(overHorizon[which]![at]!), 0),
  );
  const deviation = portfolioDeviation(values, ewmaCovariance(returns, lambda)) * Math.sqrt(horizon);
  return CONFIDENCES.flatMap((confidence) => [
    { method: 'HISTORICAL' as const, confidence, ...historicalTailRisk(profits, confidence) },
    { method: 'PARAMETRIC' as const, confidence, ...normalTailRisk(deviation, confidence) },
  ]);
}

function computed<Result>(compute: () => Result): Result {
  try {
    return compute();
  } catch (error) {
    if (error instanceof StatisticsError) throw badUserInput('input', `${error.message} (${error.problem})`);
    throw error;
  }
}
