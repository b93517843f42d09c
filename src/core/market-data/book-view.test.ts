import fc from 'fast-check';
import { type BookDelta, type ChangedPrices, DepthFeed, mergeDeltas } from './book-delta.js';
import { type BookLevel, BookView, type LevelChange } from './book-view.js';
import { bookChecksum } from './checksum.js';

/** A copy as a client keeps it: a map a side, told of by a snapshot and deltas alone. */
class ClientCopy {
  readonly bids = new Map<number, BookLevel>();
  readonly asks = new Map<number, BookLevel>();
  sequence = 0;

  snapshot(view: BookView, depth: number): void {
    this.bids.clear();
    this.asks.clear();
    for (const level of view.top('BUY', depth)) this.bids.set(level.priceTicks, level);
    for (const level of view.top('SELL', depth)) this.asks.set(level.priceTicks, level);
    this.sequence = view.sequence;
  }

  apply(delta: BookDelta): void {
    expect(delta.prevSequence).toBe(this.sequence);
    for (const [side, levels] of [
      [this.bids, delta.bids],
      [this.asks, delta.asks],
    ] as const) {
      for (const level of levels) {
        if (level.qtyLots === 0) side.delete(level.priceTicks);
        else side.set(level.priceTicks, level);
      }
    }
    this.sequence = delta.sequence;
  }

  levels(side: 'BUY' | 'SELL'): BookLevel[] {
    const sign = side === 'BUY' ? -1 : 1;
    return [...(side === 'BUY' ? this.bids : this.asks).values()].sort((a, b) => sign * (a.priceTicks - b.priceTicks));
  }
}

const change: fc.Arbitrary<LevelChange> = fc
  .record({
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    offset: fc.integer({ min: 0, max: 25 }),
    qtyLots: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 })),
  })
  .map(({ side, offset, qtyLots }) => ({
    side,
    priceTicks: side === 'BUY' ? 100 - offset : 101 + offset,
    qtyLots,
    orderCount: qtyLots === 0 ? 0 : 1,
  }));
/** Commands, each with the levels it changed: one entry a side and price, as events tell them. */
const commands = fc.array(
  fc.uniqueArray(change, { minLength: 1, maxLength: 12, selector: (entry) => `${entry.side}${entry.priceTicks}` }),
  { maxLength: 60 },
);

function changedPrices(changes: readonly LevelChange[]): ChangedPrices {
  const of = (side: 'BUY' | 'SELL') =>
    new Set(changes.filter((entry) => entry.side === side).map((entry) => entry.priceTicks));
  return { bids: of('BUY'), asks: of('SELL') };
}

describe('BookView', () => {
  it('holds what a map sorted at each step holds', () => {
    fc.assert(
      fc.property(commands, (all) => {
        const view = new BookView();
        const reference = { BUY: new Map<number, BookLevel>(), SELL: new Map<number, BookLevel>() };
        let sequence = 0;
        for (const changes of all) {
          sequence += changes.length;
          view.apply(changes, sequence, sequence);
          for (const { side, ...level } of changes) {
            if (level.qtyLots === 0) reference[side].delete(level.priceTicks);
            else reference[side].set(level.priceTicks, level);
          }
          for (const side of ['BUY', 'SELL'] as const) {
            const sorted = [...reference[side].values()].sort((a, b) =>
              side === 'BUY' ? b.priceTicks - a.priceTicks : a.priceTicks - b.priceTicks,
            );
            expect(view.top(side, 1000)).toEqual(sorted);
            expect(view.top(side, 3)).toEqual(sorted.slice(0, 3));
            expect(view.levelCount(side)).toBe(sorted.length);
          }
          expect(view.sequence).toBe(sequence);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('starts again from an image', () => {
    const view = new BookView();
    view.apply([{ side: 'BUY', priceTicks: 5, qtyLots: 1, orderCount: 1 }], 7, 70);
    view.reset(20, 200);
    view.load({ side: 'SELL', priceTicks: 9, qtyLots: 2, orderCount: 1 });
    expect(view.top('BUY', 10)).toEqual([]);
    expect(view.top('SELL', 10)).toEqual([{ priceTicks: 9, qtyLots: 2, orderCount: 1 }]);
    expect([view.sequence, view.timeUs]).toEqual([20, 200]);
  });
});

describe('DepthFeed', () => {
  it('keeps a copy equal to the book at every sequence and depth, checksum included', () => {
    fc.assert(
      fc.property(commands, fc.constantFrom(1, 2, 5, 10, 30), fc.nat({ max: 20 }), (all, depth, startAt) => {
        const view = new BookView();
        const copy = new ClientCopy();
        let feed: DepthFeed | undefined;
        let sequence = 0;
        for (const [index, changes] of all.entries()) {
          if (index === startAt) {
            feed = new DepthFeed(view, depth);
            copy.snapshot(view, depth);
          }
          sequence += changes.length;
          view.apply(changes, sequence, sequence);
          const delta = feed?.advance(changedPrices(changes));
          if (feed === undefined) continue;
          if (delta) copy.apply(delta);
          expect(copy.levels('BUY')).toEqual(view.top('BUY', depth));
          expect(copy.levels('SELL')).toEqual(view.top('SELL', depth));
          if (depth >= 10) {
            expect(bookChecksum(copy.levels('SELL'), copy.levels('BUY'), 1, 1)).toBe(
              bookChecksum(view.top('SELL', 10), view.top('BUY', 10), 1, 1),
            );
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('gives nothing for a change out of sight', () => {
    const view = new BookView();
    view.apply(
      [
        { side: 'BUY', priceTicks: 10, qtyLots: 1, orderCount: 1 },
        { side: 'BUY', priceTicks: 9, qtyLots: 1, orderCount: 1 },
      ],
      2,
      2,
    );
    const feed = new DepthFeed(view, 1);
    view.apply([{ side: 'BUY', priceTicks: 9, qtyLots: 5, orderCount: 1 }], 3, 3);
    expect(feed.advance({ bids: new Set([9]), asks: new Set() })).toBeNull();
    view.apply([{ side: 'BUY', priceTicks: 10, qtyLots: 0, orderCount: 0 }], 4, 4);
    expect(feed.advance({ bids: new Set([10]), asks: new Set() })).toEqual({
      sequence: 4,
      prevSequence: 2,
      timeUs: 4,
      bids: [
        { priceTicks: 10, qtyLots: 0, orderCount: 0 },
        { priceTicks: 9, qtyLots: 5, orderCount: 1 },
      ],
      asks: [],
    });
  });
});

describe('mergeDeltas', () => {
  it('does in one what the deltas do one by one, wherever they are cut', () => {
    fc.assert(
      fc.property(commands, fc.integer({ min: 1, max: 8 }), (all, every) => {
        const view = new BookView();
        const feed = new DepthFeed(view, 5);
        const copy = new ClientCopy();
        let pending: BookDelta | null = null;
        let sequence = 0;
        for (const [index, changes] of all.entries()) {
          sequence += changes.length;
          view.apply(changes, sequence, sequence);
          const delta = feed.advance(changedPrices(changes));
          if (delta !== null) pending = pending === null ? delta : mergeDeltas(pending, delta);
          if (index % every !== 0 || pending === null) continue;
          copy.apply(pending);
          pending = null;
          expect(copy.levels('BUY')).toEqual(view.top('BUY', 5));
          expect(copy.levels('SELL')).toEqual(view.top('SELL', 5));
        }
      }),
      { numRuns: 60 },
    );
  });
});
