/** `tradsys user` and `tradsys key`: their subcommands, options and help. */
import type { Command } from 'commander';
import { EXIT_CODES_HELP } from '../exit-codes.js';
import type { Terminal } from '../terminal/terminal.js';
import type { AddKeyOptions, KeyOptions } from './keys.js';
import type { AddUserOptions, UserOptions } from './users.js';

const WHERE = `Works on the database of DATABASE_URL, or on the embedded one of the data folder, whether or not the platform runs; run it
with the platform's environment. A running platform knows of a revocation within two seconds.`;

const SCOPES = `Scopes: market:read, orders:read, orders:write, risk:read, risk:write, accounts:read, accounts:write,
strategies:write, admin. The one word trader, risk or administrator stands for those of such a user.`;

export function addIdentity(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  addUsers(
    program.command('user').description('make, list and revoke users, also before the first start'),
    terminal,
    finish,
  );
  addKeys(program.command('key').description('make, list and revoke API keys of users'), terminal, finish);
}

function withDatabaseOptions(command: Command): Command {
  return command
    .option('-d, --data-dir <folder>', 'data folder of the platform (default: TRADSYS_DATA_DIR or .tradsys)')
    .option('--json', 'print the result as JSON');
}

function addUsers(user: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  withDatabaseOptions(user.command('add').description('make a user who may sign in'))
    .argument('<username>', 'name to sign in with, which accounts are owned by')
    .requiredOption('-s, --scopes <scopes>', 'what the user may do, separated by commas')
    .option('-g, --generate', 'make a password and print it once')
    .option('--replace', 'give a user that exists this password and these scopes')
    .addHelpText(
      'after',
      `
The password is asked for without being shown; where standard input is no terminal its first line is the password.
${SCOPES}
${WHERE}

Examples:
  $ tradsys user add ops --scopes administrator --generate
  $ tradsys user add ann --scopes trader
  $ pass show tradsys/bot | tradsys user add bot --scopes market:read,orders:read,orders:write --json

${EXIT_CODES_HELP}`,
    )
    .action(async (name: string, options: AddUserOptions) => {
      const { addUser } = await import('./users.js');
      finish(await addUser(name, options, terminal));
    });
  withDatabaseOptions(user.command('list').description('list users with their scopes'))
    .addHelpText('after', `\n${WHERE}\n\n${EXIT_CODES_HELP}`)
    .action(async (options: UserOptions) => {
      const { listUsers } = await import('./users.js');
      finish(await listUsers(options, terminal));
    });
  withDatabaseOptions(user.command('revoke').description('refuse sign-in from now on; end sessions and API keys'))
    .argument('<username>', 'name of the user')
    .addHelpText('after', `\n${WHERE}\n\n${EXIT_CODES_HELP}`)
    .action(async (name: string, options: UserOptions) => {
      const { revokeUser } = await import('./users.js');
      finish(await revokeUser(name, options, terminal));
    });
}

function addKeys(key: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  withDatabaseOptions(key.command('add').description('make an API key; its secret is printed once'))
    .argument('<username>', 'user whom it stands for')
    .requiredOption('-n, --name <name>', 'what it is called')
    .requiredOption('-s, --scopes <scopes>', 'what it may do, separated by commas; at most what the user may')
    .option('--expires <time>', 'its end: a date, a date and time (UTC), or a number since 1970')
    .option('--ip <address>', 'address or network that it may be used from; may be given again', gather, [])
    .option('--sign', 'its requests must be signed (docs/security.md)')
    .addHelpText(
      'after',
      `
${SCOPES}
${WHERE}

Examples:
  $ tradsys key add bot --name quoting --scopes market:read,orders:read,orders:write --ip 203.0.113.0/24
  $ tradsys key add bot --name report --scopes orders:read --expires 2027-01-01 --json

${EXIT_CODES_HELP}`,
    )
    .action(async (name: string, options: AddKeyOptions) => {
      const { addKey } = await import('./keys.js');
      finish(await addKey(name, options, terminal));
    });
  withDatabaseOptions(key.command('list').description('list keys, revoked ones too'))
    .argument('[username]', 'only those of this user')
    .addHelpText('after', `\n${WHERE}\n\n${EXIT_CODES_HELP}`)
    .action(async (name: string | undefined, options: KeyOptions) => {
      const { listKeys } = await import('./keys.js');
      finish(await listKeys(name, options, terminal));
    });
  withDatabaseOptions(key.command('revoke').description('end a key at once'))
    .argument('<id>', 'id of the key, as `tradsys key list` tells it')
    .addHelpText('after', `\n${WHERE}\n\n${EXIT_CODES_HELP}`)
    .action(async (id: string, options: KeyOptions) => {
      const { revokeKey } = await import('./keys.js');
      finish(await revokeKey(id, options, terminal));
    });
}

const gather = (value: string, before: readonly string[]): string[] => [...before, value];
