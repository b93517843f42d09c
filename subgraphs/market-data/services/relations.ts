/**
 * How instruments move together: statistics over the closed bars that all of them have, so that a bar in the making never
 * counts and one instrument's missing bar never shifts another's.
 */
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import { correlationMatrix } from '../../../src/core/statistics/correlation.js';
import { meanOf } from '../../../src/core/statistics/descriptive.js';
import { engleGranger } from '../../../src/core/statistics/engle-granger.js';
import { logReturns } from '../../../src/core/statistics/series.js';
import { StatisticsError } from '../../../src/core/statistics/statistics-error.js';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import { badUserInput, limitExceeded } from '../../../src/graphql/errors.js';
import type { Cointegration, Correlation } from '../types/relations.js';
import type { MarketPages } from './pages.js';

/** Most bars of one symbol that a statistic reads. */
export const MAX_BARS = 5_000;
/** Most symbols of one correlation matrix. */
export const MAX_SYMBOLS = 20;
/** Most lagged differences of a cointegration test. */
export const MAX_TEST_LAGS = 20;

/** Bars that a statistic is made from. */
export interface BarRange {
  readonly interval: CandleInterval;
  /** Microseconds since 1970 UTC, inclusive; null = from the first. */
  readonly fromUs: number | null;
  /** Exclusive; null = up to the last closed bar. */
  readonly toUs: number | null;
}

interface CommonBars {
  readonly times: readonly number[];
  /** By instrument: closing prices, quote per base, as many as times. */
  readonly closes: readonly Float64Array[];
}

export class MarketRelations {
  readonly #pages: MarketPages;

  constructor(pages: MarketPages) {
    this.#pages = pages;
  }

  /** @throws GraphQLError LIMIT_EXCEEDED, BAD_USER_INPUT naming what the statistic lacks, HISTORY_UNAVAILABLE */
  async correlation(entries: readonly InstrumentEntry[], range: BarRange): Promise<Correlation> {
    const symbols = entries.map(({ symbol }) => symbol);
    if (entries.length < 2) throw badUserInput('symbols', 'name at least two');
    if (entries.length > MAX_SYMBOLS) {
      throw limitExceeded('symbols', MAX_SYMBOLS, `${entries.length} were given, at most ${MAX_SYMBOLS} are compared`);
    }
    if (new Set(symbols).size < symbols.length) throw badUserInput('symbols', 'a symbol stands there twice');
    const { closes } = await this.#commonBars(entries, range);
    return computed(
      () => 'symbols',
      () => {
        const returns = closes.map((one, index) => logReturns(one, symbols[index]));
        return { symbols, matrix: correlationMatrix(returns, symbols), sampleSize: returns[0]!.length };
      },
    );
  }

  /** @throws GraphQLError LIMIT_EXCEEDED, BAD_USER_INPUT naming what the statistic lacks, HISTORY_UNAVAILABLE */
  async cointegration(y: InstrumentEntry, x: InstrumentEntry, range: BarRange, lags: number): Promise<Cointegration> {
    if (y.symbol === x.symbol) throw badUserInput('x', 'must be another symbol than y');
    if (lags < 0 || lags > MAX_TEST_LAGS) {
      throw limitExceeded('lags', MAX_TEST_LAGS, `${lags} lags were asked for; 0 to ${MAX_TEST_LAGS} are possible`);
    }
    const { times, closes } = await this.#commonBars([y, x], range);
    // What is wrong with one series alone is told of its argument.
    const fieldOf = (problem: string) =>
      problem.startsWith(`${x.symbol} `) || problem.startsWith(`${x.symbol}[`) ? 'x' : 'y';
    return computed(fieldOf, () => {
      const [closesY, closesX] = [closes[0]!, closes[1]!];
      const test = engleGranger(closesY, closesX, 'c', lags, y.symbol, x.symbol);
      return {
        y: y.symbol,
        x: x.symbol,
        hedgeRatio: test.hedgeRatio,
        intercept: test.intercept,
        statistic: test.statistic,
        pValue: test.pValue,
        criticalValues: [...test.criticalValues],
        cointegrated: test.pValue < 0.05,
        lags: test.lags,
        halfLife: test.halfLife,
        spreadMean: meanOf(closesY) - test.hedgeRatio * meanOf(closesX),
        spreadStdDev: test.residualStdDev,
        zScore: test.residuals[test.residuals.length - 1]! / test.residualStdDev,
        sampleSize: times.length,
        from: times[0]!,
        to: times[times.length - 1]!,
      };
    });
  }

  async #commonBars(entries: readonly InstrumentEntry[], range: BarRange): Promise<CommonBars> {
    const { interval, fromUs, toUs } = range;
    const bars: Map<number, number>[] = [];
    for (const entry of entries) {
      const candles = await this.#pages.closedCandles(entry, interval, { fromUs, toUs }, MAX_BARS + 1);
      if (candles.length > MAX_BARS) {
        const advice = 'set from and to closer together, or take a wider interval';
        throw limitExceeded('from', MAX_BARS, `${entry.symbol} has more than ${MAX_BARS} bars in the range: ${advice}`);
      }
      bars.push(new Map(candles.map(({ openTimeUs, close }) => [openTimeUs, close])));
    }
    const times = [...(bars[0] ?? []).keys()].filter((time) => bars.every((one) => one.has(time)));
    return { times, closes: bars.map((one) => Float64Array.from(times, (time) => one.get(time)!)) };
  }
}

/** What a statistic lacks is the caller's to mend: another range, another pair. */
function computed<Result>(fieldOf: (problem: string) => string, compute: () => Result): Result {
  try {
    return compute();
  } catch (error) {
    if (error instanceof StatisticsError)
      throw badUserInput(fieldOf(error.message), `${error.message} (${error.problem})`);
    throw error;
  }
}
