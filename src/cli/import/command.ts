/** `tradsys import`: its two subcommands, their options and their help. */
import { type Command, Option } from 'commander';
import { CANDLE_INTERVALS } from '../../core/values/vocabulary.js';
import { EXIT_CODES_HELP } from '../exit-codes.js';
import { withPlatformOptions } from '../platform/access.js';
import type { Terminal } from '../terminal/terminal.js';
import { type ImportOptions, runImport } from './import.js';
import { CANDLES, type ImportKind, TRADES } from './kinds.js';

const COLUMNS = (kind: ImportKind) =>
  Object.entries(kind.names)
    .map(([column, names]) => {
      const optional = kind.required.includes(column) ? '' : '  (may be missing)';
      return `  ${column.padEnd(8)}${[...new Set(names)].join(', ')}${optional}`;
    })
    .join('\n');

const ABOUT = `Columns are found by their names in the first line, whatever their order and case; others are passed over. Times are
dates, dates and times (without an offset: UTC), or seconds, milliseconds, microseconds or nanoseconds since 1970.
A line that cannot be read is told with its number and the others are imported; the exit code is 1 then. Importing
a file again changes nothing.`;

export function addImport(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  const command = program
    .command('import')
    .description("bring market data of other venues in from a CSV file, beside the platform's own");
  const candles = addKind(command, 'candles', 'import bars', CANDLES)
    .addOption(
      new Option('-i, --interval <interval>', 'width of the bars').choices([...CANDLE_INTERVALS]).makeOptionMandatory(),
    )
    .addHelpText(
      'after',
      `
${ABOUT} Each bar counts in the interval (UTC) that holds its time, one an interval.
Instrument.candles shows imported bars in the intervals in which the platform had no trade.

Columns and the names they go by:
${COLUMNS(CANDLES)}

Examples:
  $ tradsys import candles KO.csv --symbol KO --interval D1
  $ tradsys import candles EWA.csv --symbol EWA --interval D1 --create --source yahoo

${EXIT_CODES_HELP}`,
    );
  candles.action(async (file: string, options: ImportOptions) =>
    finish(await runImport(CANDLES, file, options, terminal)),
  );
  const trades = addKind(command, 'trades', 'import trades', TRADES).addHelpText(
    'after',
    `
${ABOUT}
Instrument.importedTrades shows them. Without ids a trade is told by its place among those of its time.

Columns and the names they go by:
${COLUMNS(TRADES)}

Examples:
  $ tradsys import trades btc-2025-06.csv --symbol BTC-USD --source kraken
  $ tradsys import trades ticks.csv --symbol KO --json

${EXIT_CODES_HELP}`,
  );
  trades.action(async (file: string, options: ImportOptions) =>
    finish(await runImport(TRADES, file, options, terminal)),
  );
}

function addKind(parent: Command, name: string, description: string, kind: ImportKind): Command {
  const command = parent
    .command(name)
    .description(`${description} from a CSV file; columns ${kind.required.join(', ')} are needed`)
    .argument('<file>', 'CSV file whose first line names the columns')
    .requiredOption('-s, --symbol <symbol>', 'instrument that they are of')
    .option('--source <name>', 'where they come from, as it is shown', 'file')
    .option('--create', 'list the instrument where it is not listed, closed to trading')
    .option('--tick-size <step>', 'price step of an instrument that --create lists', '0.01')
    .option('--lot-size <step>', 'quantity step of an instrument that --create lists', '1')
    .option('--quote <currency>', 'currency of an instrument that --create lists', 'USD')
    .option('--json', 'print the summary as JSON');
  return withPlatformOptions(command, 'the scope admin');
}
