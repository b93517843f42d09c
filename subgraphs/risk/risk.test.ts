import { type ExecutionResult, execute, parse, subscribe } from 'graphql';
import type { RequestContext, Scope } from '../../src/graphql/context.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import type { History } from '../../src/ports/history.js';
import { seededRandom } from '../../src/testing/random.js';
import { RecordedHistory } from '../../src/testing/recorded-history.js';
import { TEST_START_US, TestVenue } from '../../src/testing/test-venue.js';
import { createRiskSubgraph } from './subgraph.js';

const DAY_US = 86_400_000_000;
const HOUR_US = 3_600_000_000;

function user(userId: string, ...scopes: Scope[]): RequestContext {
  return { identity: { userId, scopes: new Set(scopes) }, requestId: 'test' };
}

const ALICE = user('alice', 'risk:read', 'orders:write');
const OFFICER = user('officer', 'risk:read', 'risk:write');
const NOBODY: RequestContext = { identity: null, requestId: 'test' };
const ENTITIES = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Account {
  positions { qty avgPx markPx realizedPnl unrealizedPnl fees instrument { symbol } account { id } }
  risk { limits { maxOrderQty maxOrderNotional maxOpenOrders priceCollarPercent maxDailyLoss } killSwitch openOrderCount
    grossExposure netExposure dailyPnl utilization { rule passed limit current headroom text } } } } }`;

describe('risk', () => {
  let venue: TestVenue;
  let history: RecordedHistory;
  let subgraph: Subgraph;

  beforeEach(async () => {
    venue = new TestVenue();
    venue.open(['alice', 'bob']);
    history = new RecordedHistory(venue.events);
    subgraph = await open();
  });

  afterEach(() => subgraph.stop());

  async function open(): Promise<Subgraph> {
    const opened = await createRiskSubgraph({ engine: venue, feed: venue, history: history as unknown as History });
    await opened.start();
    return opened;
  }

  async function ask(source: string, variableValues = {}, contextValue = ALICE): Promise<ExecutionResult> {
    const result = await execute({ schema: subgraph.schema, document: parse(source), variableValues, contextValue });
    return JSON.parse(JSON.stringify(result)) as ExecutionResult;
  }

  // biome-ignore lint/suspicious/noExplicitAny: plain data of the answer
  async function account(id = 'alice', context = ALICE): Promise<any> {
    const { data, errors } = await ask(ENTITIES, { of: [{ __typename: 'Account', id }] }, context);
    expect(errors).toBeUndefined();
    return (data as { _entities: unknown[] })._entities[0];
  }

  it.each([
    [
      'setTierLimits',
      'setTierLimits(tier: "retail", limits: { maxOrderQty: "5" }) { maxOrderQty }',
      { maxOrderQty: '5' },
    ],
    ['setAccountState', 'setAccountState(accountId: "alice", state: HALTED) { killSwitch }', { killSwitch: false }],
    ['setMarketKillSwitch', 'setMarketKillSwitch(engaged: true, symbol: "KO", reason: "news")', true],
    [
      'setRiskLimits',
      'setRiskLimits(accountId: "alice", symbol: "KO", limits: { maxPositionQty: "0" }) { maxPositionQty }',
      { maxPositionQty: '0' },
    ],
  ])('lets a risk officer, and no trader, use %s', async (field, operation, answer) => {
    const refused = await ask(`mutation { ${operation} }`);
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    const done = await ask(`mutation { ${operation} }`, {}, OFFICER);
    expect(done).toEqual({ data: { [field]: answer } });
  });

  it('names what a symbol or tier is unknown by', async () => {
    const unknown = await ask('mutation { setMarketKillSwitch(engaged: true, symbol: "NOPE") }', {}, OFFICER);
    expect(unknown.errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND', field: 'symbol' });
    const tier = await ask('mutation { setAccountTier(accountId: "alice", tier: "x") { killSwitch } }', {}, OFFICER);
    expect(tier.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'tier' });
  });

  it('values positions at the mid, on a one-sided book at the last price, before any trade at the reference', async () => {
    expect((await account()).positions).toMatchObject([
      { instrument: { symbol: 'KO' }, qty: '10000', avgPx: '60.00', markPx: '60.00', unrealizedPnl: '0.000000' },
      { instrument: { symbol: 'PEP' }, qty: '10000', avgPx: '150.00', markPx: '150.00' },
    ]);
    venue.place(1, 0, 'SELL', 100, 6100);
    venue.place(2, 0, 'BUY', 100, 6100);
    expect((await account()).positions[0]).toEqual({
      account: { id: 'alice' },
      instrument: { symbol: 'KO' },
      qty: '9900',
      avgPx: '60.00',
      markPx: '61.00',
      realizedPnl: '100.000000',
      unrealizedPnl: '9900.000000',
      fees: '0.000000',
    });
    venue.place(1, 0, 'BUY', 1, 6100);
    venue.place(1, 0, 'SELL', 1, 6103);
    expect((await account()).positions[0]).toMatchObject({ markPx: '61.015', unrealizedPnl: '10048.500000' });
    // Bob bought as the taker: 0.05 % of 6,100.
    const bob = await account('bob', OFFICER);
    expect(bob.positions[0]).toMatchObject({
      qty: '10100',
      avgPx: '60.00990099',
      fees: '3.050000',
      realizedPnl: '0.000000',
    });
  });

  it('counts working orders as they are placed, filled and canceled', async () => {
    venue.place(1, 0, 'BUY', 10, 5990);
    venue.place(1, 0, 'SELL', 10, 6010);
    venue.place(1, 1, 'BUY', 5, 14_000);
    expect((await account()).risk.openOrderCount).toBe(3);
    venue.place(2, 0, 'BUY', 4, 6010);
    expect((await account()).risk.openOrderCount).toBe(3);
    venue.place(2, 0, 'BUY', 6, 6010);
    expect((await account()).risk.openOrderCount).toBe(2);
    venue.run({ type: 'CancelAllOrders', account: 1, instrument: 1, side: null });
    expect((await account()).risk.openOrderCount).toBe(1);
    expect((await account('bob', OFFICER)).risk.openOrderCount).toBe(0);
    await subgraph.stop();
    subgraph = await open();
    expect((await account()).risk.openOrderCount).toBe(1);
  });

  it('adds exposure over positions at their marks', async () => {
    const { risk } = await account();
    expect(risk).toMatchObject({ grossExposure: '2100000.00', netExposure: '2100000.00' });
    venue.place(1, 0, 'BUY', 1, 5999);
    venue.place(1, 0, 'SELL', 1, 6002);
    expect((await account()).risk).toMatchObject({ grossExposure: '2100050.00', netExposure: '2100050.00' });
  });

  it('gives the profit since midnight: exact over trades, fees, marks and days, live and after a restart', async () => {
    const random = seededRandom(5);
    // The oracle follows money and shares themselves: profit = change of (cash + shares at their prices), deposits aside.
    const cash = [0, 0, 0];
    const shares = [
      [0, 0],
      [10_000, 10_000],
      [10_000, 10_000],
    ];
    const last = [6000, 15_000];
    let atOpen = { cash: [...cash], shares: shares.map((row) => [...row]), last: [...last] };
    for (let hour = 0; hour < 60; hour += 1) {
      venue.nowUs = TEST_START_US + hour * HOUR_US;
      if (hour % 24 === 0) atOpen = { cash: [...cash], shares: shares.map((row) => [...row]), last: [...last] };
      for (let n = 0; n < 4; n += 1) {
        const instrument = random() < 0.5 ? 0 : 1;
        const [maker, taker] = random() < 0.5 ? [1, 2] : [2, 1];
        const side = random() < 0.5 ? 'BUY' : 'SELL';
        const price = Math.round((last[instrument] ?? 0) * (0.98 + random() * 0.04));
        const qty = 1 + Math.floor(random() * 50);
        venue.place(maker as number, instrument, side === 'BUY' ? 'SELL' : 'BUY', qty, price);
        const events = venue.place(taker as number, instrument, side, qty, price);
        for (const event of events) {
          if (event.type !== 'OrdersTraded') continue;
          last[instrument] = event.priceTicks;
          const sign = side === 'BUY' ? 1 : -1;
          for (const [leg, legSign] of [
            [event.taker, sign],
            [event.maker, -sign],
          ] as const) {
            cash[leg.account] =
              (cash[leg.account] ?? 0) - legSign * event.priceTicks * event.qtyLots * 10_000 - leg.feeUnits;
            const row = shares[leg.account] as number[];
            row[instrument] = (row[instrument] ?? 0) + legSign * event.qtyLots;
          }
        }
      }
      if (hour % 7 === 3) {
        await subgraph.stop();
        history.reached = venue.events.length - (hour % 5) * 3;
        subgraph = await open();
        history.reached = null;
      }
      for (const [index, name] of [
        [1, 'alice'],
        [2, 'bob'],
      ] as const) {
        const worth = (money: number[], held: number[][], prices: number[]) =>
          (money[index] ?? 0) + [0, 1].reduce((sum, i) => sum + (held[index]?.[i] ?? 0) * (prices[i] ?? 0) * 10_000, 0);
        const expected = worth(cash, shares, last) - worth(atOpen.cash, atOpen.shares, atOpen.last);
        expect(Math.round(Number((await account(name, OFFICER)).risk.dailyPnl) * 1e6)).toBe(expected);
      }
    }
  });

  it('says that history is missing rather than giving a wrong profit of the day', async () => {
    await subgraph.stop();
    history.reachable = false;
    subgraph = await createRiskSubgraph({ engine: venue, feed: venue, history: history as unknown as History });
    const started = subgraph.start();
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Account { risk { dailyPnl } } } }`;
    const of = [{ __typename: 'Account', id: 'alice' }];
    expect((await ask(query, { of })).errors?.[0]?.extensions).toMatchObject({ code: 'HISTORY_UNAVAILABLE' });
    expect(await ask(query.replace('dailyPnl', 'openOrderCount'), { of })).toEqual({
      data: { _entities: [{ risk: { openOrderCount: 0 } }] },
    });
    history.reachable = true;
    await started;
    expect(await ask(query, { of })).toEqual({ data: { _entities: [{ risk: { dailyPnl: '0.00' } }] } });
    venue.nowUs += DAY_US;
    venue.place(1, 0, 'BUY', 1, 100);
    expect(await ask(query, { of })).toEqual({ data: { _entities: [{ risk: { dailyPnl: '0.00' } }] } });
  });

  const SET = `mutation ($limits: RiskLimitsInput!) { setRiskLimits(accountId: "alice", limits: $limits) {
    maxOrderQty maxOrderNotional maxOpenOrders priceCollarPercent maxPositionQty } }`;
  const KILL =
    'mutation ($engaged: Boolean!) { setKillSwitch(accountId: "alice", engaged: $engaged) { killSwitch openOrderCount } }';

  it('sets limits that bind the next order and show in the utilization', async () => {
    const limits = { maxOrderQty: '50', maxOrderNotional: '2500.5', maxOpenOrders: 2, priceCollarPercent: '2.5' };
    expect(await ask(SET, { limits }, OFFICER)).toEqual({
      data: { setRiskLimits: { ...limits, maxPositionQty: null } },
    });
    const reasons = [
      venue.place(1, 0, 'BUY', 51, 6000),
      venue.place(1, 0, 'BUY', 42, 6000),
      venue.place(1, 0, 'BUY', 1, 5849),
      venue.place(1, 0, 'BUY', 1, 5850),
      venue.place(1, 0, 'BUY', 1, 5851),
      venue.place(1, 0, 'BUY', 1, 5852),
    ].map(([first]) => (first?.type === 'OrderRejected' ? first.reason : first?.type));
    expect(reasons).toEqual([
      'MAX_ORDER_QTY',
      'MAX_ORDER_NOTIONAL',
      'PRICE_COLLAR',
      'OrderAccepted',
      'OrderAccepted',
      'OPEN_ORDER_LIMIT',
    ]);
    const { utilization } = (await account()).risk;
    expect(utilization).toContainEqual({
      rule: 'OPEN_ORDER_LIMIT',
      passed: false,
      limit: '2',
      current: '2',
      headroom: '0',
      text: 'Working orders: now 2, limit 2.',
    });
    expect(await ask(SET, { limits: {} }, OFFICER)).toMatchObject({ data: { setRiskLimits: { maxOrderQty: null } } });
  });

  it.each([
    ['maxOrderQty', { maxOrderQty: '0.000000001' }],
    ['maxOrderQty', { maxOrderQty: '-1' }],
    ['maxOrderNotional', { maxOrderNotional: '99999999999999' }],
    ['maxOpenOrders', { maxOpenOrders: -1 }],
    ['priceCollarPercent', { priceCollarPercent: '100.0001' }],
    ['maxDailyLoss', { maxDailyLoss: '-5' }],
    ['maxPositionQty', { maxPositionQty: '0.000000001' }],
    ['maxCancelsPerSecond', { maxCancelsPerSecond: -1 }],
  ])('refuses a limit for its %s and changes nothing', async (field, limits) => {
    const before = venue.exchange.stateHash();
    expect((await ask(SET, { limits }, OFFICER)).errors?.[0]?.extensions).toMatchObject({ field: `limits.${field}` });
    expect(venue.exchange.stateHash()).toBe(before);
  });

  it('engages the kill switch: working orders go, new ones are refused', async () => {
    venue.place(1, 0, 'BUY', 10, 5990);
    expect(await ask(KILL, { engaged: true }, OFFICER)).toEqual({
      data: { setKillSwitch: { killSwitch: true, openOrderCount: 0 } },
    });
    expect(venue.place(1, 0, 'BUY', 1, 5990)[0]).toMatchObject({ type: 'OrderRejected', reason: 'KILL_SWITCH' });
    const { risk } = await account();
    expect(risk.killSwitch).toBe(true);
    expect(risk.utilization).toContainEqual(expect.objectContaining({ rule: 'KILL_SWITCH', passed: false }));
    expect(await ask(KILL, { engaged: false }, OFFICER)).toMatchObject({
      data: { setKillSwitch: { killSwitch: false } },
    });
  });

  it.each([
    ['nobody', NOBODY, 'UNAUTHENTICATED'],
    ['the owner', ALICE, 'FORBIDDEN'],
    ['an administrator without risk:write', user('root', 'admin'), 'FORBIDDEN'],
  ])('lets %s set neither limits nor kill switch', async (_who, context, code) => {
    const before = venue.exchange.stateHash();
    expect((await ask(SET, { limits: {} }, context)).errors?.[0]?.extensions).toMatchObject({ code });
    expect((await ask(KILL, { engaged: true }, context)).errors?.[0]?.extensions).toMatchObject({ code });
    expect(venue.exchange.stateHash()).toBe(before);
  });

  it('shows an account to its owner and to risk officers and administrators, to nobody else', async () => {
    const of = [
      { __typename: 'Account', id: 'bob' },
      { __typename: 'Position', account: { id: 'bob' }, instrument: { symbol: 'KO' } },
    ];
    const query =
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Account { positions(symbol: "KO") { qty } } ... on Position { qty } } }';
    const visible = { data: { _entities: [{ positions: [{ qty: '10000' }] }, { qty: '10000' }] } };
    expect(await ask(query, { of }, user('bob', 'risk:read'))).toEqual(visible);
    expect(await ask(query, { of }, OFFICER)).toEqual(visible);
    expect(await ask(query, { of }, user('root', 'admin'))).toEqual(visible);
    expect(await ask(query, { of }, ALICE)).toEqual({ data: { _entities: [null, null] } });
    expect((await ask(query, { of }, user('bob', 'orders:read'))).errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
    });
    expect((await ask(query, { of }, NOBODY)).errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
    const none = [{ __typename: 'Account', id: 'none' }];
    expect(await ask(query, { of: none }, OFFICER)).toEqual({ data: { _entities: [null] } });
  });

  it('streams positions to those who may see them', async () => {
    const document = parse('subscription ($id: ID!) { positions(accountId: $id) { qty instrument { symbol } } }');
    const join = (id: string, contextValue: RequestContext) =>
      subscribe({ schema: subgraph.schema, document, variableValues: { id }, contextValue });
    for (const [id, context, code] of [
      ['bob', ALICE, 'NOT_FOUND'],
      ['none', OFFICER, 'NOT_FOUND'],
      ['alice', NOBODY, 'UNAUTHENTICATED'],
      ['alice', user('alice', 'orders:read'), 'FORBIDDEN'],
    ] as const) {
      const refused = await join(id, context);
      expect('errors' in refused && refused.errors?.[0]?.extensions).toMatchObject({ code });
    }
    const stream = (await join('alice', ALICE)) as AsyncGenerator<ExecutionResult>;
    expect((await stream.next()).value.data).toEqual({ positions: { qty: '10000', instrument: { symbol: 'KO' } } });
    expect((await stream.next()).value.data).toEqual({ positions: { qty: '10000', instrument: { symbol: 'PEP' } } });
    venue.place(2, 0, 'BUY', 5, 6000);
    venue.place(2, 1, 'SELL', 5, 15_000);
    venue.hold();
    venue.place(1, 0, 'SELL', 2, 6000);
    venue.place(1, 0, 'SELL', 3, 6000);
    venue.place(1, 1, 'BUY', 5, 15_000);
    venue.release();
    expect((await stream.next()).value.data).toEqual({ positions: { qty: '9998', instrument: { symbol: 'KO' } } });
    expect((await stream.next()).value.data).toEqual({ positions: { qty: '9995', instrument: { symbol: 'KO' } } });
    expect((await stream.next()).value.data).toEqual({ positions: { qty: '10005', instrument: { symbol: 'PEP' } } });
    const waiting = stream.next();
    await subgraph.stop();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});
