/** `tradsys backtest FILE.yaml`: runs a strategy, or a grid of them, on data from files, in threads of their own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { checkParameters } from '../../../subgraphs/strategies/services/parameters.js';
import { BacktestPool } from '../../adapters/worker/backtest-pool.js';
import { createTerms } from '../../core/instrument/terms.js';
import { factsOf } from '../../core/strategy/backtest/backtest.js';
import type { BacktestJob } from '../../core/strategy/backtest/job.js';
import type { BacktestReport } from '../../core/strategy/backtest/report.js';
import { STRATEGIES } from '../../core/strategy/catalogue.js';
import { boundsProblem } from '../../core/strategy/market-bounds.js';
import { formatScaled, parseScaled } from '../../core/values/decimal.js';
import { BacktestFailedError } from '../../ports/backtest-runner.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { createProgress } from '../terminal/progress.js';
import { layOut } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import { asciiCurve, equityOf } from './chart.js';
import { type LoadedData, loadData, QUOTE_SCALE } from './data.js';
import { type BacktestFile, combinations, readBacktestFile } from './file.js';
import { htmlReport } from './html.js';

export interface BacktestOptions {
  readonly html?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

interface Run {
  readonly parameters: Record<string, unknown>;
  readonly varied: Record<string, unknown>;
  report: BacktestReport | null;
  error: string | null;
}

const HEAP_MB = 2_048;
const MAX_THREADS = 64;
const CHART_WIDTH = 72;
const CHART_HEIGHT = 12;
/** Progress is counted in parts of a run. */
const PARTS = 1_000;

/** @returns exit code @throws CommandError */
export async function runBacktest(path: string, options: BacktestOptions, terminal: Terminal): Promise<number> {
  const file = readBacktestFile(path);
  const runs = combinations(file.grid).map((varied): Run => {
    const given = { ...file.strategy.parameters, ...varied };
    return { parameters: accepted(file, given), varied, report: null, error: null };
  });
  const { symbolCount } = STRATEGIES[file.strategy.type];
  if (file.strategy.symbols.length !== symbolCount) {
    throw new CommandError(`strategy.symbols: ${file.strategy.type} trades ${symbolCount}`, EXIT.USAGE);
  }
  const loaded = await loadData(file, path);
  for (const { parameters } of runs) requirePossible(file, parameters, loaded);
  for (const line of loaded.badLines.report) terminal.report(line);
  const interrupted = await runAll(file, loaded, runs, options, terminal);
  if (options.json === true)
    terminal.print(JSON.stringify(runs.length === 1 ? toJson(runs[0]!) : runs.map(toJson), null, 2));
  else printRuns(file, runs, terminal);
  const best = bestOf(runs);
  if (options.html !== undefined && best?.report) {
    const title = `${file.strategy.type} on ${file.strategy.symbols.join(', ')}`;
    const { report } = best;
    const source = `${readFileSync(path, 'utf8')}${runs.length > 1 ? `\n# of the grid: ${JSON.stringify(best.varied)}` : ''}`;
    writeReport(
      options.html,
      htmlReport({ title, figures: figuresOf(report), report, quoteScale: QUOTE_SCALE, source }),
    );
    terminal.report(`report written to ${options.html}`);
  }
  if (interrupted) return EXIT.INTERRUPTED;
  return runs.some(({ error }) => error !== null) ? EXIT.FAILED : EXIT.DONE;
}

/** @throws CommandError where the file cannot be written */
function writeReport(path: string, html: string): void {
  try {
    writeFileSync(path, html);
  } catch (error) {
    throw new CommandError(`--html: ${path} cannot be written: ${(error as Error).message}`, EXIT.FAILED);
  }
}

async function runAll(
  file: BacktestFile,
  loaded: LoadedData,
  runs: readonly Run[],
  options: BacktestOptions,
  terminal: Terminal,
): Promise<boolean> {
  const threads = Math.min(options.threads ?? Math.max(1, availableParallelism() - 1), MAX_THREADS, runs.length);
  const pool = new BacktestPool({ threads, maxHeapMb: HEAP_MB });
  const progress = createProgress(terminal, runs.length * PARTS, 'parts');
  const shares = runs.map(() => 0);
  const abort = new AbortController();
  const interrupt = () => abort.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt);
  const tell = () => {
    const done = shares.filter((share) => share === 1).length;
    progress.update(
      Math.round(shares.reduce((sum, share) => sum + share, 0) * PARTS),
      `${done} of ${runs.length} runs`,
    );
  };
  try {
    await Promise.all(
      runs.map(async (run, at) => {
        const onProgress = (share: number) => {
          shares[at] = Math.min(share, 0.999);
          tell();
        };
        try {
          const load = () => Promise.resolve(jobOf(file, loaded, run.parameters));
          run.report = await pool.run('', load, { onProgress }, abort.signal);
        } catch (error) {
          if (!abort.signal.aborted && !(error instanceof BacktestFailedError)) throw error;
          run.error = (error as Error).message;
        }
        shares[at] = 1;
        tell();
      }),
    );
  } finally {
    process.removeListener('SIGINT', interrupt);
    progress.end();
  }
  return abort.signal.aborted;
}

function jobOf(file: BacktestFile, { markets, data }: LoadedData, parameters: Record<string, unknown>): BacktestJob {
  const initialCashUnits = parseScaled(file.initialCash, QUOTE_SCALE);
  if (typeof initialCashUnits !== 'number' || initialCashUnits <= 0) {
    throw new CommandError(`initialCash: takes more than 0 with at most ${QUOTE_SCALE} decimals`, EXIT.USAGE);
  }
  return {
    type: file.strategy.type,
    parameters,
    markets,
    quoteScale: QUOTE_SCALE,
    data,
    initialCashUnits,
    latencyUs: Math.round(file.latencyMs * 1_000),
    makerFeePpm: Math.round(file.makerFeeBps * 100),
    takerFeePpm: Math.round(file.takerFeeBps * 100),
    participation: file.participation,
    halfSpreadTicks: file.halfSpreadTicks,
  };
}

