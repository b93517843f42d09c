import { Scenario, table } from '../../testing/scenario.js';

/**
 * The order and risk scenarios of exchange-core (Apache-2.0), told anew for this exchange.
 *
 * What differs: exchange-core reserves a bid's money at a reservePrice above its limit, up to which the order may move
 * later. Here a bid holds what its limit price needs, so a move up is refused when the money for it is not there, and a
 * move down sets money free.
 */

/** A lot is 0.1 ETH (100,000 units), a tick 0.000001 XBT: one tick times one lot is 10 units of XBT. */
const ETH_XBT = {
  scales: { ETH: 6, XBT: 8 },
  spec: { symbol: 'ETH-XBT', baseAsset: 'ETH', quoteAsset: 'XBT', tickSize: '0.000001', lotSize: '0.1' },
};
/** There a margin contract; here a spot pair, so that sellers need euros. */
const EUR_USD = {
  scales: { EUR: 0, USD: 0 },
  spec: { symbol: 'EUR-USD', baseAsset: 'EUR', quoteAsset: 'USD', tickSize: '1', lotSize: '1' },
};
const NO_TRADES = table('maker | taker | price | qty');
const NO_ORDERS = table('id | side | qty | price | cum | leaves');

describe('Basic full cycle', () => {
  for (const { scales, spec } of [EUR_USD, ETH_XBT]) {
    it(`on ${spec.symbol}: rest, take in part, stand in the spread, move into the spread and trade`, () => {
      const market = new Scenario(scales, spec);
      market.client('Alice', { [spec.quoteAsset]: 1_000_000, [spec.baseAsset]: 100_000_000 });
      market.client('Bob', { [spec.quoteAsset]: 2_000_000, [spec.baseAsset]: 100_000_000 });

      market.place('Alice', '101', 'SELL', 7, 1600);
      market.place('Alice', '102', 'BUY', 4, 1550);
      expect(market.trades()).toEqual(NO_TRADES);
      expect(market.book()).toEqual(
        table(`
          bid | price | ask
              |  1600 |   7
            4 |  1550 |
        `),
      );
      expect(market.orders('Alice')).toEqual(
        table(`
          id  | side | qty | price | cum | leaves
          102 | BUY  |   4 |  1550 |   0 |      4
          101 | SELL |   7 |  1600 |   0 |      7
        `),
      );

      market.place('Bob', '201', 'BUY', 2, 1700, { timeInForce: 'IOC' });
      expect(market.trades()).toEqual(
        table(`
          maker | taker | price | qty
          101   | 201   |  1600 |   2
        `),
      );
      expect(market.outcome('101')).toBe('PARTIALLY_FILLED 2 + 5');

      market.place('Bob', '202', 'BUY', 4, 1583);
      expect(market.trades()).toEqual(NO_TRADES);
      expect(market.book()).toEqual(
        table(`
          bid | price | ask
              |  1600 |   5
            4 |  1583 |
            4 |  1550 |
        `),
      );

      expect(market.replace('Alice', '101', { priceTicks: 1580 })).toBeNull();
      expect(market.trades()).toEqual(
        table(`
          maker | taker | price | qty
          202   | 101   |  1583 |   4
        `),
      );
      expect(market.outcome('202')).toBe('FILLED 4 + 0');
      expect(market.book()).toEqual(
        table(`
          bid | price | ask
              |  1580 |   1
            4 |  1550 |
        `),
      );
    });
  }

  it('a canceled bid gives back all that it held', () => {
    const market = new Scenario(ETH_XBT.scales, ETH_XBT.spec);
    market.client('Charlie', { XBT: 94_000_000 });
    market.place('Charlie', '203', 'BUY', 500, 18_500);
    expect(market.available('Charlie', 'XBT')).toBe(1_500_000);
    expect(market.available('Charlie', 'ETH')).toBe(0);
    expect(market.book()).toEqual(
      table(`
        bid | price | ask
        500 | 18500 |
      `),
    );
    expect(market.cancel('Charlie', '203')).toBeNull();
    expect(market.orders('Charlie')).toEqual(NO_ORDERS);
    expect(market.available('Charlie', 'XBT')).toBe(94_000_000);
  });
});

