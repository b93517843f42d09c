import fc from 'fast-check';
import type { OrdStatus } from '../../src/core/values/vocabulary.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { ANN, anInput, as, BOB, createOrdersKit, type OrdersKit, PLACE } from './testing/orders-kit.js';
import { listed, ordersAfter } from './testing/recorded-orders.js';

let kits: OrdersKit[] = [];
const kitOf = async (...options: Parameters<typeof createOrdersKit>) => {
  const kit = await createOrdersKit(...options);
  kits.push(kit);
  return kit;
};
afterEach(async () => {
  await Promise.all(kits.map(({ subgraph }) => subgraph.stop()));
  kits = [];
});

const place = async (kit: OrdersKit, over: Record<string, unknown> = {}) => {
  const { data, errors } = await kit.ask(over.accountId === 'bob' ? BOB : ANN, PLACE, { input: anInput(over) });
  expect(errors).toBeUndefined();
  return data.placeOrder.order.id as string;
};

const ORDERS = `query($accountId: ID!, $symbol: ID, $ordStatus: [OrdStatus!], $first: Int, $after: String) {
  orders(accountId: $accountId, symbol: $symbol, ordStatus: $ordStatus, first: $first, after: $after) {
    edges { node { id ordStatus cumQty } } pageInfo { hasNextPage endCursor }
  }
}`;

describe('what a mutation answered', () => {
  it('is there at once by id, by clOrdId and in the list, with its reports, though history knows nothing yet', async () => {
    const kit = await kitOf();
    kit.history.reached = 0;
    await place(kit, { accountId: 'bob', side: 'SELL', orderQty: '4' });
    const id = await place(kit, { clOrdId: 'mine' });
    const { data, errors } = await kit.ask(
      ANN,
      `query($id: ID!) {
        order(id: $id) { ordStatus updatedAt executionReports { edges { node { execType lastQty ordStatus } } } }
        orderByClOrdId(accountId: "ann", clOrdId: "mine") { id }
        orders(accountId: "ann", ordStatus: [NEW, PARTIALLY_FILLED]) { edges { node { id } } }
      }`,
      { id },
    );
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      order: {
        ordStatus: 'PARTIALLY_FILLED',
        executionReports: {
          edges: [
            { node: { execType: 'NEW', ordStatus: 'NEW' } },
            { node: { execType: 'TRADE', lastQty: '4', ordStatus: 'PARTIALLY_FILLED' } },
          ],
        },
      },
      orderByClOrdId: { id },
      orders: { edges: [{ node: { id } }] },
    });
  });

  it('is there after a restart that found history behind, once history has got there', async () => {
    const before = await kitOf();
    await place(before, { accountId: 'bob', side: 'SELL' });
    const id = await place(before, { clOrdId: 'filled' });
    const kit = await kitOf({ venue: before.venue });
    kit.history.reached = 3;
    setTimeout(() => {
      kit.history.reached = null;
    }, 60);
    const { data } = await kit.ask(ANN, '{ orderByClOrdId(accountId: "ann", clOrdId: "filled") { id ordStatus } }');
    expect(data.orderByClOrdId).toEqual({ id, ordStatus: 'FILLED' });
  });
});

describe('an order known from an image only', () => {
  it('has its reports and the time of its last change from history', async () => {
    const before = await kitOf();
    const id = await place(before);
    const changedUs = before.venue.nowUs;
    before.venue.nowUs += 5_000_000;
    await place(before, { accountId: 'bob', price: '50.00' });
    const kit = await kitOf({ venue: before.venue });
    const asked = 'query($id: ID!) { order(id: $id) { updatedAt executionReports { edges { node { execType } } } } }';
    const reports = (types: string[]) => ({ edges: types.map((execType) => ({ node: { execType } })) });
    expect((await kit.ask(ANN, asked, { id })).data.order).toEqual({
      updatedAt: new Date(changedUs / 1000).toISOString().replace('Z', '000Z'),
      executionReports: reports(['NEW']),
    });
    kit.history.reached = kit.venue.exchange.eventSequence;
    await place(kit, { accountId: 'bob', side: 'SELL', orderQty: '1' });
    expect((await kit.ask(ANN, asked, { id })).data.order.executionReports).toEqual(reports(['NEW', 'TRADE']));
  });
});

