import { EngineUnavailableError, OutcomeUnknownError } from '../../src/ports/engine-client.js';
import { ANN, anInput, as, BOB, createOrdersKit, type OrdersKit, PLACE } from './testing/orders-kit.js';

let kit: OrdersKit;

beforeEach(async () => {
  kit = await createOrdersKit();
});
afterEach(async () => {
  await kit.subgraph.stop();
});

const place = async (over: Record<string, unknown> = {}, identity = over.accountId === 'bob' ? BOB : ANN) => {
  const { data, errors } = await kit.ask(identity, PLACE, { input: anInput(over) });
  expect(errors).toBeUndefined();
  return data.placeOrder;
};

describe('placing an order', () => {
  it('answers the order as the command left it, with its fills and exact figures', async () => {
    expect(await place({ accountId: 'bob', side: 'SELL', orderQty: '4', clOrdId: 'rest' })).toMatchObject({
      __typename: 'PlaceOrderSuccess',
      duplicate: false,
      fills: [],
      order: { clOrdId: 'rest', ordStatus: 'NEW', price: '60.00', orderQty: '4', leavesQty: '4', avgPx: null },
    });
    expect(await place({ price: '60.05' })).toMatchObject({
      order: {
        ordStatus: 'PARTIALLY_FILLED',
        cumQty: '4',
        leavesQty: '6',
        avgPx: '60.00',
        account: { id: 'ann' },
        instrument: { symbol: 'KO' },
        createdAt: '2026-01-02T00:00:00.000000Z',
      },
      fills: [
        {
          tradeId: '1',
          side: 'BUY',
          lastPx: '60.00',
          lastQty: '4',
          leavesQty: '6',
          fee: '0.120000',
          maker: false,
          accountId: 'ann',
          symbol: 'KO',
        },
      ],
    });
  });

  it('names a fill by event sequence and leg, the taker’s being 1', async () => {
    await place({ accountId: 'bob', side: 'SELL' });
    const { fills } = await place();
    const trade = kit.venue.events.find((event) => event.type === 'OrdersTraded');
    expect(fills[0].execId).toBe(`${trade?.sequence}-1`);
  });

  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ['an unknown account', { accountId: 'nobody' }, 'UNKNOWN_ACCOUNT', /^accountId: there is no account "nobody"/],
    [
      'somebody else’s account',
      { accountId: 'bob' },
      'UNKNOWN_ACCOUNT',
      /^accountId: there is no account "bob" that you may trade$/,
    ],
    ['an unknown symbol', { symbol: 'NOPE' }, 'UNKNOWN_SYMBOL', /^symbol: .*"NOPE"/],
    [
      'a price off the tick',
      { price: '60.005' },
      'INVALID_PRICE',
      /^price: 60.005 is not a multiple of the tick size 0.01$/,
    ],
    ['a price of many decimals', { price: '60.000000000000000001' }, 'INVALID_PRICE', /^price: .* tick size 0.01$/],
    ['a price of 0', { price: '0' }, 'INVALID_PRICE', /^price: 0 is not above 0$/],
    ['a negative price', { price: '-60.00' }, 'INVALID_PRICE', /^price: -60.00 is not above 0$/],
    [
      'a price above the highest',
      { price: '10000.01' },
      'INVALID_PRICE',
      /^price: 10000.01 is above the highest price 10000.00$/,
    ],
    [
      'a price beyond every amount',
      { price: '9'.repeat(40) },
      'INVALID_PRICE',
      /^price: 9+ is out of range: 0.01 to 10000.00/,
    ],
    ['no price', { price: null }, 'INVALID_PRICE', /^price: is missing; a LIMIT order needs it$/],
    ['a price on MARKET', { ordType: 'MARKET' }, 'INVALID_PRICE', /^price: a MARKET order has none/],
    ['a stop price on LIMIT', { stopPx: '50.00' }, 'INVALID_PRICE', /^stopPx: a LIMIT order has none/],
    [
      'no stop price on STOP',
      { ordType: 'STOP', price: null },
      'INVALID_PRICE',
      /^stopPx: is missing; a STOP order needs it/,
    ],
    [
      'a trailing distance on LIMIT',
      { trailingPercent: '1' },
      'INVALID_PRICE',
      /^trailingPercent: a LIMIT order has none/,
    ],
    [
      'no trailing distance',
      { ordType: 'TRAILING_STOP', price: null },
      'INVALID_PRICE',
      /^trailingOffset: .*exactly one/,
    ],
    [
      'a trailing percentage of 100',
      { ordType: 'TRAILING_STOP', price: null, trailingPercent: '100' },
      'INVALID_PRICE',
      /^trailingPercent: 100 is not above 0 and below 100/,
    ],
    [
      'a quantity off the lot',
      { orderQty: '1.5' },
      'INVALID_QTY',
      /^orderQty: 1.5 is not a multiple of the lot size 1$/,
    ],
    ['a quantity of 0', { orderQty: '0' }, 'INVALID_QTY', /^orderQty: 0 is not above 0$/],
    ['a negative quantity', { orderQty: '-1' }, 'INVALID_QTY', /^orderQty: -1 is not above 0$/],
    [
      'a quantity above the largest',
      { orderQty: '1000001' },
      'INVALID_QTY',
      /^orderQty: 1000001 is above the largest quantity 1000000$/,
    ],
    ['a shown part above the whole', { displayQty: '11' }, 'INVALID_QTY', /^displayQty: 11 is more than orderQty 10$/],
    ['GTD without a time', { timeInForce: 'GTD' }, 'UNSUPPORTED_ORDER', /^expireTime: is missing/],
    [
      'a time without GTD',
      { expireTime: '2030-01-01T00:00:00Z' },
      'UNSUPPORTED_ORDER',
      /^expireTime: a GTC order has none/,
    ],
    [
      'a clOrdId too long',
      { clOrdId: 'x'.repeat(65) },
      'INVALID_REQUEST',
      /^clOrdId: has 65 characters; 1 to 64 are taken$/,
    ],
    ['an empty clOrdId', { clOrdId: '' }, 'INVALID_REQUEST', /^clOrdId: has 0 characters/],
    [
      'a clOrdId with a control character',
      { clOrdId: 'a\u0000b' },
      'INVALID_REQUEST',
      /^clOrdId: has other characters/,
    ],
    ['a clOrdId of other scripts', { clOrdId: 'ａｂｃ' }, 'INVALID_REQUEST', /^clOrdId: has other characters/],
  ])(
    'refuses %s by type, naming field and limit, and the engine hears nothing of it',
    async (_what, over, reason, text) => {
      const before = kit.venue.exchange.commandSequence;
      const result = await place(over, ANN);
      expect(result).toMatchObject({
        __typename: 'OrderRejection',
        ordRejReason: reason,
        refused: null,
        riskChecks: [],
      });
      expect(result.text).toMatch(text);
      expect(kit.venue.exchange.commandSequence).toBe(before);
    },
  );

  it.each([
    ['NaN', { price: 'NaN' }, 'price'],
    ['1e400', { orderQty: '1e400' }, 'orderQty'],
    ['400 digits', { price: '9'.repeat(400) }, 'price'],
    ['full-width digits', { price: '６０.００' }, 'price'],
    ['a float', { price: 60.5 }, 'price'],
    ['an empty text', { orderQty: '' }, 'orderQty'],
  ])('refuses %s as no Decimal, naming the field', async (_what, over, field) => {
    const before = kit.venue.exchange.commandSequence;
    const { errors } = await kit.ask(ANN, PLACE, { input: anInput(over) });
    expect(errors?.[0]?.message).toMatch(new RegExp(`input\\.${field}`));
    expect(errors?.[0]?.message).toMatch(/Decimal/);
    expect(kit.venue.exchange.commandSequence).toBe(before);
  });

  it('tells the rule that the engine refused by, with its arithmetic in the units of the API', async () => {
    const limits = {
      maxOrderQtyE8: 5 * 10 ** 8,
      maxOrderNotionalE6: null,
      maxPositionQtyE8: null,
      maxGrossExposureE6: null,
      maxNetExposureE6: null,
      maxOpenOrders: null,
      maxDailyLossE6: null,
      maxOrdersPerSecond: null,
      maxCancelsPerSecond: null,
      priceCollarPpm: 100_000,
    };
    kit.venue.run({ type: 'SetRiskLimits', account: 1, instrument: null, limits, setBy: 'test' });
    const tooMuch = await place({ orderQty: '6' });
    expect(tooMuch).toMatchObject({
      ordRejReason: 'MAX_ORDER_QTY',
      refused: { ordStatus: 'REJECTED', ordRejReason: 'MAX_ORDER_QTY', leavesQty: '0' },
      riskChecks: expect.arrayContaining([
        expect.objectContaining({ rule: 'MAX_ORDER_QTY', passed: false, limit: '5', projected: '6', headroom: '-1' }),
        expect.objectContaining({ rule: 'PRICE_COLLAR', passed: true }),
        expect.objectContaining({ rule: 'INSUFFICIENT_FUNDS', passed: true }),
      ]),
    });
    expect(tooMuch.text).toMatch(/the limit is 5, with this order 6/);
    expect(await place({ orderQty: '5', price: '66.01' })).toMatchObject({
      ordRejReason: 'PRICE_COLLAR',
      riskChecks: expect.arrayContaining([
        expect.objectContaining({ limit: '66.00', current: '60.00', projected: '66.01', headroom: '-0.01' }),
      ]),
    });
    expect(await place({ orderQty: '5', price: '53.99' })).toMatchObject({
      riskChecks: expect.arrayContaining([
        expect.objectContaining({ rule: 'PRICE_COLLAR', limit: '54.00', projected: '53.99', headroom: '-0.01' }),
      ]),
    });
    expect(await place({ accountId: 'bob', orderQty: '400000', price: '10000.00' })).toMatchObject({
      ordRejReason: 'INSUFFICIENT_FUNDS',
      riskChecks: expect.arrayContaining([
        expect.objectContaining({ limit: '10000000.000000', current: '0.000000', projected: '4002000000.000000' }),
      ]),
    });
    expect(await place({ orderQty: '1', ordType: 'MARKET', price: null })).toMatchObject({
      ordRejReason: 'NO_LIQUIDITY',
      riskChecks: expect.arrayContaining([expect.objectContaining({ passed: false })]),
    });
  });

  it('says what to do when the engine is not there or does not answer', async () => {
    const failing = async (error: Error) => {
      const engine = { submit: () => Promise.reject(error) };
      const other = await createOrdersKit({ venue: kit.venue, engine });
      const { errors } = await other.ask(ANN, PLACE, { input: anInput() });
      const batch = await other.ask(
        ANN,
        'mutation($i: [PlaceOrderInput!]!) { placeOrders(inputs: $i) { ... on OrderRejection { ordRejReason } } }',
        { i: [anInput()] },
      );
      await other.subgraph.stop();
      return { error: errors?.[0], batch };
    };
    const down = await failing(new EngineUnavailableError('queue of host 10.0.0.1 is full'));
    expect(down.error?.extensions.code).toBe('ENGINE_UNAVAILABLE');
    expect(down.error?.message).toMatch(/not executed .* send it again/);
    expect(down.batch.data.placeOrders).toEqual([{ ordRejReason: 'ENGINE_UNAVAILABLE' }]);
    const silent = await failing(new OutcomeUnknownError('timeout at 10.0.0.1'));
    expect(silent.error?.extensions.code).toBe('OUTCOME_UNKNOWN');
    expect(silent.error?.message).toMatch(/same clOrdId/);
    expect(silent.batch.errors?.[0]?.extensions.code).toBe('OUTCOME_UNKNOWN');
    expect(JSON.stringify([down, silent])).not.toMatch(/10\.0\.0\.1/);
  });

  it('needs an identity and the scope orders:write', async () => {
    const codes = await Promise.all(
      [null, as('ann', ['orders:read']), as('ann', ['admin', 'risk:write'])].map(async (identity) => {
        const { errors } = await kit.ask(identity, PLACE, { input: anInput() });
        return errors?.[0]?.extensions.code;
      }),
    );
    expect(codes).toEqual(['UNAUTHENTICATED', 'FORBIDDEN', 'FORBIDDEN']);
  });
});

