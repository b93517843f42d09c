import { NonceStoreFullError } from '../../ports/nonce-store.js';
import { applyMigrations } from './migrate.js';
import { PostgresNonceStore } from './nonce-store.js';
import { silent, startTestServer, type TestServer } from './testing/test-server.js';

describe('nonces in PostgreSQL', () => {
  let server: TestServer;
  const stores: PostgresNonceStore[] = [];
  const open = (url: string, max = 100) => {
    const store = new PostgresNonceStore(url, max, silent);
    stores.push(store);
    return store;
  };
  beforeAll(async () => {
    server = await startTestServer();
  }, 60_000);
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.stop()));
    await server?.stop();
  });

  it('are taken once, whichever router asks first, and again when their time is over', async () => {
    const url = await server.createDatabase();
    await applyMigrations(url, silent);
    const routers = [open(url), open(url)];
    const taken = await Promise.all(
      routers.flatMap((each) => [each.take('k1', 'n1', 1_000), each.take('k1', 'n1', 1_000)]),
    );
    expect(taken.filter((isFirst) => isFirst)).toHaveLength(1);
    expect(await routers[0]?.take('k2', 'n1', 1_000)).toBe(true);
    await routers[0]?.sweep(1_000);
    expect(await routers[1]?.take('k1', 'n1', 1_000)).toBe(false);
    await routers[0]?.sweep(1_001);
    expect(await routers[1]?.take('k1', 'n1', 2_000)).toBe(true);
  });

  it('are refused beyond the bound until some are over', async () => {
    const url = await server.createDatabase();
    await applyMigrations(url, silent);
    const store = open(url, 3);
    for (const nonce of ['a', 'b', 'c']) await store.take('k1', nonce, 1_000);
    await expect(store.take('k1', 'd', 1_000)).rejects.toBeInstanceOf(NonceStoreFullError);
    await store.sweep(2_000);
    expect(await store.take('k1', 'd', 3_000)).toBe(true);
  });
});
