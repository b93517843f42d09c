import type { Command, PlaceOrder } from '../exchange/command.js';
import type { ExchangeEvent } from '../exchange/event.js';
import { Exchange } from '../exchange/exchange.js';
import { anInstrument, anOrder, Driver, START_US, setupCommands, startedExchange } from '../testing/fixtures.js';
import type { BreakerTerms } from './breaker-terms.js';

const SECOND_US = 1_000_000;

const terms = (over: Partial<BreakerTerms> = {}): BreakerTerms => ({
  movePpm: 50_000,
  windowUs: 60 * SECOND_US,
  cooldownUs: 10 * SECOND_US,
  auctionUs: 5 * SECOND_US,
  queuesOrders: true,
  ...over,
});

const setBreaker = (over: Partial<BreakerTerms> = {}, instrument = 0): Command => ({
  type: 'SetCircuitBreaker',
  instrument,
  terms: terms(over),
  setBy: 'officer',
});

/** An instrument at 100 whose breaker trips beyond 95 to 105. */
function watched(over: Partial<BreakerTerms> = {}): Driver {
  const driver = startedExchange({ referencePxTicks: 100 });
  driver.send(setBreaker(over));
  return driver;
}

const sell = (priceTicks: number, orderQtyLots = 10): Partial<PlaceOrder> => ({
  account: 2,
  side: 'SELL',
  priceTicks,
  orderQtyLots,
});

const typesOf = (events: readonly ExchangeEvent[]) =>
  events
    .map(({ type }) => type)
    .filter((type) => !['BookLevelChanged', 'BalanceUpdated', 'PositionUpdated'].includes(type));
const statusOf = (driver: Driver): string | undefined =>
  driver.exchange.image().find((event) => event.type === 'InstrumentListed')?.status;

