import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../testing/random.js';
import type { FlowEvent } from './flow.js';
import { L3HeaderError, type L3Row, readL3 } from './l3.js';
import { l3Flow } from './l3-flow.js';
import { type BadLine, readLobsterMessages } from './lobster.js';
import { replayFlow } from './replay.js';
import { ExchangeTarget } from './testing/exchange-target.js';

const STEPS = { tickSize: '0.01', lotSize: '1' };
const HEADER = 'time,action,order_id,side,price,size';
const DATABENTO =
  'ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,price,size,channel_id,order_id,flags,ts_in_delta,sequence,symbol';
const MESSAGES = join(import.meta.dirname, '../../../../shared/data/lobster/AAPL_2012-06-21_message_10_first.csv');

async function* text(lines: readonly string[]): AsyncGenerator<string> {
  yield lines.join('\n');
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const flowOf = (lines: readonly string[], steps = STEPS) => l3Flow(readL3(text(lines), steps));
const at = (second: number) => `2026-01-02T09:30:${String(second % 60).padStart(2, '0')}.5Z`;

/** A book rebuilt from the rows alone, by the rules of the format and nothing of the reader: queues of sizes by price. */
class NaiveBook {
  readonly orders = new Map<string, { side: string; price: string; size: number }>();

  row(action: string, id: string, side: string, price: string, size: number): void {
    const order = this.orders.get(id);
    if (action === 'add') this.orders.set(id, { side, price, size });
    if (order === undefined) return;
    if (action === 'cancel' || action === 'fill') order.size -= size;
    if (action === 'modify') {
      const keeps = price === order.price && size <= order.size;
      if (!keeps) this.orders.delete(id);
      this.orders.set(id, { side: order.side, price, size });
    }
    if (this.orders.get(id)?.size === 0) this.orders.delete(id);
  }

  levels(side: string): { priceTicks: number; qtyLots: number }[] {
    const sums = new Map<number, number>();
    for (const order of this.orders.values()) {
      const ticks = Math.round(Number(order.price) * 100);
      if (order.side === side) sums.set(ticks, (sums.get(ticks) ?? 0) + order.size);
    }
    return [...sums]
      .sort(([a], [b]) => (side === 'buy' ? b - a : a - b))
      .map(([priceTicks, qtyLots]) => ({ priceTicks, qtyLots }));
  }

  /** The order that trades first at the best price of a side: a Map keeps the order of arrival. */
  front(side: string): [string, { price: string; size: number }] | undefined {
    const best = this.levels(side)[0]?.priceTicks;
    return [...this.orders].find(([, order]) => order.side === side && Math.round(Number(order.price) * 100) === best);
  }
}

describe('An L3 recording', () => {
  it('sends adds, changes, cancels and fills, each to its own order', async () => {
    const target = new ExchangeTarget();
    const summary = await replayFlow(
      flowOf([
        HEADER,
        `${at(1)},add,a,buy,100.00,30`,
        `${at(2)},add,b,buy,100.00,10`,
        `${at(3)},modify,a,buy,100.00,20`,
        `${at(4)},add,c,sell,101.00,5`,
        `${at(5)},trade,,sell,100.00,25`,
        `${at(5)},fill,a,buy,100.00,20`,
        `${at(5)},fill,b,buy,100.00,5`,
        `${at(6)},modify,c,sell,100.50,6`,
        `${at(7)},cancel,b,buy,100.00,2`,
        `${at(8)},cancel,nobody,buy,100.00,2`,
      ]),
      target,
      { speed: 'max' },
    );
    expect(target.levels('BUY', 10)).toEqual([{ priceTicks: 10_000, qtyLots: 3 }]);
    expect(target.levels('SELL', 10)).toEqual([{ priceTicks: 10_050, qtyLots: 6 }]);
    expect(summary).toMatchObject({
      events: 10,
      badLines: 0,
      fills: 2,
      rejects: {},
      withoutEffect: { TRADE_PRINT: 1, UNSEEN_ORDER: 1 },
      executions: { ofRecordedOrders: 2, sameRestingOrder: 2, ratio: 1 },
    });
  });

  it('reads Databento’s rows: whole prices of 10⁻⁹, and the cancel behind a fill as that fill told again', async () => {
    const target = new ExchangeTarget();
    const row = (action: string, side: string, price: number, size: number, id: number) =>
      `1767346200000000000,176734620000000000${id},160,1,5,${action},${side},${price}0000000,${size},0,${id},130,0,${id},ABC`;
    const summary = await replayFlow(
      flowOf([
        DATABENTO,
        row('R', 'N', 0, 0, 0),
        row('A', 'B', 10_000, 30, 1),
        row('A', 'A', 10_100, 8, 2),
        row('T', 'S', 10_000, 12, 3),
        row('F', 'B', 10_000, 12, 1).replace('000000001,', '000000004,'),
        row('C', 'B', 10_000, 12, 1).replace('000000001,', '000000005,'),
        row('C', 'B', 10_000, 8, 1).replace('000000001,', '000000006,'),
        row('F', 'A', 10_100, 8, 2).replace('000000002,', '000000007,'),
        row('C', 'A', 10_100, 8, 2).replace('000000002,', '000000008,'),
      ]),
      target,
      { speed: 'max' },
    );
    expect(summary).toMatchObject({ badLines: 0, fills: 2, rejects: {}, executions: { ratio: 1 } });
    expect(target.levels('BUY', 10)).toEqual([{ priceTicks: 10_000, qtyLots: 10 }]);
    expect(target.levels('SELL', 10)).toEqual([]);
  });

  it.each([
    ['add,a,buy,100.005,1', /price "100.005" is no multiple of 0.01/],
    ['add,a,buy,100.00,0', /size "0" is no multiple of 1/],
    ['add,a,buy,100.00,1.5', /size "1.5" is no multiple of 1/],
    ['add,a,sideways,100.00,1', /side "sideways" is neither buy nor sell/],
    ['add,,buy,100.00,1', /add needs an order id/],
    ['explode,a,buy,100.00,1', /action "explode"/],
    ['modify,known,sell,100.00,1', /on the other side/],
    ['add,known,buy,100.00,1', /known rests already/],
    ['fill,known,buy,100.00,9', /9 lots are filled of 5/],
    ['cancel,known,buy,100.00,9', /9 lots are canceled of 5/],
    [`add,${'x'.repeat(65)},buy,1.00,1`, /longer than 64/],
  ])('tells a bad row with its line and goes on: %s', async (row, problem) => {
    const items = await collect(
      flowOf([HEADER, `${at(1)},add,known,buy,99.00,5`, `${at(2)},${row}`, '', `${at(3)},add,later,buy,98.00,1`]),
    );
    const bad = items.filter((item): item is BadLine => item.kind === 'bad');
    expect(bad).toEqual([{ kind: 'bad', line: 3, problem: expect.stringMatching(problem) }]);
    expect(items.at(-1)).toMatchObject({ kind: 'event', line: 5 });
  });

  it('tells a time that runs backwards, and one that is none', async () => {
    const items = await collect(
      flowOf([HEADER, `${at(5)},add,a,buy,1.00,1`, `${at(4)},add,b,buy,1.00,1`, 'soon,add,c,buy,1.00,1']),
    );
    const bad = items.filter((item): item is BadLine => item.kind === 'bad');
    expect(bad.map(({ line, problem }) => [line, problem.slice(0, 12)])).toEqual([
      [3, 'time 2026-01'],
      [4, 'time "soon" '],
    ]);
  });

  it('refuses a file whose first line does not name the columns', async () => {
    await expect(collect(flowOf(['1,2,3', '4,5,6']))).rejects.toThrow(L3HeaderError);
    const twice = ['time,action,order_id,side,price,Price,size', '1,add,1,buy,1.00,2.00,1'];
    await expect(collect(flowOf(twice))).rejects.toThrow(/names the price twice/);
    await expect(collect(flowOf([]))).rejects.toThrow(/empty/);
    await expect(collect(flowOf([HEADER], { tickSize: '0', lotSize: '1' }))).rejects.toThrow(RangeError);
  });

  it.each(['seconds', 'ms', 'µs', 'ns'])('takes times as %s since 1970', async (unit) => {
    const digits = { seconds: 10, ms: 13, µs: 16, ns: 19 }[unit] ?? 0;
    const stamp = '1767346200500000000'.slice(0, digits);
    const [event] = await collect(flowOf([HEADER, `${stamp},add,a,buy,1.00,1`]));
    const expected = 9.5 * 3_600e9 + (unit === 'seconds' ? 0 : 5e8);
    expect((event as FlowEvent).timeNs).toBe(expected);
  });

  it.each([1, 2, 3])('leaves the book that its rows alone make, after every row (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const naive = new NaiveBook();
    const rows: string[] = [HEADER];
    const expected: [unknown, unknown][] = [];
    const note = (action: string, id: string, side: string, price: string, size: number) => {
      naive.row(action, id, side, price, size);
      rows.push(`${1_767_346_200 + rows.length},${action},${id},${side},${price},${size}`);
      expected.push([naive.levels('buy'), naive.levels('sell')]);
    };
    for (let step = 0; step < 500; step += 1) {
      const side = random() < 0.5 ? 'buy' : 'sell';
      const ids = [...naive.orders].filter(([, order]) => order.side === side);
      const [id, order] = ids[Math.floor(random() * ids.length)] ?? [];
      const price = () => ((side === 'buy' ? 58_000 : 58_100) + Math.floor(random() * 50)) / 100;
      const draw = random();
      if (id === undefined || order === undefined || draw < 0.4) {
        note('add', `o${step}`, side, price().toFixed(2), 1 + Math.floor(random() * 40));
      } else if (draw < 0.55) {
        note('cancel', id, side, order.price, 1 + Math.floor(random() * order.size));
      } else if (draw < 0.8) {
        const size = 1 + Math.floor(random() * 40);
        note('modify', id, side, random() < 0.5 ? order.price : price().toFixed(2), size);
      } else {
        const [front, { price: frontPrice, size }] = naive.front(side) ?? ['', { price: '', size: 1 }];
        note('fill', front, side, frontPrice, 1 + Math.floor(random() * size));
      }
    }
    const target = new ExchangeTarget();
    const summary = await replayFlow(flowOf(rows), target, {
      speed: 'max',
      onProgress: ({ events }) => {
        expect([target.levels('BUY', 100), target.levels('SELL', 100)]).toEqual(expected[events - 1]);
      },
    });
    expect(summary).toMatchObject({ events: 500, badLines: 0, rejects: {}, executions: { ratio: 1, misses: [] } });
  });
});

