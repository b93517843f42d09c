/** The `tradsys` command: reads the command line and runs one subcommand. */
import { Command, CommanderError, Option } from 'commander';
import { ConfigError } from '../config/config.js';
import { ROLES } from '../config/services.js';
import { readVersion } from '../runtime/version.js';
import { addBacktest } from './backtest/command.js';
import { type DoctorOptions, runDoctor } from './doctor/doctor.js';
import { CommandError, EXIT, EXIT_CODES_HELP } from './exit-codes.js';
import { addExport } from './export/command.js';
import { addIdentity } from './identity/command.js';
import { addImport } from './import/command.js';
import { addJournal } from './journal/command.js';
import { type MigrateOptions, runMigrate } from './migrate.js';
import { parseCount, parsePort, parseSpeed } from './options.js';
import { withPlatformOptions } from './platform/access.js';
import { DEFAULT_STEPS, RECORDING_FORMATS } from './replay/recording.js';
import { type ReplayCommandOptions, runReplay } from './replay/replay.js';
import { runStart, type StartOptions } from './start.js';
import { addStatus } from './status/command.js';
import { processTerminal, type Terminal } from './terminal/terminal.js';

/**
 * Runs the command line.
 * @param argv arguments behind the program's name
 * @returns exit code, as documented in exit-codes.ts
 */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let exitCode: number = EXIT.DONE;
  const program = createProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return exitCodeOf(error, terminal);
  }
}

function exitCodeOf(error: unknown, terminal: Terminal): number {
  // Commander has told the user already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE;
  const { paintError } = terminal;
  if (error instanceof CommandError || error instanceof ConfigError) {
    terminal.report(`${paintError.red('error:')} ${error.message}`);
    return error instanceof CommandError ? error.exitCode : EXIT.USAGE;
  }
  throw error;
}

function createProgram(terminal: Terminal, finish: (exitCode: number) => void): Command {
  const program = new Command('tradsys')
    .description('Self-hosted, GraphQL-first trading platform.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .showHelpAfterError('(--help tells more)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.out.write(text),
      writeErr: (text) => void terminal.err.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    })
    .addHelpText('after', () => `\n${EXIT_CODES_HELP}`);
  addStart(program, terminal, finish);
  addMigrate(program, terminal, finish);
  addIdentity(program, terminal, finish);
  addReplay(program, terminal, finish);
  addBacktest(program, terminal, finish);
  addImport(program, terminal, finish);
  addExport(program, terminal, finish);
  addJournal(program, terminal, finish);
  addStatus(program, terminal, finish);
  addDoctor(program, terminal, finish);
  return program;
}

function addStart(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  program
    .command('start')
    .description('start the platform in this process and print where it is')
    .option('-p, --port <port>', 'port of the router; 0 = any free one (default: PORT or 4000)', parsePort)
    .option(
      '-d, --data-dir <folder>',
      'folder of journal, database and secrets (default: TRADSYS_DATA_DIR or .tradsys)',
    )
    .option('--no-simulator', 'start without simulated participants')
    .addOption(
      new Option('--log-level <level>', 'how much is logged on standard error (default: LOG_LEVEL or warn)').choices([
        'debug',
        'info',
        'warn',
        'error',
        'silent',
      ]),
    )
    .addOption(
      new Option(
        '-r, --role <role>',
        'be this one role, on NATS_URL and DATABASE_URL (default: TRADSYS_ROLE, or all)',
      ).choices(ROLES),
    )
    .option('--json', 'print one JSON line when ready instead of text')
    .addHelpText(
      'after',
      `
Ctrl+C or SIGTERM stops it in order; a second one ends it at once.

Examples:
  $ tradsys start
  $ tradsys start --port 4100 --data-dir /var/lib/tradsys
  $ tradsys start --no-simulator --json
  $ NATS_URL=nats://bus:4222 DATABASE_URL=postgresql://db/tradsys tradsys start --role engine

${EXIT_CODES_HELP}`,
    )
    .action(async (options: StartOptions) => finish(await runStart(options, terminal)));
}

function addMigrate(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  program
    .command('migrate')
    .description('bring the database of DATABASE_URL to this version, before the roles start')
    .option('--json', 'print what was applied as JSON')
    .addHelpText(
      'after',
      `
The platform in one process migrates by itself; separate roles refuse a database that is not up to date.

Examples:
  $ DATABASE_URL=postgresql://tradsys@db:5432/tradsys tradsys migrate

${EXIT_CODES_HELP}`,
    )
    .action(async (options: MigrateOptions) => finish(await runMigrate(options, terminal)));
}

function addReplay(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  const replay = program
    .command('replay')
    .description('send recorded order flow through a running platform, as a client');
  withPlatformOptions(replay, 'the scopes admin and accounts:read', 'tokens of admin and trader are used')
    .option(
      '--trader-token <token>',
      'access token with the scopes orders:read and orders:write, whose user owns the accounts (default: --token)',
    )
    .argument('<file>', 'message file of the recording')
    .addOption(
      new Option('-f, --format <format>', 'format of the recording').choices(RECORDING_FORMATS).makeOptionMandatory(),
    )
    .option(
      '-b, --book <file>',
      "the exchange's own order book after each message, for what rested before the file began",
    )
    .option(
      '-s, --speed <factor>',
      '1 = as fast as it happened, 10 = ten times as fast, max = without waiting',
      parseSpeed,
      1,
    )
    .option('--tick-size <decimal>', 'price step of an l3 recording', DEFAULT_STEPS.tickSize)
    .option('--lot-size <decimal>', 'quantity step of an l3 recording', DEFAULT_STEPS.lotSize)
    .option('--symbol <symbol>', 'instrument to create; -2, -3, … is added where it exists', 'AAPL.REPLAY')
    .option('-n, --limit <count>', 'replay only so many messages', parseCount)
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      `
An administrator lists the instrument, opens REPLAY-MAKER and REPLAY-TAKER and funds them where needed; a trader, who
owns the two, sends the orders one after another; orders of an earlier replay are canceled first. Ctrl+C ends the replay and prints the summary so far.

An l3 recording is a CSV file whose first line names the columns time, action (add, cancel, modify, trade, fill, clear),
order_id, side, price and size; files of Databento's MBO schema are of that form.

Examples:
  $ tradsys replay AAPL_message_10.csv --format lobster --book AAPL_orderbook_10.csv --speed max
  $ tradsys replay AAPL_message_10.csv --format lobster --speed 5 --symbol AAPL.2012
  $ tradsys replay mbo.csv --format l3 --tick-size 0.25 --symbol ESZ6 --speed max
  $ tradsys replay flow.csv --format lobster --url https://trade.example.com/graphql \\
      --token "$ADMIN_TOKEN" --trader-token "$TRADER_TOKEN" --json

${EXIT_CODES_HELP}`,
    )
    .action(async (file: string, options: ReplayCommandOptions) => finish(await runReplay(file, options, terminal)));
}

function addDoctor(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  program
    .command('doctor')
    .description('check what the platform needs on this machine, and say how to mend what is missing')
    .option('-p, --port <port>', 'port to check (default: PORT or 4000)', parsePort)
    .option('-d, --data-dir <folder>', 'data folder to check (default: TRADSYS_DATA_DIR or .tradsys)')
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      `
Each check is ok, warn (it will work, but) or missing (it will not start).

Examples:
  $ tradsys doctor
  $ tradsys doctor --port 80 --json
  $ DATABASE_URL=postgresql://tradsys@db:5432/tradsys tradsys doctor

${EXIT_CODES_HELP}`,
    )
    .action(async (options: DoctorOptions) => finish(await runDoctor(options, terminal)));
}