function accepted(file: BacktestFile, parameters: Record<string, unknown>): Record<string, unknown> {
  try {
    return checkParameters(file.strategy.type, parameters, 'strategy.parameters');
  } catch (error) {
    throw new CommandError((error as Error).message, EXIT.USAGE);
  }
}

/** @throws CommandError where a quantity is none that the instrument takes */
function requirePossible(file: BacktestFile, parameters: Record<string, unknown>, { markets }: LoadedData): void {
  const facts = markets.map(({ spec, baseScale }) => factsOf(createTerms(spec, baseScale, QUOTE_SCALE)));
  const wrong = boundsProblem(file.strategy.type, parameters, facts);
  if (wrong === null) return;
  throw new CommandError(`strategy.parameters.${wrong.parameter}: ${wrong.problem}`, EXIT.USAGE);
}

const percent = (value: number) => `${(value * 100).toFixed(2)} %`;
const money = (units: number | bigint) => formatScaled(units, QUOTE_SCALE).replace(/(\.\d\d)\d*$/, '$1');
const ratio = (value: number | null) => (value === null ? '–' : value.toFixed(2));

function figuresOf(report: BacktestReport): (readonly [string, string])[] {
  return [
    ['return', percent(report.totalReturn)],
    ['Sharpe, annualized', ratio(report.annualizedSharpe)],
    ['greatest drawdown', percent(report.maxDrawdown)],
    ['fills', String(report.tradeCount)],
    ['win rate', report.winRate === null ? '–' : percent(report.winRate)],
    ['turnover', money(report.turnoverUnits)],
    ['fees', money(report.feesUnits)],
    ['final equity', money(report.finalEquityUnits)],
    ...report.markouts.map(
      ({ horizonS, meanBps }) =>
        [`markout ${horizonS} s`, meanBps === null ? '–' : `${meanBps.toFixed(2)} bp`] as const,
    ),
    ...Object.entries(report.rejections).map(([reason, count]) => [`refused: ${reason}`, String(count)] as const),
    ['state hash', report.stateHash],
  ];
}

function bestOf(runs: readonly Run[]): Run | null {
  const done = runs.filter(({ report }) => report !== null);
  const score = ({ report }: Run) => report?.annualizedSharpe ?? Number.NEGATIVE_INFINITY;
  return done.reduce<Run | null>((best, run) => (best === null || score(run) > score(best) ? run : best), null);
}

function printRuns(file: BacktestFile, runs: readonly Run[], terminal: Terminal): void {
  const { paint } = terminal;
  terminal.print(paint.bold(`${file.strategy.type} on ${file.strategy.symbols.join(', ')}`));
  if (runs.length > 1) printGrid(runs, terminal);
  for (const { error, varied } of runs) {
    if (error !== null) terminal.report(`${terminal.paintError.red('failed')} ${JSON.stringify(varied)}: ${error}`);
  }
  const best = bestOf(runs);
  if (best?.report === null || best === null) return;
  if (runs.length > 1) terminal.print(`\nBest by Sharpe ratio: ${paint.cyan(JSON.stringify(best.varied))}`);
  const values = equityOf(best.report.equityCurve, QUOTE_SCALE).map(({ value }) => value);
  const color = best.report.totalReturn >= 0 ? paint.green : paint.red;
  terminal.print();
  for (const line of asciiCurve(values, CHART_WIDTH, CHART_HEIGHT, (value) => value.toFixed(2)))
    terminal.print(color(line));
  terminal.print();
  for (const line of layOut(figuresOf(best.report), { indent: '  ', right: [1] })) terminal.print(line);
}

function printGrid(runs: readonly Run[], terminal: Terminal): void {
  const names = Object.keys(runs[0]!.varied);
  const score = ({ report }: Run) => report?.annualizedSharpe ?? Number.NEGATIVE_INFINITY;
  const rows = [...runs]
    .sort((a, b) => score(b) - score(a))
    .map(({ varied, report }) => [
      ...names.map((name) => String(varied[name])),
      ...(report === null
        ? ['–', '–', '–', '–']
        : [
            percent(report.totalReturn),
            ratio(report.annualizedSharpe),
            percent(report.maxDrawdown),
            String(report.tradeCount),
          ]),
    ]);
  const header = [...names, 'return', 'Sharpe', 'drawdown', 'fills'].map((name) => terminal.paint.dim(name));
  for (const line of layOut([header, ...rows], { indent: '  ', right: header.map((_, at) => at) }))
    terminal.print(line);
}

function toJson({ parameters, report, error }: Run): unknown {
  if (report === null) return { parameters, error };
  const { turnoverUnits, feesUnits, finalEquityUnits, equityCurve, ...rest } = report;
  const text = (units: number | bigint) => formatScaled(units, QUOTE_SCALE);
  return {
    parameters,
    report: {
      ...rest,
      turnover: text(turnoverUnits),
      fees: text(feesUnits),
      finalEquity: text(finalEquityUnits),
      equityCurve: equityCurve.map(({ timeUs, equityUnits, drawdown }) => ({
        time: new Date(timeUs / 1_000).toISOString(),
        equity: text(equityUnits),
        drawdown,
      })),
    },
  };
}
