import type { ExchangeEvent } from '../exchange/event.js';
import { Exchange } from '../exchange/exchange.js';
import { anOrder, aReplace, type Driver, startedExchange } from '../testing/fixtures.js';
import type { AuctionKind, TradingStatus } from '../values/vocabulary.js';

const phase = (status: TradingStatus) => ({ type: 'SetTradingStatus' as const, instrument: 0, status, reason: '' });
const auction = (kind: AuctionKind) => ({ type: 'StartAuction' as const, instrument: 0, auction: kind, reason: '' });
const buy = { account: 1, side: 'BUY' } as const;
const sell = { account: 2, side: 'SELL' } as const;

function ofType<T extends ExchangeEvent['type']>(events: readonly ExchangeEvent[], type: T) {
  return events.filter((event): event is Extract<ExchangeEvent, { type: T }> => event.type === type);
}

/** An instrument that gathers for its opening auction, with reference price 100. */
function collecting(over: Parameters<typeof startedExchange>[0] = {}): Driver {
  const driver = startedExchange({ initialStatus: 'CLOSED', ...over });
  driver.send(phase('PRE_OPEN'));
  driver.send(phase('AUCTION'));
  return driver;
}

/** Price, lots and imbalance of the last indicative among the events. */
function indicative(events: readonly ExchangeEvent[]) {
  const told = ofType(events, 'AuctionIndicative').at(-1);
  return told === undefined ? null : [told.priceTicks, told.qtyLots, told.imbalanceLots];
}

interface Book {
  readonly name: string;
  /** Lots and price of each order; price null = MARKET. */
  readonly buys: readonly (readonly [lots: number, price: number | null])[];
  readonly sells: readonly (readonly [lots: number, price: number | null])[];
  readonly reference?: number;
  readonly price: number | null;
  readonly lots: number;
  readonly imbalance: number;
}

const BOOKS: readonly Book[] = [
  { name: 'nothing crosses', buys: [[5, 99]], sells: [[5, 100]], price: null, lots: 0, imbalance: 0 },
  { name: 'one price only', buys: [[5, 100]], sells: [[5, 100]], price: 100, lots: 5, imbalance: 0 },
  {
    name: 'the price of greatest volume',
    buys: [
      [10, 103],
      [20, 101],
      [30, 98],
    ],
    sells: [
      [5, 97],
      [20, 101],
      [40, 104],
    ],
    price: 101,
    lots: 25,
    imbalance: 5,
  },
  {
    name: 'the least imbalance among equal volumes',
    buys: [
      [10, 105],
      [4, 103],
    ],
    sells: [[10, 95]],
    // At up to 103 ten lots trade and four to buy are left; above, none are: 104 to 105, nearest to 100.
    price: 104,
    lots: 10,
    imbalance: 0,
  },
  {
    name: 'the reference price within the range',
    buys: [[5, 110]],
    sells: [[5, 90]],
    price: 100,
    lots: 5,
    imbalance: 0,
  },
  { name: 'the low end above the reference', buys: [[5, 110]], sells: [[5, 104]], price: 104, lots: 5, imbalance: 0 },
  { name: 'the high end below the reference', buys: [[5, 96]], sells: [[5, 90]], price: 96, lots: 5, imbalance: 0 },
  {
    name: 'a surplus that changes sides at the reference',
    buys: [
      [10, 105],
      [5, 100],
    ],
    sells: [
      [10, 95],
      [5, 101],
    ],
    // 10 trade at 95 to 105; 101 to 105: 5 to sell left, up to 100: 5 to buy left.
    price: 100,
    lots: 10,
    imbalance: 5,
  },
  { name: 'MARKET orders alone', buys: [[7, null]], sells: [[5, null]], price: 100, lots: 5, imbalance: 2 },
  {
    name: 'a MARKET order within its protection',
    buys: [[7, null]],
    sells: [[5, 110]],
    price: 110,
    lots: 5,
    imbalance: 2,
  },
  { name: 'a MARKET order not beyond it', buys: [[7, null]], sells: [[5, 111]], price: null, lots: 0, imbalance: 0 },
];

