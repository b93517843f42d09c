/** What every rate store promises. */
import type { RateStore } from './rate-store.js';

export interface RateStoreFixture {
  /** Two that count together, as of two routers. */
  readonly stores: readonly [RateStore, RateStore];
  /** Callers and classes that are remembered now. */
  size(): Promise<number>;
  /** Lets the store forget what has run out, and what is too much. */
  sweep(): Promise<void>;
  readonly maxEntries: number;
  dispose(): Promise<void>;
}

const WINDOW_MS = 10_000;

export function describeRateStore(name: string, create: () => Promise<RateStoreFixture>): void {
  describe(`A rate store: ${name}`, () => {
    let fixture: RateStoreFixture;
    beforeEach(async () => {
      fixture = await create();
    });
    afterEach(() => fixture.dispose());
    const now = Date.now();

    it('knows nothing of a caller it has not met', async () => {
      expect(await fixture.stores[0].read('user:ann', 'queries')).toEqual([]);
    });

    it('shows to one router what another one counted', async () => {
      const [one, two] = fixture.stores;
      expect(await one.add('user:ann', 'queries', [now, now], WINDOW_MS)).toEqual([now, now]);
      expect(await two.read('user:ann', 'queries')).toEqual([now, now]);
      expect(await two.add('user:ann', 'queries', [now + 1], WINDOW_MS)).toEqual([now, now, now + 1]);
      expect(await one.read('user:ann', 'queries')).toEqual([now, now, now + 1]);
    });

    it('keeps callers and classes apart, whatever they are called', async () => {
      const [one, two] = fixture.stores;
      const strange = `ip:'; DROP TABLE x; -- "\\ é ${'x'.repeat(100)}`;
      await one.add(strange, 'queries', [now], WINDOW_MS);
      await one.add('user:ann', 'orderEntry', [now, now], WINDOW_MS);
      expect(await two.read(strange, 'queries')).toEqual([now]);
      expect(await two.read('user:ann', 'queries')).toEqual([]);
      expect(await two.read('user:ann', 'orderEntry')).toEqual([now, now]);
    });

    it('loses nothing when routers count at the same moment', async () => {
      const adding = Array.from({ length: 60 }, (_, n) =>
        (fixture.stores[n % 2] as RateStore).add('user:ann', 'queries', [now + n], WINDOW_MS),
      );
      await Promise.all(adding);
      const expected = Array.from({ length: 60 }, (_, n) => now + n);
      expect(await fixture.stores[0].read('user:ann', 'queries')).toEqual(expected);
    });

    it('forgets leases that have run out, and then their caller', async () => {
      const [one] = fixture.stores;
      await one.add('user:ann', 'queries', [now - WINDOW_MS - 5, now - 5], WINDOW_MS);
      expect(await one.add('user:ann', 'queries', [now], WINDOW_MS)).toEqual([now - 5, now]);
      await one.add('user:old', 'queries', [now - 2 * WINDOW_MS], WINDOW_MS);
      await fixture.sweep();
      expect(await one.read('user:old', 'queries')).toEqual([]);
      expect(await one.read('user:ann', 'queries')).toEqual([now - 5, now]);
    });

    it('is bounded: those that run out first are forgotten first', async () => {
      const [one] = fixture.stores;
      const count = fixture.maxEntries + 20;
      await Promise.all(Array.from({ length: count }, (_, n) => one.add(`ip:${n}`, 'queries', [now + n], WINDOW_MS)));
      await fixture.sweep();
      expect(await fixture.size()).toBe(fixture.maxEntries);
      expect(await one.read('ip:0', 'queries')).toEqual([]);
      expect(await one.read(`ip:${count - 1}`, 'queries')).toEqual([now + count - 1]);
    });
  });
}
