import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReferenceData } from '../../../core/exchange/reference-data.js';
import { startEngine } from '../../../engine/engine.js';
import { createSystemClock } from '../../../engine/system-clock.js';
import { EngineUnavailableError } from '../../../ports/engine-client.js';
import { FileJournal } from '../../file/file-journal.js';
import { FileSnapshotStore } from '../../file/file-snapshot-store.js';
import { seedDemoMarket } from '../demo-market.js';
import { demoExchange } from '../testing/demo-exchange.js';
import type { ExchangeEngine } from '../testing/exchange-engine.js';
import { DEFAULT_SIMULATOR_CONFIG, type SimulatorConfig } from './config.js';
import { createSimulator, Simulation } from './simulator.js';

/** Refusals that come with trading: the market was another when the command arrived. */
const MARKET_REASONS = new Set(['POST_ONLY_WOULD_TAKE', 'NO_LIQUIDITY', 'TOO_LATE_TO_CANCEL', 'PRICE_COLLAR']);
const PAIR = DEFAULT_SIMULATOR_CONFIG.instruments.filter(({ group }) => group === 'beverages');

async function run(simulation: Simulation, engine: ExchangeEngine, steps: number, each?: (step: number) => void) {
  for (let step = 0; step < steps; step += 1) {
    engine.timeUs += simulation.config.stepMs * 1000;
    simulation.step();
    await simulation.settled();
    each?.(step);
  }
}

async function opened(engine: ExchangeEngine, seed: number, config?: Partial<SimulatorConfig>): Promise<Simulation> {
  const simulation = new Simulation({ engine, feed: engine, seed, config });
  await simulation.open();
  return simulation;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = a.reduce((sum, value, at) => sum + (value - meanA) * ((b[at] ?? 0) - meanB), 0);
  const square = (values: readonly number[], middle: number) =>
    values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return product / Math.sqrt(square(a, meanA) * square(b, meanB));
}

