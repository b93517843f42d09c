/** The promises of ImportedMarketData, run by each of its adapters. */
import {
  type ImportedCandle,
  type ImportedMarketData,
  type ImportedTrade,
  MAX_IMPORT_ROWS,
} from './imported-market-data.js';

const DAY_US = 86_400_000_000;
/** 2024-12-30: the rows lie in two months and years. */
const FIRST_US = Date.UTC(2024, 11, 30) * 1000;
const ALL = { fromUs: null, toUs: null };

export function candleOn(day: number, change: Partial<ImportedCandle> = {}): ImportedCandle {
  return {
    openTimeUs: FIRST_US + day * DAY_US,
    open: '100.00',
    high: '1110.125',
    low: '90.00',
    close: `${105 + day}.50`,
    volume: '1152921504606846976.00000001',
    vwap: '1.0123',
    tradeCount: 7,
    source: 'file',
    ...change,
  };
}

function tradeAt(n: number, change: Partial<ImportedTrade> = {}): ImportedTrade {
  return {
    tradeId: n,
    timeUs: FIRST_US + n * DAY_US,
    px: `${100 + n}.005`,
    qty: '0.00000001',
    aggressorSide: 'BUY',
    ...change,
  };
}

/** @param open returns an empty store in which instruments 0 and 1 are known */
export function describeImportedMarketData(name: string, open: () => Promise<ImportedMarketData>): void {
  describe(`${name} as imported market data`, () => {
    let store: ImportedMarketData;
    beforeEach(async () => {
      store = await open();
    });

    const days = async (...page: [number, ...Partial<[object, number | null, number]>]) =>
      (await store.candlesOf(page[0], 'D1', { ...ALL, ...page[1] }, page[2] ?? null, page[3] ?? 501)).map(
        ({ openTimeUs }) => (openTimeUs - FIRST_US) / DAY_US,
      );

    it('keeps one copy of what is saved twice, and says so', async () => {
      const candles = [0, 1, 2, 3].map((day) => candleOn(day));
      expect(await store.saveCandles(0, 'D1', candles)).toEqual({ inserted: 4, updated: 0, unchanged: 0 });
      expect(await store.saveCandles(0, 'D1', candles)).toEqual({ inserted: 0, updated: 0, unchanged: 4 });
      expect(await store.candlesOf(0, 'D1', ALL, null, 501)).toEqual(candles);
      const trades = [1, 2, 3].map((n) => tradeAt(n));
      expect(await store.saveTrades(0, 'kraken', trades)).toEqual({ inserted: 3, updated: 0, unchanged: 0 });
      expect(await store.saveTrades(0, 'kraken', trades)).toEqual({ inserted: 0, updated: 0, unchanged: 3 });
      expect(await store.tradesOf(0, 'kraken', ALL, null, 501)).toEqual([...trades].reverse());
    });

    it('lets the later import of an interval count, and tells it apart from new ones', async () => {
      await store.saveCandles(0, 'D1', [candleOn(0), candleOn(1)]);
      const corrected = [candleOn(1, { close: '99.25', vwap: null, tradeCount: null, source: 'other' }), candleOn(2)];
      expect(await store.saveCandles(0, 'D1', corrected)).toEqual({ inserted: 1, updated: 1, unchanged: 0 });
      expect(await store.candlesOf(0, 'D1', ALL, null, 501)).toEqual([candleOn(0), ...corrected]);
    });

    it('keeps instruments, widths and sources apart', async () => {
      await store.saveCandles(0, 'D1', [candleOn(0)]);
      await store.saveCandles(1, 'D1', [candleOn(1)]);
      await store.saveCandles(0, 'H1', [candleOn(2)]);
      expect([await days(0), await days(1)]).toEqual([[0], [1]]);
      await store.saveTrades(0, 'a', [tradeAt(1)]);
      await store.saveTrades(0, 'b', [tradeAt(1, { px: '7' })]);
      expect(await store.tradesOf(0, 'a', ALL, null, 501)).toEqual([tradeAt(1)]);
      expect(await store.tradesOf(1, 'a', ALL, null, 501)).toEqual([]);
    });

    it('gives pages in order, each from where the one before ended', async () => {
      await store.saveCandles(
        0,
        'D1',
        [3, 0, 2, 4, 1].map((day) => candleOn(day)),
      );
      expect(await days(0, {}, null, 2)).toEqual([0, 1]);
      expect(await days(0, {}, candleOn(1).openTimeUs, 2)).toEqual([2, 3]);
      expect(await days(0, { fromUs: candleOn(1).openTimeUs, toUs: candleOn(3).openTimeUs })).toEqual([1, 2]);
      // Two at the same time, told apart by their ids.
      const trades = [tradeAt(1), tradeAt(2), tradeAt(3, { timeUs: tradeAt(2).timeUs })];
      await store.saveTrades(0, 'a', trades);
      const first = await store.tradesOf(0, 'a', ALL, null, 2);
      expect(first.map(({ tradeId }) => tradeId)).toEqual([3, 2]);
      expect((await store.tradesOf(0, 'a', ALL, tradeAt(2), 2)).map(({ tradeId }) => tradeId)).toEqual([1]);
      expect(await store.tradesOf(0, 'a', { fromUs: null, toUs: tradeAt(2).timeUs }, null, 9)).toEqual([tradeAt(1)]);
    });

    it('saves no more rows at once than it says, and none of a page that is too large', async () => {
      const many = Array.from({ length: MAX_IMPORT_ROWS + 1 }, (_, day) => candleOn(day));
      await expect(store.saveCandles(0, 'D1', many)).rejects.toThrow(RangeError);
      expect(await days(0)).toEqual([]);
      expect(await store.saveCandles(0, 'D1', many.slice(1))).toMatchObject({ inserted: MAX_IMPORT_ROWS });
      expect(await store.saveCandles(0, 'D1', [])).toEqual({ inserted: 0, updated: 0, unchanged: 0 });
    });
  });
}
