/**
 * Users and keys where the platform keeps them, whether or not it runs: in the database of DATABASE_URL, or in the embedded one of the
 * data folder, which is reached where it runs and started for the time of the command where it does not.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { GraphQLError } from 'graphql';
import type { IdentityService } from '../../../subgraphs/accounts/services/identity/identity.js';
import { loadStoreConfig, type StoreConfig } from '../../config/config.js';
import type { AuditEntry } from '../../ports/audit-store.js';
import { HistoryUnreachableError } from '../../ports/history.js';
import type { IdentityStore } from '../../ports/identity-store.js';
import { CommandError, EXIT } from '../exit-codes.js';

export interface DatabaseOptions {
  readonly dataDir?: string;
}

export interface Identities {
  readonly service: IdentityService;
  readonly store: IdentityStore;
}

/** What the audit log tells of a command that changes something. */
export interface Audited {
  readonly action: string;
  /** Without secrets. */
  readonly arguments: Readonly<Record<string, unknown>>;
}

/**
 * Does the work and closes what was opened for it.
 * @param audited null for what only reads
 * @param needsSecret whether keys' hashes are made, which needs the platform's own secret
 * @throws CommandError in words for who typed the command
 */
export async function withIdentities<T>(
  options: DatabaseOptions,
  needsSecret: boolean,
  audited: Audited | null,
  work: (identities: Identities) => Promise<T>,
): Promise<T> {
  const config = loadStoreConfig(options);
  try {
    return await onDatabase(config, needsSecret, audited, work);
  } catch (error) {
    throw explain(error);
  }
}

async function onDatabase<T>(
  config: StoreConfig,
  needsSecret: boolean,
  audited: Audited | null,
  work: (identities: Identities) => Promise<T>,
): Promise<T> {
  // Loaded here, since it brings libraries with it: --help answers without.
  const { openDatabase } = await import('../../adapters/postgres/index.js');
  const { runningEmbeddedUrl } = await import('../../adapters/postgres/embedded.js');
  const { createIdentity } = await import('../../runtime/identity.js');
  const { createSystemClock } = await import('../../engine/system-clock.js');
  const { makeDataDir } = await import('../../runtime/data-dir.js');
  const { databaseUrl, dataDir } = config;
  if (databaseUrl === null) await makeDataDir(dataDir);
  const secret = needsSecret ? await secretOf(config) : new Uint8Array(MIN_SECRET_BYTES);
  const url = databaseUrl ?? runningEmbeddedUrl(dataDir);
  const log = () => undefined;
  // A database that others use is left at its version; one that is started here is brought to this build's, as a start would.
  const database = await openDatabase({ url, dataDir, log, upkeep: url === null ? 'OWN' : 'SHARE' });
  try {
    const store = database.identities;
    const service = createIdentity(store, secret, createSystemClock(), log);
    const done = await work({ store, service });
    if (audited !== null) await database.auditLog.append([entryOf(audited)]);
    return done;
  } finally {
    await database.stop();
  }
}

const MIN_SECRET_BYTES = 32;

function entryOf({ action, arguments: given }: Audited): AuditEntry {
  return {
    entry: `command/${randomUUID()}`,
    timeUs: Date.now() * 1_000,
    requestId: 'command line',
    userId: systemUser(),
    credentialKind: 'OPERATOR',
    credentialId: null,
    address: null,
    action,
    arguments: JSON.stringify(given),
    result: 'OK',
  };
}

/** In a container there may be no name for who runs this. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** @throws CommandError where the platform's secret cannot be known: keys hashed under another would open nothing */
async function secretOf({ jwtSecret, production, databaseUrl, dataDir }: StoreConfig): Promise<Uint8Array> {
  if (jwtSecret !== null) return new TextEncoder().encode(jwtSecret);
  const { loadOrCreateSecret } = await import('../../runtime/dev-credentials.js');
  const path = join(dataDir, 'secrets', 'jwt.key');
  const isKept = await readFile(path).then(
    () => true,
    () => false,
  );
  if (production || (databaseUrl !== null && !isKept)) {
    const why = 'the hashes of API keys are made with it, so that a key made without it opens nothing';
    throw new CommandError(`TRADSYS_JWT_SECRET: set the secret that the platform runs with: ${why}`, EXIT.USAGE);
  }
  return loadOrCreateSecret(dataDir);
}

function explain(error: unknown): unknown {
  if (error instanceof CommandError) return error;
  if (error instanceof GraphQLError) {
    const isUnreachable = error.extensions.code === 'HISTORY_UNAVAILABLE';
    return isUnreachable ? unreachable() : new CommandError(error.message.replace(/^input\./, ''), EXIT.USAGE);
  }
  if (error instanceof HistoryUnreachableError) return unreachable();
  // What opening a database tells is meant for operators and holds no secret.
  return error instanceof Error ? new CommandError(error.message) : error;
}

const unreachable = () =>
  new CommandError(
    'the database cannot be reached; nothing was changed. Check DATABASE_URL, `tradsys doctor` tells more',
  );
