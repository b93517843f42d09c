/** What every history must answer; each adapter runs this suite on itself. The oracle is the events, searched in full. */

import type { LedgerPosting } from '../core/exchange/ledger-postings.js';
import { CANDLE_INTERVALS, EXEC_TYPES, ORD_STATUSES, type OrdStatus } from '../core/values/vocabulary.js';
import type { RiskAuditRecord, StreamPosition } from './history.js';
import type { ReadModelFixture } from './read-model-store.contract.js';
import { batchOf, runExchange } from './testing/exchange-run.js';
import { HistoryOracle, sortedBy } from './testing/history-oracle.js';

const ACCOUNTS = [0, 1, 2, 3, 7];
const INSTRUMENTS = [0, 1, 2, 9];
const PAGE = 7;
/** Pages that a loop reads at most, so that a cursor that stands still fails instead of hanging. */
const MOST_PAGES = 1000;

/** @param createFixture gives an empty store and its history */
export function describeHistory(name: string, createFixture: () => Promise<ReadModelFixture>): void {
  describe(`${name} as history`, () => {
    const run = runExchange(5, 1200);
    const oracle = new HistoryOracle(run.events);
    const through = run.events.length;
    let fixture: ReadModelFixture;
    beforeAll(async () => {
      fixture = await createFixture();
      await fixture.store.apply(batchOf(run.events));
    });
    afterAll(() => fixture.dispose());

    /** Reads page after page until one is not full. */
    const readAll = async <T>(read: (last: T | null) => Promise<readonly T[]>): Promise<T[]> => {
      const all: T[] = [];
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const records = await read(all.at(-1) ?? null);
        all.push(...records);
        if (records.length < PAGE) return all;
      }
      throw new Error('the pages do not end');
    };
    const newestFirst = (orders: Iterable<typeof oracle.orders extends Map<number, infer R> ? R : never>) =>
      sortedBy(
        orders,
        ({ createdUs }) => -createdUs,
        ({ orderId }) => -orderId,
      );
    const inStream = <T extends StreamPosition>(reports: Iterable<T>) =>
      sortedBy(
        reports,
        ({ sequence }) => sequence,
        ({ leg }) => leg,
      );

    it('covers trades, cancels and refusals, or the questions below would prove little', () => {
      expect(oracle.trades.length).toBeGreaterThan(50);
      const statuses = new Set([...oracle.orders.values()].map(({ ordStatus }) => ordStatus));
      expect(statuses.size).toBeGreaterThanOrEqual(4);
    });

    it('tells how far it reaches', async () => {
      expect(await fixture.history.throughSequence()).toBe(through);
    });

    it('gives the ledger of an account by page, posting by posting as the events post it', async () => {
      for (const account of ACCOUNTS) {
        const read = async (last: LedgerPosting | null) =>
          (await fixture.history.ledgerOf(account, last, PAGE)).records;
        expect(await readAll(read)).toEqual(oracle.postings.filter((posting) => posting.account === account));
      }
      expect((await fixture.history.ledgerOf(1, null, 1)).throughSequence).toBe(through);
    });

    it('gives what risk officers set, newest first, by page and by filter', async () => {
      const { history } = fixture;
      const all = { account: null, setBy: null, fromUs: null, toUs: null };
      const settings = await readAll<RiskAuditRecord>((last) => history.riskAudit(all, last?.sequence ?? null, PAGE));
      expect(settings.length).toBeGreaterThan(0);
      expect(settings.map(({ sequence }) => sequence)).toEqual(
        settings.map(({ sequence }) => sequence).sort((a, b) => b - a),
      );
      for (const { after, setBy } of settings) {
        expect(JSON.parse(after)).not.toBe('');
        expect(setBy).not.toBe('');
      }
      const newest = settings.find(({ account }) => account !== null);
      const of = {
        ...all,
        account: newest!.account,
        setBy: newest!.setBy,
        fromUs: newest!.timeUs,
        toUs: newest!.timeUs + 1,
      };
      const found = await history.riskAudit(of, null, PAGE);
      expect(found).toContainEqual(newest);
      expect(new Set(found.map(({ account }) => account))).toEqual(new Set([newest!.account]));
      expect(await history.riskAudit({ ...all, setBy: 'nobody' }, null, PAGE)).toEqual([]);
    });

    it('finds orders by id, and nothing for ids that are none', async () => {
      const ids = [...oracle.orders.keys()].slice(0, 400);
      const found = await fixture.history.orders([...ids, 1e15]);
      expect(sortedBy(found, ({ orderId }) => orderId)).toEqual(
        sortedBy(
          ids.map((id) => oracle.orders.get(id)!),
          ({ orderId }) => orderId,
        ),
      );
      expect(await fixture.history.orders([])).toEqual([]);
    });

    it('finds the order that a client named, not one that was refused for using the name again', async () => {
      for (const account of ACCOUNTS) {
        for (const clOrdId of [...Array.from({ length: 10 }, (_, key) => `key ${key}`), 'no such key']) {
          const named = [...oracle.orders.values()].filter(
            (order) =>
              order.account === account && order.clOrdId === clOrdId && order.ordRejReason !== 'DUPLICATE_CL_ORD_ID',
          );
          expect(await fixture.history.orderByClOrdId(account, clOrdId)).toEqual(newestFirst(named)[0] ?? null);
        }
      }
    });

    it('finds the legs of plans', async () => {
      const plans = new Set([...oracle.orders.values()].flatMap(({ planId }) => planId ?? []));
      expect(plans.size).toBeGreaterThan(2);
      const expected = [...oracle.orders.values()].filter(({ planId }) => planId !== null);
      const found = await fixture.history.ordersOfPlans([...plans, 1e15]);
      expect(sortedBy(found, ({ orderId }) => orderId)).toEqual(sortedBy(expected, ({ orderId }) => orderId));
      expect(await fixture.history.ordersOfPlans([])).toEqual([]);
    });

    it('pages through the orders of an account, newest first, narrowed by instrument and status', async () => {
      const statusChoices: (readonly OrdStatus[] | null)[] = [
        null,
        ORD_STATUSES,
        ['NEW', 'PARTIALLY_FILLED'],
        ['REJECTED', 'REJECTED'],
        [],
      ];
      for (const account of ACCOUNTS) {
        for (const instrument of [null, 0, 9]) {
          for (const ordStatus of statusChoices) {
            const all = await readAll<typeof newestFirst extends (o: Iterable<infer R>) => unknown ? R : never>(
              (last) => fixture.history.ordersOf({ account, instrument, ordStatus }, last, PAGE),
            );
            const expected = [...oracle.orders.values()].filter(
              (order) =>
                order.account === account &&
                (instrument === null || order.instrument === instrument) &&
                (ordStatus === null || ordStatus.includes(order.ordStatus)),
            );
            expect(all).toEqual(newestFirst(expected));
          }
        }
      }
    });

    it('pages through the execution reports of an account, oldest first, each leg once', async () => {
      for (const account of ACCOUNTS) {
        for (const execType of [undefined, ...EXEC_TYPES]) {
          const all = await readAll<(typeof oracle.reports)[number]>(async (last) => {
            const page = await fixture.history.executionReportsOfAccount(account, last, PAGE, execType);
            expect(page.throughSequence).toBe(through);
            return page.records;
          });
          const expected = oracle.reports.filter(
            (report) => report.account === account && (execType === undefined || report.execType === execType),
          );
          expect(all).toEqual(inStream(expected));
        }
      }
    });

    it('pages through the execution reports of an order', async () => {
      for (const orderId of [...[...oracle.orders.keys()].slice(0, 60), 1e15]) {
        const all = await readAll<(typeof oracle.reports)[number]>(
          async (last) => (await fixture.history.executionReportsOfOrder(orderId, last, PAGE)).records,
        );
        expect(all).toEqual(inStream(oracle.reports.filter((report) => report.orderId === orderId)));
      }
    });

    it('gives the execution reports of a command', async () => {
      const commands = new Set(oracle.reports.slice(0, 120).map(({ commandSequence }) => commandSequence));
      for (const command of [...commands, 1e9]) {
        expect(await fixture.history.executionReportsOfCommand(command)).toEqual({
          throughSequence: through,
          records: inStream(oracle.reports.filter(({ commandSequence }) => commandSequence === command)),
        });
      }
    });

    it('pages through the trades of an instrument, newest first, within a time range', async () => {
      const times = oracle.trades.map(({ timeUs }) => timeUs);
      const fromUs = times[Math.floor(times.length / 4)] ?? 0;
      const toUs = times[Math.floor(times.length / 2)] ?? 0;
      for (const instrument of INSTRUMENTS) {
        for (const range of [
          { fromUs: null, toUs: null },
          { fromUs, toUs },
          { fromUs, toUs: null },
          { fromUs: toUs, toUs: fromUs },
        ]) {
          const all = await readAll<(typeof oracle.trades)[number]>(
            async (last) => (await fixture.history.tradesOf(instrument, range, last?.tradeId ?? null, PAGE)).records,
          );
          const expected = oracle.trades.filter(
            (trade) =>
              trade.instrument === instrument &&
              trade.timeUs >= (range.fromUs ?? 0) &&
              trade.timeUs < (range.toUs ?? Number.MAX_SAFE_INTEGER),
          );
          expect(all).toEqual(sortedBy(expected, ({ tradeId }) => -tradeId));
        }
      }
      const beyond = await fixture.history.tradesOf(0, { fromUs: null, toUs: null }, 1e12, 1);
      expect(beyond.records).toHaveLength(1);
      expect((await fixture.history.tradesOf(0, { fromUs: null, toUs: null }, 1, 5)).records).toEqual([]);
    });

    it('reads the trades of several instruments behind a sequence, oldest first, page by page', async () => {
      for (const instruments of [[0], [1, 0], [0, 1, 2, 9], [2, 1, 1], [9], []]) {
        const expected = sortedBy(
          oracle.trades.filter((trade) => instruments.includes(trade.instrument)),
          ({ sequence }) => sequence,
        );
        const all = await readAll<(typeof oracle.trades)[number]>(async (last) => {
          const page = await fixture.history.tradesAfter(instruments, last?.sequence ?? 0, PAGE);
          expect(page.throughSequence).toBe(through);
          return page.records;
        });
        expect(all).toEqual(expected);
        const middle = expected[expected.length >> 1]?.sequence ?? 0;
        const { records } = await fixture.history.tradesAfter(instruments, middle, 500);
        expect(records).toEqual(expected.filter(({ sequence }) => sequence > middle).slice(0, 500));
      }
    });

    it('pages through candles of every interval, oldest first, and knows the last before a time', async () => {
      for (const instrument of INSTRUMENTS) {
        for (const interval of CANDLE_INTERVALS) {
          const candles = sortedBy(
            oracle.candles.filter((candle) => candle.instrument === instrument && candle.interval === interval),
            ({ openTimeUs }) => openTimeUs,
          );
          const range = { fromUs: candles[1]?.openTimeUs ?? null, toUs: candles.at(-1)?.openTimeUs ?? null };
          const all = await readAll<(typeof candles)[number]>(
            async (last) =>
              (await fixture.history.candlesOf(instrument, interval, range, last?.openTimeUs ?? null, PAGE)).records,
          );
          expect(all).toEqual(candles.slice(1, -1));
          const beforeUs = candles[2]?.openTimeUs ?? Number.MAX_SAFE_INTEGER;
          const { records } = await fixture.history.lastCandleBefore(instrument, interval, beforeUs);
          expect(records).toEqual(candles.length > 2 ? candles.slice(1, 2) : candles.slice(-1));
        }
      }
    });

    it('totals the trades since a time, by account and instrument, exact', async () => {
      const times = oracle.trades.map(({ timeUs }) => timeUs);
      for (const fromUs of [0, times[Math.floor(times.length / 2)] ?? 0, (times.at(-1) ?? 0) + 1]) {
        const { records, throughSequence } = await fixture.history.tradeTotalsSince(fromUs);
        expect(throughSequence).toBe(through);
        const key = [
          (total: (typeof records)[number]) => total.account,
          (total: (typeof records)[number]) => total.instrument,
        ];
        expect(sortedBy(records, ...key)).toEqual(sortedBy(oracle.totalsSince(fromUs), ...key));
      }
    });

    it('gives at most 501 records at once', async () => {
      await expect(fixture.history.executionReportsOfAccount(1, null, 501)).resolves.toBeDefined();
      const tooMany = async () => fixture.history.executionReportsOfAccount(1, null, 502);
      await expect(tooMany()).rejects.toThrow(RangeError);
    });
  });
}