describe('The simulated market', () => {
  it('decides the same for the same seed and market, and otherwise for another seed', async () => {
    const hashes: string[] = [];
    for (const seed of [11, 11, 12]) {
      const engine = await demoExchange();
      await run(await opened(engine, seed), engine, 300);
      hashes.push(`${engine.exchange.commandSequence} ${engine.exchange.stateHash()}`);
    }
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  it('quotes every instrument on both sides with several levels, trades, and is refused only by the market', async () => {
    const engine = await demoExchange();
    const simulation = await opened(engine, 5);
    let quoted = 0;
    let asked = 0;
    const spreads: number[] = [];
    await run(simulation, engine, 1200, (step) => {
      if (step < 100) return;
      for (const { instrument, symbol } of simulation.view.reference.instruments) {
        const bid = simulation.view.bestTicks(instrument, 'BUY');
        const ask = simulation.view.bestTicks(instrument, 'SELL');
        asked += 1;
        if (bid !== null && ask !== null) quoted += 1;
        if (bid !== null && ask !== null && symbol === 'MSFT') spreads.push(ask - bid);
      }
    });
    expect(quoted / asked).toBeGreaterThan(0.99);
    const { trades, commands, rejects, workingOrders, unavailable } = simulation.stats();
    expect(trades).toBeGreaterThan(300);
    expect(workingOrders).toBeGreaterThan(80);
    expect(unavailable).toBe(0);
    expect(Object.keys(rejects).filter((reason) => !MARKET_REASONS.has(reason))).toEqual([]);
    expect(commands).toBeLessThanOrEqual(Math.ceil(120 * DEFAULT_SIMULATOR_CONFIG.commandsPerSecond) + 100);
    // A spread that breathes: the wide tenth is at least twice the narrow one.
    const sorted = spreads.sort((a, b) => a - b);
    const [narrow = 0, wide = 0] = [0.1, 0.9].map((share) => sorted[Math.floor(share * sorted.length)]);
    expect(wide).toBeGreaterThanOrEqual(2 * narrow);
  }, 30_000);

  it('moves the pair together over an hour, and keeps inventories and money in bounds', async () => {
    const engine = await demoExchange();
    const simulation = await opened(engine, 21, { instruments: PAIR, stepMs: 200, commandsPerSecond: 40 });
    const { view, model, accounts } = simulation;
    const entries = view.reference.instruments.filter(({ symbol }) => symbol === 'KO' || symbol === 'PEP');
    const logs: number[][] = entries.map(() => []);
    let largest = 0;
    await run(simulation, engine, 18_000, (step) => {
      if (step % 50 !== 49) return;
      entries.forEach(({ instrument }, at) => {
        const mid = view.midTicks(instrument);
        logs[at]?.push(Math.log(mid ?? model.fairTicks(instrument)));
        for (const account of [...accounts.makers, accounts.taker, accounts.patient, accounts.trend]) {
          largest = Math.max(largest, Math.abs(model.inventory(account, instrument)));
        }
      });
    });
    const [ko = [], pep = []] = logs.map((values) => values.slice(1).map((value, at) => value - (values[at] ?? 0)));
    expect(ko).toHaveLength(359);
    expect(correlation(ko, pep)).toBeGreaterThan(0.5);
    expect(largest).toBeGreaterThan(0);
    expect(largest).toBeLessThan(1.5);
    expect(Object.keys(simulation.stats().rejects).filter((reason) => !MARKET_REASONS.has(reason))).toEqual([]);
  }, 60_000);

  it('goes on after a restart with the orders that it left and the money that it had', async () => {
    const engine = await demoExchange();
    const first = await opened(engine, 5);
    await run(first, engine, 300);
    await first.close();
    const before = engine.submitted;
    const mids = first.view.reference.instruments.map(({ instrument }) => first.view.midTicks(instrument));
    const second = await opened(engine, 5);
    expect(engine.submitted).toBe(before);
    expect(second.stats().workingOrders).toBe(first.stats().workingOrders);
    second.view.reference.instruments.forEach(({ instrument }, at) => {
      expect(second.model.fairTicks(instrument)).toBeCloseTo(mids[at] ?? 0, 6);
    });
    await run(second, engine, 100);
    // Quotes are moved, not doubled.
    expect(second.stats().workingOrders).toBeLessThan(1.2 * first.stats().workingOrders);
    await second.close();
    expect(engine.followers).toBe(0);
  });

  it('withdraws all its orders at a stop where that is asked for', async () => {
    const engine = await demoExchange();
    const simulation = await opened(engine, 5, { atStop: 'withdraw' });
    await run(simulation, engine, 50);
    expect(simulation.stats().workingOrders).toBeGreaterThan(0);
    await simulation.close();
    expect(simulation.stats().workingOrders).toBe(0);
  });

  it('rests while the engine is away, longer each time, and comes back', async () => {
    const engine = await demoExchange();
    const simulation = await opened(engine, 5);
    await run(simulation, engine, 50);
    for (let fault = 0; fault < 40; fault += 1) engine.faults.push(new EngineUnavailableError('stopping'));
    const before = simulation.stats();
    await run(simulation, engine, 20);
    const during = simulation.stats();
    expect(during.unavailable).toBeGreaterThan(0);
    expect(during.unavailable).toBeLessThan(40);
    expect(during.commands - before.commands).toBeLessThan(20);
    await run(simulation, engine, 300);
    expect(simulation.stats().commands - during.commands).toBeGreaterThan(500);
  });

  it('stays out of an instrument that is halted, and comes back when it opens', async () => {
    const engine = await demoExchange();
    const simulation = await opened(engine, 5);
    await run(simulation, engine, 50);
    const status = (open: boolean) =>
      engine.send({ type: 'SetTradingStatus', instrument: 0, status: open ? 'OPEN' : 'HALTED', reason: '' });
    status(false);
    await run(simulation, engine, 50);
    expect(simulation.stats().rejects.TRADING_HALTED ?? 0).toBe(0);
    const quiet = simulation.view.bestTicks(0, 'BUY');
    status(true);
    await run(simulation, engine, 100);
    expect(simulation.view.bestTicks(0, 'BUY')).not.toBe(quiet);
  });

  it('names an instrument that is not listed, and follows nothing then', async () => {
    const engine = await demoExchange();
    const [instrument] = PAIR;
    if (instrument === undefined) throw new Error('no instrument');
    const config = { instruments: [{ ...instrument, symbol: 'NOPE' }] };
    await expect(opened(engine, 1, config)).rejects.toThrow('NOPE is not listed');
    expect(engine.followers).toBe(0);
  });

  it.each([{ stepMs: 1 }, { commandsPerSecond: 0 }, { maxInFlight: 0 }, { makers: 0 }, { levels: 99 }])(
    'refuses the setting %j',
    async (config) => {
      const engine = await demoExchange();
      expect(() => createSimulator({ engine, feed: engine, seed: 1, config })).toThrow(RangeError);
    },
  );
});

describe('The simulator on the real engine', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tradsys-simulator-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function start() {
    const journal = await FileJournal.open({ directory });
    const snapshots = await FileSnapshotStore.open({ directory });
    const engine = await startEngine({
      journal,
      snapshots,
      clock: createSystemClock(),
      onFatal: (error) => {
        throw error;
      },
    });
    const reference = new ReferenceData();
    const unfollow = await engine.feed.follow({
      reset: (image) => {
        for (const event of image) reference.apply(event);
      },
      apply: ({ events }) => {
        for (const event of events) reference.apply(event);
      },
    });
    if (reference.accounts.length === 0) {
      await engine.submit({ type: 'OpenAccount', accountId: 'VENUE', name: 'V', ownerId: 'venue', kind: 'VENUE' });
    }
    await seedDemoMarket(engine, reference);
    unfollow();
    return engine;
  }

  it('trades on a durable engine, stops with nothing under way, and goes on after a restart', async () => {
    const config = { stepMs: 20, commandsPerSecond: 1000 };
    let trades = 0;
    let left = 0;
    for (const round of [1, 2]) {
      const engine = await start();
      const simulator = createSimulator({ engine, feed: engine.feed, seed: 3, config });
      try {
        await simulator.start();
        if (round === 2) expect(simulator.stats().workingOrders).toBe(left);
        const deadline = performance.now() + 15_000;
        while (simulator.stats().trades < 10 && performance.now() < deadline) {
          await new Promise((done) => setTimeout(done, 20));
        }
        await simulator.stop();
        expect(engine.status.pendingCommands).toBe(0);
        const stats = simulator.stats();
        expect(stats).toMatchObject({ running: false, unavailable: 0 });
        expect(Object.keys(stats.rejects).filter((reason) => !MARKET_REASONS.has(reason))).toEqual([]);
        trades += stats.trades;
        left = stats.workingOrders;
        expect(left).toBeGreaterThan(0);
      } finally {
        await simulator.stop();
        await engine.stop();
      }
    }
    expect(trades).toBeGreaterThanOrEqual(20);
  }, 60_000);
});
