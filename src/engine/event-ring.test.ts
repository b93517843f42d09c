import fc from 'fast-check';
import type { ExchangeEvent } from '../core/exchange/event.js';
import type { EventBatch } from '../ports/event-feed.js';
import { EventRing, sliceBatch } from './event-ring.js';
import { Fifo } from './fifo.js';

function batchOf(firstSequence: number, count: number): EventBatch {
  const events = Array.from({ length: count }, (_, at) => ({
    type: 'MassCancelDone' as const,
    sequence: firstSequence + at,
    commandSequence: 1,
    timeUs: 1,
    account: 0,
    canceledCount: 0,
  })) satisfies ExchangeEvent[];
  return { firstSequence, lastSequence: firstSequence + count - 1, events };
}
const sequences = (batch: EventBatch): number[] => batch.events.map((event) => event.sequence);

describe('event ring', () => {
  it('holds the newest batches within its capacity, finds exactly those, and always the newest', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 200 }), (counts, capacity) => {
        const ring = new EventRing(capacity);
        const pushed: EventBatch[] = [];
        let next = 1;
        for (const count of counts) {
          pushed.push(batchOf(next, count));
          ring.push(batchOf(next, count));
          next += count;
        }
        const held: EventBatch[] = [];
        for (const batch of [...pushed].reverse()) {
          const total = held.reduce((sum, each) => sum + each.events.length, 0);
          if (held.length > 0 && total + batch.events.length > capacity) break;
          held.unshift(batch);
        }
        expect(ring.firstSequence).toBe(held[0]?.firstSequence);
        for (const batch of pushed) {
          const expected = batch.firstSequence >= ring.firstSequence ? batch : null;
          expect(ring.find(batch.firstSequence)).toEqual(expected);
          expect(ring.find(batch.lastSequence)).toEqual(expected);
        }
        expect(ring.find(0)).toBeNull();
        expect(ring.find(next)).toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  it('slices a batch to a range and to a number of events', () => {
    const batch = batchOf(11, 10);
    expect(sliceBatch(batch, 11, 20)).toBe(batch);
    expect(sequences(sliceBatch(batch, 5, 13))).toEqual([11, 12, 13]);
    expect(sequences(sliceBatch(batch, 18, 99))).toEqual([18, 19, 20]);
    expect(sliceBatch(batch, 13, 99, 2)).toMatchObject({ firstSequence: 13, lastSequence: 14 });
    expect(sequences(sliceBatch(batch, 13, 99, 2))).toEqual([13, 14]);
  });
});

describe('fifo', () => {
  it('gives back what an array would, for any order of pushes and shifts', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -40, max: 60 }), { maxLength: 200 }), (steps) => {
        const fifo = new Fifo<number>();
        const model: number[] = [];
        let next = 0;
        for (const step of steps) {
          for (let count = 0; count < step; count += 1) {
            fifo.push(next);
            model.push(next);
            next += 1;
          }
          for (let count = 0; count > step; count -= 1) expect(fifo.shift()).toBe(model.shift());
          expect(fifo.length).toBe(model.length);
        }
      }),
      { numRuns: 200 },
    );
  });
});
