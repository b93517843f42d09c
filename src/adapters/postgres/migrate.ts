/**
 * Migrations: the SQL files of prisma/migrations, applied at start in the order of their names.
 *
 * Recorded in `_prisma_migrations` with Prisma's checksums and under Prisma's advisory lock, so that `prisma migrate`
 * and this runner agree about a database. Each file runs as one transaction: it is applied whole or not at all.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Log } from '../../ports/log.js';
import { isUnreachable } from './connection.js';

/** The lock that `prisma migrate deploy` takes. */
const MIGRATION_LOCK = 72707369;
/** Longest wait for another process that migrates at the same time. */
const LOCK_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

/** prisma/migrations of this build: the same relative place in the sources and in dist/. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

/** The database cannot be brought to what this build needs; the message names the migration and the mend. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * Applies what is missing.
 * @returns names of the migrations that were applied now
 * @throws MigrationError when a migration was edited, failed before or fails now, or is unknown to this build
 */
export async function applyMigrations(url: string, log: Log, folder = MIGRATIONS_FOLDER): Promise<readonly string[]> {
  const migrations = readMigrations(folder);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A connection that breaks fails the query under way, which is where it is met.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query('SET lock_timeout = 0');
    await client.query(MIGRATIONS_TABLE);
    const missing = await findMissing(client, migrations);
    for (const migration of missing) {
      await applyOne(client, migration);
      log('info', 'database migration applied', { migration: migration.name });
    }
    return missing.map(({ name }) => name);
  } finally {
    // Ending the session gives the lock back.
    await client.end().catch(() => undefined);
  }
}

/**
 * Compares the database with this build and changes nothing: for processes that share a database which one of them, or a
 * job before them, migrates.
 * @throws MigrationError when a migration is missing, was edited or is unknown to this build
 */
export async function checkMigrations(url: string, folder = MIGRATIONS_FOLDER): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS known`);
    const known = (rows[0] as { known: boolean } | undefined)?.known === true;
    const missing = known ? await findMissing(client, readMigrations(folder)) : readMigrations(folder);
    const [first] = missing;
    if (first === undefined) return;
    throw new MigrationError(
      `the database lacks ${missing.length} migrations of this build, the first is ${first.name}: run \`tradsys migrate\` once, then start again.`,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const bytes = readFileSync(join(folder, name, 'migration.sql'));
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function findMissing(client: pg.Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ name: string; checksum: string; finished: boolean }>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
     FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
  );
  const applied = new Map(rows.map((row) => [row.name, row]));
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum, finished } of applied.values()) {
    if (!finished) {
      throw new MigrationError(
        `migration ${name} failed earlier: mend its cause, then DELETE FROM _prisma_migrations WHERE migration_name = '${name}' and start again.`,
      );
    }
    const migration = known.get(name);
    if (migration === undefined) {
      throw new MigrationError(
        `the database has migration ${name}, this build does not: it was migrated by a newer version. Start that version, or use another database.`,
      );
    }
    if (migration.checksum !== checksum) {
      throw new MigrationError(
        `migration ${name} was edited after it was applied: restore prisma/migrations/${name}/migration.sql and put the change into a new migration.`,
      );
    }
  }
  const missing = migrations.filter(({ name }) => !applied.has(name));
  const last = [...applied.keys()].sort().at(-1) ?? '';
  const late = missing.find(({ name }) => name < last);
  if (late !== undefined) {
    throw new MigrationError(
      `migration ${late.name} is older than ${last}, which is applied already: rename its folder to a later time.`,
    );
  }
  return missing;
}

async function applyOne(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  const id = randomUUID();
  await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
    id,
    checksum,
    name,
  ]);
  try {
    // A script without parameters is one implicit transaction.
    await client.query(sql);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await client.query('ROLLBACK').catch(() => undefined);
    await client.query('UPDATE _prisma_migrations SET logs = $2 WHERE id = $1', [id, reason]).catch(() => undefined);
    throw new MigrationError(
      `migration ${name} failed and changed nothing (${reason}): mend its cause, then DELETE FROM _prisma_migrations WHERE migration_name = '${name}' and start again.`,
    );
  }
  await client.query('UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = $1', [id]);
}

/** PostgreSQL does not answer now. */
export class DatabaseAwayError extends Error {
  override readonly name = 'DatabaseAwayError';
}

/**
 * As checkMigrations, for those who wait for the database.
 * @throws DatabaseAwayError while it cannot be reached
 */
export async function checkDatabase(url: string): Promise<void> {
  try {
    await checkMigrations(url);
  } catch (error) {
    if (error instanceof MigrationError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    if (isUnreachable(error)) throw new DatabaseAwayError(reason, { cause: error });
    throw new MigrationError(`the database refused this platform: ${reason}. Check DATABASE_URL.`);
  }
}