describe('A circuit breaker', () => {
  it.each([
    ['BUY', 104, 'trades'],
    ['BUY', 105, 'trades'],
    ['BUY', 106, 'trips'],
    ['SELL', 96, 'trades'],
    ['SELL', 95, 'trades'],
    ['SELL', 94, 'trips'],
  ] as const)('set to 5 %% of 100: a %s at %i %s', (side, priceTicks, outcome) => {
    const driver = watched();
    driver.place({ account: 2, side: side === 'BUY' ? 'SELL' : 'BUY', priceTicks });
    const events = driver.send(anOrder({ side, priceTicks }));
    expect(events.some(({ type }) => type === 'OrdersTraded')).toBe(outcome === 'trades');
    expect(events.some(({ type }) => type === 'CircuitBreakerChanged')).toBe(outcome === 'trips');
    expect(statusOf(driver)).toBe(outcome === 'trades' ? 'OPEN' : 'HALTED');
  });

  it('halts before the trade beyond its band, keeps what rests and what came before, and has the rest wait', () => {
    const driver = watched();
    driver.place(sell(103, 4));
    driver.place(sell(107, 4));
    const events = driver.send(anOrder({ priceTicks: 110, orderQtyLots: 10 }));
    expect(typesOf(events)).toEqual(['OrderAccepted', 'OrdersTraded', 'TradingStatusChanged', 'CircuitBreakerChanged']);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'CircuitBreakerChanged',
        cause: 'SYMBOL',
        referencePxTicks: 100,
        tripPxTicks: 107,
        resumesUs: driver.exchange.timeUs + 10 * SECOND_US,
      }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'TradingStatusChanged',
        status: 'HALTED',
        reason: 'CIRCUIT_BREAKER',
        queuesOrders: true,
      }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'BookLevelChanged', side: 'BUY', priceTicks: 110, qtyLots: 6 }),
    );
  });

  it.each([
    ['a LIMIT order where the halt refuses orders', { queuesOrders: false }, {}],
    ['an IOC order', {}, { timeInForce: 'IOC' as const }],
    ['a MARKET order', {}, { ordType: 'MARKET' as const, priceTicks: null }],
  ])('cancels what is left of %s', (_, over, order) => {
    const driver = watched(over);
    driver.place(sell(103, 4));
    driver.place(sell(107, 40));
    const events = driver.send(anOrder({ priceTicks: 110, orderQtyLots: 10, ...order }));
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'OrderCanceled', reason: 'CIRCUIT_BREAKER', canceledQtyLots: 6, cumQtyLots: 4 }),
    );
  });

  it('never lets a FOK order fill in part: what would need a price beyond the band is refused', () => {
    const driver = watched();
    driver.place(sell(103, 4));
    driver.place(sell(107, 40));
    const fok = anOrder({ priceTicks: 110, orderQtyLots: 10, timeInForce: 'FOK' });
    expect(driver.send(fok)).toMatchObject([{ type: 'OrderRejected', reason: 'FOK_NOT_FILLABLE', limit: 4 }]);
    expect(statusOf(driver)).toBe('OPEN');
  });

  it.each([
    [true, undefined],
    [false, 'TRADING_HALTED'],
  ])('takes orders while it is halted: queue %s', (queuesOrders, reason) => {
    const driver = watched({ queuesOrders });
    driver.place(sell(107));
    driver.send(anOrder({ priceTicks: 107 }));
    const rejected = driver.send(anOrder({ priceTicks: 90 })).find(({ type }) => type === 'OrderRejected');
    expect(rejected?.type === 'OrderRejected' ? rejected.reason : undefined).toBe(reason);
  });

  it('cools down, gathers in a reopening auction with an indicative price, and opens at its price', () => {
    const driver = watched();
    driver.place(sell(107));
    driver.send(anOrder({ priceTicks: 110 }));
    expect(driver.exchange.nextDueUs).toBe(driver.exchange.timeUs + 10 * SECOND_US);
    expect(typesOf(driver.send({ type: 'AdvanceTime' }, 10 * SECOND_US - 1))).toEqual([]);
    const begins = driver.send({ type: 'AdvanceTime' }, 1);
    expect(begins.slice(0, 3)).toMatchObject([
      { type: 'TradingStatusChanged', status: 'AUCTION', auction: 'REOPENING' },
      { type: 'CircuitBreakerChanged', cause: 'SYMBOL', resumesUs: driver.exchange.timeUs + 5 * SECOND_US },
      { type: 'AuctionIndicative', priceTicks: 107, qtyLots: 10 },
    ]);
    const opens = driver.send({ type: 'AdvanceTime' }, 5 * SECOND_US);
    expect(typesOf(opens)).toEqual(['OrdersTraded', 'AuctionEnded', 'TradingStatusChanged', 'CircuitBreakerChanged']);
    expect(opens).toContainEqual(
      expect.objectContaining({ type: 'CircuitBreakerChanged', cause: null, resumesUs: null }),
    );
    expect(driver.exchange.nextDueUs).toBeNull();
  });

  it('gives the auction its whole time, however late it begins', () => {
    const driver = watched();
    driver.place(sell(107));
    driver.send(anOrder({ priceTicks: 107 }));
    driver.send({ type: 'AdvanceTime' }, 3_600 * SECOND_US);
    expect(driver.exchange.nextDueUs).toBe(driver.exchange.timeUs + 5 * SECOND_US);
  });

  it('begins anew at the price at which trading opens, and trips again from there', () => {
    const driver = watched({ auctionUs: 0 });
    driver.place(sell(107, 1));
    driver.send(anOrder({ priceTicks: 107, orderQtyLots: 1 }));
    driver.send({ type: 'AdvanceTime' }, 10 * SECOND_US);
    expect(statusOf(driver)).toBe('OPEN');
    driver.place(sell(112));
    driver.place(sell(113));
    const events = driver.send(anOrder({ priceTicks: 113, orderQtyLots: 11 }));
    expect(events).toContainEqual(expect.objectContaining({ type: 'OrdersTraded', priceTicks: 112, qtyLots: 10 }));
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'CircuitBreakerChanged', referencePxTicks: 107, tripPxTicks: 113 }),
    );
  });

  it('follows a slow move: the reference rolls', () => {
    const driver = watched();
    for (const priceTicks of [104, 108, 112]) {
      driver.place({ ...sell(priceTicks, 1) });
      const events = driver.send(anOrder({ priceTicks, orderQtyLots: 1 }), 61 * SECOND_US);
      expect(typesOf(events)).toEqual(['OrderAccepted', 'OrdersTraded']);
    }
  });

  it('stops a cascade of stops: those that have not acted wait again in their places and act at the open where they are due', () => {
    const driver = watched({ auctionUs: 0 });
    const stops = [98, 97, 96].map((stopPxTicks) =>
      driver.place({ ordType: 'STOP', side: 'SELL', priceTicks: null, stopPxTicks, orderQtyLots: 1 }),
    );
    driver.place({ account: 2, priceTicks: 96, orderQtyLots: 1 });
    driver.place({ account: 2, priceTicks: 90, orderQtyLots: 2 });
    const events = driver.send(anOrder({ side: 'SELL', priceTicks: 96, orderQtyLots: 1 }));
    expect(events.flatMap((event) => (event.type === 'OrderTriggered' ? [event.orderId] : []))).toEqual([stops[0]]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'OrderCanceled', orderId: stops[0], reason: 'CIRCUIT_BREAKER' }),
    );
    // From 96 the band is 92 to 100: the next one trips again, its follower still waits.
    const opens = driver.send({ type: 'AdvanceTime' }, 10 * SECOND_US);
    expect(opens.flatMap((event) => (event.type === 'OrderTriggered' ? [event.orderId] : []))).toEqual([stops[1]]);
    expect(statusOf(driver)).toBe('HALTED');
    expect(
      driver.exchange
        .image()
        .flatMap((event) => ('stopPxTicks' in event && event.stopPxTicks !== null ? [event.orderId] : [])),
    ).toEqual([stops[2]]);
  });

  it('is taken back with a batch that is refused as a whole', () => {
    const driver = watched();
    driver.place(sell(107));
    const before = driver.exchange.stateHash();
    const orders = [anOrder({ priceTicks: 110 }), anOrder({ orderQtyLots: 0 })];
    const events = driver.send({ type: 'PlaceOrders', mode: 'ALL_OR_NONE', orders }, 0);
    expect(typesOf(events)).toEqual(['OrderRejected', 'OrderRejected']);
    expect(statusOf(driver)).toBe('OPEN');
    expect(driver.exchange.nextDueUs).toBeNull();
    expect(driver.exchange.stateHash()).not.toBe(before);
    const preview = driver.exchange.preview(anOrder({ priceTicks: 110 }), driver.exchange.timeUs + 9);
    expect(preview.events.map(({ type }) => type)).toContain('CircuitBreakerChanged');
    expect(statusOf(driver)).toBe('OPEN');
  });

  it('is the same from a snapshot, in every phase', () => {
    const driver = watched();
    driver.place(sell(107));
    const steps: [Command, number][] = [
      [anOrder({ priceTicks: 110 }), 1],
      [{ type: 'AdvanceTime' }, 10 * SECOND_US],
      [{ type: 'AdvanceTime' }, 5 * SECOND_US],
    ];
    for (const [command, waitUs] of steps) {
      const restored = new Driver(Exchange.restore(driver.exchange.snapshot()));
      expect(restored.exchange.nextDueUs).toBe(driver.exchange.nextDueUs);
      expect(restored.send(command, waitUs)).toEqual(driver.send(command, waitUs));
      expect(restored.exchange.stateHash()).toBe(driver.exchange.stateHash());
    }
  });

  it('lets whoever moves the instrument take over, and the calendar wait until the close', () => {
    const driver = watched();
    driver.place(sell(107));
    driver.send(anOrder({ priceTicks: 110 }));
    const advance = (status: 'OPEN' | 'CLOSED', scheduledUs: number): Command => {
      return { type: 'AdvanceSession', instrument: 0, status, auction: null, scheduledUs, reason: 'calendar' };
    };
    driver.send(advance('OPEN', START_US));
    expect(statusOf(driver)).toBe('HALTED');
    driver.send({ type: 'AdvanceTime' }, 10 * SECOND_US);
    driver.send(advance('OPEN', START_US + 1));
    expect(statusOf(driver)).toBe('AUCTION');
    driver.send({ type: 'SetTradingStatus', instrument: 0, status: 'HALTED', reason: 'look into it' });
    expect(driver.exchange.nextDueUs).toBeNull();
    driver.send(advance('CLOSED', START_US + 2));
    expect(statusOf(driver)).toBe('CLOSED');
  });

  it.each([
    [{ movePpm: 0 }, 'movePpm is a whole number from 1 to 1000000, not 0.'],
    [{ movePpm: 1_000_001 }, 'movePpm is a whole number from 1 to 1000000, not 1000001.'],
    [{ windowUs: 59 }, 'windowUs is a whole number from 60 to 86400000000, not 59.'],
    [{ cooldownUs: 0 }, 'cooldownUs is a whole number from 1 to 86400000000, not 0.'],
    [{ auctionUs: -1 }, 'auctionUs is a whole number from 0 to 86400000000, not -1.'],
  ])('refuses terms of %p', (over, text) => {
    const driver = startedExchange();
    expect(driver.send(setBreaker(over))).toMatchObject([{ type: 'RequestRejected', reason: 'INVALID_REQUEST', text }]);
  });

  it('tells what it was and is, and that there is none to take away', () => {
    const driver = watched();
    expect(driver.send(setBreaker({ movePpm: 1 }))).toMatchObject([
      { type: 'CircuitBreakerSet', terms: terms({ movePpm: 1 }), before: terms(), setBy: 'officer' },
    ]);
    const none: Command = { type: 'SetCircuitBreaker', instrument: 0, terms: null, setBy: 'officer' };
    expect(driver.send(none)).toMatchObject([
      { type: 'CircuitBreakerSet', terms: null, before: terms({ movePpm: 1 }) },
    ]);
    expect(driver.send(none)).toMatchObject([{ type: 'RequestRejected', text: 'ABC has no circuit breaker.' }]);
    expect(driver.send({ ...none, instrument: 7 })).toMatchObject([
      { type: 'RequestRejected', reason: 'UNKNOWN_SYMBOL' },
    ]);
  });
});