describe('the same clOrdId again', () => {
  it('gives the first result: the order, and the fills of the first command only', async () => {
    await place({ accountId: 'bob', side: 'SELL', orderQty: '4' });
    const first = await place({ clOrdId: 'once' });
    await place({ accountId: 'bob', side: 'SELL', orderQty: '1' });
    const second = await place({ clOrdId: 'once' });
    expect(second).toMatchObject({ duplicate: true, fills: first.fills, order: { id: first.order.id, cumQty: '5' } });
    expect(second.fills).toHaveLength(1);
  });

  it('gives the first result from history where memory no longer has it, waiting for history to get there', async () => {
    await place({ accountId: 'bob', side: 'SELL', orderQty: '10' });
    const first = await place({ clOrdId: 'once' });
    expect(first.order.ordStatus).toBe('FILLED');
    const restarted = await createOrdersKit({ venue: kit.venue });
    restarted.history.reached = 0;
    setTimeout(() => {
      restarted.history.reached = null;
    }, 60);
    const { data } = await restarted.ask(ANN, PLACE, { input: anInput({ clOrdId: 'once' }) });
    await restarted.subgraph.stop();
    expect(data.placeOrder).toMatchObject({ duplicate: true, fills: first.fills, order: { id: first.order.id } });
  });

  it('is a rejection again where the first was rejected, and DUPLICATE_CL_ORD_ID with other input', async () => {
    const first = await place({ clOrdId: 'poor', orderQty: '400000', price: '10000.00' });
    const second = await place({ clOrdId: 'poor', orderQty: '400000', price: '10000.00' });
    expect(second).toEqual(first);
    expect(second).toMatchObject({
      ordRejReason: 'INSUFFICIENT_FUNDS',
      riskChecks: expect.arrayContaining([expect.objectContaining({ passed: false, limit: '10000000.000000' })]),
    });
    expect(await place({ clOrdId: 'poor' })).toMatchObject({ ordRejReason: 'DUPLICATE_CL_ORD_ID' });
    const asked = '{ orderByClOrdId(accountId: "ann", clOrdId: "poor") { id } }';
    expect((await kit.ask(ANN, asked)).data.orderByClOrdId.id).toBe(first.refused.id);
  });
});

