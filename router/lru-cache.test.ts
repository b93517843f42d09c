import fc from 'fast-check';
import { LruCache } from './lru-cache.js';

describe('the least recently used cache', () => {
  it('keeps the youngest entries that fit, as a plain list would', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), weight: fc.integer({ min: 0, max: 12 }) });
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            step,
            step.map(({ key }) => ({ key, weight: null })),
          ),
          { maxLength: 60 },
        ),
        (steps) => {
          const cache = new LruCache<number>(3, 10);
          let list: { key: string; weight: number; value: number }[] = [];
          for (const [value, { key, weight }] of steps.entries()) {
            const known = list.find((entry) => entry.key === key);
            if (weight === null) {
              expect(cache.get(key)).toBe(known?.value);
              if (known !== undefined) list = [...list.filter((entry) => entry !== known), known];
            } else {
              cache.set(key, value, weight);
              list = list.filter((entry) => entry !== known);
              if (weight <= 10) list.push({ key, weight, value });
              while (list.length > 3 || list.reduce((sum, entry) => sum + entry.weight, 0) > 10) list.shift();
            }
            expect(cache.size).toBe(list.length);
          }
        },
      ),
    );
  });
});
