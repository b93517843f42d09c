import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vocabulary from '../../core/values/vocabulary.js';
import { applyMigrations, MIGRATIONS_FOLDER, MigrationError } from './migrate.js';
import { query, silent, startTestServer, type TestServer } from './testing/test-server.js';

const ENUMS = `SELECT 'enum ' || t.typname || ' ' || string_agg(e.enumlabel, ' ' ORDER BY e.enumsortorder) AS item
  FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid GROUP BY t.typname`;

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

  it('know the vocabulary, word for word and in its order', async () => {
    const url = await server.createDatabase();
    await applyMigrations(url, silent);
    const enums = (await query(url, ENUMS)).map(({ item }) => item);
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
        `enum contingency ${vocabulary.CONTINGENCIES.join(' ')}`,
        `enum plan_leg ${vocabulary.PLAN_LEGS.join(' ')}`,
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
