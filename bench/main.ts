/** `npm run bench [-- engine] [-- --json]`: measurements beside peers and limits, in one run, as one table. */

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchEngine, type EngineRow } from './engine/run.js';

const SUITES = ['engine'] as const;

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
const WIDTHS = [14, 8, 18, 9, 9, 7, 7, 7, 8, 10, 10, 5, 8, 8];

const line = (cells: readonly string[]) => cells.map((cell, index) => cell.padStart(WIDTHS[index] ?? 8)).join('');

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
  if (values.json !== true) process.stdout.write(`${machine}\n${line(ENGINE_COLUMNS.map(([title]) => title))}\n`);
  const engine = await benchEngine((row) => {
    if (values.json !== true) process.stdout.write(`${line(ENGINE_COLUMNS.map(([, cell]) => cell(row)))}\n`);
  });
  if (values.json === true) process.stdout.write(`${JSON.stringify({ machine, engine }, null, 2)}\n`);
  return 0;
}

process.exitCode = await main();