/** Two instruments at 100 in one index. */
function market(over: Partial<BreakerTerms> = {}): Driver {
  const driver = new Driver(new Exchange());
  for (const command of setupCommands({ referencePxTicks: 100 })) driver.send(command);
  driver.send({ type: 'RegisterAsset', asset: 'DEF', scale: 0 });
  driver.send({ type: 'ListInstrument', spec: anInstrument({ symbol: 'DEF', baseAsset: 'DEF' }) });
  driver.send({ type: 'AdjustBalance', account: 2, asset: 2, amountUnits: 1_000, transferId: 'DEF' });
  driver.send({ type: 'SetMarketBreaker', instruments: [1, 0], terms: terms(over), setBy: 'officer' });
  return driver;
}

const statuses = (driver: Driver): string[] =>
  driver.exchange.image().flatMap((event) => (event.type === 'InstrumentListed' ? [event.status] : []));

describe('The market-wide circuit breaker', () => {
  it.each([
    [110, 'OPEN'],
    [111, 'HALTED'],
  ])('over two symbols of equal weight at 5 %%: one of them at %i leaves both %s', (priceTicks, status) => {
    const driver = market();
    driver.place(sell(priceTicks));
    driver.send(anOrder({ priceTicks }));
    expect(statuses(driver)).toEqual([status, status]);
  });

  it('halts all of its symbols for one that moves with the others, and looks on when the last has opened', () => {
    const driver = market();
    driver.place(sell(106));
    driver.place({ ...sell(106), instrument: 1 });
    driver.send(anOrder({ priceTicks: 106 }));
    const events = driver.send(anOrder({ instrument: 1, priceTicks: 106 }));
    expect(events.filter(({ type }) => type === 'CircuitBreakerChanged')).toMatchObject([
      { instrument: 0, cause: 'MARKET', referencePxTicks: null },
      { instrument: 1, cause: 'MARKET', referencePxTicks: null },
    ]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'MarketBreakerChanged', indexE6: 1_030_000, referenceE6: 1_000_000 }),
    );
    driver.send({ type: 'AdvanceTime' }, 10 * SECOND_US);
    expect(statuses(driver)).toEqual(['AUCTION', 'AUCTION']);
    const opens = driver.send({ type: 'AdvanceTime' }, 5 * SECOND_US);
    expect(opens).toContainEqual(expect.objectContaining({ type: 'MarketBreakerChanged', trippedUs: null }));
    expect(statuses(driver)).toEqual(['OPEN', 'OPEN']);
  });

  it('lengthens the halt of a symbol that its own breaker has halted', () => {
    const driver = market({ cooldownUs: 60 * SECOND_US });
    driver.send(setBreaker({ cooldownUs: SECOND_US }));
    driver.place(sell(106));
    driver.send(anOrder({ priceTicks: 106 }));
    driver.place({ ...sell(111), instrument: 1 });
    driver.send(anOrder({ instrument: 1, priceTicks: 111 }));
    expect(statuses(driver)).toEqual(['HALTED', 'HALTED']);
    expect(driver.exchange.nextDueUs).toBe(driver.exchange.timeUs + 60 * SECOND_US);
  });

  it.each([
    [[], 'The index has 1 to 1000 symbols.'],
    [[0, 0], 'The index has each symbol once.'],
    [[9], 'No instrument'],
  ])('refuses an index of %p', (instruments, text) => {
    const driver = market();
    const [told] = driver.send({ type: 'SetMarketBreaker', instruments, terms: terms(), setBy: 'officer' });
    expect(told).toMatchObject({ type: 'RequestRejected', text: expect.stringContaining(text) });
  });
});

