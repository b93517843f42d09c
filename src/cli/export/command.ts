/** `tradsys export`: one subcommand a dataset, with the options that it takes. */
import { type Command, Option } from 'commander';
import { CANDLE_INTERVALS } from '../../core/values/vocabulary.js';
import { EXIT_CODES_HELP } from '../exit-codes.js';
import { withPlatformOptions } from '../platform/access.js';
import type { Terminal } from '../terminal/terminal.js';
import { DATASETS, type Dataset } from './datasets.js';
import { type ExportOptions, runExport } from './export.js';
import { FORMATS } from './formats.js';

const EXAMPLES = `
Rows are asked for a page at a time and written as they come. A file appears under its name once it is whole. Decimals are
text and exact in each format; in Parquet times are timestamps of microseconds (UTC).

Examples:
  $ tradsys export candles --symbol KO --interval D1 > KO.csv
  $ tradsys export trades --symbol BTC-USD --from 2026-01-01 --format parquet --out btc.parquet
  $ tradsys export executions --account ACC-TRADER --format ndjson | jq .lastPx

${EXIT_CODES_HELP}`;

export function addExport(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  const parent = program.command('export').description('write history of a running platform as CSV, NDJSON or Parquet');
  for (const [name, dataset] of Object.entries(DATASETS)) {
    addDataset(parent, name, dataset).action(async (options: ExportOptions) =>
      finish(await runExport(dataset, options, terminal)),
    );
  }
}

function addDataset(parent: Command, name: string, dataset: Dataset): Command {
  const command = parent
    .command(name)
    .description(`${dataset.description}: ${dataset.columns.map((column) => column.name).join(', ')}`);
  if (dataset.needs.includes('symbol')) command.requiredOption('-s, --symbol <symbol>', 'instrument that they are of');
  if (dataset.needs.includes('account')) command.requiredOption('-a, --account <id>', 'account that they are of');
  if (dataset.needs.includes('interval')) {
    command.addOption(
      new Option('-i, --interval <interval>', 'width of the bars').choices([...CANDLE_INTERVALS]).makeOptionMandatory(),
    );
  }
  if (name === 'imported-trades') command.option('--source <name>', 'where they came from', 'file');
  if (dataset.ranged) {
    command
      .option('--from <time>', 'earliest time, inclusive: a date, a date and time (UTC), or a number since 1970')
      .option('--to <time>', 'latest time, exclusive');
  }
  command
    .addOption(new Option('-f, --format <format>', 'what is written').choices([...FORMATS]).default('csv'))
    .option('-o, --out <file>', 'file to write; a file of that name is replaced (default: standard output)')
    .option('--json', 'report what was done as JSON on standard error')
    .addHelpText('after', EXAMPLES);
  return withPlatformOptions(command, 'the scopes that reading needs');
}
