import { type ExecutionResult, execute, parse, subscribe } from 'graphql';
import type { RequestContext, Scope } from '../../src/graphql/context.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import type { History } from '../../src/ports/history.js';
import { RecordedHistory } from '../../src/testing/recorded-history.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { createRiskSubgraph } from './subgraph.js';

function user(userId: string, ...scopes: Scope[]): RequestContext {
  return { identity: { userId, scopes: new Set(scopes) }, requestId: 'test' };
}

const ALICE = user('alice', 'risk:read', 'orders:write');
const OFFICER = user('officer', 'risk:read', 'risk:write');
const NOBODY: RequestContext = { identity: null, requestId: 'test' };
const SECOND_US = 1_000_000;
const BREAKER = `symbol tripped cause movePercent windowSeconds cooldownSeconds auctionSeconds queueOrders
  referencePx tripPx trippedAt resumesAt`;
const SET = `mutation ($input: CircuitBreakerInput!) { setCircuitBreaker(input: $input) { ${BREAKER} } }`;
const KO_TERMS = { symbol: 'KO', movePercent: '5', windowSeconds: 60, cooldownSeconds: 10, auctionSeconds: 5 };
const ALERTS = `subscription ($id: ID) { riskAlerts(accountId: $id) { accountId symbol rule severity
  check { passed limit current projected headroom } } }`;

