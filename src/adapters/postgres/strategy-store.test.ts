import { PrismaPg } from '@prisma/adapter-pg';
import { strategyStoreContract } from '../../ports/strategy-store.contract.js';
import { PrismaClient } from './__generated__/client.js';
import { openPool } from './connection.js';
import { applyMigrations } from './migrate.js';
import { PostgresStrategyStore } from './strategy-store.js';
import { silent, startTestServer, type TestServer } from './testing/test-server.js';

describe('PostgresStrategyStore', () => {
  let server: TestServer;
  const open: { end(): Promise<void> }[] = [];
  beforeAll(async () => {
    server = await startTestServer();
  }, 60_000);
  afterEach(async () => {
    await Promise.all(open.splice(0).map((pool) => pool.end()));
  });
  afterAll(() => server?.stop());

  strategyStoreContract(async () => {
    const url = await server.createDatabase();
    await applyMigrations(url, silent);
    const pool = openPool(url, 'strategies test', { maxConnections: 2, statementTimeoutMs: 5_000 }, silent);
    open.push(pool);
    return new PostgresStrategyStore(new PrismaClient({ adapter: new PrismaPg(pool) }), silent, () => undefined);
  });
});
