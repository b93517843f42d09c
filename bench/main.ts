/** `npm run bench [-- engine|streams] [-- --json]`: measurements beside peers and limits, one table a suite. */

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchEngine, type EngineRow } from './engine/run.js';
import { benchStreams, type StreamsRow } from './streams/run.js';

const SUITES = ['engine', 'streams'] as const;

const millions = (value: number | null) => (value === null ? '–' : (value / 1e6).toFixed(2));
const times = (value: number | null) => (value === null ? '–' : `${value.toFixed(2)}×`);

const ENGINE_COLUMNS: readonly [title: string, cell: (row: EngineRow) => string][] = [
  ['workload', (row) => row.workload],
  ['M ops/s', (row) => millions(row.opsPerSecond)],
  ['nodejs-order-book', (row) => millions(row.peerOpsPerSecond)],
  ['ratio', (row) => times(row.ratioToPeer)],
  ['C++ twin', (row) => millions(row.twinOpsPerSecond)],
  ['ratio', (row) => times(row.ratioToTwin)],
  ['p50 µs', (row) => row.p50Us.toFixed(2)],
  ['p99', (row) => row.p99Us.toFixed(2)],
  ['p99.9', (row) => row.p999Us.toFixed(2)],
  ['clock p50', (row) => row.emptyP50Us.toFixed(2)],
  ['clock p99', (row) => row.emptyP99Us.toFixed(2)],
  ['GCs', (row) => String(row.collections)],
  ['trades', (row) => String(row.trades)],
  ['refused', (row) => String(row.refused)],
];
const thousands = (value: number) => (value / 1e3).toFixed(0);

const STREAMS_COLUMNS: readonly [title: string, cell: (row: StreamsRow) => string][] = [
  ['subscribers', (row) => String(row.subscribers)],
  ['k/CPU s', (row) => thousands(row.oursPerSecond)],
  ['ws broadcast', (row) => thousands(row.rawPerSecond)],
  ['ratio', (row) => times(row.ratioToRaw)],
  ['graphql-ws', (row) => thousands(row.graphqlWsPerSecond)],
  ['to broadcast', (row) => times(row.graphqlWsToRaw)],
];
const STREAMS_WIDTHS = [14, 10, 14, 9, 12, 14];
const WIDTHS = [14, 8, 18, 9, 9, 7, 7, 7, 8, 10, 10, 5, 8, 8];

const line = (cells: readonly string[], widths: readonly number[]) =>
  cells.map((cell, index) => cell.padStart(widths[index] ?? 8)).join('');

/** Runs a suite and prints its table row by row, or nothing where the figures are wanted. */
async function table<Row>(
  run: (onRow: (row: Row) => void) => Promise<readonly Row[]>,
  columns: readonly [title: string, cell: (row: Row) => string][],
  widths: readonly number[],
  quiet: boolean,
): Promise<readonly Row[]> {
  const print = (cells: readonly string[]) => {
    if (!quiet) process.stdout.write(`${line(cells, widths)}\n`);
  };
  print(columns.map(([title]) => title));
  return run((row) => print(columns.map(([, cell]) => cell(row))));
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const unknown = positionals.filter((name) => !(SUITES as readonly string[]).includes(name));
  if (values.help === true || unknown.length > 0) {
    process.stdout.write(`npm run bench -- [${SUITES.join('|')}] [--json]\n`);
    return unknown.length > 0 ? 2 : 0;
  }
  const machine = `${cpus()[0]?.model ?? 'unknown'} × ${cpus().length}, Node ${process.version}`;
  const quiet = values.json === true;
  const wanted = (suite: (typeof SUITES)[number]) => positionals.length === 0 || positionals.includes(suite);
  if (!quiet) process.stdout.write(`${machine}\n`);
  const figures: Record<string, unknown> = { machine };
  if (wanted('engine')) figures.engine = await table(benchEngine, ENGINE_COLUMNS, WIDTHS, quiet);
  if (wanted('streams')) figures.streams = await table(benchStreams, STREAMS_COLUMNS, STREAMS_WIDTHS, quiet);
  if (quiet) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  return 0;
}

process.exitCode = await main();
