import { type ExecutionResult, execute, parse } from 'graphql';
import type { RequestContext, Scope } from '../../src/graphql/context.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import type { History } from '../../src/ports/history.js';
import { RecordedHistory } from '../../src/testing/recorded-history.js';
import { TEST_START_US, TestVenue } from '../../src/testing/test-venue.js';
import { createRiskSubgraph } from './subgraph.js';

const SECOND_US = 1_000_000;
const BARS = 131;

function user(userId: string, ...scopes: Scope[]): RequestContext {
  return { identity: { userId, scopes: new Set(scopes) }, requestId: 'test' };
}

const ALICE = user('alice', 'risk:read');
const RISK = `query ($id: ID!, $input: PortfolioRiskInput) { portfolioRisk(accountId: $id, input: $input) {
  value interval horizon lambda symbols sampleSize from to estimates { method confidence valueAtRisk expectedShortfall } } }`;
const STRESS = `query ($id: ID!, $shocks: [ShockInput!]!) { stressTest(accountId: $id, shocks: $shocks) {
  profit positions { symbol qty markPx percent profit } } }`;

/** Prices of a second, ticks: uneven, so that every return differs. */
const koPx = (second: number) => 6_000 + ((second * 37) % 101) - ((second * 11) % 29);
const pepPx = (second: number) => 15_000 + ((second * 53) % 211) - ((second * 17) % 97);

