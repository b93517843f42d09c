/** Strategies on a venue as their owners run them: among other orders of the account, through failures and restarts. */

import type { Command } from '../../src/core/exchange/command.js';
import { EngineUnavailableError } from '../../src/ports/engine-client.js';
import { strategyStoreContract } from '../../src/ports/strategy-store.contract.js';
import { RecordedStrategies } from '../../src/testing/recorded-strategies.js';
import { MovingMarket } from './testing/moving-market.js';
import { ALICE, BOB, World } from './testing/world.js';

describe('The double of tests', () => strategyStoreContract(async () => new RecordedStrategies()));

const TWAP = { type: 'TWAP', parameters: { side: 'BUY', quantity: 100, durationS: 10, slices: 10 } };
const MAKER = {
  type: 'MARKET_MAKING',
  parameters: { orderQty: 5, maxInventory: 20, sigma: 0.0001, kappa: 100_000, refreshMs: 50, minSpreadTicks: 4 },
};

describe('A strategy at work', () => {
  let world: World;
  const open = async (retryForMs?: number) => {
    world = new World();
    await world.start(retryForMs);
    world.venue.place(BOB, 0, 'BUY', 9_000, 5_900);
    world.venue.place(BOB, 0, 'SELL', 9_000, 6_100);
  };
  afterEach(() => world.stop());

  it('that is paused, and set to work again, does not repeat its parent order', async () => {
    await open();
    const before = world.positionOf(ALICE);
    const id = await world.create(TWAP);
    await world.act('startStrategy', id);
    await world.until(id, ({ fillCount }) => fillCount >= 3, 'three fills');
    const paused = await world.act('pauseStrategy', id);
    expect(Number(paused.holdings[0]!.qty)).toBeGreaterThan(20);
    await world.act('startStrategy', id);
    const ended = await world.until(id, ({ status }) => status === 'STOPPED', 'the end');
    expect(ended).toMatchObject({ holdings: [{ symbol: 'KO', qty: '100' }], lastReason: 'done: 100 lots' });
    expect(world.positionOf(ALICE) - before).toBe(100);
  });

  it('does not start while an order of the run before is on its way, and so buys nothing twice', async () => {
    await open();
    const before = world.positionOf(ALICE);
    const id = await world.create({ type: 'TWAP', parameters: { side: 'BUY', quantity: 50, durationS: 5, slices: 1 } });
    let arrive = (): void => undefined;
    const road = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const underWay: Command[] = [];
    world.engine = {
      submit: async (command) => {
        underWay.push(command);
        await road;
        return world.venue.submit(command);
      },
    };
    await world.act('startStrategy', id);
    await world.until(id, () => underWay.length === 1, 'an order under way');
    await world.act('pauseStrategy', id);
    await expect(world.act('startStrategy', id)).rejects.toThrow(/last orders have not been answered/);
    arrive();
    await world.until(id, ({ fillCount }) => fillCount === 1, 'the fill');
    await world.act('startStrategy', id);
    await world.until(id, ({ status }) => status === 'STOPPED', 'the end');
    expect(world.positionOf(ALICE) - before).toBe(50);
    // It was left with what it bought: to flatten it now is no longer its business, and said so.
    await expect(world.show('stopStrategy(id: $id, flatten: true)', { id })).rejects.toThrow(/its KO left to you/);
    expect((await world.act('stopStrategy', id)).status).toBe('STOPPED');
  });

  it('counts nothing that others trade on its account while it rests, and ends without touching it', async () => {
    await open();
    const before = world.positionOf(ALICE);
    const first = await world.create(TWAP);
    await world.act('startStrategy', first);
    await world.until(first, ({ fillCount }) => fillCount >= 2, 'two fills');
    const paused = await world.act('pauseStrategy', first);
    const held = Number(paused.holdings[0]!.qty);
    // By hand, by transfer, and by another strategy.
    world.venue.place(ALICE, 0, 'BUY', 500, 6_100);
    world.venue.place(ALICE, 0, 'BUY', 11, 5_000, { clOrdId: 'by-hand' });
    world.venue.deposit(ALICE, 1, 10 ** 10);
    const apart = { ...MAKER, parameters: { ...MAKER.parameters, minSpreadTicks: 400 } };
    const second = await world.create(apart);
    await world.act('startStrategy', second);
    await world.until(second, ({ quotes }) => quotes.length === 2, 'two quotes');
    expect((await world.look(first)).holdings[0]!.qty).toBe(String(held));
    const closing = await world.show('stopStrategy(id: $id, flatten: true)', { id: first });
    expect(['CLOSING', 'STOPPED']).toContain(closing.status);
    const ended = await world.until(first, ({ status }) => status === 'STOPPED', 'the end');
    expect(ended).toMatchObject({ holdings: [{ qty: '0' }], error: null });
    expect(world.positionOf(ALICE) - before).toBe(500 + 100);
    const working = world.working(ALICE);
    expect(working).toContainEqual(['by-hand', 11]);
    expect(working.filter(([clOrdId]) => clOrdId?.startsWith(second) === true)).toHaveLength(2);
    await world.show('stopStrategy(id: $id)', { id: second });
    await world.until(second, ({ status }) => status === 'STOPPED', 'the end of the second');
    expect(world.working(ALICE)).toEqual([['by-hand', 11]]);
  });

  it('shows of a pause, an end and a restart what it came to', async () => {
    await open();
    const id = await world.create(TWAP);
    await world.act('startStrategy', id);
    await world.until(id, ({ fillCount }) => fillCount >= 2, 'two fills');
    const paused = await world.act('pauseStrategy', id);
    // Bought at 61.00 with 500 ppm of fees, valued at the mid of 60.00.
    const qty = Number(paused.holdings[0]!.qty);
    expect(Number(paused.pnl)).toBeCloseTo(-qty * (1 + 61 * 0.0005), 6);
    await world.stop();
    await world.start();
    expect(await world.look(id)).toEqual(paused);
    await world.show('stopStrategy(id: $id)', { id });
    const { status: _, ...ended } = await world.until(id, ({ status }) => status === 'STOPPED', 'the end');
    const { status: __, ...figures } = paused;
    expect(ended).toEqual(figures);
  });

  it('that is killed counts what its orders did meanwhile, once, and goes on', async () => {
    await open();
    const id = await world.create(MAKER);
    await world.act('startStrategy', id);
    await world.until(id, ({ quotes }) => quotes.length === 2, 'two quotes');
    const bury = world.kill();
    const bid = world.working(ALICE)[0]!;
    expect(bid[0]).toMatch(id);
    // Nobody is there while its quote is hit; a trade by hand happens too.
    world.venue.place(BOB, 0, 'SELL', 3, 5_901);
    world.venue.place(ALICE, 0, 'BUY', 40, 6_100);
    await bury();
    await world.start();
    const back = await world.until(id, ({ quotes }) => quotes.length === 2, 'two quotes again');
    expect(back).toMatchObject({ status: 'RUNNING', fillCount: 1, holdings: [{ qty: '3' }] });
    expect(world.working(ALICE)).toHaveLength(2);
    await world.stop();
    await world.start();
    expect((await world.look(id)).fillCount).toBe(1);
  });

  it('that was paused when it was killed leaves no quote behind', async () => {
    await open();
    const id = await world.create(MAKER);
    await world.act('startStrategy', id);
    await world.until(id, ({ quotes }) => quotes.length === 2, 'two quotes');
    // The pause is saved, its cancels never arrive.
    world.engine = { submit: () => new Promise(() => undefined) };
    expect((await world.act('pauseStrategy', id)).status).toBe('PAUSED');
    const bury = world.kill();
    expect(world.working(ALICE)).toHaveLength(2);
    await bury();
    await world.start();
    await world.until(id, ({ quotes }) => quotes.length === 0, 'no quotes');
    expect(world.working(ALICE)).toEqual([]);
    expect((await world.look(id)).status).toBe('PAUSED');
  });

  it('whose commands do not arrive fails, and is flattened all the same when they do again', async () => {
    await open(200);
    const id = await world.create(TWAP);
    await world.act('startStrategy', id);
    await world.until(id, ({ fillCount }) => fillCount >= 2, 'two fills');
    world.engine = { submit: () => Promise.reject(new EngineUnavailableError('the engine is away')) };
    const failed = await world.until(id, ({ status }) => status === 'FAILED', 'the failure');
    expect(failed.error).toBe('the engine is away');
    expect(Number(failed.holdings[0]!.qty)).toBeGreaterThan(0);
    world.engine = world.venue;
    await world.show('stopStrategy(id: $id, flatten: true)', { id });
    const ended = await world.until(id, ({ status }) => status === 'STOPPED', 'the end');
    expect(ended.holdings).toEqual([{ symbol: 'KO', qty: '0' }]);
  });

  it('is stopped at once where it cannot be saved, and saved when it can', async () => {
    await open();
    const id = await world.create(MAKER);
    await world.act('startStrategy', id);
    await world.until(id, ({ quotes }) => quotes.length === 2, 'two quotes');
    world.store.reachable = false;
    await expect(world.act('pauseStrategy', id)).rejects.toThrow(/history cannot be read now/);
    await world.until(id, ({ status, quotes }) => status === 'PAUSED' && quotes.length === 0, 'the pause');
    expect(world.working(ALICE)).toEqual([]);
    world.store.reachable = true;
    let kept: string | undefined;
    for (let count = 0; kept !== 'PAUSED' && count < 500; count += 1) {
      await new Promise((done) => setTimeout(done, 20));
      kept = (await world.store.strategies())[0]?.status;
    }
    expect(kept).toBe('PAUSED');
  });

  it('is told of when something changed, and not when nothing did', async () => {
    await open();
    const id = await world.create(TWAP);
    const told = await world.follow([id]);
    await told.next();
    await world.act('startStrategy', id);
    expect((await told.next()).value.data.strategies.status).toBe('RUNNING');
    let news = 0;
    const next = told.next().then(() => {
      news += 1;
    });
    // Events pass, time stands still, and nothing of it shows.
    for (let count = 0; count < 10; count += 1) {
      world.venue.place(BOB, 1, 'BUY', 1, 100);
      await new Promise((done) => setTimeout(done, 100));
    }
    expect(news).toBe(0);
    await world.act('pauseStrategy', id);
    await next;
    expect(news).toBe(1);
    await told.return?.();
  });

  it('may be as many as its owner is allowed, ended ones are deleted, and others have room', async () => {
    await open();
    const ids: string[] = [];
    for (let count = 0; count < 50; count += 1) ids.push(await world.create(TWAP));
    await expect(world.create(TWAP)).rejects.toThrow(/50 strategies of yours have not ended: stop some/);
    const other = await world.create(TWAP, 'bob');
    await expect(world.act('deleteStrategy', ids[0]!)).rejects.toThrow(/CREATED cannot be deleted: stop it first/);
    for (const id of ids) expect((await world.act('stopStrategy', id)).status).toBe('STOPPED');
    for (let count = 50; count < 200; count += 1) {
      ids.push(await world.create(TWAP));
      await world.act('stopStrategy', ids[count]!);
    }
    await expect(world.create(TWAP)).rejects.toThrow(/you keep 200 strategies: delete some/);
    await expect(world.act('deleteStrategy', ids[0]!, 'bob')).rejects.toThrow(/no strategy with this id/);
    expect((await world.act('deleteStrategy', ids[0]!)).id).toBe(ids[0]);
    await world.create(TWAP);
    await expect(world.act('deleteStrategy', ids[0]!)).rejects.toThrow(/no strategy with this id/);
    await world.stop();
    await world.start();
    await expect(world.act('startStrategy', ids[0]!)).rejects.toThrow(/no strategy with this id/);
    expect((await world.act('startStrategy', other, 'bob')).status).toBe('RUNNING');
  });

  it('takes what happened while the stream was interrupted, once, and keeps what is its own', async () => {
    await open();
    const id = await world.create(MAKER);
    await world.act('startStrategy', id);
    await world.until(id, ({ quotes }) => quotes.length === 2, 'two quotes');
    world.interrupted(() => {
      world.venue.place(BOB, 0, 'SELL', 4, 5_901);
      world.venue.place(ALICE, 0, 'BUY', 40, 6_100);
    });
    await world.until(id, ({ fillCount }) => fillCount === 1, 'the fill');
    expect((await world.look(id)).holdings[0]!.qty).toBe('4');
    await world.until(id, ({ quotes }) => quotes.length === 2, 'two quotes again');
    expect(world.fillsOf(id)).toEqual({ lots: [4, 0], count: 1 });
  });

  it('whose executions cannot be read does not go on, leaves no order, and is read when they can be', async () => {
    await open();
    const id = await world.create(MAKER);
    await world.act('startStrategy', id);
    await world.until(id, ({ quotes }) => quotes.length === 2, 'two quotes');
    const bury = world.kill();
    world.venue.place(BOB, 0, 'SELL', 3, 5_901);
    await bury();
    world.readable = false;
    await world.start();
    const failed = await world.look(id);
    expect(failed).toMatchObject({ status: 'FAILED', fillCount: 0 });
    expect(failed.error).toMatch(/could not go on after a restart/);
    await world.until(id, () => world.working(ALICE).length === 0, 'the withdrawal');
    await expect(world.show('stopStrategy(id: $id, flatten: true)', { id })).rejects.toThrow(/history cannot be read/);
    world.readable = true;
    await world.show('stopStrategy(id: $id, flatten: true)', { id });
    const ended = await world.until(id, ({ status }) => status === 'STOPPED', 'the end');
    expect(ended.holdings).toEqual([{ symbol: 'KO', qty: '0' }]);
    expect(world.fillsOf(id).lots).toEqual([0, 0]);
  });
});

