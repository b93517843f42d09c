/** `tradsys key`: API keys of users. */
import type { ApiKey } from '../../../subgraphs/accounts/types/identity.js';
import type { Identity, Scope } from '../../graphql/context.js';
import { formatInstantUs } from '../../graphql/instant.js';
import { CommandError, EXIT, type ExitCode } from '../exit-codes.js';
import { timeUsOf } from '../import/cells.js';
import { layOut } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import { type DatabaseOptions, type Identities, withIdentities } from './database.js';
import { readScopes } from './users.js';

export interface KeyOptions extends DatabaseOptions {
  readonly json?: boolean;
}

export interface AddKeyOptions extends KeyOptions {
  readonly name: string;
  readonly scopes: string;
  readonly expires?: string;
  readonly ip: readonly string[];
  readonly sign?: boolean;
}

export async function addKey(username: string, options: AddKeyOptions, terminal: Terminal): Promise<ExitCode> {
  const expiresUs = expiryOf(options.expires);
  const { name, ip: allowedIps } = options;
  const key = {
    name,
    scopes: readScopes(options.scopes),
    allowedIps,
    expiresUs,
    requiresSignature: options.sign === true,
  };
  const audited = { action: 'createApiKey', arguments: { username, ...key } };
  const { apiKey, secret, signingSecret } = await withIdentities(options, true, audited, async (identities) =>
    identities.service.createKey(await identityOf(username, identities), key),
  );
  if (options.json === true) {
    terminal.print(JSON.stringify({ ...told(apiKey), username, secret, signingSecret }));
    return EXIT.DONE;
  }
  terminal.print(`Key ${apiKey.id} of ${username}: ${apiKey.scopes.join(', ')}`);
  terminal.print(`Secret, shown this once: ${secret}`);
  if (signingSecret !== null) terminal.print(`Signing secret, shown this once: ${signingSecret}`);
  return EXIT.DONE;
}

export async function listKeys(
  username: string | undefined,
  options: KeyOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const keys = await withIdentities(options, false, null, async (identities) => {
    const owners =
      username === undefined ? await identities.service.listUsers() : [await identityOf(username, identities)];
    const names = owners.map((owner) => ('username' in owner ? owner.username : owner.userId));
    const found: (ReturnType<typeof told> & { username: string })[] = [];
    for (const name of names) {
      const own = await identities.service.listKeys({ userId: name, scopes: new Set() });
      found.push(...own.map((key) => ({ ...told(key), username: name })));
    }
    return found;
  });
  if (options.json === true) terminal.print(JSON.stringify(keys));
  else if (keys.length === 0) terminal.print('There are no keys.');
  else {
    const rows = keys.map((key) => [
      key.id,
      key.username,
      key.name,
      key.prefix,
      key.revokedAt === null ? 'active' : 'revoked',
      key.scopes.join(','),
    ]);
    for (const line of layOut(rows)) terminal.print(line);
  }
  return EXIT.DONE;
}

export async function revokeKey(id: string, options: KeyOptions, terminal: Terminal): Promise<ExitCode> {
  const key = await withIdentities(options, false, { action: 'revokeApiKey', arguments: { id } }, ({ service }) =>
    service.revokeKey(OPERATOR, id),
  );
  if (options.json === true) terminal.print(JSON.stringify(told(key)));
  else terminal.print(`Key ${id} (${key.name}) is revoked; its sockets close within seconds.`);
  return EXIT.DONE;
}

/** Whoever has the database may end any key. */
const OPERATOR: Identity = { userId: 'operator', scopes: new Set<Scope>(['admin']) };

/** @throws CommandError where there is no such user, or not any more */
async function identityOf(username: string, { store }: Identities): Promise<Identity> {
  const user = await store.user(username);
  if (user === null)
    throw new CommandError(`there is no user ${username}: \`tradsys user list\` tells them`, EXIT.USAGE);
  if (user.disabled) throw new CommandError(`the user ${username} was revoked`, EXIT.USAGE);
  return { userId: user.id, scopes: new Set(user.scopes as readonly Scope[]) };
}

function expiryOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  try {
    return timeUsOf(text);
  } catch (error) {
    throw new CommandError(`--expires: ${(error as Error).message}`, EXIT.USAGE);
  }
}

function told(key: ApiKey) {
  const instant = (us: number | null) => (us === null ? null : formatInstantUs(us));
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    allowedIps: key.allowedIps,
    requiresSignature: key.requiresSignature,
    createdAt: instant(key.createdAt),
    lastUsedAt: instant(key.lastUsedAt),
    expiresAt: instant(key.expiresAt),
    revokedAt: instant(key.revokedAt),
  };
}