describe('Portfolio risk', () => {
  let venue: TestVenue;
  let subgraph: Subgraph;

  beforeEach(async () => {
    venue = new TestVenue();
    venue.open(['alice', 'bob']);
    const history = new RecordedHistory(venue.events) as unknown as History;
    subgraph = await createRiskSubgraph({ engine: venue, feed: venue, history, clock: { nowUs: () => venue.nowUs } });
    await subgraph.start();
  });

  afterEach(() => subgraph.stop());

  function trade(seconds: number): void {
    for (let second = 0; second < seconds; second += 1) {
      venue.nowUs = TEST_START_US + second * SECOND_US;
      for (const [instrument, px] of [koPx, pepPx].entries()) {
        venue.place(second % 2 === 0 ? 1 : 2, instrument, 'SELL', 1, px(second));
        venue.place(second % 2 === 0 ? 2 : 1, instrument, 'BUY', 1, px(second));
      }
    }
    venue.nowUs += SECOND_US;
  }

  async function ask(source: string, variableValues: object, contextValue = ALICE): Promise<ExecutionResult> {
    const args = { schema: subgraph.schema, document: parse(source), contextValue };
    const result = await execute({ ...args, variableValues: variableValues as Record<string, unknown> });
    return JSON.parse(JSON.stringify(result)) as ExecutionResult;
  }

  // biome-ignore lint/suspicious/noExplicitAny: plain data of the answer
  async function risk(input: object): Promise<any> {
    const { data, errors } = await ask(RISK, { id: 'alice', input: { interval: 'S1', window: 200, ...input } });
    expect(errors).toBeUndefined();
    return (data as { portfolioRisk: unknown }).portfolioRisk;
  }

  it.each([1, 5])(
    'over %i bars is what the window says by another way of counting, and states its method',
    async (horizon) => {
      trade(BARS);
      const told = await risk({ horizon });
      expect(told).toMatchObject({
        interval: 'S1',
        horizon,
        lambda: 0.94,
        symbols: ['KO', 'PEP'],
        sampleSize: BARS - 1,
      });
      // 10,000 of each, less the one that the last trade sold.
      const values = [koPx, pepPx].map((px) => (9_999 * px(BARS - 1)) / 100);
      expect(told.value).toBeCloseTo(values[0]! + values[1]!, 6);
      const profits = Array.from({ length: BARS - horizon }, (_, at) =>
        [koPx, pepPx].reduce((sum, px, which) => sum + values[which]! * (px(at + horizon) / px(at) - 1), 0),
      ).sort((a, b) => a - b);
      const returns = (px: typeof koPx) => Array.from({ length: BARS - 1 }, (_, at) => Math.log(px(at + 1) / px(at)));
      const weights = Array.from({ length: BARS - 1 }, (_, at) => 0.94 ** (BARS - 2 - at));
      const whole = weights.reduce((sum, weight) => sum + weight, 0);
      const [ko, pep] = [returns(koPx), returns(pepPx)];
      const variance = weights.reduce(
        (sum, weight, at) => sum + (weight / whole) * (values[0]! * ko[at]! + values[1]! * pep[at]!) ** 2,
        0,
      );
      for (const [confidence, z, shortfall] of [
        [0.95, 1.6448536269514722, 2.0627128075074257],
        [0.99, 2.3263478740408408, 2.665214220345806],
      ] as const) {
        const found = (method: string) =>
          told.estimates.find(
            (each: { method: string; confidence: number }) => each.method === method && each.confidence === confidence,
          );
        const tail = profits.slice(0, Math.ceil((profits.length * Math.round((1 - confidence) * 100)) / 100));
        expect(found('HISTORICAL').valueAtRisk).toBeCloseTo(-tail[tail.length - 1]!, 4);
        expect(found('HISTORICAL').expectedShortfall).toBeCloseTo(-tail.reduce((a, b) => a + b, 0) / tail.length, 4);
        const deviation = Math.sqrt(variance * horizon);
        expect(found('PARAMETRIC').valueAtRisk).toBeCloseTo(deviation * z, 4);
        expect(found('PARAMETRIC').expectedShortfall).toBeCloseTo(deviation * shortfall, 4);
      }
    },
  );

  it('needs 100 returns, and says how many there are', async () => {
    trade(100);
    const input = { interval: 'S1', window: 200 };
    expect((await ask(RISK, { id: 'alice', input })).errors?.[0]).toMatchObject({
      message: expect.stringMatching(/only 99 returns of S1.*100 are needed/),
      extensions: { code: 'BAD_USER_INPUT', field: 'input.window' },
    });
  });

  it.each([
    [{ window: 99 }, 'input.window'],
    [{ window: 501 }, 'input.window'],
    [{ horizon: 0 }, 'input.horizon'],
    [{ horizon: 31 }, 'input.horizon'],
    [{ lambda: 0.4 }, 'input.lambda'],
    [{ lambda: 1 }, 'input.lambda'],
  ])('refuses %j', async (input, field) => {
    const { errors } = await ask(RISK, { id: 'alice', input });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field });
  });

  it('under shocks is exact, and moves only what is shocked', async () => {
    venue.place(1, 0, 'SELL', 1, 6_000);
    venue.place(2, 0, 'BUY', 1, 6_000);
    const shocks = [{ symbol: 'KO', percent: '-12.5' }];
    const { data } = await ask(STRESS, { id: 'alice', shocks });
    expect(data).toEqual({
      stressTest: {
        profit: '-74992.50',
        positions: [
          { symbol: 'KO', qty: '9999', markPx: '60.00', percent: '-12.5', profit: '-74992.50' },
          { symbol: 'PEP', qty: '10000', markPx: '150.00', percent: '0', profit: '0.00' },
        ],
      },
    });
  });

  it.each([
    [[{ symbol: 'NO', percent: '1' }], 'NOT_FOUND', 'shocks.0.symbol'],
    [[{ symbol: 'KO', percent: '-100.0001' }], 'BAD_USER_INPUT', 'shocks.0.percent'],
    [[{ symbol: 'KO', percent: '1000.0001' }], 'BAD_USER_INPUT', 'shocks.0.percent'],
    [[{ symbol: 'KO', percent: '1.00001' }], 'BAD_USER_INPUT', 'shocks.0.percent'],
    [['1', '2'].map((percent) => ({ symbol: 'KO', percent })), 'BAD_USER_INPUT', 'shocks.1.symbol'],
    [[], 'LIMIT_EXCEEDED', 'shocks'],
  ])('refuses the shocks %j', async (shocks, code, field) => {
    expect((await ask(STRESS, { id: 'alice', shocks })).errors?.[0]?.extensions).toMatchObject({ code, field });
  });

  it.each([
    [user('bob', 'risk:read'), 'NOT_FOUND'],
    [user('alice', 'market:read'), 'FORBIDDEN'],
    [{ identity: null, requestId: 'test' }, 'UNAUTHENTICATED'],
    [user('officer', 'risk:write'), undefined],
  ])('is for the owner and the risk officer', async (context, code) => {
    const shocks = [{ symbol: 'KO', percent: '1' }];
    const { errors } = await ask(STRESS, { id: 'alice', shocks }, context as RequestContext);
    expect(errors?.[0]?.extensions?.code).toBe(code);
  });
});