describe('A manual halt', () => {
  const halt = (over: object = {}): Command => {
    return { type: 'HaltTrading', instrument: 0, queuesOrders: true, reason: 'news', setBy: 'officer', ...over };
  };
  const resume = (over: object = {}): Command => {
    return { type: 'ResumeTrading', instrument: 0, auctionUs: 0, reason: 'news is out', setBy: 'officer', ...over };
  };

  it('holds until it is resumed, and says why in both', () => {
    const driver = startedExchange();
    expect(driver.send(halt())).toMatchObject([
      { type: 'TradingHalted', instrument: 0, queuesOrders: true, reason: 'news', setBy: 'officer' },
      { type: 'TradingStatusChanged', status: 'HALTED', reason: 'news', queuesOrders: true },
    ]);
    expect(driver.exchange.nextDueUs).toBeNull();
    expect(driver.send(resume())).toMatchObject([
      { type: 'TradingResumed', reason: 'news is out', setBy: 'officer' },
      { type: 'TradingStatusChanged', status: 'OPEN', reason: 'news is out' },
    ]);
    expect(driver.send(resume())).toMatchObject([{ type: 'RequestRejected', text: 'ABC is not HALTED.' }]);
  });

  it('is resumed through an auction that ends by itself', () => {
    const driver = startedExchange();
    driver.send(halt());
    driver.send(resume({ auctionUs: SECOND_US }));
    expect(statusOf(driver)).toBe('AUCTION');
    driver.send({ type: 'AdvanceTime' }, SECOND_US);
    expect(statusOf(driver)).toBe('OPEN');
  });

  it('of all instruments takes those in a session, and needs one that is', () => {
    const driver = market();
    driver.send({ type: 'SetTradingStatus', instrument: 1, status: 'CLOSED', reason: '' });
    driver.send(halt({ instrument: null }));
    expect(statuses(driver)).toEqual(['HALTED', 'CLOSED']);
    expect(driver.send(halt({ instrument: 1 }))).toMatchObject([{ type: 'RequestRejected' }]);
    driver.send(resume({ instrument: null }));
    expect(statuses(driver)).toEqual(['OPEN', 'CLOSED']);
  });

  it('takes over from a breaker', () => {
    const driver = watched();
    driver.place(sell(107));
    driver.send(anOrder({ priceTicks: 110 }));
    driver.send(halt({ reason: 'r'.repeat(201) }));
    expect(driver.exchange.nextDueUs).not.toBeNull();
    driver.send(halt());
    expect(driver.exchange.nextDueUs).toBeNull();
  });
});
