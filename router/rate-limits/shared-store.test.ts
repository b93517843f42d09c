import { type RateStore, RateStoreUnreachableError } from '../../src/ports/rate-store.js';
import type { RateLimits } from '../limits.js';
import { BoundedStore } from './bounded-store.js';
import { RateLimiter } from './rate-limiter.js';
import { SharedStore } from './shared-store.js';

const WINDOW_MS = 60_000;

/** Counts in memory as a database does over a network: answers come later, and it can be away. */
class RemoteStore implements RateStore {
  readonly entries = new Map<string, number[]>();
  away = false;
  asked = 0;

  async read(caller: string, rateClass: string): Promise<readonly number[]> {
    await this.#reach();
    return [...(this.entries.get(`${rateClass} ${caller}`) ?? [])];
  }

  async add(caller: string, rateClass: string, takenAtMs: readonly number[]): Promise<readonly number[]> {
    await this.#reach();
    const key = `${rateClass} ${caller}`;
    const all = [...(this.entries.get(key) ?? []), ...takenAtMs].sort((a, b) => a - b);
    this.entries.set(key, all);
    return all;
  }

  async #reach(): Promise<void> {
    this.asked += 1;
    await new Promise((done) => setImmediate(done));
    if (this.away) throw new RateStoreUnreachableError('away');
  }
}

function routersOn(store: RateStore, limit: number, logged: string[] = []): [RateLimiter, RateLimiter] {
  const rates: RateLimits = {
    marketData: limit,
    queries: limit,
    mutations: limit,
    orderEntry: limit,
    refusals: limit,
  };
  const make = () => {
    const own = new BoundedStore(100, Date.now);
    const shared = new SharedStore(store, own, (_level, message) => logged.push(message));
    return new RateLimiter({ rates, windowMs: WINDOW_MS, store: shared, maxKeys: 100 });
  };
  return [make(), make()];
}

async function passedBy(routers: readonly RateLimiter[], attempts: number, key = 'user:ann'): Promise<number> {
  let passed = 0;
  for (let n = 0; n < attempts; n += 1) {
    const router = routers[n % routers.length] as RateLimiter;
    if ((await router.take(key, 'orderEntry', 1)).retryAfterMs === 0) passed += 1;
  }
  return passed;
}

describe('quotas that routers count together', () => {
  it('are one quota, exact where it is small', async () => {
    expect(await passedBy(routersOn(new RemoteStore(), 10), 40)).toBe(10);
  });

  it('are one quota up to a lease for each router where it is large', async () => {
    const store = new RemoteStore();
    const passed = await passedBy(routersOn(store, 1_000), 2_200);
    expect(passed).toBeGreaterThan(900);
    expect(passed).toBeLessThanOrEqual(1_000);
    // Leases, not operations: what most operations cost is a look into memory.
    expect(store.asked).toBeLessThan(100);
  });

  it('let at most a lease more for each router pass when all ask at once', async () => {
    const routers = routersOn(new RemoteStore(), 100);
    const decisions = await Promise.all(
      Array.from({ length: 400 }, (_, n) => (routers[n % 2] as RateLimiter).take('user:ann', 'orderEntry', 1)),
    );
    const passed = decisions.filter(({ retryAfterMs }) => retryAfterMs === 0).length;
    expect(passed).toBeGreaterThanOrEqual(90);
    expect(passed).toBeLessThanOrEqual(110);
  });

  it('are counted by each router alone while the store is away, which is said once', async () => {
    const store = new RemoteStore();
    const logged: string[] = [];
    const routers = routersOn(store, 10, logged);
    expect(await passedBy(routers, 4)).toBe(4);
    store.away = true;
    expect(await passedBy(routers, 40)).toBeLessThanOrEqual(2 * 10 - 4);
    expect(logged).toHaveLength(2);
  });

  it('count callers of long names by their digest', async () => {
    const store = new RemoteStore();
    expect(await passedBy(routersOn(store, 3), 10, `user:${'x'.repeat(3_000)}`)).toBe(3);
    expect([...store.entries.keys()].every((key) => key.length < 200)).toBe(true);
  });
});
