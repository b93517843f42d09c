/** prisma/schema.prisma (what the client believes) against prisma/migrations (what a database is), on a real server. */
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyMigrations } from './migrate.js';
import { query, silent, startTestServer, type TestServer } from './testing/test-server.js';

const project = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** Every column, index, key and enum as one line. Checks and partitions are left out: Prisma's schema language has no word for them. */
const CATALOG = `
  SELECT 'column ' || table_name || '.' || column_name || ' ' || udt_name || ' ' || is_nullable
    || ' ' || coalesce(numeric_precision::text, '') || ' ' || coalesce(column_default, '') AS line
  FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations' AND NOT (SELECT relispartition FROM pg_class WHERE oid = table_name::regclass)
  UNION ALL
  SELECT 'index ' || replace(indexdef, ' ON ONLY ', ' ON ') FROM pg_indexes
  WHERE schemaname = 'public' AND tablename <> '_prisma_migrations' AND NOT (SELECT relispartition FROM pg_class WHERE oid = tablename::regclass)
  UNION ALL
  SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f') AND conrelid::regclass::text <> '_prisma_migrations'
    AND NOT (SELECT relispartition FROM pg_class WHERE oid = conrelid)
  UNION ALL
  SELECT 'enum ' || typname || ' ' || string_agg(enumlabel, ', ' ORDER BY enumsortorder)
  FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid GROUP BY typname
  ORDER BY 1`;

const catalogOf = async (url: string) => (await query(url, CATALOG)).map(({ line }) => line);

describe('The database schema', () => {
  let database: TestServer;
  beforeAll(async () => {
    database = await startTestServer();
  });
  afterAll(() => database?.stop());

  it('is the same by its migrations and by schema.prisma', async () => {
    const migrated = await database.createDatabase();
    await applyMigrations(migrated, silent);
    const declared = await database.createDatabase();
    const sql = execFileSync(process.execPath, [join(project, 'scripts', 'prisma-sql.mjs')], { encoding: 'utf8' });
    await query(declared, sql);
    const catalog = await catalogOf(migrated);
    expect(catalog.length).toBeGreaterThan(20);
    expect(catalog).toEqual(await catalogOf(declared));
  });
});
