/** The `backtest` subcommand of the command line. */
import type { Command } from 'commander';
import { EXIT_CODES_HELP } from '../exit-codes.js';
import { parseCount } from '../options.js';
import type { Terminal } from '../terminal/terminal.js';
import type { BacktestOptions } from './backtest.js';

export function addBacktest(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  program
    .command('backtest')
    .description('run a strategy, or a grid of its parameters, on history from files')
    .argument('<file>', 'YAML file: strategy, data, terms, and a grid where wanted')
    .option('--html <file>', 'write a report with charts')
    .option('--threads <count>', 'runs at a time (default: one less than the cores)', parseCount)
    .option('--json', 'print the reports as JSON')
    .addHelpText(
      'after',
      `
A file:
  strategy:
    type: PAIRS_TRADING
    symbols: [EWA, EWC]
    parameters: { interval: D1, orderQty: 100, window: 250, entryZ: 1.5 }
  data:
    interval: D1
    candles: { EWA: EWA.csv, EWC: EWC.csv }     # or lobster: { messages: FILE, book: FILE }, or l3: FILE
  instruments: { EWA: { tickSize: 0.01, lotSize: 1 } }
  initialCash: 100000
  takerFeeBps: 1
  grid: { entryZ: [1, 1.5, 2] }                 # every combination is run

Examples:
  $ tradsys backtest pairs.yaml
  $ tradsys backtest pairs.yaml --html report.html --threads 4
  $ tradsys backtest pairs.yaml --json

${EXIT_CODES_HELP}`,
    )
    .action(async (file: string, options: BacktestOptions) => {
      // Loaded here, since it brings strategies and GraphQL with it: other commands begin without.
      const { runBacktest } = await import('./backtest.js');
      finish(await runBacktest(file, options, terminal));
    });
}
