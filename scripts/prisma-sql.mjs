/**
 * Prints the SQL that makes a database of prisma/schema.prisma: from nothing, or with `--from FILE` from one of another schema
 * file. Needs no database and no download. A change of the schema becomes a migration with
 *
 *     git show HEAD:prisma/schema.prisma > old.prisma
 *     node scripts/prisma-sql.mjs --from old.prisma > prisma/migrations/<yyyymmddhhmmss>_<name>/migration.sql
 *
 * The SQL is for reading and completing (check constraints, first rows); the platform applies it at its next start.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bindMigrationAwareSqlAdapterFactory, mockMigrationAwareAdapterFactory } from '@prisma/driver-adapter-utils';
import { projectRoot } from './lib/project.mjs';

const SCHEMA_FILE = 'prisma/schema.prisma';
const TEXT_COLUMN = 7;

/** Loads the WebAssembly build of Prisma's engine: its own entry imports WebAssembly as a module, which Node does not do unasked. */
async function loadEngine() {
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const glue = await import(entry);
  const { instance } = await WebAssembly.instantiate(readFileSync(join(dirname(entry), 'schema_engine_bg.wasm')), {
    './schema_engine_bg.js': glue,
  });
  glue.__wbg_set_wasm(instance.exports);
  // The engine reports what went wrong here before it gives up.
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) };
  instance.exports.__wbindgen_start();
  return glue;
}

/** The engine asks for the server's version before it compares two texts; this database knows that and nothing else. */
function offlineDatabase() {
  const { adapterName } = mockMigrationAwareAdapterFactory('postgres');
  const offline = () => Promise.reject(new Error('there is no database'));
  const connection = {
    provider: 'postgres',
    adapterName,
    queryRaw: async () => ({ columnNames: ['version'], columnTypes: [TEXT_COLUMN], rows: [['PostgreSQL 18.0']] }),
    executeRaw: async () => 0,
    executeScript: offline,
    startTransaction: offline,
    dispose: async () => undefined,
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
  };
  return bindMigrationAwareSqlAdapterFactory({
    provider: 'postgres',
    adapterName,
    connect: async () => connection,
    connectToShadowDb: offline,
  });
}

const datamodel = (content) => ({ tag: 'schemaDatamodel', files: [{ path: SCHEMA_FILE, content }] });

async function sqlBetween(from, to) {
  const { SchemaEngine } = await loadEngine();
  const engine = await SchemaEngine.new({ datamodels: [[SCHEMA_FILE, to]] }, () => {}, offlineDatabase());
  const { stdout, exitCode } = await engine.diff({
    from: from === null ? { tag: 'empty' } : datamodel(from),
    to: datamodel(to),
    script: true,
    exitCode: true,
    shadowDatabaseUrl: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  // Exit code 2 says that they differ; the script of no difference is a comment.
  return exitCode === 2 ? stdout : '';
}

const { values } = parseArgs({ options: { from: { type: 'string' } } });
const from = values.from === undefined ? null : readFileSync(values.from, 'utf8');
process.stdout.write(await sqlBetween(from, readFileSync(join(projectRoot, SCHEMA_FILE), 'utf8')));