const AT_WORK: readonly [type: string, parameters: Record<string, unknown>, symbols: readonly string[]][] = [
  ['MARKET_MAKING', MAKER.parameters, ['KO']],
  [
    'PAIRS_TRADING',
    { interval: 'S1', orderQty: 10, window: 20, reestimateBars: 1, entryZ: 0.3, exitZ: 0.1, stopZ: 50, maxPValue: 1 },
    ['PEP', 'KO'],
  ],
  ['MOMENTUM', { interval: 'S1', orderQty: 10, lookback: 2, allowShort: true }, ['KO']],
  ['MEAN_REVERSION', { interval: 'S1', orderQty: 10, window: 5, entryBands: 0.5, allowShort: true }, ['KO']],
  ['TWAP', { side: 'BUY', quantity: 60, durationS: 60, slices: 30 }, ['KO']],
  ['VWAP', { side: 'SELL', quantity: 60, durationS: 60, slices: 30, profile: [1, 2, 1] }, ['KO']],
];

describe.each(AT_WORK)('%s', (type, parameters, symbols) => {
  it('that is killed at work knows every fill of its own, and trades on', async () => {
    const world = new World();
    const market = new MovingMarket(world.venue);
    for (let second = 0; second < 40; second += 1) market.move();
    await world.start();
    const before = world.positionOf(ALICE);
    const id = await world.create({ type, parameters, symbols });
    await world.act('startStrategy', id);
    const work = async (fills: number) => {
      for (let second = 0; second < 200 && world.fillsOf(id).count < fills; second += 1) {
        market.move();
        await new Promise((done) => setTimeout(done, 60));
      }
      expect(world.fillsOf(id).count).toBeGreaterThanOrEqual(fills);
    };
    await work(3);
    const bury = world.kill();
    for (let second = 0; second < 3; second += 1) market.move();
    world.venue.place(ALICE, 0, 'BUY', 500, 99_999);
    await bury();
    await world.start();
    const { count, lots } = world.fillsOf(id);
    const back = await world.look(id);
    expect(back).toMatchObject({ status: 'RUNNING', error: null, fillCount: count });
    const held = (symbol: string) => Number(back.holdings.find((holding) => holding.symbol === symbol)?.qty ?? 0);
    expect([held('KO'), held('PEP')]).toEqual(lots);
    await work(count + 2);
    if (type === 'TWAP' || type === 'VWAP') {
      for (let second = 0; second < 80; second += 1) market.move();
      await world.until(id, ({ status }) => status === 'STOPPED', 'the end');
      expect(Math.abs(world.fillsOf(id).lots[0])).toBeLessThanOrEqual(60);
    } else {
      await world.show('stopStrategy(id: $id, flatten: true)', { id });
      await world.until(id, ({ status }) => status === 'STOPPED', 'the end');
      expect(world.fillsOf(id).lots).toEqual([0, 0]);
      expect(world.positionOf(ALICE) - before).toBe(500);
    }
    await world.stop();
  });
});
