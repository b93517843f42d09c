import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as vocabulary from '../../core/values/vocabulary.js';
import { applyMigrations, MIGRATIONS_FOLDER, MigrationError } from './migrate.js';
import { query, silent, startTestServer, type TestServer } from './testing/test-server.js';

const projectRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** What a schema consists of, apart from check constraints, comments and storage, which schema.prisma has no words for. */
const CATALOG = `
  SELECT 'column ' || table_name || '.' || column_name || ' ' || udt_name || ' ' || is_nullable || ' ' || coalesce(column_default, '')
    || ' ' || coalesce(numeric_precision::text, '') AS item FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 'c'
  UNION ALL SELECT 'enum ' || t.typname || ' ' || string_agg(e.enumlabel, ' ' ORDER BY e.enumsortorder)
    FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid GROUP BY t.typname
  ORDER BY item`;

async function catalogOf(url: string): Promise<string[]> {
  const items = (await query(url, CATALOG)).map(({ item }) => String(item));
  return items.filter((item) => !item.includes('_prisma_migrations'));
}

describe('Migrations', () => {
  let server: TestServer;
  let folder: string;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tradsys-migrations-'));
    cpSync(MIGRATIONS_FOLDER, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const names = readdirSync(MIGRATIONS_FOLDER, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? entry.name : [],
  );
  const add = (name: string, sql: string): void => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'migration.sql'), sql);
  };

  it('are applied once, in order, and recorded as Prisma records them', async () => {
    const url = await server.createDatabase();
    expect(await applyMigrations(url, silent)).toEqual(names);
    expect(await applyMigrations(url, silent)).toEqual([]);
    const recorded = await query(
      url,
      'SELECT migration_name, length(checksum) AS length, finished_at IS NOT NULL AS finished, applied_steps_count FROM _prisma_migrations',
    );
    expect(recorded).toEqual(
      names.map((name) => ({ migration_name: name, length: 64, finished: true, applied_steps_count: 1 })),
    );
  });

  it('are applied once where two processes start together', async () => {
    const url = await server.createDatabase();
    const applied = await Promise.all([
      applyMigrations(url, silent),
      applyMigrations(url, silent),
      applyMigrations(url, silent),
    ]);
    expect(applied.flat()).toEqual(names);
  });

  it('make the database that schema.prisma describes', async () => {
    const [migrated, described] = [await server.createDatabase(), await server.createDatabase()];
    await applyMigrations(migrated, silent);
    const script = join(projectRoot, 'scripts', 'prisma-sql.mjs');
    const { stdout, stderr, status } = spawnSync(process.execPath, [script], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    await query(described, stdout);
    const catalog = await catalogOf(described);
    expect(catalog.length).toBeGreaterThan(100);
    expect(await catalogOf(migrated)).toEqual(catalog);
  });

  it('know the vocabulary, word for word and in its order', async () => {
    const url = await server.createDatabase();
    await applyMigrations(url, silent);
    const enums = (await catalogOf(url)).filter((item) => item.startsWith('enum '));
    expect(enums.sort()).toEqual(
      [
        `enum side ${vocabulary.SIDES.join(' ')}`,
        `enum ord_type ${vocabulary.ORD_TYPES.join(' ')}`,
        `enum time_in_force ${vocabulary.TIMES_IN_FORCE.join(' ')}`,
        `enum ord_status ${vocabulary.ORD_STATUSES.join(' ')}`,
        `enum exec_type ${vocabulary.EXEC_TYPES.join(' ')}`,
        `enum self_trade_prevention ${vocabulary.SELF_TRADE_PREVENTIONS.join(' ')}`,
        `enum trading_status ${vocabulary.TRADING_STATUSES.join(' ')}`,
        `enum candle_interval ${vocabulary.CANDLE_INTERVALS.join(' ')}`,
        `enum aggressor_side ${vocabulary.AGGRESSOR_SIDES.join(' ')}`,
        `enum ord_rej_reason ${vocabulary.ORD_REJ_REASONS.join(' ')}`,
        `enum account_kind ${vocabulary.ACCOUNT_KINDS.join(' ')}`,
      ].sort(),
    );
  });

  it('refuse a file that was edited after it was applied', async () => {
    const url = await server.createDatabase();
    await applyMigrations(url, silent, folder);
    appendFileSync(join(folder, names[0] ?? '', 'migration.sql'), '\n-- edited');
    await expect(applyMigrations(url, silent, folder)).rejects.toThrow(/was edited after it was applied: restore /);
  });

  it('refuse a database that a newer version migrated', async () => {
    const url = await server.createDatabase();
    add('29990101000000_future', 'SELECT 1');
    await applyMigrations(url, silent, folder);
    await expect(applyMigrations(url, silent)).rejects.toThrow(
      /29990101000000_future, this build does not: .* newer version/,
    );
  });

  it('refuse a file that is older than what is applied', async () => {
    const url = await server.createDatabase();
    await applyMigrations(url, silent, folder);
    add('19990101000000_late', 'SELECT 1');
    await expect(applyMigrations(url, silent, folder)).rejects.toThrow(/19990101000000_late is older than/);
  });

  it('change nothing where one fails, and refuse to go on until it is mended', async () => {
    const url = await server.createDatabase();
    add('29990101000000_broken', 'CREATE TABLE half (id int); INSERT INTO half VALUES (1); SELECT 1 / 0');
    await expect(applyMigrations(url, silent, folder)).rejects.toThrow(MigrationError);
    expect(await query(url, "SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
    await expect(applyMigrations(url, silent, folder)).rejects.toThrow(/29990101000000_broken failed earlier/);
    await query(url, "DELETE FROM _prisma_migrations WHERE migration_name = '29990101000000_broken'");
    writeFileSync(join(folder, '29990101000000_broken', 'migration.sql'), 'CREATE TABLE half (id int)');
    expect(await applyMigrations(url, silent, folder)).toEqual(['29990101000000_broken']);
  });
});