describe('The price of an auction', () => {
  it.each(BOOKS)('is found for $name', ({ buys, sells, price, lots, imbalance }) => {
    const driver = collecting();
    const place =
      (side: typeof buy | typeof sell) =>
      ([orderQtyLots, priceTicks]: readonly [number, number | null]) =>
        driver.place({ ...side, orderQtyLots, priceTicks, ordType: priceTicks === null ? 'MARKET' : 'LIMIT' });
    buys.forEach(place(buy));
    sells.forEach(place(sell));
    const events = driver.send(phase('OPEN'));
    expect(ofType(events, 'AuctionEnded')).toMatchObject([
      { auction: 'OPENING', priceTicks: price, qtyLots: lots, imbalanceLots: imbalance },
    ]);
    for (const trade of ofType(events, 'OrdersTraded')) {
      expect(trade).toMatchObject({ priceTicks: price, aggressorSide: 'NONE', takerSide: 'BUY' });
    }
  });
});

describe('An auction', () => {
  it('tells its indicative by value, once a command and only when it changed', () => {
    const driver = collecting();
    expect(indicative(driver.send(anOrder({ ...buy, priceTicks: 102 })))).toBeNull();
    expect(indicative(driver.send(anOrder({ ...sell, priceTicks: 98, orderQtyLots: 4 })))).toEqual([100, 4, 6]);
    expect(indicative(driver.send(anOrder({ ...buy, priceTicks: 90 })))).toBeNull();
    const resting = driver.place({ ...sell, priceTicks: 101, orderQtyLots: 6 });
    expect(indicative(driver.exchange.takeEvents())).toEqual([101, 10, 0]);
    expect(indicative(driver.send({ type: 'CancelOrder', account: 2, orderId: resting }))).toEqual([100, 4, 6]);
  });

  it('trades MARKET orders first, then the better price, then the earlier order, and keeps what is left in its place', () => {
    const driver = collecting();
    const late = { ...buy, account: 1 };
    const first = driver.place({ ...late, priceTicks: 101, orderQtyLots: 3 });
    const second = driver.place({ ...late, priceTicks: 101, orderQtyLots: 3 });
    const better = driver.place({ ...late, priceTicks: 102, orderQtyLots: 2 });
    const market = driver.place({ ...late, ordType: 'MARKET', orderQtyLots: 1 });
    driver.place({ ...sell, priceTicks: 101, orderQtyLots: 8 });
    const trades = ofType(driver.send(phase('OPEN')), 'OrdersTraded');
    expect(trades.map(({ taker, qtyLots }) => [taker.orderId, qtyLots])).toEqual([
      [market, 1],
      [better, 2],
      [first, 3],
      [second, 2],
    ]);
    const next = ofType(driver.send(anOrder({ ...sell, priceTicks: 101, orderQtyLots: 1 })), 'OrdersTraded');
    expect(next[0]?.maker.orderId).toBe(second);
  });

  it('counts and trades the whole of an iceberg, and shows no hidden lot', () => {
    const driver = collecting();
    const shown = driver.send(anOrder({ ...sell, priceTicks: 100, orderQtyLots: 50, displayQtyLots: 5 }));
    expect(ofType(shown, 'BookLevelChanged')).toMatchObject([{ qtyLots: 5 }]);
    expect(indicative(driver.send(anOrder({ ...buy, priceTicks: 100, orderQtyLots: 42 })))).toEqual([100, 42, -8]);
    const events = driver.send(phase('OPEN'));
    expect(ofType(events, 'OrdersTraded')).toMatchObject([{ qtyLots: 42, maker: { leavesQtyLots: 8 } }]);
    expect(ofType(events, 'BookLevelChanged').find(({ side }) => side === 'SELL')).toBeUndefined();
  });

  it('takes the fee of the taker from both sides, and gives no rebate', () => {
    const driver = collecting({ makerFeePpm: -500, takerFeePpm: 10_000 });
    driver.place({ ...buy, priceTicks: 105, orderQtyLots: 10 });
    driver.place({ ...sell, priceTicks: 100, orderQtyLots: 10 });
    const [trade] = ofType(driver.send(phase('OPEN')), 'OrdersTraded');
    expect([trade?.priceTicks, trade?.maker.feeUnits, trade?.taker.feeUnits]).toEqual([100, 10, 10]);
    const held = driver.exchange.image().filter((event) => event.type === 'BalanceUpdated' && event.heldUnits !== 0);
    expect(held).toEqual([]);
  });

  it('holds the protection price for a MARKET buy and refuses one that the account cannot hold', () => {
    const driver = collecting({ priceCollarPpm: 200_000, takerFeePpm: 10_000 });
    const accepted = driver.send(anOrder({ ...buy, ordType: 'MARKET', orderQtyLots: 8_000 }));
    // 8,000 lots at 120 with 1 % fee
    expect(ofType(accepted, 'BalanceUpdated')).toMatchObject([{ account: 1, heldUnits: 969_600 }]);
    expect(driver.expect('OrderRejected', anOrder({ ...buy, ordType: 'MARKET', orderQtyLots: 8_000 }))).toMatchObject({
      reason: 'INSUFFICIENT_FUNDS',
      limit: 30_400,
      projected: 969_600,
    });
    expect(ofType(driver.send(phase('OPEN')), 'OrderCanceled')).toMatchObject([{ reason: 'MARKET_REMAINDER' }]);
  });

  it.each([
    ['CANCEL_NEWEST', ['newest']],
    ['CANCEL_OLDEST', ['oldest']],
    ['CANCEL_BOTH', ['oldest', 'newest']],
    ['NONE', []],
  ] as const)('applies %s when an order could trade with one of its own account', (selfTradePrevention, ended) => {
    const driver = collecting();
    const oldest = driver.place({ ...buy, priceTicks: 101, orderQtyLots: 5 });
    driver.place({ ...buy, priceTicks: 99, orderQtyLots: 5 });
    const events = driver.send(anOrder({ ...sell, account: 1, priceTicks: 100, orderQtyLots: 5, selfTradePrevention }));
    const names = ofType(events, 'OrderCanceled').map(({ orderId, reason }) => {
      expect(reason).toBe('SELF_TRADE');
      return orderId === oldest ? 'oldest' : 'newest';
    });
    expect(names).toEqual(ended);
    const trades = ofType(driver.send(phase('OPEN')), 'OrdersTraded');
    expect(trades).toHaveLength(selfTradePrevention === 'NONE' ? 1 : 0);
  });

  it('decrements both where they would trade with each other', () => {
    const driver = collecting();
    driver.place({ ...buy, ordType: 'MARKET', orderQtyLots: 5 });
    const decrementing = { priceTicks: 100, orderQtyLots: 7, selfTradePrevention: 'DECREMENT' } as const;
    const events = driver.send(anOrder({ ...sell, account: 1, ...decrementing }));
    expect(ofType(events, 'OrderCanceled')).toMatchObject([{ reason: 'SELF_TRADE', canceledQtyLots: 5 }]);
    expect(ofType(events, 'OrderRestated')).toMatchObject([{ orderQtyLots: 2, leavesQtyLots: 2 }]);
  });

  it('lets stops act after the uncross, the oldest first, and not before', () => {
    const driver = collecting();
    const stop = { ...sell, ordType: 'STOP', priceTicks: null, orderQtyLots: 1 } as const;
    const second = driver.place({ ...stop, stopPxTicks: 98 });
    const third = driver.place({ ...stop, stopPxTicks: 99 });
    driver.place({ ...buy, priceTicks: 97, orderQtyLots: 5 });
    driver.place({ ...sell, priceTicks: 97, orderQtyLots: 2 });
    driver.place({ ...buy, priceTicks: 95, orderQtyLots: 5 });
    const events = driver.send(phase('OPEN'));
    const told = events.map(({ type }) => type);
    expect(told.indexOf('OrderTriggered')).toBeGreaterThan(told.indexOf('TradingStatusChanged'));
    expect(ofType(events, 'OrderTriggered').map(({ orderId }) => orderId)).toEqual([second, third]);
    expect(ofType(events, 'OrdersTraded').map(({ aggressorSide }) => aggressorSide)).toEqual(['NONE', 'SELL', 'SELL']);
  });

  it('leaves stops waiting when it closes the session', () => {
    const driver = startedExchange();
    driver.place({ ...sell, ordType: 'STOP', priceTicks: null, stopPxTicks: 99, orderQtyLots: 1 });
    driver.send(auction('CLOSING'));
    driver.place({ ...buy, priceTicks: 97, orderQtyLots: 5 });
    driver.place({ ...sell, priceTicks: 97, orderQtyLots: 2 });
    expect(ofType(driver.send(phase('CLOSED')), 'OrderTriggered')).toEqual([]);
    driver.send(phase('PRE_OPEN'));
    expect(ofType(driver.send(phase('OPEN')), 'OrderTriggered')).toHaveLength(1);
  });

  it('is the same after a snapshot in its middle, icebergs and indicative included', () => {
    const driver = collecting();
    driver.place({ ...sell, priceTicks: 100, orderQtyLots: 50, displayQtyLots: 5 });
    driver.place({ ...buy, ordType: 'MARKET', orderQtyLots: 30 });
    const restored = Exchange.restore(driver.exchange.snapshot());
    expect(restored.stateHash()).toBe(driver.exchange.stateHash());
    expect(restored.image()).toEqual(driver.exchange.image());
    const timeUs = driver.exchange.timeUs + 1;
    for (const command of [anOrder({ ...buy, priceTicks: 100, orderQtyLots: 1 }), phase('OPEN')]) {
      driver.exchange.apply(command, timeUs);
      restored.apply(command, timeUs);
      expect(restored.takeEvents()).toEqual(driver.exchange.takeEvents());
    }
  });

  it('is interrupted by a halt without a trade, and ends in the auction after it', () => {
    const driver = collecting();
    driver.place({ ...buy, priceTicks: 101 });
    driver.place({ ...sell, priceTicks: 99 });
    const halted = driver.send(phase('HALTED'));
    expect(halted.map(({ type }) => type)).toEqual(['TradingStatusChanged']);
    expect(driver.expect('OrderRejected', anOrder(buy)).reason).toBe('TRADING_HALTED');
    const resumed = driver.send(phase('AUCTION'));
    expect(resumed[0]).toMatchObject({ status: 'AUCTION', auction: 'OPENING' });
    expect(indicative(resumed)).toEqual([100, 10, 0]);
    expect(ofType(driver.send(phase('OPEN')), 'OrdersTraded')).toHaveLength(1);
  });

  it('is called off without a trade when the session is closed before it opened', () => {
    const driver = collecting();
    driver.place({ ...buy, priceTicks: 101 });
    driver.place({ ...sell, priceTicks: 99 });
    driver.place({ ...sell, ordType: 'MARKET', orderQtyLots: 1 });
    const events = driver.send(phase('CLOSED'));
    expect(ofType(events, 'OrdersTraded')).toEqual([]);
    expect(ofType(events, 'AuctionEnded')).toMatchObject([{ auction: 'OPENING', priceTicks: null, qtyLots: 0 }]);
    expect(ofType(events, 'OrderCanceled')).toMatchObject([{ reason: 'SESSION_CLOSE' }]);
    // What stayed in the crossed book uncrosses when trading opens.
    expect(ofType(driver.send(phase('OPEN')), 'OrdersTraded')).toHaveLength(1);
  });
});

