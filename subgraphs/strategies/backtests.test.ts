/** Backtests as their owners ask for them: bounded, in their turn, canceled at any moment, and kept as they ended. */
import type { BacktestRunner } from '../../src/ports/backtest-runner.js';
import type { BacktestRecord } from '../../src/ports/strategy-store.js';
import { BOB, World } from './testing/world.js';

const RUN = 'mutation ($input: BacktestInput!) { runBacktest(input: $input) { id status error } }';
const CANCEL = 'mutation ($id: ID!) { cancelBacktest(id: $id) { id status } }';
const LOOK = 'query ($id: ID!) { backtest(id: $id) { id status progress error report { tradeCount } } }';
const FOLLOW = 'subscription ($id: ID!) { backtest(id: $id) { id status } }';

const input = (change: Record<string, unknown> = {}, accountId = 'alice') => ({
  strategy: {
    name: 'test',
    type: 'TWAP',
    accountId,
    symbols: ['KO'],
    parameters: { side: 'BUY', quantity: 10, durationS: 10, slices: 5 },
  },
  initialCash: '100000',
  ...change,
});

/** Waits to be let go on; notes what it was asked to do. */
class PatientRunner implements BacktestRunner {
  readonly loaded: unknown[] = [];
  started = 0;
  #go: () => void = () => undefined;
  readonly #gate = new Promise<void>((done) => {
    this.#go = done;
  });

  go(): void {
    this.#go();
  }

  run: BacktestRunner['run'] = async (_owner, load, listener, signal) => {
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    await Promise.race([this.#gate, aborted]);
    this.loaded.push((await load(signal)).data);
    this.started += 1;
    listener.onStart?.();
    return await aborted;
  };
}

describe('Backtests', () => {
  let world: World;
  let runner: PatientRunner;
  beforeEach(async () => {
    runner = new PatientRunner();
    world = new World(runner);
    await world.start();
    world.venue.place(BOB, 0, 'SELL', 100, 6_000);
    for (let count = 0; count < 20; count += 1) {
      world.venue.nowUs += 1_000_000;
      world.venue.place(1, 0, 'BUY', 1, 6_000);
    }
    world.venue.nowUs += 10_000_000;
  });
  afterEach(() => world.stop());

  const run = async (change: Record<string, unknown> = {}, who = 'alice') =>
    world.ask(RUN, { input: input(change, who) }, who);
  const idOf = async (change: Record<string, unknown> = {}) => {
    const { data, errors } = await run(change);
    expect(errors).toBeUndefined();
    return (data as { runBacktest: { id: string } }).runBacktest.id;
  };
  const statusOf = async (id: string, who = 'alice') => {
    const { data } = await world.ask(LOOK, { id }, who);
    return (data as { backtest: { status: string } | null }).backtest?.status ?? null;
  };
  const until = async (isSo: () => boolean | Promise<boolean>) => {
    for (let count = 0; count < 500 && !(await isSo()); count += 1) await new Promise((done) => setTimeout(done, 10));
    expect(await isSo()).toBe(true);
  };

  it('keep to their limit however many are asked for at once', async () => {
    const answers = await Promise.all(Array.from({ length: 80 }, () => run()));
    const taken = answers.filter(({ errors }) => errors === undefined);
    expect(taken).toHaveLength(64);
    const refused = answers.filter(({ errors }) => errors?.[0]?.extensions?.code === 'LIMIT_EXCEEDED');
    expect(refused).toHaveLength(16);
    expect((await run({}, 'bob')).errors).toBeUndefined();
  });

  it('that cannot be saved take no place', async () => {
    world.store.reachable = false;
    for (let count = 0; count < 10; count += 1) {
      expect((await run()).errors?.[0]?.extensions?.code).toBe('HISTORY_UNAVAILABLE');
    }
    world.store.reachable = true;
    expect((await run()).errors).toBeUndefined();
  });

  it('hold no data while they wait, and run when their thread does', async () => {
    const id = await idOf();
    expect(await statusOf(id)).toBe('QUEUED');
    expect(runner.loaded).toEqual([]);
    runner.go();
    await until(async () => (await statusOf(id)) === 'RUNNING');
    expect(runner.loaded).toHaveLength(1);
  });

  it('are canceled while they wait and while they run, and make room at once', async () => {
    const waiting = await Promise.all(Array.from({ length: 8 }, () => idOf()));
    for (const id of waiting)
      expect((await world.ask(CANCEL, { id })).data?.cancelBacktest).toMatchObject({ status: 'CANCELED' });
    expect(runner.loaded).toEqual([]);
    runner.go();
    const running = await idOf();
    await until(() => runner.started === 1);
    expect((await world.ask(CANCEL, { id: running })).data?.cancelBacktest).toMatchObject({ status: 'CANCELED' });
    expect((await world.store.backtest(running))?.status).toBe('CANCELED');
    expect((await world.ask(CANCEL, { id: running })).data?.cancelBacktest).toMatchObject({ status: 'CANCELED' });
  });

  it('are nobody else’s to read, follow or cancel', async () => {
    const id = await idOf();
    expect(await statusOf(id, 'bob')).toBeNull();
    expect((await world.ask(CANCEL, { id }, 'bob')).errors?.[0]?.extensions?.code).toBe('NOT_FOUND');
    const followed = await world.subscribe(FOLLOW, { id }, 'bob');
    expect(JSON.stringify(followed)).toMatch(/NOT_FOUND/);
    const { data } = await world.ask('{ backtests { edges { node { id } } } }', {}, 'bob');
    expect(data?.backtests).toEqual({ edges: [] });
    expect(await statusOf(id)).toBe('QUEUED');
  });

  it('that ended stay so, whatever was being saved of them', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((done) => {
      release = done;
    });
    // The write of its progress is slow; its end is written behind it all the same.
    world.store.onWrite = (record) => ('progress' in record && record.status === 'RUNNING' ? gate : Promise.resolve());
    runner.go();
    const id = await idOf();
    await until(() => runner.started === 1);
    const canceled = world.ask(CANCEL, { id });
    await new Promise((done) => setTimeout(done, 50));
    expect(((await world.store.backtest(id)) as BacktestRecord).status).toBe('QUEUED');
    release();
    expect((await canceled).data?.cancelBacktest).toMatchObject({ status: 'CANCELED' });
    expect(((await world.store.backtest(id)) as BacktestRecord).status).toBe('CANCELED');
  });

  it('are fed with imported trades of the source that is named', async () => {
    const at = (second: number) => world.venue.nowUs - 100_000_000 + second * 1_000_000;
    const trade = { tradeId: 0, aggressorSide: 'BUY' as const };
    await world.imported.saveTrades(0, 'kraken', [
      { ...trade, timeUs: at(2), px: '60.126', qty: '7.9' },
      { ...trade, timeUs: at(1), px: '60.124', qty: '2' },
      { ...trade, timeUs: at(3), px: '60.20', qty: '0.5' },
    ]);
    runner.go();
    await idOf({ source: 'kraken' });
    await until(() => runner.started === 1);
    expect(runner.loaded).toEqual([
      {
        kind: 'TRADES',
        trades: [
          { timeUs: at(1), market: 0, priceTicks: 6_012, qtyLots: 2, aggressorSide: 'BUY' },
          { timeUs: at(2), market: 0, priceTicks: 6_013, qtyLots: 7, aggressorSide: 'BUY' },
        ],
      },
    ]);
    const none = await idOf({ source: 'nasdaq' });
    await until(async () => (await statusOf(none)) === 'FAILED');
    const { data } = await world.ask(LOOK, { id: none });
    expect(data?.backtest).toMatchObject({ error: 'KO has no trades of nasdaq in the range' });
  });

  const GRID = `mutation ($input: BacktestInput!, $grid: [BacktestGridAxisInput!]!) {
    runBacktestGrid(input: $input, grid: $grid) { id gridId status input } }`;
  const OF_GRID = `query ($grid: ID!, $after: String) { backtests(first: 4, after: $after, filter: { gridId: $grid }) {
    edges { cursor node { id input report { totalReturn annualizedSharpe maxDrawdown } } } pageInfo { hasNextPage } } }`;
  const axis = (parameter: string, ...values: unknown[]) => ({ parameter, values });
  const askGrid = (grid: unknown[], who = 'alice') => world.ask(GRID, { input: input({}, who), grid }, who);
  const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

  it('of a grid are one for every combination, and are listed by it', async () => {
    await idOf();
    const { data, errors } = await askGrid([axis('slices', 2, 5, 10), axis('randomisation', 0, 1)]);
    expect(errors).toBeUndefined();
    type Row = { id: string; gridId: string; input: { strategy: { parameters: Record<string, unknown> } } };
    const rows = (data as { runBacktestGrid: Row[] }).runBacktestGrid;
    const varied = rows.map(({ input: { strategy } }) => [
      strategy.parameters.slices,
      strategy.parameters.randomisation,
    ]);
    expect(varied).toEqual([2, 5, 10].flatMap((slices) => [0, 1].map((share) => [slices, share])));
    expect(rows.every(({ input: { strategy } }) => strategy.parameters.quantity === 10)).toBe(true);
    const [gridId] = new Set(rows.map((row) => row.gridId));
    const listed: string[] = [];
    for (let after: string | null = null; ; ) {
      const page: unknown = (await world.ask(OF_GRID, { grid: gridId, after })).data?.backtests;
      const { edges, pageInfo } = page as {
        edges: { cursor: string; node: { id: string; report: unknown } }[];
        pageInfo: { hasNextPage: boolean };
      };
      listed.push(...edges.map(({ node }) => node.id));
      if (!pageInfo.hasNextPage) break;
      after = edges.at(-1)!.cursor;
    }
    expect(listed).toEqual(rows.map(({ id }) => id).reverse());
    expect((await world.ask(OF_GRID, { grid: gridId }, 'bob')).data?.backtests).toMatchObject({ edges: [] });
  });

  it('of a grid begin all or none', async () => {
    await idOf();
    const tooMany = await askGrid([axis('seed', ...upTo(64))]);
    expect(tooMany.errors?.[0]?.extensions?.code).toBe('LIMIT_EXCEEDED');
    expect((await askGrid([axis('seed', ...upTo(63))])).errors).toBeUndefined();
    expect((await run()).errors?.[0]?.extensions?.code).toBe('LIMIT_EXCEEDED');
    world.store.reachable = false;
    expect((await askGrid([axis('seed', 1, 2)], 'bob')).errors?.[0]?.extensions?.code).toBe('HISTORY_UNAVAILABLE');
    world.store.reachable = true;
    expect((await askGrid([axis('seed', ...upTo(64))], 'bob')).errors).toBeUndefined();
  });

  it.each([
    [[], 'grid'],
    [[axis('noSuchThing', 1)], 'grid.0.parameter'],
    [[axis('__proto__', 1)], 'grid.0.parameter'],
    [[axis('seed', 1), axis('seed', 2)], 'grid.1.parameter'],
    [[axis('seed')], 'grid.0.values'],
    [[axis('seed', 1, 1)], 'grid.0.values'],
    [[axis('seed', ...upTo(13)), axis('slices', ...upTo(5))], '64 combinations'],
    [[axis('slices', 2, 0)], 'input.strategy.parameters.slices'],
  ])('of a grid are held to its bounds: %j', async (grid, field) => {
    expect(JSON.stringify((await askGrid(grid)).errors)).toContain(field);
    expect((await world.ask('{ backtests { edges { node { id } } } }')).data?.backtests).toEqual({ edges: [] });
  });

  it.each([
    [{ source: 'kraken', interval: 'M1' }, 'input.source'],
    [{ source: '../etc' }, 'input.source'],
    [{ seed: -1 }, 'input.seed'],
    [{ initialCash: '0' }, 'input.initialCash'],
    [{ initialCash: '1e5' }, 'input.initialCash'],
    [{ initialCash: '999999999999' }, 'input.initialCash'],
    [{ latencyMs: 60_001 }, 'input.latencyMs'],
    [{ makerFeeBps: -101 }, 'input.makerFeeBps'],
    [{ takerFeeBps: -1 }, 'input.takerFeeBps'],
    [{ participation: 0 }, 'input.participation'],
    [{ participation: 1.1 }, 'input.participation'],
    [{ from: '2026-01-02T00:00:00Z', to: '2026-01-02T00:00:00Z' }, 'input.to'],
    [
      { strategy: { ...input().strategy, parameters: { ...input().strategy.parameters, quantity: 1e308 } } },
      'input.strategy.parameters.quantity',
    ],
    [
      { strategy: { ...input().strategy, parameters: { ...input().strategy.parameters, quantity: 0.5 } } },
      'input.strategy.parameters.quantity',
    ],
    [{ strategy: { ...input().strategy, accountId: 'bob' } }, 'input.strategy.accountId'],
  ])('are held to their bounds: %j', async (change, field) => {
    const { errors } = await run(change);
    expect(JSON.stringify(errors)).toContain(field);
  });
});
