import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FlowAction, FlowEvent } from './flow.js';
import {
  type BadLine,
  type LobsterBookRow,
  type LobsterMessage,
  readLobsterBook,
  readLobsterMessages,
} from './lobster.js';
import { LobsterFlow, lobsterFlow } from './lobster-flow.js';
import { replayFlow } from './replay.js';
import { ExchangeTarget } from './testing/exchange-target.js';

const FOLDER = join(import.meta.dirname, '../../../../shared/data/lobster');
const MESSAGES = join(FOLDER, 'AAPL_2012-06-21_message_10_first.csv');
const BOOK = join(FOLDER, 'AAPL_2012-06-21_orderbook_10_first.csv');

async function* text(lines: readonly string[]): AsyncGenerator<string> {
  yield lines.join('\n');
}

function recording(messages: readonly string[], book: readonly string[] | null) {
  return lobsterFlow(readLobsterMessages(text(messages)), book === null ? null : readLobsterBook(text(book)));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('replayFlow', () => {
  it('sends adds, reductions, deletions and executions, and finds the same resting order', async () => {
    const target = new ExchangeTarget();
    const summary = await replayFlow(
      recording(
        [
          '1.0,1,71,30,1000000,1',
          '1.1,1,72,10,1000000,1',
          '1.2,1,73,5,1001000,-1',
          '1.3,2,71,10,1000000,1',
          '1.4,4,71,20,1000000,1',
          '1.5,4,72,4,1000000,1',
          '1.6,3,73,5,1001000,-1',
          '1.7,5,0,7,1000500,1',
        ],
        null,
      ),
      target,
      { speed: 'max' },
    );
    expect(target.levels('BUY', 10)).toEqual([{ priceTicks: 10_000, qtyLots: 6 }]);
    expect(target.levels('SELL', 10)).toEqual([]);
    expect(summary).toMatchObject({
      events: 8,
      orders: 5,
      replaces: 1,
      cancels: 1,
      fills: 2,
      rejects: {},
      withoutEffect: { HIDDEN_EXECUTION: 1 },
      executions: { ofRecordedOrders: 2, sameRestingOrder: 2, ratio: 1, ofEarlierOrders: 0, misses: [] },
      aborted: false,
    });
  });

  it('rests what the file did not add in front of its own orders, and says why an execution met another', async () => {
    const target = new ExchangeTarget();
    const summary = await replayFlow(
      recording(
        ['1.0,1,71,30,1000000,1', '1.1,4,9,50,1000000,1', '1.2,4,71,30,1000000,1'],
        ['1002000,5,1000000,100', '1002000,5,1000000,50', '1002000,5,1000000,20'],
      ),
      target,
      { speed: 'max' },
    );
    // 70 lots rested before the file began; 50 of them traded, so that 20 stand in front of order 71.
    expect(summary.executions).toMatchObject({
      ofRecordedOrders: 1,
      sameRestingOrder: 0,
      ratio: 0,
      ofEarlierOrders: 1,
    });
    expect(summary.executions.misses).toEqual([
      { line: 3, expected: '71', met: ['book:2', '71'], explanation: expect.stringContaining('did not add') },
    ]);
  });

  it('counts bad lines and refusals and goes on', async () => {
    const target = new ExchangeTarget();
    const summary = await replayFlow(
      recording(['1.0,1,71,30,99999990000,1', 'nonsense', '1.1,3,71,30,99999990000,1', '1.2,1,72,1,1000000,1'], null),
      target,
      { speed: 'max' },
    );
    expect(summary).toMatchObject({ events: 3, badLines: 1, orders: 1, cancels: 0, rejects: { INVALID_PRICE: 1 } });
    expect(summary.badLineSamples).toEqual(['line 2: 1 columns instead of 6: "nonsense"']);
  });

  it('halts and opens trading as recorded', async () => {
    const target = new ExchangeTarget();
    const summary = await replayFlow(
      recording(['1.0,7,0,0,-1,-1', '1.1,1,71,30,1000000,1', '1.2,7,0,0,1,-1', '1.3,1,72,30,1000000,1'], null),
      target,
      { speed: 'max' },
    );
    expect(summary).toMatchObject({ orders: 1, rejects: { TRADING_HALTED: 1 } });
  });

  it('keeps the recording’s pace at the chosen speed, and stops at the signal while it waits', async () => {
    const lines = ['1.0,1,71,30,1000000,1', '1.2,1,72,30,1000000,1'];
    const paced = await replayFlow(recording(lines, null), new ExchangeTarget(), { speed: 2 });
    expect(paced.durationMs).toBeGreaterThanOrEqual(95);
    const stop = new AbortController();
    const stopped = await replayFlow(
      recording(['1.0,1,71,30,1000000,1', '9000.0,1,72,30,1000000,1'], null),
      new ExchangeTarget(),
      {
        speed: 1,
        signal: stop.signal,
        onProgress: () => stop.abort(),
      },
    );
    expect(stopped).toMatchObject({ events: 1, aborted: true });
  });

  it('refuses a speed that is not above 0', async () => {
    const replay = replayFlow(recording([], null), new ExchangeTarget(), { speed: 0 });
    await expect(replay).rejects.toThrow(RangeError);
  });
});

const hasOracle = existsSync(MESSAGES) && existsSync(BOOK);
if (!hasOracle) process.stderr.write(`left out: replay of real NASDAQ flow (no ${FOLDER})\n`);
(hasOracle ? describe : (_name: string, _tests: () => void) => undefined)('Real NASDAQ order flow', () => {
  const messages = () => readLobsterMessages(createReadStream(MESSAGES));
  const book = () => readLobsterBook(createReadStream(BOOK));
  const visible = (row: LobsterBookRow, side: 'BUY' | 'SELL', depth: number) =>
    row.levels
      .filter((level) => level.side === side)
      .slice(0, depth)
      .map(({ priceTicks, qtyLots }) => ({ priceTicks, qtyLots }));
  const good = <T extends { kind: string }>(items: readonly (T | BadLine)[]): T[] => {
    const read = items.filter((item): item is T => item.kind !== 'bad');
    expect(read).toHaveLength(items.length);
    return read;
  };
  const send = async (target: ExchangeTarget, ids: Map<string, string>, actions: readonly FlowAction[]) => {
    const event: FlowEvent = { kind: 'event', line: 1, timeNs: 1, actions, corrections: [] };
    for (const action of event.actions) {
      if (action.kind === 'PLACE') {
        const answer = await target.place({ ...action, role: 'MAKER', timeInForce: 'GTC' });
        if (answer.ok) ids.set(action.ref, answer.orderId);
      } else if (action.kind === 'EXECUTE') {
        await target.place({ ...action, role: 'TAKER', timeInForce: 'IOC' });
      } else if (action.kind === 'REDUCE') {
        await target.replace(ids.get(action.ref) ?? '', action.orderQtyLots);
      } else if (action.kind === 'CANCEL') {
        await target.cancel(ids.get(action.ref) ?? '');
      }
    }
  };

  it('turns each of the exchange’s book rows into the next one’s first nine levels', async () => {
    const rows = good<LobsterBookRow>(await collect(book()));
    const events = good<LobsterMessage>(await collect(messages()));
    expect([rows.length, events.length]).toEqual([999, 999]);
    const target = new ExchangeTarget();
    let same = 0;
    for (const [at, message] of events.entries()) {
      const before = rows[at - 1];
      const after = rows[at];
      if (before === undefined || after === undefined) continue;
      target.cancelAll();
      const flow = new LobsterFlow();
      const ids = new Map<string, string>();
      await send(target, ids, flow.correct(before));
      await send(target, ids, flow.apply(message));
      for (const side of ['BUY', 'SELL'] as const) expect(target.levels(side, 9)).toEqual(visible(after, side, 9));
      same += 1;
    }
    expect(same).toBe(998);
  });

  it('shows the exchange’s ten levels after every message and fills the order that the exchange filled', async () => {
    const rows = good<LobsterBookRow>(await collect(book()));
    const target = new ExchangeTarget();
    const summary = await replayFlow(lobsterFlow(messages(), book()), target, {
      speed: 'max',
      onProgress: ({ events }) => {
        const row = rows[events - 1];
        if (row === undefined) return;
        for (const side of ['BUY', 'SELL'] as const) expect(target.levels(side, 10)).toEqual(visible(row, side, 10));
      },
    });
    expect(summary).toMatchObject({ events: 999, badLines: 0, rejects: {}, withoutEffect: { HIDDEN_EXECUTION: 61 } });
    expect(summary.executions).toMatchObject({ ofRecordedOrders: 94, sameRestingOrder: 94, ratio: 1, misses: [] });
    expect(summary.fills).toBe(98);
  });

  it('fills the same resting order without the book file wherever the file tells about it', async () => {
    const summary = await replayFlow(lobsterFlow(messages(), null), new ExchangeTarget(), { speed: 'max' });
    expect(summary.executions.ratio).toBe(1);
    expect(summary.withoutEffect).toEqual({ HIDDEN_EXECUTION: 61, UNSEEN_ORDER: expect.any(Number) });
  });
});
