import fc from 'fast-check';
import { CANDLE_INTERVALS, type CandleInterval } from '../values/vocabulary.js';
import { CandleBuilder, type CandleTrade, type CandleValues, INTERVAL_US, openTimeOf } from './candles.js';
import { RollingTicker } from './ticker.js';

const START_US = 1_767_312_000_000_000; // 2026-01-02 00:00 UTC
const DAY_US = INTERVAL_US.D1;

/** Trades in the order of time, with gaps from microseconds to hours. */
const trades = fc
  .array(
    fc.record({
      gapUs: fc.oneof(fc.nat({ max: 10 }), fc.nat({ max: 3_000_000 }), fc.nat({ max: 9 * 3_600_000_000 })),
      priceTicks: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 90_000_000 })),
      qtyLots: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 99_000_000 })),
    }),
    { maxLength: 120 },
  )
  .map((entries) => {
    let timeUs = START_US;
    return entries.map(({ gapUs, priceTicks, qtyLots }): CandleTrade => {
      timeUs += gapUs;
      return { timeUs, priceTicks, qtyLots };
    });
  });

function summary(part: readonly CandleTrade[]) {
  const prices = part.map((trade) => trade.priceTicks);
  return {
    openTicks: prices[0] ?? 0,
    highTicks: Math.max(...prices),
    lowTicks: Math.min(...prices),
    volumeLots: part.reduce((sum, trade) => sum + BigInt(trade.qtyLots), 0n),
    turnover: part.reduce((sum, trade) => sum + BigInt(trade.qtyLots) * BigInt(trade.priceTicks), 0n),
  };
}

function recomputed(all: readonly CandleTrade[], interval: CandleInterval): CandleValues[] {
  const groups = new Map<number, CandleTrade[]>();
  for (const trade of all) {
    const openTimeUs = Math.floor(trade.timeUs / INTERVAL_US[interval]) * INTERVAL_US[interval];
    groups.set(openTimeUs, [...(groups.get(openTimeUs) ?? []), trade]);
  }
  return [...groups].map(([openTimeUs, part]) => ({
    openTimeUs,
    ...summary(part),
    closeTicks: part.at(-1)?.priceTicks ?? 0,
    tradeCount: part.length,
  }));
}

describe('CandleBuilder', () => {
  it('gives in one pass the candles that grouping all trades gives, in every interval', () => {
    fc.assert(
      fc.property(trades, (all) => {
        const closed = new Map<CandleInterval, CandleValues[]>(CANDLE_INTERVALS.map((interval) => [interval, []]));
        const builder = new CandleBuilder((interval, candle) => closed.get(interval)?.push(candle));
        for (const trade of all) builder.add(trade);
        for (const interval of CANDLE_INTERVALS) {
          const current = builder.current(interval);
          expect([...(closed.get(interval) ?? []), ...(current === null ? [] : [current])]).toEqual(
            recomputed(all, interval),
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  it('closes a candle at the end of its interval without waiting for the next trade, and only once', () => {
    const closed: string[] = [];
    const builder = new CandleBuilder((interval, candle) => closed.push(`${interval} ${candle.closeTicks}`));
    builder.add({ timeUs: START_US, priceTicks: 7, qtyLots: 1 });
    builder.closeThrough(START_US + INTERVAL_US.S1 - 1);
    expect(closed).toEqual([]);
    builder.closeThrough(START_US + INTERVAL_US.S1);
    builder.closeThrough(START_US + INTERVAL_US.S1);
    expect(closed).toEqual(['S1 7']);
    expect(builder.current('S1')).toBeNull();
    expect(builder.current('S5')?.tradeCount).toBe(1);
  });

  it('goes on from a loaded candle and counts a late trade in the candle in the making', () => {
    const builder = new CandleBuilder(() => undefined);
    const loaded = { openTicks: 5, highTicks: 9, lowTicks: 4, closeTicks: 6, volumeLots: 10n, turnover: 60n };
    builder.load('M1', { openTimeUs: START_US, ...loaded, tradeCount: 3 });
    builder.addTo('M1', { timeUs: START_US - 1, priceTicks: 3, qtyLots: 2 });
    expect(builder.current('M1')).toEqual({
      openTimeUs: START_US,
      openTicks: 5,
      highTicks: 9,
      lowTicks: 3,
      closeTicks: 3,
      volumeLots: 12n,
      turnover: 66n,
      tradeCount: 4,
    });
  });

  it('starts intervals at whole multiples of their width in UTC', () => {
    const time = START_US + 13 * 3_600_000_000 + 59 * 60_000_000 + 7_654_321;
    expect(openTimeOf('D1', time)).toBe(START_US);
    expect(openTimeOf('H4', time)).toBe(START_US + 12 * 3_600_000_000);
    expect(openTimeOf('S5', time)).toBe(START_US + 13 * 3_600_000_000 + 59 * 60_000_000 + 5_000_000);
  });
});

describe('RollingTicker', () => {
  const nothing = { openTicks: null, highTicks: null, lowTicks: null, volumeLots: 0n, turnover: 0n };

  function windowOf(all: readonly CandleTrade[], timeUs: number) {
    const from = openTimeOf('M1', timeUs) + INTERVAL_US.M1 - DAY_US;
    const part = all.filter((trade) => trade.timeUs >= from);
    return part.length === 0 ? nothing : summary(part);
  }

  it('equals recomputation over the last 24 hours after every trade', () => {
    fc.assert(
      fc.property(trades, (all) => {
        const ticker = new RollingTicker();
        for (const [index, trade] of all.entries()) {
          ticker.add(trade.timeUs, trade.priceTicks, trade.qtyLots);
          expect(ticker.statistics(trade.timeUs)).toEqual(windowOf(all.slice(0, index + 1), trade.timeUs));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('empties as time goes on without trades', () => {
    const ticker = new RollingTicker();
    ticker.add(START_US, 9, 1);
    expect(ticker.statistics(START_US + DAY_US - 1)).toMatchObject({ highTicks: 9 });
    expect(ticker.statistics(START_US + DAY_US)).toEqual(nothing);
    ticker.add(START_US + DAY_US, 4, 2);
    expect(ticker.statistics(START_US + DAY_US)).toMatchObject({ openTicks: 4, highTicks: 4, lowTicks: 4 });
  });

  it('loaded from minute candles equals what it was when it saw the trades', () => {
    fc.assert(
      fc.property(trades, (all) => {
        const seen = new RollingTicker();
        const loaded = new RollingTicker();
        for (const trade of all) seen.add(trade.timeUs, trade.priceTicks, trade.qtyLots);
        for (const candle of recomputed(all, 'M1')) loaded.load(candle);
        const now = (all.at(-1)?.timeUs ?? START_US) + 1_000_000;
        expect(loaded.statistics(now)).toEqual(seen.statistics(now));
      }),
    );
  });

  it('holds 24 hours of minutes whatever the number of days', () => {
    const ticker = new RollingTicker();
    let timeUs = START_US;
    for (let minute = 0; minute < 5 * 1440; minute += 1, timeUs += INTERVAL_US.M1) ticker.add(timeUs, minute + 1, 1);
    expect(ticker.statistics(timeUs - 1)).toMatchObject({ openTicks: 4 * 1440 + 1, volumeLots: 1440n });
  });
});
