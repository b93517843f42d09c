import { ANN, anInput, as, BOB, createOrdersKit, type OrdersKit, PLACE } from './testing/orders-kit.js';

let kit: OrdersKit;

beforeEach(async () => {
  kit = await createOrdersKit();
});
afterEach(async () => {
  await kit.subgraph.stop();
});

const place = async (over: Record<string, unknown> = {}, on = kit) => {
  const { data, errors } = await on.ask(over.accountId === 'bob' ? BOB : ANN, PLACE, { input: anInput(over) });
  expect(errors).toBeUndefined();
  return data.placeOrder.order.id as string;
};

const REPLACE = `mutation($input: ReplaceOrderInput!) { replaceOrder(input: $input) {
  __typename
  ... on ReplaceOrderSuccess { priorityKept order { id price orderQty cumQty leavesQty ordStatus text } fills { lastQty lastPx } }
  ... on OrderRejection { ordRejReason text now: order { id ordStatus leavesQty } }
} }`;
const replace = async (input: Record<string, unknown>, identity = ANN, on = kit) => {
  const { data, errors } = await on.ask(identity, REPLACE, { input });
  expect(errors).toBeUndefined();
  return data.replaceOrder;
};

const CANCEL = `mutation($orderId: ID!) { cancelOrder(orderId: $orderId) {
  __typename
  ... on CancelOrderSuccess { order { id ordStatus cumQty leavesQty text } }
  ... on OrderRejection { ordRejReason text now: order { id ordStatus } }
} }`;
const cancel = async (orderId: string, identity = ANN, on = kit) => {
  const { data, errors } = await on.ask(identity, CANCEL, { orderId });
  expect(errors).toBeUndefined();
  return data.cancelOrder;
};

describe('replacing an order', () => {
  it('keeps priority where only the quantity goes down, and says so', async () => {
    const orderId = await place();
    expect(await replace({ orderId, orderQty: '7' })).toMatchObject({
      __typename: 'ReplaceOrderSuccess',
      priorityKept: true,
      order: { id: orderId, orderQty: '7', leavesQty: '7', price: '60.00', text: null },
      fills: [],
    });
  });

  it('loses priority at another price, where it may trade at once', async () => {
    await place({ accountId: 'bob', side: 'SELL', orderQty: '4', price: '61.00' });
    const orderId = await place();
    expect(await replace({ orderId, price: '61.00' })).toMatchObject({
      priorityKept: false,
      order: { price: '61.00', ordStatus: 'PARTIALLY_FILLED', cumQty: '4', leavesQty: '6' },
      fills: [{ lastQty: '4', lastPx: '61.00' }],
    });
  });

  it('gives the first result to the same clOrdId again, from memory and after a restart', async () => {
    await place({ accountId: 'bob', side: 'SELL', orderQty: '4', price: '61.00' });
    const orderId = await place();
    const input = { orderId, price: '61.00', clOrdId: 'up' };
    const first = await replace(input);
    const commands = kit.venue.exchange.commandSequence;
    expect(await replace(input)).toEqual(first);
    const restarted = await createOrdersKit({ venue: kit.venue });
    expect(await replace(input, ANN, restarted)).toEqual(first);
    await restarted.subgraph.stop();
    expect(kit.venue.exchange.commandSequence).toBe(commands + 2);
    const down = { orderId, orderQty: '9', clOrdId: 'down' };
    expect(await replace(down)).toMatchObject({ priorityKept: true });
    expect(await replace(down)).toMatchObject({ priorityKept: true });
  });

  it('gives the first refusal to the same clOrdId again, and never calls it done', async () => {
    await place({ accountId: 'bob', side: 'SELL', orderQty: '4' });
    const orderId = await place();
    const input = { orderId, orderQty: '4', clOrdId: 'too-low' };
    const first = await replace(input);
    expect(first).toMatchObject({ ordRejReason: 'INVALID_QTY', now: { id: orderId, leavesQty: '6' } });
    expect(await replace(input)).toEqual(first);
    const restarted = await createOrdersKit({ venue: kit.venue });
    const later = await replace(input, ANN, restarted);
    await restarted.subgraph.stop();
    expect(later).toMatchObject({ __typename: 'OrderRejection', ordRejReason: 'DUPLICATE_CL_ORD_ID' });
    expect(later.text).toMatch(/refused when it was first sent/);
  });

  it.each([
    ['a price off the tick', { price: '60.005' }, 'INVALID_PRICE', /^price:/],
    ['a quantity of 0', { orderQty: '0' }, 'INVALID_QTY', /^orderQty:/],
    ['a clOrdId too long', { orderQty: '5', clOrdId: 'x'.repeat(65) }, 'INVALID_REQUEST', /^clOrdId:/],
  ])('refuses %s, naming the field', async (_what, change, reason, text) => {
    const orderId = await place();
    const result = await replace({ orderId, ...change });
    expect(result).toMatchObject({ ordRejReason: reason });
    expect(result.text).toMatch(text);
  });
});

