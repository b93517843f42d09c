import type { RateLimits } from '../limits.js';
import { BoundedStore } from './bounded-store.js';
import { RateLimiter } from './rate-limiter.js';

const WINDOW_MS = 10_000;

describe('rate limits', () => {
  const realNow = Date.now;
  let nowMs = 1_000_000;
  let store: BoundedStore;

  beforeEach(() => {
    nowMs = 1_000_000;
    Date.now = () => nowMs;
  });
  afterEach(() => {
    Date.now = realNow;
  });

  function limiter(limit: number, maxKeys = 100): RateLimiter {
    store = new BoundedStore(maxKeys, () => nowMs);
    const rates: RateLimits = {
      marketData: limit,
      queries: limit,
      mutations: limit,
      orderEntry: limit,
      refusals: limit,
    };
    return new RateLimiter({ rates, windowMs: WINDOW_MS, store, maxKeys, now: () => nowMs });
  }

  async function allowed(by: RateLimiter, attempts: number, weight = 1, key = 'user:ann'): Promise<number> {
    let count = 0;
    for (let n = 0; n < attempts; n += 1) {
      if ((await by.take(key, 'orderEntry', weight)).retryAfterMs === 0) count += 1;
    }
    return count;
  }

  it('let exactly a small quota pass, and again when the window has passed', async () => {
    const by = limiter(5);
    expect(await allowed(by, 20)).toBe(5);
    nowMs += WINDOW_MS - 1;
    expect(await allowed(by, 20)).toBe(0);
    nowMs += 1;
    expect(await allowed(by, 20)).toBe(5);
  });

  it.each([39, 40, 41, 99, 100, 1_000, 5_000])('let a quota of %i pass but for a lease', async (limit) => {
    const passed = await allowed(limiter(limit), limit + 100);
    expect(passed).toBeLessThanOrEqual(limit);
    expect(passed).toBeGreaterThan(limit - limit / 20 - 1);
  });

  it('never let more than a lease over the quota pass within any window', async () => {
    const limit = 100;
    const by = limiter(limit);
    const passedAt: number[] = [];
    let seed = 7;
    for (let n = 0; n < 5_000; n += 1) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      nowMs += seed % 97;
      const weight = 1 + (seed % 3);
      if ((await by.take('user:ann', 'orderEntry', weight)).retryAfterMs === 0) {
        for (let item = 0; item < weight; item += 1) passedAt.push(nowMs);
      }
    }
    expect(passedAt.length).toBeGreaterThan(limit * 10);
    for (const [index, at] of passedAt.entries()) {
      const later = passedAt[index + limit + limit / 20];
      if (later !== undefined) expect(later - at).toBeGreaterThanOrEqual(WINDOW_MS);
    }
  });

  it('count a batch by its items, all of them or none', async () => {
    const by = limiter(10);
    expect((await by.take('user:ann', 'orderEntry', 7)).quota.remaining).toBe(3);
    expect((await by.take('user:ann', 'orderEntry', 4)).retryAfterMs).toBe(WINDOW_MS);
    expect((await by.take('user:ann', 'orderEntry', 3)).quota.remaining).toBe(0);
  });

  it('let a batch that is larger than the quota take all of it', async () => {
    const by = limiter(10);
    expect((await by.take('user:ann', 'orderEntry', 1_000)).retryAfterMs).toBe(0);
    expect((await by.take('user:ann', 'orderEntry', 1)).retryAfterMs).toBe(WINDOW_MS);
  });

  it('say after which time the same is allowed, and hold to it', async () => {
    const by = limiter(3);
    await by.take('user:ann', 'queries', 1);
    nowMs += 4_000;
    await by.take('user:ann', 'queries', 2);
    expect((await by.take('user:ann', 'queries', 1)).retryAfterMs).toBe(6_000);
    expect((await by.take('user:ann', 'queries', 3)).retryAfterMs).toBeGreaterThanOrEqual(6_000);
    nowMs += 6_000;
    expect((await by.take('user:ann', 'queries', 1)).retryAfterMs).toBe(0);
  });

  it('keep callers and classes apart', async () => {
    const by = limiter(2);
    expect(await allowed(by, 5)).toBe(2);
    expect(await allowed(by, 5, 1, 'user:bob')).toBe(2);
    expect((await by.take('user:ann', 'queries', 1)).retryAfterMs).toBe(0);
  });

  it('hold when many ask at once', async () => {
    for (const limit of [5, 100]) {
      const by = limiter(limit);
      const decisions = await Promise.all(Array.from({ length: 500 }, () => by.take('ip:1.2.3.4', 'queries', 1)));
      expect(decisions.filter(({ retryAfterMs }) => retryAfterMs === 0)).toHaveLength(limit);
    }
  });

  it('answer in the order of asking', async () => {
    const by = limiter(1_000);
    const order: number[] = [];
    const asked = Array.from({ length: 300 }, (_, n) =>
      Promise.resolve(by.take('user:ann', 'orderEntry', 1)).then(() => order.push(n)),
    );
    await Promise.all(asked);
    // What is taken from a counter is taken at once: nothing waits behind somebody who came later.
    expect(order).toHaveLength(300);
    expect(order.slice(0, 51)).toEqual([...order.slice(0, 51)].sort((one, two) => one - two));
  });

  it('tell an address that has nothing left before its next request is looked at', async () => {
    const by = limiter(2);
    expect(by.refusal('ip:1.2.3.4', 'refusals')).toBeNull();
    for (let n = 0; n < 3; n += 1) await by.take('ip:1.2.3.4', 'refusals', 1);
    expect(by.refusal('ip:1.2.3.4', 'refusals')?.retryAfterMs).toBe(WINDOW_MS);
    nowMs += WINDOW_MS;
    expect(by.refusal('ip:1.2.3.4', 'refusals')).toBeNull();
  });

  it('remember a bounded number of callers, and nobody when the window has passed', async () => {
    const by = limiter(5, 50);
    for (let n = 0; n < 1_000; n += 1) await by.take(`ip:${n}`, 'queries', 1);
    expect(store.size).toBeLessThanOrEqual(50);
    nowMs += WINDOW_MS;
    const last = { contextIdentity: 'ip:last', fieldIdentity: 'queries' };
    for (let n = 0; n < 30; n += 1) store.setForIdentity(last, [nowMs], WINDOW_MS);
    expect(store.size).toBe(1);
  });
});
