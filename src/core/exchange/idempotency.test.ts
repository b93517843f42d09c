import fc from 'fast-check';
import { IdempotencyIndex } from './idempotency.js';

describe('IdempotencyIndex', () => {
  it('finds what was added and not pruned, however it grew and shrank', () => {
    const step = fc.record({ owner: fc.nat({ max: 2 }), key: fc.nat({ max: 600 }), wait: fc.nat({ max: 3 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 1200, size: 'max' }), (steps) => {
        const index = new IdempotencyIndex(1000, 700);
        let entries: { owner: number; key: string; timeUs: number; orderId: number }[] = [];
        let timeUs = 0;
        for (const [orderId, { owner, key: number, wait }] of steps.entries()) {
          timeUs += wait;
          const key = `key ${number}`;
          index.prune(timeUs);
          const old = entries.slice(0, 8).filter((entry) => entry.timeUs <= timeUs - 700);
          entries = entries.slice(old.length);
          const found = index.find(owner, key);
          const expected = entries.find((entry) => entry.owner === owner && entry.key === key);
          expect(found >= 0 ? index.orderIdAt(found) : null).toBe(expected?.orderId ?? null);
          expect(index.count).toBe(entries.length);
          if (expected !== undefined || index.isFull) continue;
          index.add(owner, key, orderId, orderId, timeUs, 1, 2);
          entries.push({ owner, key, timeUs, orderId });
        }
      }),
      { numRuns: 60 },
    );
  });
});