describe('AT_THE_OPEN and AT_THE_CLOSE', () => {
  it('trade in the opening auction and expire after it', () => {
    const driver = collecting();
    driver.place({ ...buy, priceTicks: 101, orderQtyLots: 4, timeInForce: 'AT_THE_OPEN' });
    driver.place({ ...buy, ordType: 'MARKET', priceTicks: null, orderQtyLots: 4, timeInForce: 'AT_THE_OPEN' });
    driver.place({ ...sell, priceTicks: 100, orderQtyLots: 5 });
    const events = driver.send(phase('OPEN'));
    expect(ofType(events, 'OrdersTraded').map(({ qtyLots }) => qtyLots)).toEqual([4, 1]);
    expect(ofType(events, 'OrderExpired')).toMatchObject([{ canceledQtyLots: 3, ordStatus: 'EXPIRED' }]);
    const late = anOrder({ ...buy, timeInForce: 'AT_THE_OPEN' });
    expect(driver.expect('OrderRejected', late).reason).toBe('TRADING_PHASE');
  });

  it('wait outside of the book, take part in the closing auction and expire after it', () => {
    const driver = startedExchange();
    const waits = driver.send(anOrder({ ...buy, priceTicks: 103, orderQtyLots: 6, timeInForce: 'AT_THE_CLOSE' }));
    expect(ofType(waits, 'BookLevelChanged')).toEqual([]);
    driver.place({ ...sell, ordType: 'MARKET', priceTicks: null, orderQtyLots: 4, timeInForce: 'AT_THE_CLOSE' });
    expect(ofType(driver.send(anOrder({ ...sell, priceTicks: 104, orderQtyLots: 1 })), 'OrdersTraded')).toEqual([]);
    expect(indicative(driver.send(auction('INTRADAY')))).toBeNull();
    driver.send(phase('OPEN'));
    expect(indicative(driver.send(auction('CLOSING')))).toEqual([100, 4, 2]);
    const events = driver.send(phase('CLOSED'));
    expect(ofType(events, 'OrdersTraded')).toMatchObject([{ qtyLots: 4, priceTicks: 100 }]);
    expect(ofType(events, 'OrderExpired')).toMatchObject([{ canceledQtyLots: 2 }]);
  });

  it('join an intraday auction that ends in the close', () => {
    const driver = startedExchange();
    driver.place({ ...buy, priceTicks: 103, orderQtyLots: 6, timeInForce: 'AT_THE_CLOSE' });
    driver.send(phase('AUCTION'));
    driver.place({ ...sell, priceTicks: 100, orderQtyLots: 6 });
    const events = driver.send(phase('CLOSED'));
    expect(ofType(events, 'AuctionEnded')).toMatchObject([{ auction: 'CLOSING', qtyLots: 6 }]);
  });

  it('step back when a halt interrupts the closing auction, and expire where it never comes', () => {
    const driver = startedExchange();
    driver.place({ ...buy, priceTicks: 103, orderQtyLots: 6, timeInForce: 'AT_THE_CLOSE' });
    driver.send(auction('CLOSING'));
    const halted = driver.send(phase('HALTED'));
    expect(ofType(halted, 'BookLevelChanged')).toMatchObject([{ priceTicks: 103, qtyLots: 0 }]);
    expect(driver.send(phase('AUCTION'))[0]).toMatchObject({ auction: 'REOPENING' });
    driver.place({ ...sell, priceTicks: 100, orderQtyLots: 6 });
    expect(ofType(driver.send(phase('OPEN')), 'OrdersTraded')).toEqual([]);
    expect(ofType(driver.send(phase('CLOSED')), 'OrderExpired')).toHaveLength(1);
  });

  it('hold funds anew when the closing auction begins, and are canceled where the account cannot', () => {
    const driver = startedExchange();
    const market = { ...buy, ordType: 'MARKET', priceTicks: null, timeInForce: 'AT_THE_CLOSE' } as const;
    driver.place({ ...market, orderQtyLots: 9_000 });
    driver.place({ ...sell, priceTicks: 105, orderQtyLots: 1 });
    driver.place({ ...buy, priceTicks: 105, orderQtyLots: 1 });
    // 9,000 lots at 110 were held; at 115 the account lacks the funds.
    const events = driver.send(auction('CLOSING'));
    expect(ofType(events, 'OrderCanceled')).toMatchObject([{ reason: 'INSUFFICIENT_FUNDS', canceledQtyLots: 9_000 }]);
  });

  it('can be replaced and canceled while they wait', () => {
    const driver = startedExchange();
    const waits = driver.place({ ...buy, priceTicks: 103, orderQtyLots: 6, timeInForce: 'AT_THE_CLOSE' });
    expect(driver.expect('OrderReplaced', aReplace(waits, { orderQtyLots: 4 })).priorityKept).toBe(true);
    expect(driver.expect('OrderReplaced', aReplace(waits, { priceTicks: 101 })).priorityKept).toBe(false);
    driver.send(auction('CLOSING'));
    driver.place({ ...sell, priceTicks: 101, orderQtyLots: 1 });
    expect(driver.expect('OrderCanceled', { type: 'CancelOrder', account: 1, orderId: waits }).canceledQtyLots).toBe(4);
  });
});
