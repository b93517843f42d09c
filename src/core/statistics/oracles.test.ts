/** Unit-root, cointegration and regression figures beside those of published packages on real data. */
import { existsSync, readFileSync } from 'node:fs';
import { augmentedDickeyFuller } from './augmented-dickey-fuller.js';
import { pearson } from './correlation.js';
import { engleGranger } from './engle-granger.js';
import { johansen } from './johansen.js';
import { leastSquares, ones } from './least-squares.js';

const FOLDER = '../shared/data';
const isPresent = existsSync(`${FOLDER}/statsmodels/expected.json`);

interface Expected {
  readonly adf_macrodata: readonly {
    readonly series: string;
    readonly regression: 'n' | 'c' | 'ct';
    readonly lags: number;
    readonly crit_1_5_10: readonly number[];
    readonly stat_full: number;
    readonly pvalue_full: number;
  }[];
  readonly coint_macrodata: { readonly stat: number; readonly pvalue: number; readonly crit_1_5_10: readonly number[] };
  readonly egranger: readonly { readonly stat: number; readonly crit_1_5_10: readonly number[] }[];
}

interface Pair {
  readonly pair: string;
  readonly file: string;
  readonly n: number;
  readonly pearson: number;
  readonly ols_alpha: number;
  readonly ols_beta: number;
  readonly eg_lag1_stat: number;
  readonly eg_lag1_p: number;
  readonly eg_crit_1_5_10: readonly number[];
  readonly eg_aic_stat: number;
  readonly eg_aic_p: number;
  readonly half_life: number | null;
  readonly johansen_trace_r0: number;
  readonly johansen_trace_r1: number;
  readonly johansen_crit95: readonly number[];
  readonly adf_y_lag1: number;
}

const json = (name: string) => JSON.parse(readFileSync(`${FOLDER}/${name}`, 'utf8')) as unknown;
const lines = (name: string) => readFileSync(`${FOLDER}/${name}`, 'utf8').trim().split(/\r?\n/);

function column(name: string, field: string): number[] {
  const [header, ...rows] = lines(name);
  const at = header!.split(',').findIndex((one) => one.replaceAll('"', '') === field);
  return rows.map((row) => Number(row.split(',')[at]));
}

/** Closing prices of both files on the days that both have. */
function commonCloses(fileY: string, fileX: string): [number[], number[]] {
  const closes = (file: string) =>
    new Map(
      lines(file)
        .slice(1)
        .map((row) => [row.split(',')[0]!, Number(row.split(',')[4])]),
    );
  const x = closes(fileX);
  const days = [...closes(fileY)].filter(([day]) => x.has(day));
  return [days.map(([, close]) => close), days.map(([day]) => x.get(day)!)];
}

const values = (rows: readonly { readonly value: number }[]) => rows.map(({ value }) => value);
function expectClose(actual: readonly number[], expected: readonly number[], digits: number): void {
  expect(actual).toHaveLength(expected.length);
  for (const [index, value] of actual.entries()) expect(value).toBeCloseTo(expected[index]!, digits);
}

if (!isPresent) process.stdout.write(`${FOLDER} is missing: published figures are left out\n`);
const published = isPresent ? (json('statsmodels/expected.json') as Expected) : null;
const pairs = isPresent ? (json('ohlcv/pairs_expected.json') as { pairs: Pair[] }).pairs : [];

describe('Published figures', () => {
  it('are at hand or said to be missing', () => expect(published !== null).toBe(isPresent));

  for (const row of published?.adf_macrodata ?? []) {
    it(`of the augmented Dickey–Fuller test of ${row.series} with trend ${row.regression} are met`, () => {
      const result = augmentedDickeyFuller(column('statsmodels/macrodata.csv', row.series), row.regression, row.lags);
      expect(Math.abs(result.statistic - row.stat_full)).toBeLessThan(1e-6);
      expect(Math.abs(result.pValue - row.pvalue_full)).toBeLessThan(1e-4);
      expectClose(values(result.criticalValues), row.crit_1_5_10, 1);
    });
  }

  if (published !== null) {
    it('of the Engle–Granger test of consumption on product are met', () => {
      const [y, x] = ['realcons', 'realgdp'].map((name) => column('statsmodels/macrodata.csv', name));
      const result = engleGranger(y!, x!, 'c', 0);
      expect(Math.abs(result.statistic - published.coint_macrodata.stat)).toBeLessThan(1e-6);
      expect(Math.abs(result.pValue - published.coint_macrodata.pvalue)).toBeLessThan(1e-4);
      expectClose(values(result.criticalValues), published.coint_macrodata.crit_1_5_10, 6);
    });

    it('of the Engle–Granger test with a trend are met', () => {
      const rows = lines('statsmodels/egranger_y_200x4.csv').map((row) => row.split(',').map(Number));
      const result = engleGranger(
        rows.map((row) => row[0]!),
        rows.map((row) => row[1]!),
        'ct',
        4,
      );
      expect(Math.abs(result.statistic - published.egranger[0]!.stat)).toBeLessThan(1e-6);
      expectClose(values(result.criticalValues), published.egranger[0]!.crit_1_5_10, 6);
    });
  }

  for (const row of pairs) {
    it(`of ${row.pair} over five years are met`, () => {
      const [fileY, fileX] = row.file.split(',');
      const [y, x] = commonCloses(fileY!, fileX!);
      expect(y).toHaveLength(row.n);
      expect(pearson(y, x)).toBeCloseTo(row.pearson, 10);
      const line = leastSquares(y, [x, ones(y.length)]);
      expect(line.coefficients[0]).toBeCloseTo(row.ols_beta, 10);
      expect(line.coefficients[1]).toBeCloseTo(row.ols_alpha, 8);
      const fixed = engleGranger(y, x, 'c', 1);
      expect(Math.abs(fixed.statistic - row.eg_lag1_stat)).toBeLessThan(1e-6);
      expect(Math.abs(fixed.pValue - row.eg_lag1_p)).toBeLessThan(1e-4);
      expectClose(values(fixed.criticalValues), row.eg_crit_1_5_10, 8);
      const chosen = engleGranger(y, x, 'c', 'AIC');
      expect(Math.abs(chosen.statistic - row.eg_aic_stat)).toBeLessThan(1e-6);
      expect(Math.abs(chosen.pValue - row.eg_aic_p)).toBeLessThan(1e-4);
      if (row.half_life === null) expect(fixed.halfLife).toBeNull();
      else expect(fixed.halfLife).toBeCloseTo(row.half_life, 6);
      expect(augmentedDickeyFuller(y, 'c', 1).statistic).toBeCloseTo(row.adf_y_lag1, 6);
      const ranks = johansen([y, x], 'c', 1);
      expect(ranks.rows[0]!.trace).toBeCloseTo(row.johansen_trace_r0, 6);
      expect(ranks.rows[1]!.trace).toBeCloseTo(row.johansen_trace_r1, 6);
      expectClose(
        ranks.rows.map(({ traceCritical }) => traceCritical[1]),
        row.johansen_crit95,
        4,
      );
    });
  }
});
