import { Scenario, table } from '../../testing/scenario.js';

/**
 * Published venue rules on amendment, remainders and resting-only orders (binance-spot-api-docs: order_amend_keep_priority,
 * enums, rest-api), in this exchange's words: what that venue calls EXPIRED is CANCELED here, LIMIT_MAKER is postOnly.
 */
function queueOfThree(): Scenario {
  const scales = { BTC: 8, USD: 2 };
  const spec = { symbol: 'BTC-USD', baseAsset: 'BTC', quoteAsset: 'USD', tickSize: '1', lotSize: '0.01' };
  const market = new Scenario(scales, spec);
  for (const name of ['a', 'you', 'b', 'seller']) market.client(name, { BTC: 100_000_000_000, USD: 1_000_000_000 });
  market.place('a', '10', 'BUY', 100, 87_000);
  market.place('you', '15', 'BUY', 550, 87_000);
  market.place('b', '20', 'BUY', 400, 87_000);
  return market;
}

/** Who is filled, in turn, by a sale of everything at the price. */
function sellAll(market: Scenario, qty: number): string[] {
  market.place('seller', '99', 'SELL', qty, 87_000);
  return market.trades();
}

describe('Amendment', () => {
  it('that reduces the quantity in place keeps the place in the queue', () => {
    const market = queueOfThree();
    expect(market.replace('you', '15', { orderQtyLots: 500 })).toBeNull();
    expect(market.priorityKept()).toBe(true);
    expect(sellAll(market, 1000)).toEqual(
      table(`
        maker | taker | price | qty
        10    | 99    | 87000 | 100
        15    | 99    | 87000 | 500
        20    | 99    | 87000 | 400
      `),
    );
  });

  it('by cancel and new order goes to the back of the queue', () => {
    const market = queueOfThree();
    expect(market.cancel('you', '15')).toBeNull();
    market.place('you', '22', 'BUY', 500, 87_000);
    expect(sellAll(market, 1000).slice(1)).toEqual([
      '10 | 99 | 87000 | 100',
      '20 | 99 | 87000 | 400',
      '22 | 99 | 87000 | 500',
    ]);
  });

  it('that raises the quantity, or moves the price and back, goes to the back of the queue', () => {
    const raised = queueOfThree();
    expect(raised.replace('you', '15', { orderQtyLots: 551 })).toBeNull();
    expect(raised.priorityKept()).toBe(false);
    expect(sellAll(raised, 1051).slice(1)).toEqual([
      '10 | 99 | 87000 | 100',
      '20 | 99 | 87000 | 400',
      '15 | 99 | 87000 | 551',
    ]);

    const moved = queueOfThree();
    for (const priceTicks of [86_999, 87_000]) {
      expect(moved.replace('you', '15', { priceTicks })).toBeNull();
      expect(moved.priorityKept()).toBe(false);
    }
    expect(sellAll(moved, 500).slice(1)).toEqual(['10 | 99 | 87000 | 100', '20 | 99 | 87000 | 400']);
  });

  it('never goes to or below what is filled, and leaves orderQty − cumQty', () => {
    const market = queueOfThree();
    market.place('seller', '98', 'SELL', 300, 87_000);
    expect(market.outcome('15')).toBe('PARTIALLY_FILLED 200 + 350');
    for (const orderQtyLots of [199, 200]) {
      expect(market.replace('you', '15', { orderQtyLots })).toEqual({
        reason: 'INVALID_QTY',
        limit: 201,
        projected: orderQtyLots,
      });
    }
    expect(market.replace('you', '15', { orderQtyLots: 201 })).toBeNull();
    expect(market.outcome('15')).toBe('PARTIALLY_FILLED 200 + 1');
    expect(market.orders('you')).toEqual(
      table(`
        id | side | qty | price | cum | leaves
        15 | BUY  | 201 | 87000 | 200 |      1
      `),
    );
  });

  it('after the last fill comes too late', () => {
    const market = queueOfThree();
    market.place('seller', '98', 'SELL', 100, 87_000);
    expect(market.replace('a', '10', { orderQtyLots: 50 })).toMatchObject({ reason: 'TOO_LATE_TO_CANCEL' });
  });
});

describe('What an order that may not rest leaves', () => {
  it('is CANCELED for IOC and MARKET, with cumQty kept and leavesQty 0', () => {
    const market = queueOfThree();
    market.place('seller', '98', 'SELL', 300, 87_000, { timeInForce: 'IOC' });
    expect(market.outcome('98')).toBe('FILLED 300 + 0');
    market.place('seller', '97', 'SELL', 800, 87_000, { timeInForce: 'IOC' });
    expect(market.outcome('97')).toBe('CANCELED 750 + 0 IOC_REMAINDER');
    market.place('a', '11', 'BUY', 5, 87_000);
    market.place('seller', '96', 'SELL', 8, null);
    expect(market.outcome('96')).toBe('CANCELED 5 + 0 MARKET_REMAINDER');
  });

  it('is nothing for FOK: it fills whole or is refused without a trade', () => {
    const market = queueOfThree();
    const refusal = market.place('seller', '98', 'SELL', 1051, 87_000, { timeInForce: 'FOK' });
    expect(refusal).toEqual({ reason: 'FOK_NOT_FILLABLE', limit: 1050, projected: 1051 });
    expect(market.trades()).toEqual(table('maker | taker | price | qty'));
    expect(market.place('seller', '98', 'SELL', 1050, 87_000, { timeInForce: 'FOK' })).toBeNull();
    expect(market.outcome('98')).toBe('FILLED 1050 + 0');
  });

  it('an order that may only rest is refused where it would take', () => {
    const market = queueOfThree();
    const refusal = market.place('seller', '98', 'SELL', 1, 87_000, { postOnly: true });
    expect(refusal).toEqual({ reason: 'POST_ONLY_WOULD_TAKE', limit: 87_000, projected: 87_000 });
    expect(market.place('seller', '98', 'SELL', 1, 87_001, { postOnly: true })).toBeNull();
  });

  it('an order that may not rest shows no part of itself', () => {
    const market = queueOfThree();
    const over = { displayQtyLots: 1, timeInForce: 'IOC' } as const;
    expect(market.place('seller', '98', 'SELL', 5, 87_000, over)).toMatchObject({ reason: 'UNSUPPORTED_ORDER' });
  });
});
