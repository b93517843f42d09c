/** Cointegration tests by the thousand: what a search for pairs costs. */
import { augmentedDickeyFuller } from '../../src/core/statistics/augmented-dickey-fuller.js';
import { correlationMatrix } from '../../src/core/statistics/correlation.js';
import { engleGranger } from '../../src/core/statistics/engle-granger.js';
import { johansen } from '../../src/core/statistics/johansen.js';
import { seededRandom } from '../../src/testing/random.js';
import { median, type Suite } from '../suite.js';

interface StatisticsRow {
  readonly what: string;
  readonly runs: number;
  readonly medianMs: number;
  readonly totalMs: number;
}

const BARS = 1_000;
const SYMBOLS = 100;

function walks(count: number): Float64Array[] {
  const random = seededRandom(1);
  return Array.from({ length: count }, () => {
    let level = 100;
    return Float64Array.from({ length: BARS }, () => (level += random() + random() + random() - 1.5));
  });
}

function timed(what: string, runs: number, compute: (run: number) => unknown): StatisticsRow {
  for (let run = 0; run < Math.min(20, runs); run += 1) compute(run);
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const started = performance.now();
    compute(run);
    times.push(performance.now() - started);
  }
  return { what, runs, medianMs: median(times), totalMs: times.reduce((sum, time) => sum + time, 0) };
}

export const suite: Suite<StatisticsRow> = {
  columns: [
    { title: `${BARS} bars`, width: 44, cell: (row) => row.what },
    { title: 'runs', width: 8, cell: (row) => String(row.runs) },
    { title: 'median ms', width: 11, cell: (row) => row.medianMs.toFixed(3) },
    { title: 'total s', width: 9, cell: (row) => (row.totalMs / 1000).toFixed(2) },
  ],
  run: (onRow) => {
    const series = walks(SYMBOLS);
    const pairs: [number, number][] = [];
    for (let y = 0; y < SYMBOLS; y += 1) for (let x = 0; x < y; x += 1) pairs.push([y, x]);
    const at = (run: number) => series[run % SYMBOLS]!;
    const names = series.map((_, index) => `${index}`);
    const cases: readonly (() => StatisticsRow)[] = [
      () => timed('Engle–Granger, one lag', 500, (run) => engleGranger(at(run + 1), at(run))),
      () =>
        timed(`Engle–Granger, all pairs of ${SYMBOLS} symbols`, pairs.length, (run) => {
          const [y, x] = pairs[run]!;
          return engleGranger(series[y]!, series[x]!);
        }),
      () => timed('Engle–Granger, lags by AIC', 50, (run) => engleGranger(at(run + 1), at(run), 'c', 'AIC')),
      () => timed('augmented Dickey–Fuller, one lag', 500, (run) => augmentedDickeyFuller(at(run), 'c', 1)),
      () => timed('Johansen, two series', 200, (run) => johansen([at(run), at(run + 1)])),
      () => timed(`correlation matrix of ${SYMBOLS} symbols`, 20, () => correlationMatrix(series, names)),
    ];
    return Promise.resolve(
      cases.map((measure) => {
        const row = measure();
        onRow(row);
        return row;
      }),
    );
  },
};
