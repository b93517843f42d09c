/** The `journal` subcommands of the command line. */
import { type Command, InvalidArgumentError } from 'commander';
import { environmentVariable } from '../../config/environment.js';
import { EXIT_CODES_HELP } from '../exit-codes.js';
import { parseCount } from '../options.js';
import type { Terminal } from '../terminal/terminal.js';
import type { InspectOptions, VerifyOptions } from './journal.js';

type Finish = (exitCode: number) => void;
type Given<T> = Omit<T, 'dataDir'> & { readonly dataDir?: string };

const EXAMPLES = `
Reads the journal of a data folder as it is; nothing is locked or changed, so it may be that of a running platform, or a copy.
Every command is replayed, so that filters know accounts, symbols and orders.

Examples:
  $ tradsys journal inspect --type PlaceOrder --symbol KO --events --limit 5
  $ tradsys journal verify --at 12000
  $ tradsys journal export --account ACC-TRADER --out commands.ndjson
  $ tradsys journal diff .tradsys /backup/tradsys

${EXIT_CODES_HELP}`;

export function addJournal(program: Command, terminal: Terminal, finish: Finish): void {
  const parent = program.command('journal').description('look into a journal: decode, verify, export, compare');
  parent.addHelpText('after', EXAMPLES);
  const load = () => import('./journal.js');
  withFilters(parent.command('inspect').description('print commands, oldest first'))
    .option('-n, --limit <count>', 'print at most so many', parseCount, 100)
    .action(async (options: Given<InspectOptions>) =>
      finish(await (await load()).runInspect(located(options), terminal)),
    );
  withFilters(parent.command('export').description('write commands as NDJSON to a new file'))
    .requiredOption('-o, --out <file>', 'file to write')
    .action(async (options: Given<InspectOptions> & { out: string }) =>
      finish(await (await load()).runExportJournal(located(options), terminal)),
    );
  withFolder(parent.command('verify').description('read and replay all of it, and hold every snapshot to it'))
    .option('--at <sequence>', 'tell the state hash after this command, too', parseSequence)
    .action(async (options: Given<VerifyOptions>) =>
      finish(await (await load()).runVerify(located(options), terminal)),
    );
  parent
    .command('diff')
    .description('tell the first command in which two journals differ; exit code 1 where they do')
    .argument('<folder>', 'data folder')
    .argument('<other>', 'data folder to compare with')
    .option('--json', 'print JSON')
    .action(async (one: string, other: string, { json }: { json?: boolean }) =>
      finish(await (await load()).runDiff(one, other, json === true, terminal)),
    );
}

function withFolder(command: Command): Command {
  return command
    .option('-d, --data-dir <folder>', 'data folder (default: TRADSYS_DATA_DIR or .tradsys)')
    .option('--json', 'print JSON');
}

function withFilters(command: Command): Command {
  const gathered = (value: string, before: string[] = []) => [...before, value];
  return withFolder(command)
    .option('--from <sequence>', 'first command', parseSequence)
    .option('--to <sequence>', 'last command', parseSequence)
    .option('--type <type>', 'only commands of this type; may stand several times', gathered)
    .option('--account <id>', 'only what concerns this account')
    .option('--symbol <symbol>', 'only what concerns this instrument')
    .option('--order <id>', 'only what concerns this order')
    .option('--events', 'tell what each command did');
}

function parseSequence(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('takes a whole number from 1');
}

function located<T extends { readonly dataDir?: string }>(options: T): T & { readonly dataDir: string } {
  return { ...options, dataDir: options.dataDir ?? environmentVariable('TRADSYS_DATA_DIR') ?? '.tradsys' };
}