describe('canceling an order', () => {
  it('answers the finished order, and TOO_LATE_TO_CANCEL the second time', async () => {
    const orderId = await place();
    expect(await cancel(orderId)).toMatchObject({
      order: { id: orderId, ordStatus: 'CANCELED', leavesQty: '0', cumQty: '0', text: 'Canceled on request.' },
    });
    expect(await cancel(orderId)).toMatchObject({
      ordRejReason: 'TOO_LATE_TO_CANCEL',
      now: { id: orderId, ordStatus: 'CANCELED' },
    });
  });

  it.each(['0', '-1', '1.5', '007', 'x', '', '99999999999999999999', '９'])('knows no order %j', async (orderId) => {
    expect(await cancel(orderId)).toMatchObject({ ordRejReason: 'UNKNOWN_ORDER', now: null });
  });

  it('treats somebody else’s order as one that does not exist, also for those who may see it', async () => {
    const orderId = await place();
    const before = kit.venue.exchange.commandSequence;
    for (const identity of [BOB, as('ada', ['admin', 'risk:write', 'orders:write', 'orders:read'])]) {
      const expected = { ordRejReason: 'UNKNOWN_ORDER', now: null };
      expect(await cancel(orderId, identity)).toMatchObject(expected);
      expect(await replace({ orderId, orderQty: '1' }, identity)).toMatchObject(expected);
    }
    expect(kit.venue.exchange.commandSequence).toBe(before);
  });
});

describe('canceling all orders', () => {
  const CANCEL_ALL = 'mutation($i: CancelAllOrdersInput!) { cancelAllOrders(input: $i) { canceledCount orderIds } }';

  it('takes those of the account, narrowed by instrument and side', async () => {
    const buy = await place();
    const sell = await place({ side: 'SELL', price: '70.00' });
    const other = await place({ symbol: 'PEP', price: '150.00' });
    await place({ accountId: 'bob' });
    const run = async (input: Record<string, unknown>) => {
      const { data, errors } = await kit.ask(ANN, CANCEL_ALL, { i: { accountId: 'ann', ...input } });
      expect(errors).toBeUndefined();
      return data.cancelAllOrders;
    };
    expect(await run({ symbol: 'KO', side: 'SELL' })).toEqual({ canceledCount: 1, orderIds: [sell] });
    expect(await run({ symbol: 'KO' })).toEqual({ canceledCount: 1, orderIds: [buy] });
    expect(await run({})).toEqual({ canceledCount: 1, orderIds: [other] });
    expect(await run({})).toEqual({ canceledCount: 0, orderIds: [] });
  });

  it('names an account or instrument that is not there', async () => {
    const problem = async (input: Record<string, unknown>) =>
      (await kit.ask(ANN, CANCEL_ALL, { i: input })).errors?.[0]?.extensions;
    expect(await problem({ accountId: 'bob' })).toMatchObject({ code: 'NOT_FOUND', field: 'input.accountId' });
    expect(await problem({ accountId: 'nobody' })).toMatchObject({ code: 'NOT_FOUND', field: 'input.accountId' });
    expect(await problem({ accountId: 'ann', symbol: 'X' })).toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'input.symbol',
    });
  });
});
