/** Imported market data on a real server. */
import pg from 'pg';
import { describeImportedMarketData } from '../../ports/imported-market-data.contract.js';
import { PostgresImportedMarketData } from './imported-market-data.js';
import { applyMigrations } from './migrate.js';
import { silent, startTestServer, type TestServer } from './testing/test-server.js';

let server: TestServer;
const pools: pg.Pool[] = [];
beforeAll(async () => {
  server = await startTestServer();
});
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.end();
});
afterAll(() => server?.stop());

describeImportedMarketData('PostgreSQL', async () => {
  const connectionString = await server.createDatabase();
  await applyMigrations(connectionString, silent);
  const pool = new pg.Pool({ connectionString, max: 2 });
  pools.push(pool);
  return new PostgresImportedMarketData(pool, silent, () => undefined);
});
