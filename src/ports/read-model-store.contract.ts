/** What every read model store must do; each adapter runs this suite on itself. */
import type { EventBatch } from './event-feed.js';
import type { History } from './history.js';
import { ForeignEventsError, type ReadModelStore, SequenceGapError } from './read-model-store.js';
import { batchOf, type ExchangeRun, runExchange } from './testing/exchange-run.js';
import { HistoryOracle, sortedBy } from './testing/history-oracle.js';

export interface ReadModelFixture {
  readonly store: ReadModelStore;
  /** Reads what the store wrote. */
  readonly history: History;
  /** Removes everything. */
  dispose(): Promise<void>;
}

/** @param createFixture gives an empty store */
export function describeReadModelStore(name: string, createFixture: () => Promise<ReadModelFixture>): void {
  describe(`${name} as a read model store`, () => {
    let run: ExchangeRun;
    let fixture: ReadModelFixture;
    beforeAll(() => {
      run = runExchange(11, 400);
    });
    beforeEach(async () => {
      fixture = await createFixture();
    });
    afterEach(() => fixture.dispose());

    const slice = (first: number, last: number): EventBatch => batchOf(run.events.slice(first - 1, last));
    const lastSequence = (): number => run.events.length;
    const expectWrittenOnce = async (through: number): Promise<void> => {
      expect(await fixture.store.offset()).toBe(through);
      expect(await fixture.history.throughSequence()).toBe(through);
      const oracle = new HistoryOracle(run.events.slice(0, through));
      const ids = [...oracle.orders.keys()];
      const orders = (await Promise.all(ids.map((id) => fixture.history.orders([id])))).flat();
      expect(orders).toEqual([...oracle.orders.values()]);
      const day = { fromUs: null, toUs: null };
      for (const instrument of [0, 1, 2]) {
        const { records } = await fixture.history.candlesOf(instrument, 'D1', day, null, 500);
        const expected = oracle.candles.filter(
          (candle) => candle.instrument === instrument && candle.interval === 'D1',
        );
        expect(records).toEqual(sortedBy(expected, ({ openTimeUs }) => openTimeUs));
      }
    };

    it('is empty at first', async () => {
      expect(await fixture.store.offset()).toBe(0);
    });

    it('writes a command a batch', async () => {
      for (const batch of run.batches.slice(0, 150)) await fixture.store.apply(batch);
      await expectWrittenOnce(run.batches[149]?.lastSequence ?? 0);
    });

    it('writes everything in one batch', async () => {
      await fixture.store.apply(slice(1, lastSequence()));
      await expectWrittenOnce(lastSequence());
    });

    it('changes nothing for a batch that is written already', async () => {
      await fixture.store.apply(slice(1, 300));
      await fixture.store.apply(slice(1, 300));
      await fixture.store.apply(slice(200, 300));
      await fixture.store.apply(slice(1, 40));
      await expectWrittenOnce(300);
    });

    it('writes the new part of a batch that is written in part', async () => {
      await fixture.store.apply(slice(1, 250));
      await fixture.store.apply(slice(100, lastSequence()));
      await expectWrittenOnce(lastSequence());
    });

    it('refuses a batch that would leave a gap, and writes none of it', async () => {
      await fixture.store.apply(slice(1, 100));
      await expect(fixture.store.apply(slice(102, 200))).rejects.toThrow(SequenceGapError);
      await expectWrittenOnce(100);
    });

    it('refuses a batch that is not the events it says', async () => {
      await expect(fixture.store.apply({ ...slice(1, 100), lastSequence: 101 })).rejects.toThrow(RangeError);
      expect(await fixture.store.offset()).toBe(0);
    });

    it('tells the events of another journal from those that it holds', async () => {
      await fixture.store.apply(slice(1, 100));
      const { events } = slice(90, 120);
      const foreign = events.map((event) => ({ ...event, timeUs: event.timeUs + 1 }));
      await expect(fixture.store.apply(batchOf(foreign))).rejects.toThrow(ForeignEventsError);
      await expectWrittenOnce(100);
    });

    it('lets of two writers at once only one through', async () => {
      await fixture.store.apply(slice(1, 50));
      await Promise.all([
        fixture.store.apply(slice(51, 300)),
        fixture.store.apply(slice(51, 200)),
        fixture.store.apply(slice(51, 300)),
      ]);
      await expectWrittenOnce(300);
    });

    it('writes texts that a database cannot store with a substitute rather than not at all', async () => {
      const strange = run.events
        .slice(0, 200)
        .map((event) =>
          event.type === 'OrderAccepted' || event.type === 'OrderRejected'
            ? { ...event, clOrdId: `a\0b\ud800c\\u0000😀` }
            : event,
        );
      await fixture.store.apply(batchOf(strange));
      const order = strange.find((event) => event.type === 'OrderAccepted');
      expect(order).toBeDefined();
      if (order?.type !== 'OrderAccepted') return;
      const found = await fixture.history.orderByClOrdId(order.account, `a\0b\ud800c\\u0000😀`);
      expect(found?.clOrdId).toBe(`a\ufffdb\ufffdc\\u0000😀`);
    });
  });
}