describe('Risk check', () => {
  it('refuses an order that its account lacks one unit for, and takes it once the unit is there', () => {
    const market = new Scenario(ETH_XBT.scales, ETH_XBT.spec);
    market.client('Alice', { XBT: 2_000_000 });
    market.client('Bob', { ETH: 699_999 });
    const tooMuch = { reason: 'INSUFFICIENT_FUNDS', limit: 2_000_000, projected: 2_100_000 };
    expect(market.place('Alice', '101', 'BUY', 7, 30_000)).toEqual(tooMuch);
    expect(market.available('Alice', 'XBT')).toBe(2_000_000);
    expect(market.orders('Alice')).toEqual(NO_ORDERS);

    market.deposit('Alice', 'XBT', 100_000);
    expect(market.place('Alice', '101', 'BUY', 7, 30_000)).toBeNull();
    expect(market.available('Alice', 'XBT')).toBe(0);
    expect(market.orders('Alice')).toEqual(
      table(`
        id  | side | qty | price | cum | leaves
        101 | BUY  |   7 | 30000 |   0 |      7
      `),
    );

    const oneMissing = { reason: 'INSUFFICIENT_FUNDS', limit: 699_999, projected: 700_000 };
    expect(market.place('Bob', '102', 'SELL', 7, 30_000, { timeInForce: 'IOC' })).toEqual(oneMissing);
    expect(market.available('Bob', 'ETH')).toBe(699_999);

    market.deposit('Bob', 'ETH', 1);
    expect(market.place('Bob', '102', 'SELL', 7, 30_000, { timeInForce: 'IOC' })).toBeNull();
    expect(market.trades()).toEqual(
      table(`
        maker | taker | price | qty
        101   | 102   | 30000 |   7
      `),
    );
    expect([market.available('Alice', 'ETH'), market.available('Alice', 'XBT')]).toEqual([700_000, 0]);
    expect([market.available('Bob', 'ETH'), market.available('Bob', 'XBT')]).toEqual([0, 2_100_000]);
    expect([market.orders('Alice'), market.orders('Bob')]).toEqual([NO_ORDERS, NO_ORDERS]);
  });

  it('an ask holds the same at every price, and none beyond what its account has', () => {
    const market = new Scenario(ETH_XBT.scales, ETH_XBT.spec);
    market.client('Alice', { ETH: 100_000_000 });
    expect(market.place('Alice', '202', 'SELL', 1001, 30_000)).toMatchObject({ reason: 'INSUFFICIENT_FUNDS' });
    expect(market.place('Alice', '202', 'SELL', 1000, 30_000)).toBeNull();
    for (const priceTicks of [40_000, 20_000]) {
      expect(market.replace('Alice', '202', { priceTicks })).toBeNull();
      expect(market.available('Alice', 'ETH')).toBe(0);
      expect(market.orders('Alice')).toEqual(
        table(`
          id  | side | qty  | price         | cum | leaves
          202 | SELL | 1000 | ${priceTicks} |   0 |   1000
        `),
      );
    }
  });

  it('a bid holds what its limit price needs: refused moves change nothing, moves down set money free', () => {
    const market = new Scenario(ETH_XBT.scales, ETH_XBT.spec);
    market.client('Alice', { ETH: 100_000_000 });
    market.client('Bob', { XBT: 94_000_000 });
    market.place('Alice', '202', 'SELL', 1000, 20_000);
    const atReserve = { reason: 'INSUFFICIENT_FUNDS', limit: 94_000_000, projected: 95_000_000 };
    expect(market.place('Bob', '203', 'BUY', 500, 19_000)).toEqual(atReserve);
    expect(market.place('Bob', '203', 'BUY', 500, 18_000)).toBeNull();
    expect(market.available('Bob', 'XBT')).toBe(4_000_000);

    const over = { reason: 'INSUFFICIENT_FUNDS', limit: 94_000_000, projected: 94_005_000 };
    expect(market.replace('Bob', '203', { priceTicks: 18_801 })).toEqual(over);
    expect(market.available('Bob', 'XBT')).toBe(4_000_000);
    expect(market.book()).toEqual(
      table(`
        bid | price | ask
            | 20000 | 1000
        500 | 18000 |
      `),
    );
    expect(market.replace('Bob', '203', { priceTicks: 18_500 })).toBeNull();
    expect(market.available('Bob', 'XBT')).toBe(1_500_000);
    expect(market.replace('Bob', '203', { priceTicks: 17_500 })).toBeNull();
    expect(market.available('Bob', 'XBT')).toBe(6_500_000);

    expect(market.replace('Alice', '202', { priceTicks: 16_900 })).toBeNull();
    expect(market.trades()).toEqual(
      table(`
        maker | taker | price | qty
        203   | 202   | 17500 | 500
      `),
    );
    expect([market.available('Alice', 'ETH'), market.available('Alice', 'XBT')]).toEqual([0, 87_500_000]);
    expect([market.available('Bob', 'ETH'), market.available('Bob', 'XBT')]).toEqual([50_000_000, 6_500_000]);
    expect(market.orders('Alice')).toEqual(
      table(`
        id  | side | qty  | price | cum | leaves
        202 | SELL | 1000 | 16900 | 500 |    500
      `),
    );
    expect(market.book()).toEqual(
      table(`
        bid | price | ask
            | 16900 | 500
      `),
    );
    expect(market.orders('Bob')).toEqual(NO_ORDERS);

    expect(market.cancel('Alice', '202')).toBeNull();
    expect([market.available('Alice', 'ETH'), market.available('Alice', 'XBT')]).toEqual([50_000_000, 87_500_000]);
  });
});
