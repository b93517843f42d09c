/** `tradsys user`: who may sign in. */
import { formatInstantUs } from '../../graphql/instant.js';
import { DEV_USERS } from '../../runtime/dev-credentials.js';
import { CommandError, EXIT, type ExitCode } from '../exit-codes.js';
import { layOut } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import { type Audited, type DatabaseOptions, withIdentities } from './database.js';
import { askPassword, generatePassword } from './password.js';

export interface UserOptions extends DatabaseOptions {
  readonly json?: boolean;
}

export interface AddUserOptions extends UserOptions {
  readonly scopes: string;
  readonly generate?: boolean;
  readonly replace?: boolean;
}

const audited = (action: string, given: Audited['arguments']): Audited => ({ action, arguments: given });

/** Names that stand for the scopes of such a user. */
const PRESETS: Readonly<Record<string, readonly string[]>> = {
  trader: DEV_USERS.trader.scopes,
  risk: DEV_USERS.risk.scopes,
  administrator: DEV_USERS.admin.scopes,
};

/** Reads a list of scopes, or the one word that stands for those of such a user. */
export function readScopes(text: string): string[] {
  const named = text.split(',').flatMap((part) => part.trim() || []);
  const [only = ''] = named;
  if (named.length === 1 && PRESETS[only] !== undefined) return [...PRESETS[only]];
  return named;
}

export async function addUser(username: string, options: AddUserOptions, terminal: Terminal): Promise<ExitCode> {
  const scopes = readScopes(options.scopes);
  const password = options.generate === true ? generatePassword() : await askPassword(username, terminal);
  const user = await withIdentities(options, false, audited('saveUser', { username, scopes }), async ({ service }) => {
    if (options.replace === true) return service.saveUser(null, { username, password, scopes });
    const added = await service.addUser({ username, password, scopes });
    if (added !== null) return added;
    const mend = '--replace gives it this password and these scopes, which ends its sessions';
    throw new CommandError(`the user ${username} exists: ${mend}`, EXIT.USAGE);
  });
  const generated = options.generate === true ? { password } : {};
  if (options.json === true) {
    terminal.print(JSON.stringify({ username: user.username, scopes: user.scopes, ...generated }));
    return EXIT.DONE;
  }
  terminal.print(`${user.username} may sign in with ${user.scopes.join(', ') || 'no scope at all'}.`);
  if (options.generate === true) terminal.print(`Password, shown this once: ${password}`);
  return EXIT.DONE;
}

export async function listUsers(options: UserOptions, terminal: Terminal): Promise<ExitCode> {
  const users = await withIdentities(options, false, null, ({ service }) => service.listUsers());
  if (options.json === true) {
    const told = users.map(({ createdAt, ...user }) => ({ ...user, createdAt: formatInstantUs(createdAt) }));
    terminal.print(JSON.stringify(told));
    return EXIT.DONE;
  }
  if (users.length === 0)
    terminal.print('Nobody may sign in yet: `tradsys user add NAME --scopes administrator` makes the first.');
  const rows = users.map(({ username, disabled, createdAt, scopes }) => [
    username,
    disabled ? 'revoked' : 'active',
    formatInstantUs(createdAt).slice(0, 10),
    scopes.join(','),
  ]);
  for (const line of layOut(rows)) terminal.print(line);
  return EXIT.DONE;
}

export async function revokeUser(username: string, options: UserOptions, terminal: Terminal): Promise<ExitCode> {
  const user = await withIdentities(options, false, audited('disableUser', { username }), ({ service }) =>
    service.disableUser(username),
  );
  if (options.json === true) terminal.print(JSON.stringify({ username: user.username, disabled: user.disabled }));
  else terminal.print(`${username} may not sign in any more; its sessions and API keys end within seconds.`);
  return EXIT.DONE;
}