describe('breakers and alerts', () => {
  let venue: TestVenue;
  let subgraph: Subgraph;

  beforeEach(async () => {
    venue = new TestVenue();
    venue.open(['alice', 'bob']);
    const history = new RecordedHistory(venue.events) as unknown as History;
    subgraph = await createRiskSubgraph({ engine: venue, feed: venue, history });
    await subgraph.start();
  });
  afterEach(() => subgraph.stop());

  async function ask(source: string, variableValues = {}, contextValue = OFFICER): Promise<ExecutionResult> {
    const result = await execute({ schema: subgraph.schema, document: parse(source), variableValues, contextValue });
    return JSON.parse(JSON.stringify(result)) as ExecutionResult;
  }

  async function follow(source: string, variableValues = {}, contextValue = OFFICER) {
    const stream = await subscribe({ schema: subgraph.schema, document: parse(source), variableValues, contextValue });
    if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
    // biome-ignore lint/suspicious/noExplicitAny: plain data of the answer
    return async (): Promise<any> => JSON.parse(JSON.stringify(((await stream.next()).value as ExecutionResult).data));
  }

  /** Trips KO's breaker at 63.01, one tick beyond its bound. */
  function trip(): void {
    venue.place(1, 0, 'SELL', 10, 6301);
    venue.place(2, 0, 'BUY', 10, 6301);
  }

  it('sets a breaker, shows where it stands, and streams its trip, auction and open', async () => {
    const next = await follow(`subscription { circuitBreakers { ${BREAKER} } }`, {}, ALICE);
    const set = await ask(SET, { input: KO_TERMS });
    expect(set.data).toMatchObject({
      setCircuitBreaker: { ...KO_TERMS, queueOrders: true, tripped: false, cause: null, resumesAt: null },
    });
    expect(await next()).toMatchObject({ circuitBreakers: { tripped: false } });
    trip();
    const tripped = { tripped: true, cause: 'SYMBOL', referencePx: '60.00', tripPx: '63.01' };
    expect(await next()).toMatchObject({ circuitBreakers: tripped });
    expect((await ask(`{ circuitBreakers { ${BREAKER} } }`, {}, ALICE)).data).toMatchObject({
      circuitBreakers: [tripped],
    });
    venue.nowUs += 10 * SECOND_US;
    venue.run({ type: 'AdvanceTime' });
    expect(await next()).toMatchObject({ circuitBreakers: tripped });
    venue.nowUs += 5 * SECOND_US;
    venue.run({ type: 'AdvanceTime' });
    expect(await next()).toMatchObject({ circuitBreakers: { tripped: false, referencePx: null, resumesAt: null } });
  });

  it('knows after a restart what is set and tripped', async () => {
    await ask(SET, { input: KO_TERMS });
    trip();
    const before = await ask(`{ circuitBreakers { ${BREAKER} } }`);
    venue.resync();
    expect(await ask(`{ circuitBreakers { ${BREAKER} } }`)).toEqual(before);
  });

  it('sets and removes the market-wide breaker', async () => {
    const input = { symbols: ['PEP', 'KO'], movePercent: '7.5', windowSeconds: 300, cooldownSeconds: 60 };
    const fields = 'symbols tripped movePercent auctionSeconds queueOrders';
    const set = await ask(
      `mutation ($input: MarketCircuitBreakerInput!) { setMarketCircuitBreaker(input: $input) { ${fields} } }`,
      { input },
    );
    const market = {
      symbols: ['KO', 'PEP'],
      tripped: false,
      movePercent: '7.5',
      auctionSeconds: 60,
      queueOrders: true,
    };
    expect(set.data).toEqual({ setMarketCircuitBreaker: market });
    expect((await ask(`{ marketCircuitBreaker { ${fields} } }`, {}, ALICE)).data).toEqual({
      marketCircuitBreaker: market,
    });
    expect((await ask('mutation { removeMarketCircuitBreaker }')).data).toEqual({ removeMarketCircuitBreaker: true });
    expect((await ask('{ marketCircuitBreaker { tripped } }')).data).toEqual({ marketCircuitBreaker: null });
    const again = await ask('mutation { removeMarketCircuitBreaker }');
    expect(again.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('halts and resumes by hand, with the reason', async () => {
    expect((await ask('mutation { haltTrading(symbol: "KO", reason: "news") }')).data).toEqual({ haltTrading: true });
    expect(venue.events.at(-1)).toMatchObject({ type: 'TradingStatusChanged', status: 'HALTED', reason: 'news' });
    expect((await ask('mutation { resumeTrading(reason: "news is out", auctionSeconds: 1) }')).data).toEqual({
      resumeTrading: true,
    });
    expect(venue.exchange.nextDueUs).toBe(venue.nowUs + SECOND_US);
    const none = await ask('mutation { resumeTrading(symbol: "PEP", reason: "") }');
    expect(none.errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'symbol' } });
  });

  it.each([
    [{ movePercent: '0' }, 'BAD_USER_INPUT', 'input.movePercent'],
    [{ movePercent: '100.0001' }, 'LIMIT_EXCEEDED', 'input.movePercent'],
    [{ movePercent: '0.00001' }, 'BAD_USER_INPUT', 'input.movePercent'],
    [{ windowSeconds: 0 }, 'BAD_USER_INPUT', 'input.windowSeconds'],
    [{ cooldownSeconds: 86_401 }, 'LIMIT_EXCEEDED', 'input.cooldownSeconds'],
    [{ auctionSeconds: -1 }, 'BAD_USER_INPUT', 'input.auctionSeconds'],
    [{ symbol: 'NOPE' }, 'NOT_FOUND', 'input.symbol'],
  ])('refuses %p', async (over, code, field) => {
    const { errors } = await ask(SET, { input: { ...KO_TERMS, ...over } });
    expect(errors?.[0]?.extensions).toMatchObject({ code, field });
  });

  it.each([
    [
      'setCircuitBreaker',
      'setCircuitBreaker(input: { symbol: "KO", movePercent: "5", windowSeconds: 1, cooldownSeconds: 1 }) { symbol }',
    ],
    ['removeCircuitBreaker', 'removeCircuitBreaker(symbol: "KO")'],
    [
      'setMarketCircuitBreaker',
      'setMarketCircuitBreaker(input: { symbols: ["KO"], movePercent: "5", windowSeconds: 1, cooldownSeconds: 1 }) { symbols }',
    ],
    ['removeMarketCircuitBreaker', 'removeMarketCircuitBreaker'],
    ['haltTrading', 'haltTrading(reason: "")'],
    ['resumeTrading', 'resumeTrading(reason: "")'],
  ])('lets neither a trader nor nobody use %s', async (_, operation) => {
    const trader = await ask(`mutation { ${operation} }`, {}, ALICE);
    expect(trader.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    const nobody = await ask(`mutation { ${operation} }`, {}, NOBODY);
    expect(nobody.errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('shows breakers to whoever is signed in only', async () => {
    for (const query of ['{ circuitBreakers { symbol } }', '{ marketCircuitBreaker { tripped } }']) {
      expect((await ask(query, {}, NOBODY)).errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
      expect((await ask(query, {}, ALICE)).errors).toBeUndefined();
    }
    await expect(follow('subscription { circuitBreakers { symbol } }', {}, NOBODY)).rejects.toThrow('UNAUTHENTICATED');
  });

  it('reads settings back to risk officers and administrators only, in bounded pages', async () => {
    const query = (first: number) => `{ riskAudit(first: ${first}) { edges { node { action } } } }`;
    expect((await ask(query(1), {}, ALICE)).errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    expect((await ask(query(1), {}, NOBODY)).errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
    for (const first of [0, 501]) {
      expect((await ask(query(first))).errors?.[0]?.extensions).toMatchObject({
        code: 'LIMIT_EXCEEDED',
        field: 'first',
      });
    }
    const forged = await ask('{ riskAudit(after: "x") { edges { cursor } } }');
    expect(forged.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
  });

  const setLimits = (limits: string, symbol = '') =>
    ask(`mutation { setRiskLimits(accountId: "alice", limits: { ${limits} } ${symbol}) { maxOpenOrders } }`);

  it('warns from 80 % of a limit, at breach and at clear, without repeating itself', async () => {
    await setLimits('maxOpenOrders: 5');
    const next = await follow(ALERTS, { id: 'alice' }, ALICE);
    for (let index = 0; index < 6; index += 1) venue.place(1, 0, 'BUY', 1, 5900 - index);
    venue.run({ type: 'CancelAllOrders', account: 1, instrument: null, side: null });
    const told = { accountId: 'alice', symbol: null, rule: 'OPEN_ORDER_LIMIT' };
    expect(await next()).toEqual({
      riskAlerts: {
        ...told,
        severity: 'WARNING',
        check: { passed: true, limit: '5', current: '4', projected: null, headroom: '1' },
      },
    });
    expect(await next()).toMatchObject({
      riskAlerts: { ...told, severity: 'BREACH', check: { current: '5', headroom: '0' } },
    });
    expect(await next()).toMatchObject({ riskAlerts: { ...told, severity: 'CLEARED', check: { current: '0' } } });
  });

  it('tells a refused order once until an order well within the limit is accepted', async () => {
    await setLimits('maxOrderQty: "10"', 'symbol: "KO"');
    const next = await follow(ALERTS);
    for (const qty of [11, 12, 5, 11]) venue.place(1, 0, 'BUY', qty, 5900);
    const told = { symbol: 'KO', rule: 'MAX_ORDER_QTY' };
    expect(await next()).toMatchObject({
      riskAlerts: {
        ...told,
        severity: 'BREACH',
        check: { passed: false, limit: '10', projected: '11', headroom: '-1' },
      },
    });
    expect(await next()).toMatchObject({ riskAlerts: { ...told, severity: 'CLEARED' } });
    expect(await next()).toMatchObject({ riskAlerts: { ...told, severity: 'BREACH', check: { projected: '11' } } });
  });

  it('sees a limit breached by the movement of marks alone', async () => {
    await setLimits('maxDailyLoss: "1000"');
    const next = await follow(ALERTS, { id: 'alice' }, ALICE);
    venue.place(2, 0, 'BUY', 1, 5991);
    venue.place(2, 0, 'SELL', 1, 5991, { selfTradePrevention: 'NONE' });
    venue.nowUs += 2 * SECOND_US;
    venue.run({ type: 'AdvanceTime' });
    // 10,000 KO fell by 0.09: 900 of 1,000.
    expect(await next()).toMatchObject({
      riskAlerts: { rule: 'DAILY_LOSS_LIMIT', severity: 'WARNING', check: { current: '900', headroom: '100' } },
    });
    venue.place(2, 0, 'BUY', 1, 5980);
    venue.place(2, 0, 'SELL', 1, 5980, { selfTradePrevention: 'NONE' });
    venue.nowUs += 2 * SECOND_US;
    venue.run({ type: 'AdvanceTime' });
    expect(await next()).toMatchObject({
      riskAlerts: { rule: 'DAILY_LOSS_LIMIT', severity: 'BREACH', check: { current: '2000', headroom: '-1000' } },
    });
  });

  it('shows own alerts to a trader, all to an officer, none to others', async () => {
    await expect(follow(ALERTS, { id: 'bob' }, ALICE)).rejects.toThrow('NOT_FOUND');
    await expect(follow(ALERTS, {}, ALICE)).rejects.toThrow('FORBIDDEN');
    await expect(follow(ALERTS, { id: 'alice' }, NOBODY)).rejects.toThrow('UNAUTHENTICATED');
    await follow(ALERTS, { id: 'bob' }, OFFICER);
  });

  it('shows the headroom of every rule, of the account and of its symbols', async () => {
    await setLimits(
      'maxPositionQty: "20000", maxGrossExposure: "3000000", maxNetExposure: "2500000", maxOrdersPerSecond: 5',
    );
    await setLimits('maxPositionQty: "10100"', 'symbol: "KO"');
    venue.place(1, 0, 'BUY', 50, 5900);
    const { data } = await ask(
      `{ _entities(representations: [{ __typename: "Account", id: "alice" }]) { ... on Account {
        risk { utilization { rule symbol passed limit current headroom } } } } }`,
      {},
      ALICE,
    );
    // biome-ignore lint/suspicious/noExplicitAny: plain data of the answer
    const rows = (data as any)._entities[0].risk.utilization;
    expect(
      rows.map(({ rule, symbol }: { rule: string; symbol: string | null }) => `${rule} ${symbol ?? ''}`.trim()),
    ).toEqual([
      'MAX_ORDER_QTY',
      'MAX_ORDER_NOTIONAL',
      'PRICE_COLLAR',
      'POSITION_LIMIT',
      'GROSS_EXPOSURE_LIMIT',
      'NET_EXPOSURE_LIMIT',
      'OPEN_ORDER_LIMIT',
      'DAILY_LOSS_LIMIT',
      'ORDER_RATE_LIMIT',
      'CANCEL_RATE_LIMIT',
      'POSITION_LIMIT KO',
      'KILL_SWITCH',
    ]);
    expect(rows).toContainEqual({
      rule: 'POSITION_LIMIT',
      symbol: 'KO',
      passed: true,
      limit: '10100',
      current: '10050',
      headroom: '50',
    });
    // 10,050 KO at 60 and 10,000 PEP at 150.
    expect(rows).toContainEqual(
      expect.objectContaining({
        rule: 'GROSS_EXPOSURE_LIMIT',
        limit: '3000000',
        current: '2103000',
        headroom: '897000',
      }),
    );
  });
});
