import type { Client } from 'graphql-ws';
import { collect, connect, post, settled } from './support/client.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const STRATEGY = `id name type status symbols parameters pnl holdings { symbol qty } quotes { symbol side px qty }
  fillCount lastReason error account { id } inventory { instrument { symbol } qty }`;
const CREATE = `mutation ($input: CreateStrategyInput!) { createStrategy(input: $input) { ${STRATEGY} } }`;
const act = (name: string) => `mutation ($id: ID!) { ${name}(id: $id) { id status quotes { px } } }`;
const FOLLOW = `subscription ($ids: [ID!]) { strategies(ids: $ids) { id status fillCount lastReason quotes { side px } } }`;
const OPEN_ORDERS = `query ($accountId: ID!) { orders(accountId: $accountId, ordStatus: [NEW, PARTIALLY_FILLED]) { edges { node { clOrdId } } } }`;

interface Told {
  readonly id: string;
  readonly status: string;
  readonly fillCount: number;
  readonly lastReason: string | null;
  readonly quotes: readonly { readonly side: string; readonly px: string }[];
}

const quoting = (accountId: string, parameters: Record<string, unknown> = {}) => ({
  name: 'Quotes in KO',
  type: 'MARKET_MAKING',
  accountId,
  symbols: ['KO'],
  parameters: { orderQty: 5, maxInventory: 100, sigma: 0.01, kappa: 50, refreshMs: 100, ...parameters },
});

describe('strategies on the started platform', () => {
  let platform: RunningPlatform;
  let dataDir: string;
  const clients: Client[] = [];

  beforeAll(async () => {
    dataDir = await makeDataDir();
    platform = await startPlatform({ dataDir, simulator: true });
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.dispose()));
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  const ask = (query: string, variables: Record<string, unknown> = {}, who: 'trader' | 'trader2' | 'risk' = 'trader') =>
    post(platform.url, query, variables, platform.credentials[who].token);

  const watch = async (ids: string[]) => {
    const client = connect(platform.url, platform.credentials.trader.token);
    clients.push(client);
    const told = collect<Told>(client, 'strategies', FOLLOW, { ids });
    await settled(client);
    return told;
  };

  it('publish the schema of their parameters, and hold parameters to it', async () => {
    const types = await post(platform.url, '{ strategyTypes { type symbolCount description parameterSchema } }');
    expect(types.data.strategyTypes).toHaveLength(6);
    const { accountId } = platform.credentials.trader;
    const refused: readonly [Record<string, unknown>, RegExp][] = [
      [{ ...quoting(accountId), parameters: { orderQty: 5 } }, /input\.parameters\.maxInventory: is missing/],
      [quoting(accountId, { noSuch: 1 }), /input\.parameters\.noSuch: is no parameter/],
      [quoting(accountId, { orderQty: -1 }), /input\.parameters\.orderQty: must be > 0/],
      [{ ...quoting(accountId), symbols: ['KO', 'PEP'] }, /input\.symbols: MARKET_MAKING trades one symbol/],
      [{ ...quoting(accountId), symbols: ['NO'] }, /symbols: there is no instrument/],
      [quoting('ACC-TRADER2'), /input\.accountId: there is no account/],
      [{ ...quoting(accountId), name: ' ' }, /input\.name: must have 1 to 100/],
    ];
    for (const [input, message] of refused) {
      const { errors } = await ask(CREATE, { input });
      expect(errors?.[0]?.message).toMatch(message);
    }
  });

  it('quote, trade, pause, go on after a crash with what they left, and stop flat', async () => {
    const { accountId } = platform.credentials.trader;
    const made = await ask(CREATE, { input: quoting(accountId) });
    expect(made.errors).toBeUndefined();
    const { id } = made.data.createStrategy;
    expect(made.data.createStrategy).toMatchObject({ status: 'CREATED', fillCount: 0, parameters: { levels: 1 } });

    const told = await watch([id]);
    expect((await ask(act('startStrategy'), { id })).data.startStrategy.status).toBe('RUNNING');
    await told.until((events) => events.some(({ quotes }) => quotes.length === 2), 'two quotes');
    await told.until((events) => events.some(({ fillCount }) => fillCount > 0), 'a fill', 60_000);
    expect(told.events[told.events.length - 1]?.lastReason).toMatch(/reservation .* inventory/);

    const second = await ask(CREATE, { input: quoting(accountId) });
    const clash = await ask(act('startStrategy'), { id: second.data.createStrategy.id });
    expect(clash.errors?.[0]?.message).toMatch(/is at work on account/);

    expect((await ask(act('pauseStrategy'), { id }, 'risk')).data.pauseStrategy.status).toBe('PAUSED');
    await told.until((events) => events[events.length - 1]?.quotes.length === 0, 'no quotes');
    const open = await ask(OPEN_ORDERS, { accountId });
    expect(open.data.orders.edges).toEqual([]);

    expect((await ask(act('startStrategy'), { id })).data.startStrategy.status).toBe('RUNNING');
    await told.until((events) => events[events.length - 1]?.quotes.length === 2, 'two quotes again');

    await platform.crash();
    platform = await startPlatform({ dataDir, simulator: true });
    const again = await watch([id]);
    await again.until((events) => events.some(({ quotes }) => quotes.length === 2), 'two quotes after the crash');
    expect(again.events[again.events.length - 1]?.status).toBe('RUNNING');

    await ask(`mutation ($id: ID!) { stopStrategy(id: $id, flatten: true) { status } }`, { id });
    await again.until(({ length }) => length > 0 && again.events[length - 1]?.status === 'STOPPED', 'the end');
    let holdings: unknown;
    for (let count = 0; count < 100; count += 1) {
      const { data } = await ask(`query ($id: ID!) { strategy(id: $id) { ${STRATEGY} } }`, { id });
      holdings = data.strategy.holdings;
      if (data.strategy.holdings[0].qty === '0' && data.strategy.quotes.length === 0) break;
      await new Promise((done) => setTimeout(done, 100));
    }
    expect(holdings).toEqual([{ symbol: 'KO', qty: '0' }]);
    expect((await ask(act('startStrategy'), { id })).errors?.[0]?.message).toMatch(/stopped for good/);
  });

  it('are nobody else’s', async () => {
    const made = await ask(CREATE, { input: quoting(platform.credentials.trader.accountId) });
    const { id } = made.data.createStrategy;
    expect((await ask('query ($id: ID!) { strategy(id: $id) { id } }', { id }, 'trader2')).data.strategy).toBeNull();
    expect((await ask('{ strategies { id } }', {}, 'trader2')).data.strategies).toEqual([]);
    for (const name of ['startStrategy', 'pauseStrategy', 'stopStrategy']) {
      expect((await ask(act(name), { id }, 'trader2')).errors?.[0]?.extensions?.code).toBe('NOT_FOUND');
    }
    expect((await ask(act('startStrategy'), { id }, 'risk')).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    const anonymous = await post(platform.url, '{ strategies { id } }');
    expect(anonymous.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });

  it('run on history in a thread of their own, with progress, the same on every run', async () => {
    const { accountId, token } = platform.credentials.trader;
    const input = {
      strategy: quoting(accountId, { refreshMs: 1_000 }),
      interval: 'S1',
      initialCash: '100000',
      takerFeeBps: 1,
    };
    const RUN = `mutation ($input: BacktestInput!) { runBacktest(input: $input) { id status } }`;
    const TELL = `subscription ($id: ID!) { backtest(id: $id) { id status progress error report { totalReturn tradeCount finalEquity stateHash
      equityCurve { time equity drawdown } markouts { horizonSeconds meanBps } } } }`;
    const hashes: string[] = [];
    const to = new Date(Date.now() - 2_000).toISOString();
    for (let run = 0; run < 2; run += 1) {
      const started = await ask(RUN, { input: { ...input, to } });
      expect(started.errors).toBeUndefined();
      const client = connect(platform.url, token);
      clients.push(client);
      const told = collect<{
        status: string;
        error: string | null;
        report: { stateHash: string; equityCurve: unknown[] };
      }>(client, 'backtest', TELL, { id: started.data.runBacktest.id });
      const events = await told.until(
        (all) => ['DONE', 'FAILED'].includes(all[all.length - 1]?.status ?? ''),
        'the end',
        30_000,
      );
      const end = events[events.length - 1]!;
      expect(end.error).toBeNull();
      expect(end.report.equityCurve.length).toBeGreaterThan(1);
      hashes.push(end.report.stateHash);
    }
    expect(hashes[1]).toBe(hashes[0]);
    const listed = await ask('{ backtests(first: 1) { edges { node { status } } pageInfo { hasNextPage } } }');
    expect(listed.data.backtests).toMatchObject({
      edges: [{ node: { status: 'DONE' } }],
      pageInfo: { hasNextPage: true },
    });
    const bad = await ask(RUN, { input: { ...input, initialCash: '0' } });
    expect(bad.errors?.[0]?.message).toMatch(/input\.initialCash: must be above 0/);
    const late = await ask(RUN, { input: { ...input, latencyMs: 90_000 } });
    expect(late.errors?.[0]?.message).toMatch(/input\.latencyMs: 90000 is not within 0 to 60000/);
  });
});
