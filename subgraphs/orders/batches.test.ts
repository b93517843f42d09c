import { ANN, anInput, as, BOB, createOrdersKit, type OrdersKit, PLACE } from './testing/orders-kit.js';

let kit: OrdersKit;

beforeEach(async () => {
  kit = await createOrdersKit();
});
afterEach(async () => {
  await kit.subgraph.stop();
});

const place = async (over: Record<string, unknown> = {}): Promise<string> => {
  const { data } = await kit.ask(over.accountId === 'bob' ? BOB : ANN, PLACE, { input: anInput(over) });
  return data.placeOrder.order.id;
};

describe('canceling several orders', () => {
  const CANCEL = `mutation($orderIds: [ID!]!) { cancelOrders(orderIds: $orderIds) {
    ... on CancelOrderSuccess { order { id ordStatus } } ... on OrderRejection { ordRejReason }
  } }`;

  it('cancels those of yours and says of each other one why not', async () => {
    const [first, second, foreign] = [await place(), await place(), await place({ accountId: 'bob' })];
    const orderIds = [first, foreign, '77', second];
    const before = kit.venue.exchange.commandSequence;
    const { data } = await kit.ask(ANN, CANCEL, { orderIds });
    expect(data.cancelOrders).toEqual([
      { order: { id: first, ordStatus: 'CANCELED' } },
      { ordRejReason: 'UNKNOWN_ORDER' },
      { ordRejReason: 'UNKNOWN_ORDER' },
      { order: { id: second, ordStatus: 'CANCELED' } },
    ]);
    expect(kit.venue.exchange.commandSequence).toBe(before + 1);
    const again = await kit.ask(ANN, CANCEL, { orderIds: [first] });
    expect(again.data.cancelOrders).toEqual([{ ordRejReason: 'TOO_LATE_TO_CANCEL' }]);
  });

  it.each([0, 501])('refuses %i orders, naming the limit', async (count) => {
    const { errors } = await kit.ask(ANN, CANCEL, { orderIds: Array(count).fill('1') });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', field: 'orderIds', limit: 500 });
  });

  it('needs the scope orders:write', async () => {
    const { errors } = await kit.ask(as('ann', ['orders:read']), CANCEL, { orderIds: ['1'] });
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('quoting', () => {
  const QUOTE = `mutation($input: MassQuoteInput!) { massQuote(input: $input) { quoteId quotes { symbol
    bid { ... on PlaceOrderSuccess { order { id price leavesQty } } ... on OrderRejection { ordRejReason text } }
    ask { ... on PlaceOrderSuccess { order { id price leavesQty } } ... on OrderRejection { ordRejReason text } }
  } } }`;
  const two = (symbol: string, bidPx: string | null, askPx: string | null, qty = '10') => ({
    symbol,
    bidPx,
    bidQty: bidPx === null ? null : qty,
    askPx,
    askQty: askPx === null ? null : qty,
  });
  const quote = async (quotes: unknown[], over: Record<string, unknown> = {}, identity = ANN) => {
    const { data, errors } = await kit.ask(identity, QUOTE, {
      input: { accountId: 'ann', quoteId: 'q', quotes, ...over },
    });
    return { quotes: data?.massQuote?.quotes, error: errors?.[0]?.extensions };
  };

  it('replaces the quotes of several symbols in one command, and keeps the place of what stays', async () => {
    const first = await quote([two('KO', '59.00', '61.00'), two('PEP', '149.00', '151.00')]);
    expect(first.quotes).toMatchObject([
      { symbol: 'KO', bid: { order: { price: '59.00' } }, ask: { order: { price: '61.00' } } },
      { symbol: 'PEP', bid: { order: { price: '149.00' } }, ask: { order: { price: '151.00' } } },
    ]);
    const before = kit.venue.exchange.commandSequence;
    const { quotes } = await quote([{ ...two('KO', '59.00', '60.50'), bidQty: '4' }, two('PEP', null, '151.00')]);
    expect(kit.venue.exchange.commandSequence).toBe(before + 1);
    expect(quotes).toEqual([
      {
        symbol: 'KO',
        bid: { order: { ...first.quotes[0].bid.order, leavesQty: '4' } },
        ask: { order: { id: expect.any(String), price: '60.50', leavesQty: '10' } },
      },
      { symbol: 'PEP', bid: null, ask: first.quotes[1].ask },
    ]);
    expect(quotes[0].ask.order.id).not.toBe(first.quotes[0].ask.order.id);
  });

  it('withdraws a side that is refused and says why', async () => {
    await place({ accountId: 'bob', side: 'SELL', price: '60.00' });
    await quote([two('KO', '59.00', '61.00')]);
    const { quotes } = await quote([{ ...two('KO', '60.00', '61.005') }, two('NOPE', '1.00', null)]);
    expect(quotes).toMatchObject([
      {
        bid: { ordRejReason: 'POST_ONLY_WOULD_TAKE' },
        ask: { ordRejReason: 'INVALID_PRICE', text: expect.stringMatching(/^askPx: .*tick/) },
      },
      { symbol: 'NOPE', bid: { ordRejReason: 'UNKNOWN_SYMBOL' }, ask: null },
    ]);
    const { data } = await kit.ask(ANN, '{ orders(accountId: "ann", ordStatus: [NEW]) { edges { node { id } } } }');
    expect(data.orders.edges).toEqual([]);
  });

  it('refuses a price without its quantity', async () => {
    const { quotes } = await quote([{ symbol: 'KO', bidPx: '59.00', askQty: '1' }]);
    expect(quotes[0]).toMatchObject({ bid: { ordRejReason: 'INVALID_QTY' }, ask: { ordRejReason: 'INVALID_PRICE' } });
  });

  it('refuses what cannot be a mass quote, naming the field', async () => {
    const one = two('KO', '59.00', '61.00');
    expect((await quote([one], { accountId: 'bob' })).error).toMatchObject({ field: 'input.accountId' });
    expect((await quote([])).error).toMatchObject({ code: 'LIMIT_EXCEEDED', field: 'input.quotes', limit: 100 });
    expect((await quote([one, one])).error).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.quotes' });
    expect((await quote([one], { quoteId: '' })).error).toMatchObject({ field: 'input.quoteId' });
    expect((await quote([one], {}, as('ann', ['orders:read']))).error).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('previewing an order', () => {
  const PREVIEW = `query($input: PlaceOrderInput!) { previewOrder(input: $input) {
    accepted ordRejReason text expectedFillQty expectedAvgPx expectedFee expectedSlippageBps
    riskChecks { rule passed limit current projected headroom text }
  } }`;
  const preview = async (over: Record<string, unknown> = {}, identity = ANN) =>
    (await kit.ask(identity, PREVIEW, { input: anInput(over) })).data.previewOrder;

  it('tells what the order would trade, at what price, fee and slippage, and changes nothing', async () => {
    await place({ accountId: 'bob', side: 'SELL', price: '60.10', orderQty: '4' });
    await place({ accountId: 'bob', side: 'SELL', price: '60.30', orderQty: '4' });
    await place({ accountId: 'bob', price: '59.90' });
    const { exchange, events } = kit.venue;
    const before = [exchange.stateHash(), exchange.eventSequence, events.length];
    expect(await preview({ price: '60.30', orderQty: '10' })).toMatchObject({
      accepted: true,
      ordRejReason: null,
      text: null,
      expectedFillQty: '8',
      expectedAvgPx: '60.20',
      expectedFee: '0.240800',
      expectedSlippageBps: '33.3333',
    });
    expect([exchange.stateHash(), exchange.eventSequence, events.length]).toEqual(before);
    expect(await preview({ side: 'SELL', price: '59.90', orderQty: '2' })).toMatchObject({
      expectedFillQty: '2',
      expectedAvgPx: '59.90',
      expectedSlippageBps: '16.6667',
    });
  });

  it('tells every rule with its arithmetic, also those that the order passes', async () => {
    kit.venue.run({
      type: 'SetRiskLimits',
      account: 1,
      instrument: null,
      setBy: 'tester',
      limits: {
        maxOrderQtyE8: 5_00000000,
        maxOrderNotionalE6: 700_000000,
        maxPositionQtyE8: null,
        maxGrossExposureE6: null,
        maxNetExposureE6: null,
        maxOpenOrders: null,
        maxDailyLossE6: null,
        maxOrdersPerSecond: null,
        maxCancelsPerSecond: null,
        priceCollarPpm: 100_000,
      },
    });
    const { accepted, ordRejReason, text, riskChecks, ...expected } = await preview();
    expect({ accepted, ordRejReason }).toEqual({ accepted: false, ordRejReason: 'MAX_ORDER_QTY' });
    expect(text).toMatch(/the limit is 5, with this order 10/);
    expect(expected).toEqual({
      expectedFillQty: '0',
      expectedAvgPx: null,
      expectedFee: '0.000000',
      expectedSlippageBps: null,
    });
    const rules = new Map(riskChecks.map((check: { rule: string }) => [check.rule, check]));
    expect(rules.get('MAX_ORDER_QTY')).toMatchObject({ passed: false, limit: '5', projected: '10', headroom: '-5' });
    expect(rules.get('MAX_ORDER_NOTIONAL')).toMatchObject({
      passed: true,
      limit: '700',
      projected: '600',
      headroom: '100',
    });
    expect(rules.get('PRICE_COLLAR')).toMatchObject({
      passed: true,
      limit: '66.00',
      current: '60.00',
      headroom: '6.00',
    });
    expect(rules.get('INSUFFICIENT_FUNDS')).toMatchObject({
      passed: true,
      limit: '10000000.000000',
      projected: '600.300000',
    });
    expect(rules.get('KILL_SWITCH')).toMatchObject({ passed: true, limit: null, text: 'The order passes this rule.' });
  });

  it('tells what the edge refuses without asking the engine, and nothing of other accounts', async () => {
    expect(await preview({ price: '60.005' })).toMatchObject({
      accepted: false,
      ordRejReason: 'INVALID_PRICE',
      riskChecks: [],
    });
    expect(await preview({ accountId: 'bob' })).toMatchObject({ ordRejReason: 'UNKNOWN_ACCOUNT', riskChecks: [] });
    const { errors } = await kit.ask(null, PREVIEW, { input: anInput() });
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });
});

describe('the place in the queue', () => {
  const POSITION = `query($id: ID!) { order(id: $id) { queuePosition { ordersAhead qtyAhead } } }`;
  const position = async (id: string, identity = ANN) =>
    (await kit.ask(identity, POSITION, { id })).data.order?.queuePosition;

  it('counts the orders of the same price before it, and what they show', async () => {
    await place({ price: '60.01' });
    await place({ accountId: 'bob', orderQty: '7', displayQty: '3' });
    const first = await place({ orderQty: '5' });
    const second = await place();
    expect(await position(first)).toEqual({ ordersAhead: 1, qtyAhead: '3' });
    expect(await position(second)).toEqual({ ordersAhead: 2, qtyAhead: '8' });
    await kit.ask(ANN, `mutation { cancelOrder(orderId: "${first}") { __typename } }`);
    expect(await position(second)).toEqual({ ordersAhead: 1, qtyAhead: '3' });
    expect(await position(first)).toBeNull();
  });

  it('is told to the owner only', async () => {
    const id = await place();
    expect(await position(id, BOB)).toBeUndefined();
  });
});