describe('placing several orders', () => {
  const PLACE_ALL = `mutation($inputs: [PlaceOrderInput!]!, $mode: BatchMode) {
    placeOrders(inputs: $inputs, mode: $mode) {
      ... on PlaceOrderSuccess { order { price } fills { lastQty } } ... on OrderRejection { ordRejReason text }
    }
  }`;

  it('takes each for itself, in the given order', async () => {
    const inputs = [
      anInput({ side: 'SELL', price: '61.00' }),
      anInput({ price: '60.005' }),
      anInput({ side: 'SELL', price: '62.00', selfTradePrevention: 'NONE' }),
      anInput({ price: '61.00', selfTradePrevention: 'NONE' }),
    ];
    const { data } = await kit.ask(ANN, PLACE_ALL, { inputs });
    expect(data.placeOrders).toMatchObject([
      { order: { price: '61.00' } },
      { ordRejReason: 'INVALID_PRICE' },
      { order: { price: '62.00' } },
      { order: { price: '61.00' }, fills: [{ lastQty: '10' }] },
    ]);
  });

  it('places all of ALL_OR_NONE in one command', async () => {
    const before = kit.venue.exchange.commandSequence;
    const inputs = [anInput({ clOrdId: 'a' }), anInput({ clOrdId: 'b', price: '59.00' })];
    const { data } = await kit.ask(ANN, PLACE_ALL, { inputs, mode: 'ALL_OR_NONE' });
    expect(data.placeOrders).toMatchObject([{ order: { price: '60.00' } }, { order: { price: '59.00' } }]);
    expect(kit.venue.exchange.commandSequence).toBe(before + 1);
  });

  it.each([
    ['the engine', { orderQty: '400000', price: '10000.00' }, 'INSUFFICIENT_FUNDS'],
    ['a check at the edge', { price: '60.005' }, 'INVALID_PRICE'],
  ])('places none of ALL_OR_NONE where %s refuses one, and says which', async (_who, over, reason) => {
    const inputs = [anInput(), anInput(over), anInput()];
    const { data } = await kit.ask(ANN, PLACE_ALL, { inputs, mode: 'ALL_OR_NONE' });
    const reasons = data.placeOrders.map(({ ordRejReason }: { ordRejReason: string }) => ordRejReason);
    expect(reasons).toEqual(['BATCH_REJECTED', reason, 'BATCH_REJECTED']);
    expect(kit.venue.exchange.image().some(({ type }) => type === 'BookLevelChanged')).toBe(false);
  });

  it.each([0, 101])('refuses %i orders at once, naming the limit', async (count) => {
    const { errors } = await kit.ask(ANN, PLACE_ALL, { inputs: Array.from({ length: count }, () => anInput()) });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', field: 'inputs', limit: 100 });
  });
});