const hasOracle = existsSync(MESSAGES);
if (!hasOracle) process.stderr.write(`left out: L3 rows of real NASDAQ flow (no ${MESSAGES})\n`);
(hasOracle ? describe : (_name: string, _tests: () => void) => undefined)('Real NASDAQ flow as L3 rows', () => {
  it('fills the orders that the exchange filled and leaves the book that its messages make', async () => {
    const rows = [HEADER];
    const naive = new NaiveBook();
    for await (const message of readLobsterMessages(createReadStream(MESSAGES))) {
      if (message.kind === 'bad') continue;
      const actions: Record<string, string> = {
        NEW: 'add',
        PARTIAL_CANCEL: 'cancel',
        DELETE: 'cancel',
        EXECUTION: 'fill',
      };
      const action = actions[message.event];
      if (action === undefined) continue;
      const { orderId, qtyLots, priceTicks } = message;
      const side = message.side === 'BUY' ? 'buy' : 'sell';
      const price = (priceTicks / 100).toFixed(2);
      naive.row(action, orderId, side, price, qtyLots);
      rows.push(`${1_767_312_000 + message.timeNs / 1e9},${action},${orderId},${side},${price},${qtyLots}`);
    }
    const read = (await collect(readL3(text(rows), STEPS))).filter((item): item is L3Row => item.kind === 'row');
    expect(read).toHaveLength(rows.length - 1);
    const target = new ExchangeTarget();
    const summary = await replayFlow(flowOf(rows), target, { speed: 'max' });
    expect(summary).toMatchObject({ badLines: 0, rejects: {} });
    expect(summary.executions).toMatchObject({ ofRecordedOrders: 94, sameRestingOrder: 94, ratio: 1 });
    expect([target.levels('BUY', 500), target.levels('SELL', 500)]).toEqual([
      naive.levels('buy'),
      naive.levels('sell'),
    ]);
  });
});
