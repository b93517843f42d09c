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

const MIA = user('mia', 'risk:read', 'orders:write');
const BOB = user('bob', 'risk:read', 'orders:write');
const OFFICER = user('officer', 'risk:read', 'risk:write');
const NOBODY: RequestContext = { identity: null, requestId: 'test' };
const TERMS = 'initialMarginPercent maintenanceMarginPercent shortSelling markMethod settlementPx';
const SET_TERMS = `mutation ($input: MarginTermsInput!) { setMarginTerms(input: $input) { ${TERMS} } }`;
const SET_MARK = `mutation ($input: MarkInput!) { setMark(input: $input) { ${TERMS} } }`;
const POOLS = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Account {
  positions { qty markPx unrealizedPnl } margin { currency status equity initialMargin maintenanceMargin excess } } } }`;
const ALERTS =
  'subscription ($id: ID) { marginAlerts(accountId: $id) { accountId currency status equity transactTime } }';

describe('margin', () => {
  let venue: TestVenue;
  let subgraph: Subgraph;

  beforeEach(async () => {
    venue = new TestVenue();
    venue.open(['alice', 'bob']);
    venue.run({ type: 'OpenAccount', accountId: 'mia', name: 'mia', ownerId: 'mia', kind: 'MARGIN' });
    // 1,000 USD.
    venue.run({ type: 'AdjustBalance', account: 3, asset: 0, amountUnits: 1_000_000_000, transferId: 'mia' });
    const history = new RecordedHistory(venue.events) as unknown as History;
    subgraph = await createRiskSubgraph({ engine: venue, feed: venue, history });
    await subgraph.start();
  });
  afterEach(() => subgraph.stop());

  // biome-ignore lint/suspicious/noExplicitAny: plain data of the answer
  async function ask(source: string, variableValues = {}, contextValue = OFFICER): Promise<any> {
    const result = await execute({ schema: subgraph.schema, document: parse(source), variableValues, contextValue });
    return JSON.parse(JSON.stringify(result));
  }
  const codeOf = (answer: ExecutionResult) => answer.errors?.[0]?.extensions?.code;
  const input = { symbol: 'KO', initialMarginPercent: '10', maintenanceMarginPercent: '5', shortSelling: true };
  const mia = async (context = MIA) =>
    (await ask(POOLS, { of: [{ __typename: 'Account', id: 'mia' }] }, context)).data._entities[0];

  it('has terms of full payment until an officer sets others', async () => {
    const full = { initialMarginPercent: '100', maintenanceMarginPercent: '100', shortSelling: false };
    const query = `{ marginTerms(symbol: "KO") { ${TERMS} } }`;
    expect((await ask(query, {}, MIA)).data.marginTerms).toEqual({ ...full, markMethod: 'MID', settlementPx: null });
    const { symbol: _symbol, ...set } = input;
    expect((await ask(SET_TERMS, { input })).data.setMarginTerms).toMatchObject(set);
    expect((await ask(query, {}, BOB)).data.marginTerms).toMatchObject(set);
    venue.resync();
    expect((await ask(query, {}, BOB)).data.marginTerms).toMatchObject(set);
  });

  it.each([
    [{ initialMarginPercent: '100.0001' }, 'LIMIT_EXCEEDED'],
    [{ initialMarginPercent: '0' }, 'BAD_USER_INPUT'],
    [{ initialMarginPercent: '-1' }, 'BAD_USER_INPUT'],
    [{ maintenanceMarginPercent: '10.0001' }, 'BAD_USER_INPUT'],
    [{ maintenanceMarginPercent: '0.00001' }, 'BAD_USER_INPUT'],
    [{ symbol: 'NOPE' }, 'NOT_FOUND'],
  ])('refuses terms with %j', async (change, code) => {
    expect(codeOf(await ask(SET_TERMS, { input: { ...input, ...change } }))).toBe(code);
  });

  it('lets nobody but a risk officer set terms and marks', async () => {
    const mark = { symbol: 'KO', method: 'LAST' };
    for (const [context, code] of [
      [MIA, 'FORBIDDEN'],
      [user('ada', 'admin'), 'FORBIDDEN'],
      [NOBODY, 'UNAUTHENTICATED'],
    ] as const) {
      expect(codeOf(await ask(SET_TERMS, { input }, context))).toBe(code);
      expect(codeOf(await ask(SET_MARK, { input: mark }, context))).toBe(code);
    }
    expect(codeOf(await ask('{ marginTerms(symbol: "KO") { shortSelling } }', {}, NOBODY))).toBe('UNAUTHENTICATED');
  });

  it('values positions at the mark that is set: mid, last or settlement', async () => {
    await ask(SET_TERMS, { input });
    venue.place(2, 0, 'SELL', 10, 6000);
    venue.place(3, 0, 'BUY', 10, 6000);
    venue.place(2, 0, 'BUY', 1, 5900);
    venue.place(2, 0, 'SELL', 1, 6300);
    expect((await mia()).positions).toEqual([{ qty: '10', markPx: '61.00', unrealizedPnl: '10.000000' }]);
    await ask(SET_MARK, { input: { symbol: 'KO', method: 'LAST' } });
    expect((await mia()).positions[0]).toMatchObject({ markPx: '60.00', unrealizedPnl: '0.000000' });
    expect(codeOf(await ask(SET_MARK, { input: { symbol: 'KO', method: 'SETTLEMENT' } }))).toBe('BAD_USER_INPUT');
    expect(codeOf(await ask(SET_MARK, { input: { symbol: 'KO', method: 'SETTLEMENT', settlementPx: '1.005' } }))).toBe(
      'BAD_USER_INPUT',
    );
    await ask(SET_MARK, { input: { symbol: 'KO', method: 'SETTLEMENT', settlementPx: '59.50' } });
    expect((await mia()).positions[0]).toMatchObject({ markPx: '59.50', unrealizedPnl: '-5.000000' });
  });

  it('tells pools to their owner and to officers, and none of a cash account', async () => {
    await ask(SET_TERMS, { input });
    venue.place(2, 0, 'SELL', 100, 6000);
    venue.place(3, 0, 'BUY', 100, 6000);
    // 6,000 bought and 3 paid as the taker's fee.
    const pool = { currency: 'USD', status: 'HEALTHY', equity: '997.000000', initialMargin: '600.000000' };
    const expected = [{ ...pool, maintenanceMargin: '300.000000', excess: '697.000000' }];
    expect((await mia()).margin).toEqual(expected);
    expect((await mia(OFFICER)).margin).toEqual(expected);
    expect(await mia(BOB)).toBeNull();
    const cash = await ask(POOLS, { of: [{ __typename: 'Account', id: 'alice' }] });
    expect(cash.data._entities[0].margin).toEqual([]);
  });

  it('tells margin calls and liquidations once each, to those who may see the account', async () => {
    await ask(SET_TERMS, { input });
    venue.place(2, 0, 'SELL', 160, 6000);
    venue.place(3, 0, 'BUY', 160, 6000);
    const open = (id: string | null, contextValue: RequestContext) =>
      subscribe({ schema: subgraph.schema, document: parse(ALERTS), variableValues: { id }, contextValue });
    expect(codeOf((await open('mia', BOB)) as ExecutionResult)).toBe('NOT_FOUND');
    expect(codeOf((await open(null, MIA)) as ExecutionResult)).toBe('FORBIDDEN');
    expect(codeOf((await open('mia', NOBODY)) as ExecutionResult)).toBe('UNAUTHENTICATED');
    const own = (await open('mia', MIA)) as AsyncGenerator<ExecutionResult>;
    const all = (await open(null, OFFICER)) as AsyncGenerator<ExecutionResult>;
    venue.place(2, 0, 'BUY', 1_000, 5600);
    // Money −8,604.80. At 58.00 equity 675.20 is under the middle of 928 and 464; at 56.00 355.20 is under 448.
    await ask(SET_MARK, { input: { symbol: 'KO', method: 'SETTLEMENT', settlementPx: '58.00' } });
    await ask(SET_MARK, { input: { symbol: 'KO', method: 'SETTLEMENT', settlementPx: '57.99' } });
    await ask(SET_MARK, { input: { symbol: 'KO', method: 'SETTLEMENT', settlementPx: '56.00' } });
    const next = async (stream: AsyncGenerator<ExecutionResult>) =>
      // biome-ignore lint/suspicious/noExplicitAny: plain data of the answer
      ((await stream.next()).value as any).data.marginAlerts;
    for (const stream of [own, all]) {
      expect(await next(stream)).toMatchObject({
        accountId: 'mia',
        currency: 'USD',
        status: 'CALL',
        equity: '675.200000',
      });
      expect(await next(stream)).toMatchObject({ status: 'LIQUIDATION', equity: '355.200000' });
      expect((await next(stream)).status).not.toBe('LIQUIDATION');
      await stream.return(undefined);
    }
    const { positions, margin } = await mia();
    expect(Number(positions[0].qty)).toBeLessThan(160);
    expect(margin[0].status).not.toBe('LIQUIDATION');
  });
});
