/** The subcommands `status` and `top` of the command line. */
import { type Command, InvalidArgumentError } from 'commander';
import { EXIT_CODES_HELP } from '../exit-codes.js';
import { withPlatformOptions } from '../platform/access.js';
import type { Terminal } from '../terminal/terminal.js';
import { runStatus, runTop, type StatusOptions, type TopOptions } from './status.js';

const MAX_INTERVAL_S = 3_600;

export function addStatus(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  const status = program
    .command('status')
    .description('tell how a running platform stands; exit code 1 where it is not ready');
  withPlatformOptions(status, 'the scope admin')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExamples:\n  $ tradsys status\n  $ tradsys status --json | jq .dependencies\n\n${EXIT_CODES_HELP}`,
    )
    .action(async (options: StatusOptions) => finish(await runStatus(options, terminal)));
  const top = program.command('top').description('a view that lives: throughput, latency, lag, books');
  withPlatformOptions(top, 'the scope admin')
    .option('-i, --interval <seconds>', 'time between two looks', parseInterval, 1)
    .option('--once', 'look once and end')
    .option('--json', 'print a JSON line at each look')
    .addHelpText(
      'after',
      `\nCtrl+C ends it. NO_COLOR turns colours off.\n\nExamples:\n  $ tradsys top\n  $ tradsys top --once\n  $ tradsys top --json --interval 5 >> top.ndjson\n\n${EXIT_CODES_HELP}`,
    )
    .action(async (options: TopOptions) => finish(await runTop(options, terminal)));
}

function parseInterval(text: string): number {
  const seconds = Number(text);
  if (seconds >= 0.1 && seconds <= MAX_INTERVAL_S) return seconds;
  throw new InvalidArgumentError(`takes seconds from 0.1 to ${MAX_INTERVAL_S}`);
}
