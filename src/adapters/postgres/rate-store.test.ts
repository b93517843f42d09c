import { describeRateStore } from '../../ports/rate-store.contract.js';
import { RateStoreUnreachableError } from '../../ports/rate-store.js';
import { applyMigrations } from './migrate.js';
import { PostgresRateStore } from './rate-store.js';
import { query, silent, startTestServer, type TestServer } from './testing/test-server.js';

const MAX_ENTRIES = 50;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

describeRateStore('PostgreSQL', async () => {
  const url = await server.createDatabase();
  await applyMigrations(url, silent);
  const one = new PostgresRateStore(url, MAX_ENTRIES, silent);
  const two = new PostgresRateStore(url, MAX_ENTRIES, silent);
  return {
    stores: [one, two],
    size: async () => Number((await query(url, 'SELECT count(*) FROM rate_limits'))[0]?.count),
    sweep: () => one.sweep(),
    maxEntries: MAX_ENTRIES,
    dispose: async () => {
      await Promise.all([one.stop(), two.stop()]);
    },
  };
});

describe('A rate store that cannot be reached', () => {
  it('says so, and answers once it can be', async () => {
    const url = await server.createDatabase();
    const store = new PostgresRateStore(url, MAX_ENTRIES, silent);
    try {
      await expect(store.read('user:ann', 'queries')).rejects.toThrow(RateStoreUnreachableError);
      await applyMigrations(url, silent);
      expect(await store.read('user:ann', 'queries')).toEqual([]);
    } finally {
      await store.stop();
    }
  });
});
