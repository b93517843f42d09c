import { execute, parse } from 'graphql';
import { INTERVAL_US } from '../../src/core/market-data/candles.js';
import { pearson } from '../../src/core/statistics/correlation.js';
import { engleGranger } from '../../src/core/statistics/engle-granger.js';
import { logReturns } from '../../src/core/statistics/series.js';
import type { CandleInterval } from '../../src/core/values/vocabulary.js';
import type { History } from '../../src/ports/history.js';
import { MAX_IMPORT_ROWS } from '../../src/ports/imported-market-data.js';
import { RecordedImports } from '../../src/testing/imported-market-data.js';
import { seededRandom } from '../../src/testing/random.js';
import { RecordedHistory } from '../../src/testing/recorded-history.js';
import { TEST_START_US, TestVenue } from '../../src/testing/test-venue.js';
import { createMarketDataSubgraph } from './subgraph.js';

const BARS = 60;

interface Answer {
  readonly data?: Record<string, Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

function trade(venue: TestVenue, instrument: number, px: number): void {
  venue.place(1, instrument, 'BUY', 1, px);
  venue.place(2, instrument, 'SELL', 1, px);
}

/** KO trades once a second; PEP follows it and misses every tenth bar. The last bar of both is still in the making. */
async function openMarket() {
  const venue = new TestVenue();
  venue.open(['alice', 'bob']);
  const history = new RecordedHistory(venue.events) as unknown as History;
  const subgraph = await createMarketDataSubgraph({ engine: venue, feed: venue, history });
  await subgraph.start();
  const random = seededRandom(7);
  const common: [ko: number, pep: number][] = [];
  let px = 6_000;
  for (let bar = 0; bar < BARS; bar += 1) {
    venue.nowUs = TEST_START_US + bar * 1_000_000;
    px += Math.round((random() - 0.5) * 40);
    const other = px + 50 + Math.round((random() - 0.5) * 8);
    trade(venue, 0, px);
    if (bar % 10 === 9) continue;
    trade(venue, 1, other);
    common.push([px / 100, other / 100]);
  }
  venue.nowUs = TEST_START_US + BARS * 1_000_000;
  trade(venue, 0, 9_999);
  trade(venue, 1, 1_111);
  const ask = async (query: string): Promise<Answer> =>
    (await execute({
      schema: subgraph.schema,
      document: parse(query),
      contextValue: { identity: null, requestId: 'test' },
    })) as Answer;
  return { subgraph, ask, common };
}

describe('Relations between instruments', () => {
  let market: Awaited<ReturnType<typeof openMarket>>;
  beforeAll(async () => {
    market = await openMarket();
  });
  afterAll(() => market.subgraph.stop());

  it('correlate log returns of the closed bars that all symbols have', async () => {
    const { data, errors } = await market.ask(
      '{ correlation(symbols: ["KO", "PEP"], interval: S1) { symbols matrix sampleSize } }',
    );
    expect(errors).toBeUndefined();
    const [ko, pep] = [0, 1].map((at) => logReturns(market.common.map((row) => row[at]!)));
    const expected = pearson(ko!, pep!);
    expect(data?.correlation?.sampleSize).toBe(market.common.length - 1);
    const matrix = data?.correlation?.matrix as number[][];
    expect(matrix[0]).toEqual([1, matrix[1]![0]]);
    expect(matrix[0]![1]).toBeCloseTo(expected, 12);
  });

  it('test cointegration with the figures of the statistics', async () => {
    const { data, errors } = await market.ask(
      `{ cointegration(y: "PEP", x: "KO", interval: S1) { y x hedgeRatio intercept statistic pValue cointegrated lags halfLife
        criticalValues { level value } spreadMean spreadStdDev zScore sampleSize from to } }`,
    );
    expect(errors).toBeUndefined();
    const y = market.common.map((row) => row[1]);
    const x = market.common.map((row) => row[0]);
    const test = engleGranger(y, x);
    const spread = y.map((value, index) => value - test.hedgeRatio * x[index]!);
    const mean = spread.reduce((sum, value) => sum + value, 0) / spread.length;
    expect(data?.cointegration).toMatchObject({
      y: 'PEP',
      x: 'KO',
      lags: 1,
      cointegrated: true,
      sampleSize: market.common.length,
      from: '2026-01-02T00:00:00.000000Z',
      to: '2026-01-02T00:00:58.000000Z',
    });
    for (const field of ['hedgeRatio', 'intercept', 'statistic', 'pValue', 'halfLife'] as const) {
      expect(data?.cointegration?.[field]).toBeCloseTo(test[field] as number, 9);
    }
    expect(data?.cointegration?.spreadMean).toBeCloseTo(mean, 9);
    expect(data?.cointegration?.zScore).toBeCloseTo((spread[spread.length - 1]! - mean) / test.residualStdDev, 9);
    expect(data?.cointegration?.criticalValues).toHaveLength(3);
  });

  it('give the same on a prefix, whatever bars come later', async () => {
    const query = `{ cointegration(y: "PEP", x: "KO", interval: S1, to: "2026-01-02T00:00:40Z") { statistic sampleSize } }`;
    const { data } = await market.ask(query);
    const prefix = market.common.slice(0, 36);
    expect(data?.cointegration?.sampleSize).toBe(36);
    const test = engleGranger(
      prefix.map((row) => row[1]),
      prefix.map((row) => row[0]),
    );
    expect(data?.cointegration?.statistic).toBeCloseTo(test.statistic, 9);
  });

  const refusals: readonly [query: string, code: string, message: RegExp][] = [
    ['correlation(symbols: ["KO"], interval: S1) { sampleSize }', 'BAD_USER_INPUT', /symbols: name at least two/],
    ['correlation(symbols: ["KO", "KO"], interval: S1) { sampleSize }', 'BAD_USER_INPUT', /symbols: .* twice/],
    ['correlation(symbols: ["KO", "NO"], interval: S1) { sampleSize }', 'NOT_FOUND', /symbols: .*"NO"/],
    ['correlation(symbols: ["KO", "PEP"], interval: D1) { sampleSize }', 'BAD_USER_INPUT', /TOO_FEW_OBSERVATIONS/],
    ['cointegration(y: "KO", x: "KO", interval: S1) { pValue }', 'BAD_USER_INPUT', /x: must be another symbol/],
    ['cointegration(y: "KO", x: "PEP", interval: S1, lags: 21) { pValue }', 'LIMIT_EXCEEDED', /lags: 21 .* 0 to 20/],
    ['cointegration(y: "KO", x: "PEP", interval: M1) { pValue }', 'BAD_USER_INPUT', /TOO_FEW_OBSERVATIONS/],
    [
      'cointegration(y: "KO", x: "PEP", interval: S1, from: "2026-01-03T00:00:00Z", to: "2026-01-02T00:00:00Z") { pValue }',
      'BAD_USER_INPUT',
      /to: must be later than from/,
    ],
  ];
  it.each(refusals)('refuse %s as %s', async (query, code, message) => {
    const { errors } = await market.ask(`{ ${query} }`);
    expect(errors?.[0]?.extensions.code).toBe(code);
    expect(errors?.[0]?.message).toMatch(message);
  });
});

describe('Relations of bars that say nothing', () => {
  let subgraph: Awaited<ReturnType<typeof createMarketDataSubgraph>>;
  const venue = new TestVenue();
  const imported = new RecordedImports();
  /** Closing prices of the bars of an interval, from the start of the venue on. */
  const bars = async (instrument: number, interval: CandleInterval, closes: readonly number[]) => {
    for (let start = 0; start < closes.length; start += MAX_IMPORT_ROWS) {
      const part = closes.slice(start, start + MAX_IMPORT_ROWS).map((close, index) => ({
        openTimeUs: TEST_START_US - 10_000 * INTERVAL_US[interval] + (start + index) * INTERVAL_US[interval],
        ...{ open: `${close}`, high: `${close}`, low: `${close}`, close: `${close}` },
        ...{ volume: '1', vwap: null, tradeCount: null, source: 'test' },
      }));
      await imported.saveCandles(instrument, interval, part);
    }
  };
  const up = Array.from({ length: 40 }, (_, at) => 60 + at + (at % 3));

  beforeAll(async () => {
    venue.open(['alice', 'bob']);
    const history = new RecordedHistory(venue.events) as unknown as History;
    subgraph = await createMarketDataSubgraph({ engine: venue, feed: venue, history, imported });
    await subgraph.start();
    await bars(0, 'M1', up);
    await bars(
      1,
      'M1',
      up.map(() => 150),
    );
    await bars(0, 'M5', up);
    await bars(
      1,
      'M5',
      up.map((close) => 2 * close + 1),
    );
    await bars(0, 'M15', up.slice(0, 5));
    await bars(
      1,
      'M15',
      up.slice(0, 5).map((close) => close * 1.5),
    );
    await bars(0, 'S1', new Array<number>(5_001).fill(60));
    await bars(1, 'S1', up);
    await bars(
      0,
      'H1',
      up.map((_, at) => (at === 7 ? 0 : 60 + at)),
    );
    await bars(1, 'H1', up);
  });
  afterAll(() => subgraph.stop());

  const pair = (y: string, x: string, interval: string) => `cointegration(y: "${y}", x: "${x}", interval: ${interval})`;
  const matrix = (interval: string) => `correlation(symbols: ["KO", "PEP"], interval: ${interval})`;
  const refusals: readonly [query: string, field: string, message: RegExp][] = [
    [`${pair('PEP', 'KO', 'M1')} { pValue }`, 'y', /^y: PEP is constant at 150 \(CONSTANT_SERIES\)$/],
    [`${pair('KO', 'PEP', 'M1')} { pValue }`, 'x', /^x: PEP is constant at 150 \(CONSTANT_SERIES\)$/],
    [`${matrix('M1')} { matrix }`, 'symbols', /^symbols: PEP is constant at 0 \(CONSTANT_SERIES\)$/],
    [`${pair('KO', 'PEP', 'M5')} { pValue }`, 'y', /^y: KO is a linear function of PEP \(COLLINEAR\)$/],
    [`${pair('KO', 'PEP', 'M15')} { pValue }`, 'y', /^y: KO has 5 observations, at least 6 .*TOO_FEW/],
    [`${pair('KO', 'PEP', 'D1')} { pValue }`, 'y', /^y: KO has 0 observations, at least 6 .*TOO_FEW/],
    [`${matrix('D1')} { matrix }`, 'symbols', /^symbols: KO has 0 observations.*TOO_FEW/],
    [
      `${pair('KO', 'PEP', 'S1')} { pValue }`,
      'from',
      /^from: KO has more than 5000 bars in the range: set from and to closer/,
    ],
    [`${matrix('S1')} { matrix }`, 'from', /^from: KO has more than 5000 bars in the range/],
    [`${matrix('H1')} { matrix }`, 'symbols', /^symbols: KO\[7\] is 0, a price must be above 0 \(OUT_OF_RANGE\)$/],
    [`${pair('KO', 'NO', 'M1')} { pValue }`, 'x', /^x: there is no instrument "NO"/],
    [`${pair('NO', 'KO', 'M1')} { pValue }`, 'y', /^y: there is no instrument "NO"/],
    ['cointegration(y: "KO", x: "PEP", interval: M15, lags: 20) { pValue }', 'y', /TOO_FEW_OBSERVATIONS/],
    ['cointegration(y: "KO", x: "PEP", interval: M1, lags: -1) { pValue }', 'lags', /^lags: -1 lags .* 0 to 20/],
    ['correlation(symbols: [], interval: M1) { matrix }', 'symbols', /^symbols: name at least two/],
    [
      `correlation(symbols: [${Array.from({ length: 21 }, () => '"KO"').join()}], interval: M1) { matrix }`,
      'symbols',
      /^symbols: 21 were given, at most 20/,
    ],
  ];
  it.each(refusals)('are refused by name: %s', async (query, field, message) => {
    const { errors } = (await execute({
      schema: subgraph.schema,
      document: parse(`{ ${query} }`),
      contextValue: { identity: null, requestId: 'test' },
    })) as Answer;
    expect(errors?.[0]?.message).toMatch(message);
    expect(errors?.[0]?.extensions.field).toBe(field);
  });
});