describe('while the database is out of reach', () => {
  it('orders in memory and working orders are answered, what needs history is HISTORY_UNAVAILABLE', async () => {
    const kit = await kitOf();
    kit.history.reachable = false;
    const id = await place(kit);
    const working = await kit.ask(ANN, ORDERS, { accountId: 'ann', ordStatus: ['NEW'] });
    expect(working.data.orders.edges).toMatchObject([{ node: { id } }]);
    expect((await kit.ask(ANN, 'query($id: ID!) { order(id: $id) { id } }', { id })).data.order.id).toBe(id);
    const codes = await Promise.all(
      [
        ORDERS,
        'query($accountId: ID!) { order(id: "77") { id } orderByClOrdId(accountId: $accountId, clOrdId: "x") { id } }',
      ].map(async (query) =>
        (await kit.ask(ANN, query, { accountId: 'ann' })).errors?.map(({ extensions }) => extensions.code),
      ),
    );
    expect(codes).toEqual([['HISTORY_UNAVAILABLE'], ['HISTORY_UNAVAILABLE', 'HISTORY_UNAVAILABLE']]);
  });
});

describe('who sees an order', () => {
  const seen = async (kit: OrdersKit, identity: ReturnType<typeof as> | null, id: string) => {
    const { data, errors } = await kit.ask(
      identity,
      `query($id: ID!) { order(id: $id) { id } orderByClOrdId(accountId: "ann", clOrdId: "k") { id } }`,
      { id },
    );
    return errors?.[0]?.extensions.code ?? [data.order?.id ?? null, data.orderByClOrdId?.id ?? null];
  };

  it('is its owner, risk officers and administrators; for others it does not exist', async () => {
    const kit = await kitOf();
    const id = await place(kit, { clOrdId: 'k' });
    expect(await seen(kit, ANN, id)).toEqual([id, id]);
    expect(await seen(kit, as('rob', ['orders:read', 'risk:write']), id)).toEqual([id, id]);
    expect(await seen(kit, BOB, id)).toEqual([null, null]);
    expect(await seen(kit, as('ann', ['market:read']), id)).toBe('FORBIDDEN');
    expect(await seen(kit, null, id)).toBe('UNAUTHENTICATED');
    expect((await kit.ask(BOB, ORDERS, { accountId: 'ann' })).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  it('is the same through the entity lookup of the gateway', async () => {
    const kit = await kitOf();
    const id = await place(kit);
    const lookup = async (identity: ReturnType<typeof as> | null) => {
      const query = 'query($r: [_Any!]!) { _entities(representations: $r) { ... on Order { id side } } }';
      const { data, errors } = await kit.ask(identity, query, { r: [{ __typename: 'Order', id }] });
      return errors?.[0]?.extensions.code ?? data._entities[0];
    };
    expect(await lookup(ANN)).toEqual({ id, side: 'BUY' });
    expect(await lookup(BOB)).toBeNull();
    expect(await lookup(null)).toBe('UNAUTHENTICATED');
  });
});

describe('a list of orders', () => {
  it.each([
    [{ first: 0 }, 'LIMIT_EXCEEDED', 'first'],
    [{ first: 501 }, 'LIMIT_EXCEEDED', 'first'],
    [{ after: 'nonsense' }, 'BAD_USER_INPUT', 'after'],
    [{ symbol: 'NOPE' }, 'BAD_USER_INPUT', 'symbol'],
    [{ accountId: 'nobody' }, 'NOT_FOUND', 'accountId'],
  ])('refuses %j by name', async (variables, code, field) => {
    const kit = await kitOf();
    const { errors } = await kit.ask(ANN, ORDERS, { accountId: 'ann', ...variables });
    expect(errors?.[0]?.extensions).toMatchObject({ code, field });
  });

  it('is every order once and in its newest state, however far history lags and however little memory holds', async () => {
    const step = fc.record({
      account: fc.constantFrom('ann', 'bob'),
      side: fc.constantFrom('BUY', 'SELL'),
      symbol: fc.constantFrom('KO', 'PEP'),
      price: fc.constantFrom('60.00', '60.01'),
      orderQty: fc.constantFrom('1', '2', '5'),
      wait: fc.constantFrom(0, 1),
      cancel: fc.boolean(),
    });
    const filter = fc.record({
      symbol: fc.constantFrom(null, 'KO'),
      ordStatus: fc.constantFrom<readonly OrdStatus[] | null>(
        null,
        ['FILLED'],
        ['NEW', 'PARTIALLY_FILLED'],
        ['CANCELED', 'NEW'],
      ),
      first: fc.integer({ min: 1, max: 7 }),
    });
    // Either memory lets go of orders and history comes after, or memory holds all and history stays behind.
    const pace = fc.oneof(
      fc.record({
        maxFinishedOrders: fc.integer({ min: 0, max: 6 }),
        lag: fc.integer({ min: 0, max: 60 }),
        catchUp: fc.constant(40),
      }),
      fc.record({ maxFinishedOrders: fc.constant(1000), lag: fc.constant(1000), catchUp: fc.constant(0) }),
    );
    const plan = fc.array(step, { minLength: 5, maxLength: 40 });
    const arbitrary = [plan, plan, filter, pace] as const;
    await fc.assert(
      fc.asyncProperty(
        ...arbitrary,
        async (earlier, later, { symbol, ordStatus, first }, { maxFinishedOrders, lag, catchUp }) => {
          const venue = new TestVenue();
          venue.open(['ann', 'bob']);
          run(venue, earlier);
          const imageSequence = venue.events.length;
          const kit = await kitOf({ venue, maxFinishedOrders });
          run(venue, later);
          kit.history.reached = Math.max(imageSequence, venue.events.length - lag);
          kit.history.onRead = () => {
            kit.history.reached = (kit.history.reached ?? 0) + catchUp;
          };
          const orders = ordersAfter(venue.events).values();
          const instrument = symbol === null ? null : 0;
          const expected = listed(orders, { account: 1, instrument, ordStatus }, null);
          const found: unknown[] = [];
          let after: string | null = null;
          do {
            const { data, errors } = await kit.ask(ANN, ORDERS, { accountId: 'ann', symbol, ordStatus, first, after });
            expect(errors).toBeUndefined();
            found.push(...data.orders.edges.map(({ node }: { node: unknown }) => node));
            after = data.orders.pageInfo.hasNextPage ? data.orders.pageInfo.endCursor : null;
          } while (after !== null);
          expect(found).toEqual(
            expected.map((order) => ({
              id: String(order.orderId),
              ordStatus: order.ordStatus,
              cumQty: String(order.cumQtyLots),
            })),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

interface Step {
  readonly account: string;
  readonly side: string;
  readonly symbol: string;
  readonly price: string;
  readonly orderQty: string;
  readonly wait: number;
  readonly cancel: boolean;
}

/** Places orders straight at the venue; some are canceled again. */
function run(venue: TestVenue, steps: readonly Step[]): void {
  for (const step of steps) {
    venue.nowUs += step.wait;
    const account = step.account === 'ann' ? 1 : 2;
    const instrument = step.symbol === 'KO' ? 0 : 1;
    const ticks = Number(step.price.replace('.', ''));
    const events = venue.place(account, instrument, step.side as 'BUY' | 'SELL', Number(step.orderQty), ticks);
    const accepted = events.find((event) => event.type === 'OrderAccepted');
    if (step.cancel && accepted !== undefined) venue.run({ type: 'CancelOrder', account, orderId: accepted.orderId });
  }
}
