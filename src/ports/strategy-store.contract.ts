/** What every StrategyStore promises, as tests. */
import type { BacktestRecord, StrategyRecord, StrategyStore } from './strategy-store.js';

const strategy: StrategyRecord = {
  id: 'S1',
  ownerId: 'alice',
  name: 'Quotes “KO” — naïvely',
  type: 'MARKET_MAKING',
  accountId: 'ACC-1',
  symbols: ['KO', 'PEP'],
  parameters: { orderQty: 10, sigma: null, profile: [1, 2.5] },
  status: 'CREATED',
  error: null,
  runCount: 0,
  flatten: false,
  ledger: null,
  createdUs: 1_767_312_000_000_001,
  startedUs: null,
};

const backtest: BacktestRecord = {
  id: 'B1',
  ownerId: 'alice',
  gridId: null,
  input: { initialCash: '1000.00', seed: 1 },
  status: 'QUEUED',
  progress: 0,
  report: null,
  error: null,
  createdUs: 1_767_312_000_000_001,
  finishedUs: null,
};

/** @param open gives an empty store */
export function strategyStoreContract(open: () => Promise<StrategyStore>): void {
  let store: StrategyStore;
  beforeEach(async () => {
    store = await open();
  });

  it('gives back a strategy as it was saved, to the last digit', async () => {
    await store.saveStrategy(strategy);
    const later: StrategyRecord = {
      ...strategy,
      status: 'FAILED',
      error: 'KO: refused',
      runCount: 3,
      flatten: true,
      ledger: {
        throughSequence: Number.MAX_SAFE_INTEGER,
        isQuiet: false,
        fillCount: 7,
        reason: 'stop at z 4.20',
        reasonUs: 1_767_312_000_000_003,
        holdings: {
          KO: { qtyLots: -5, cashTickLots: Number.MAX_SAFE_INTEGER, feesUnits: -3, markHalfTicks: 12_345 },
        },
      },
      startedUs: 1_767_312_000_000_002,
    };
    expect(await store.strategies()).toEqual([strategy]);
    await store.saveStrategy(later);
    expect(await store.strategies()).toEqual([later]);
  });

  it('lists strategies oldest first', async () => {
    await store.saveStrategy({ ...strategy, id: 'S2', createdUs: strategy.createdUs + 1 });
    await store.saveStrategy(strategy);
    expect((await store.strategies()).map(({ id }) => id)).toEqual(['S1', 'S2']);
  });

  it('deletes one strategy and no other, and again without complaint', async () => {
    await store.saveStrategy(strategy);
    await store.saveStrategy({ ...strategy, id: 'S2' });
    await store.deleteStrategy('S1');
    await store.deleteStrategy('S1');
    expect((await store.strategies()).map(({ id }) => id)).toEqual(['S2']);
  });

  it('gives back a backtest as it was saved, and null where there is none', async () => {
    await store.saveBacktest(backtest);
    expect(await store.backtest('B1')).toEqual(backtest);
    const done = { ...backtest, status: 'DONE', progress: 1, report: { totalReturn: 0.1 }, finishedUs: 9 } as const;
    await store.saveBacktest(done);
    expect(await store.backtest('B1')).toEqual(done);
    expect(await store.backtest('B2')).toBeNull();
  });

  it('pages through the backtests of one user, newest first', async () => {
    for (let index = 1; index <= 5; index += 1) {
      await store.saveBacktest({ ...backtest, id: `B${index}`, createdUs: 1_000 + Math.floor(index / 2) });
    }
    await store.saveBacktest({ ...backtest, id: 'X', ownerId: 'bob' });
    const first = await store.backtestsOf('alice', null, 3, null);
    const last = first[first.length - 1]!;
    const rest = await store.backtestsOf('alice', last, 3, null);
    expect([...first, ...rest].map(({ id }) => id)).toEqual(['B5', 'B4', 'B3', 'B2', 'B1']);
  });

  it('adds the backtests of a grid, all or none, and pages through them alone', async () => {
    const inGrid = (id: string, createdUs: number) => ({ ...backtest, id, gridId: 'G1', createdUs });
    await store.addBacktests([inGrid('B1', 1), inGrid('B2', 2), inGrid('B3', 3)]);
    await store.saveBacktest({ ...backtest, id: 'X', createdUs: 4 });
    await store.saveBacktest({ ...inGrid('Y', 5), gridId: 'G2' });
    await store.saveBacktest({ ...inGrid('Z', 6), ownerId: 'bob' });
    const first = await store.backtestsOf('alice', null, 2, 'G1');
    const rest = await store.backtestsOf('alice', first[1]!, 2, 'G1');
    expect([...first, ...rest]).toEqual([inGrid('B3', 3), inGrid('B2', 2), inGrid('B1', 1)]);
  });

  it('fails what was under way, and nothing else', async () => {
    await store.saveBacktest(backtest);
    await store.saveBacktest({ ...backtest, id: 'B2', status: 'RUNNING', progress: 0.4 });
    await store.saveBacktest({ ...backtest, id: 'B3', status: 'DONE', progress: 1 });
    await store.failUnfinishedBacktests('the process ended');
    const statuses = await Promise.all(['B1', 'B2', 'B3'].map(async (id) => (await store.backtest(id))?.status));
    expect(statuses).toEqual(['FAILED', 'FAILED', 'DONE']);
    expect((await store.backtest('B2'))?.error).toBe('the process ended');
  });
}
