import { encodePageCursor } from '../../src/graphql/cursor.js';
import { ANN, type Answer, anInput, as, BOB, createOrdersKit, type OrdersKit, PLACE } from './testing/orders-kit.js';

let kit: OrdersKit;

beforeEach(async () => {
  kit = await createOrdersKit();
});
afterEach(async () => {
  await kit.subgraph.stop();
});

const FILLS = `subscription($accountId: ID!, $after: Cursor) { fills(accountId: $accountId, after: $after) {
  __typename
  ... on Fill { cursor execId tradeId accountId side lastPx lastQty leavesQty fee maker }
  ... on StreamGap { reason }
} }`;
const REPORTS = `subscription($accountId: ID!, $after: Cursor) { executionReports(accountId: $accountId, after: $after) {
  ... on ExecutionReport { cursor execId execType ordStatus lastPx cumQty leavesQty avgPx ordRejReason text clOrdId }
} }`;

const place = async (over: Record<string, unknown> = {}) => {
  const { errors } = await kit.ask(over.accountId === 'bob' ? BOB : ANN, PLACE, { input: anInput(over) });
  expect(errors).toBeUndefined();
};
const next = async (stream: AsyncGenerator<Answer>) => {
  const { value } = await stream.next();
  expect(value.errors).toBeUndefined();
  return value.data;
};

describe('fills', () => {
  it('reach both sides of a trade, each with its own figures', async () => {
    const [ann, bob] = await Promise.all([
      kit.listen(ANN, FILLS, { accountId: 'ann' }),
      kit.listen(BOB, FILLS, { accountId: 'bob' }),
    ]);
    await place({ price: '60.00', orderQty: '10' });
    await place({ accountId: 'bob', side: 'SELL', orderQty: '4', price: '59.00' });
    const bought = (await next(ann)).fills;
    const sold = (await next(bob)).fills;
    expect(bought).toMatchObject({
      side: 'BUY',
      lastPx: '60.00',
      lastQty: '4',
      leavesQty: '6',
      fee: '0.000000',
      maker: true,
    });
    expect(sold).toMatchObject({
      side: 'SELL',
      lastPx: '60.00',
      lastQty: '4',
      leavesQty: '0',
      fee: '0.120000',
      maker: false,
    });
    expect(sold.tradeId).toBe(bought.tradeId);
    expect(sold.execId).not.toBe(bought.execId);
    await Promise.all([ann.return(undefined), bob.return(undefined)]);
  });

  it('resume behind a cursor', async () => {
    const first = await kit.listen(ANN, FILLS, { accountId: 'ann' });
    await place({ orderQty: '3' });
    await place({ accountId: 'bob', side: 'SELL', orderQty: '1' });
    const { cursor } = (await next(first)).fills;
    await first.return(undefined);
    await place({ accountId: 'bob', side: 'SELL', orderQty: '1' });
    const resumed = await kit.listen(ANN, FILLS, { accountId: 'ann', after: cursor });
    expect((await next(resumed)).fills.leavesQty).toBe('1');
    await place({ accountId: 'bob', side: 'SELL', orderQty: '1' });
    expect((await next(resumed)).fills.leavesQty).toBe('0');
    await resumed.return(undefined);
  });

  it('end when the subgraph stops', async () => {
    const stream = await kit.listen(ANN, FILLS, { accountId: 'ann' });
    const waiting = stream.next();
    await kit.subgraph.stop();
    expect(await waiting).toEqual({ value: undefined, done: true });
  });
});

describe('execution reports', () => {
  it('tell an order’s life, rejections included', async () => {
    const stream = await kit.listen(ANN, REPORTS, { accountId: 'ann' });
    await place({ clOrdId: 'a', timeInForce: 'IOC' });
    await place({ clOrdId: 'b', orderQty: '400000', price: '10000.00' });
    const told = [await next(stream), await next(stream), await next(stream)].map(
      ({ executionReports }) => executionReports,
    );
    expect(told).toMatchObject([
      { clOrdId: 'a', execType: 'NEW', ordStatus: 'NEW', leavesQty: '10', lastPx: null, avgPx: null },
      {
        clOrdId: 'a',
        execType: 'CANCELED',
        ordStatus: 'CANCELED',
        leavesQty: '0',
        text: expect.stringMatching(/did not trade/),
      },
      { clOrdId: 'b', execType: 'REJECTED', ordStatus: 'REJECTED', ordRejReason: 'INSUFFICIENT_FUNDS' },
    ]);
    await stream.return(undefined);
  });
});

describe('who may subscribe', () => {
  it.each([FILLS, REPORTS])('is the owner, and risk officers: nobody else gets a stream', async (source) => {
    const codeOf = async (identity: Parameters<OrdersKit['listen']>[0], accountId = 'ann') => {
      try {
        await (await kit.listen(identity, source, { accountId })).return(undefined);
        return 'open';
      } catch (error) {
        return (error as { extensions: { code: string } }).extensions.code;
      }
    };
    expect(await codeOf(ANN)).toBe('open');
    expect(await codeOf(as('rob', ['orders:read', 'risk:write']))).toBe('open');
    expect(await codeOf(BOB)).toBe('NOT_FOUND');
    expect(await codeOf(ANN, 'nobody')).toBe('NOT_FOUND');
    expect(await codeOf(as('ann', ['market:read']))).toBe('FORBIDDEN');
    expect(await codeOf(null)).toBe('UNAUTHENTICATED');
  });

  it.each(['x', encodePageCursor('o', [1, 2])])('a cursor that is none is BAD_USER_INPUT: %s', async (after) => {
    const attempt = kit.listen(ANN, FILLS, { accountId: 'ann', after });
    await expect(attempt).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'after' } });
  });
});
