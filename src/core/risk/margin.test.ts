import type { ExchangeEvent } from '../exchange/event.js';
import { Exchange } from '../exchange/exchange.js';
import { anAccount, anInstrument, anOrder, aReplace, Driver } from '../testing/fixtures.js';

const USD = 0;
const ABC = 1;
const DEF = 2;
/** A margin account and a cash account with more than enough of everything. */
const MIA = 1;
const BEN = 2;

const terms = (instrument: number, initialMarginPpm: number, maintenanceMarginPpm: number, shortSelling = true) => ({
  type: 'SetMarginTerms' as const,
  instrument,
  initialMarginPpm,
  maintenanceMarginPpm,
  shortSelling,
  setBy: 'officer',
});
const deposit = (
  account: number,
  asset: number,
  amountUnits: number,
  transferId = `${account} ${asset} ${amountUnits}`,
) => ({
  type: 'AdjustBalance' as const,
  account,
  asset,
  amountUnits,
  transferId,
});

/** ABC at 10 % and 5 %, DEF at 20 % and 10 %, without fees unless told; MIA has 1,000 USD (100,000 cents). */
function started({ takerFeePpm = 0, makerFeePpm = 0 } = {}): Driver {
  const driver = new Driver(new Exchange());
  driver.send({ type: 'RegisterAsset', asset: 'USD', scale: 2 });
  driver.send({ type: 'RegisterAsset', asset: 'ABC', scale: 0 });
  driver.send({ type: 'RegisterAsset', asset: 'DEF', scale: 0 });
  driver.send({ type: 'ListInstrument', spec: anInstrument({ takerFeePpm, makerFeePpm, referencePxTicks: 1_000 }) });
  const def = anInstrument({ symbol: 'DEF', baseAsset: 'DEF', takerFeePpm, makerFeePpm, referencePxTicks: 2_000 });
  driver.send({ type: 'ListInstrument', spec: def });
  driver.send(anAccount('venue', 'VENUE'));
  driver.send(anAccount('mia', 'MARGIN'));
  driver.send(anAccount('ben'));
  driver.send(terms(0, 100_000, 50_000));
  driver.send(terms(1, 200_000, 100_000));
  driver.send(deposit(MIA, USD, 100_000));
  for (const asset of [USD, ABC, DEF]) driver.send(deposit(BEN, asset, 100_000_000));
  return driver;
}

/** MIA trades with BEN at a price. */
function trade(
  driver: Driver,
  instrument: number,
  side: 'BUY' | 'SELL',
  orderQtyLots: number,
  priceTicks: number,
): ExchangeEvent[] {
  const other = side === 'BUY' ? 'SELL' : 'BUY';
  driver.place({ account: BEN, instrument, side: other, orderQtyLots, priceTicks });
  return driver.send(anOrder({ account: MIA, instrument, side, orderQtyLots, priceTicks }));
}

/** Moves the last price by a trade between BEN and himself. */
function mark(driver: Driver, instrument: number, priceTicks: number): ExchangeEvent[] {
  const order = { account: BEN, instrument, orderQtyLots: 1, priceTicks, selfTradePrevention: 'NONE' as const };
  driver.place({ ...order, side: 'SELL' });
  return driver.send(anOrder({ ...order, side: 'BUY' }));
}

/** Moves the mark without a trade. */
const settle = (driver: Driver, instrument: number, settlementPxTicks: number): ExchangeEvent[] =>
  driver.send({ type: 'SetMark', instrument, method: 'SETTLEMENT', settlementPxTicks, setBy: 'officer' });

const rejection = (events: readonly ExchangeEvent[]) =>
  events.flatMap((event) =>
    event.type === 'OrderRejected'
      ? [{ reason: event.reason, limit: event.limit, current: event.current, projected: event.projected }]
      : [],
  )[0] ?? null;
const statuses = (events: readonly ExchangeEvent[]) =>
  events.flatMap((event) => (event.type === 'MarginStatusChanged' ? [event.status] : []));
const balanceOf = (driver: Driver, account: number, asset: number) => {
  for (const event of driver.exchange.image()) {
    if (event.type === 'BalanceUpdated' && event.account === account && event.asset === asset) return event.totalUnits;
  }
  return 0;
};
const positionOf = (driver: Driver, account: number, instrument: number) => {
  for (const event of driver.exchange.image()) {
    if (event.type === 'PositionUpdated' && event.account === account && event.instrument === instrument)
      return event.qtyLots;
  }
  return 0;
};

describe('An order of a margin account', () => {
  // Equity 100,000; ABC at 1,000 requires 100 a lot: 1,000 lots.
  it.each([
    ['one under', 999, null],
    ['at the limit', 1_000, null],
    ['one over', 1_001, { reason: 'INSUFFICIENT_FUNDS', limit: 100_000, current: 0, projected: 100_100 }],
  ])('passes up to the initial margin of its worst case: %s', (_name, orderQtyLots, expected) => {
    for (const side of ['BUY', 'SELL'] as const) {
      const driver = started();
      expect(rejection(driver.send(anOrder({ account: MIA, side, orderQtyLots, priceTicks: 1_000 })))).toEqual(
        expected,
      );
    }
  });

  it('counts fees at the greater rate, and what its price lies on the wrong side of the mark', () => {
    const driver = started({ takerFeePpm: 1_000 });
    // 900 lots at 1,000: margin 90,000, fee 900. A tick above the mark costs a cent a lot: 900 more.
    const order = { account: MIA, side: 'BUY' as const, orderQtyLots: 900 };
    expect(rejection(driver.send(anOrder({ ...order, orderQtyLots: 991, priceTicks: 1_000 })))).toMatchObject({
      projected: 99_100 + 991,
    });
    expect(rejection(driver.send(anOrder({ ...order, priceTicks: 1_011 })))).toEqual({
      reason: 'INSUFFICIENT_FUNDS',
      limit: 100_000,
      current: 0,
      projected: 90_000 + 910 + 9_900,
    });
    expect(rejection(driver.send(anOrder({ ...order, priceTicks: 1_000 })))).toBeNull();
  });

  it('counts the worse side only, since orders on both can not both add', () => {
    const driver = started();
    driver.place({ account: MIA, side: 'BUY', orderQtyLots: 1_000, priceTicks: 990 });
    driver.place({ account: MIA, side: 'SELL', orderQtyLots: 1_000, priceTicks: 1_010 });
    expect(
      rejection(driver.send(anOrder({ account: MIA, side: 'SELL', orderQtyLots: 1, priceTicks: 1_010 }))),
    ).toMatchObject({
      limit: 100_000,
      current: 100_000,
      projected: 100_100,
    });
  });

  it('gives back exactly what it required when it is canceled, amended or filled', () => {
    const driver = started();
    const full = anOrder({ account: MIA, side: 'SELL', orderQtyLots: 1_000, priceTicks: 1_000 });
    for (let round = 0; round < 3; round += 1) {
      const orderId = driver.expect('OrderAccepted', full).orderId;
      driver.send(aReplace(orderId, { account: MIA, orderQtyLots: 400 }));
      const second = driver.expect('OrderAccepted', { ...full, orderQtyLots: 600 }).orderId;
      expect(rejection(driver.send({ ...full, orderQtyLots: 1 }))).toMatchObject({ projected: 100_100 });
      for (const id of [orderId, second]) driver.send({ type: 'CancelOrder', account: MIA, orderId: id });
    }
    trade(driver, 0, 'BUY', 1_000, 1_000);
    trade(driver, 0, 'SELL', 1_000, 1_000);
    expect(rejection(driver.send(full))).toBeNull();
  });

  it('may always close a position, even in a margin call', () => {
    const driver = started();
    trade(driver, 0, 'BUY', 1_000, 1_000);
    mark(driver, 0, 960);
    expect(
      rejection(driver.send(anOrder({ account: MIA, side: 'BUY', orderQtyLots: 1, priceTicks: 960 }))),
    ).not.toBeNull();
    const close = anOrder({ account: MIA, side: 'SELL', orderQtyLots: 1_000, priceTicks: 970 });
    expect(rejection(driver.send(close))).toBeNull();
    expect(rejection(driver.send({ ...close, orderQtyLots: 1 }))).toMatchObject({ reason: 'INSUFFICIENT_FUNDS' });
  });

  it('needs the base where short selling is not allowed, and the whole price where no terms were set', () => {
    const driver = started();
    driver.send(terms(0, 100_000, 50_000, false));
    expect(rejection(driver.send(anOrder({ account: MIA, side: 'SELL', orderQtyLots: 1, priceTicks: 1_000 })))).toEqual(
      {
        reason: 'INSUFFICIENT_FUNDS',
        limit: 0,
        current: 0,
        projected: 1,
      },
    );
    const unset = anInstrument({ symbol: 'GHI', baseAsset: 'DEF', referencePxTicks: 1_000 });
    driver.send({ type: 'ListInstrument', spec: unset });
    const order = anOrder({ account: MIA, instrument: 2, orderQtyLots: 101, priceTicks: 1_000 });
    expect(rejection(driver.send(order))).toMatchObject({ limit: 100_000, projected: 101_000 });
    expect(rejection(driver.send({ ...order, orderQtyLots: 100 }))).toBeNull();
  });

  it('is refused on an instrument that is paid in an asset which is traded itself', () => {
    const driver = started();
    driver.send({
      type: 'ListInstrument',
      spec: anInstrument({ symbol: 'ABC-DEF', quoteAsset: 'DEF', tickSize: '1' }),
    });
    const order = anOrder({ account: MIA, instrument: 2, orderQtyLots: 1 });
    expect(rejection(driver.send(order))).toMatchObject({ reason: 'UNSUPPORTED_ORDER' });
  });

  it('is checked again when its stop is triggered, since a stop may sell far below the mark', () => {
    const driver = started();
    const stop = { account: MIA, ordType: 'STOP_LIMIT' as const, side: 'SELL' as const };
    driver.place({ ...stop, orderQtyLots: 900, stopPxTicks: 999, priceTicks: 1 });
    expect(mark(driver, 0, 999)).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ type: 'OrderCanceled', reason: 'INSUFFICIENT_FUNDS' })]),
    );
  });
});

describe('A withdrawal from a margin account', () => {
  it('takes neither what is required nor what would be a loan', () => {
    const driver = started();
    trade(driver, 0, 'SELL', 500, 1_000);
    // Money 600,000, short 500 worth 500,000: equity 100,000, required 50,000.
    const refused = driver.expect('RequestRejected', deposit(MIA, USD, -50_001));
    expect(refused).toMatchObject({ reason: 'INSUFFICIENT_FUNDS', limit: 50_000, projected: 50_001 });
    driver.expect('BalanceAdjusted', deposit(MIA, USD, -50_000));
    expect(driver.expect('RequestRejected', deposit(MIA, USD, -1))).toMatchObject({ limit: 0 });
  });

  it('takes base only where the rest still meets the requirements', () => {
    const driver = started();
    trade(driver, 0, 'BUY', 900, 1_000);
    // Money −800,000, 900 lots worth 900,000: equity 100,000, required 90,000; a lot less is 1,000 less equity.
    driver.expect('RequestRejected', deposit(MIA, ABC, -12));
    driver.expect('BalanceAdjusted', deposit(MIA, ABC, -11));
  });
});

describe('A pool that loses', () => {
  it('is called between its requirements and liquidated below maintenance', () => {
    const driver = started();
    trade(driver, 0, 'BUY', 1_000, 1_000);
    // Money −900,000. At 975: equity 75,000, initial 97,500, maintenance 48,750, call below 73,125.
    expect(statuses(mark(driver, 0, 975))).toEqual([]);
    expect(mark(driver, 0, 970).find(({ type }) => type === 'MarginStatusChanged')).toMatchObject({
      account: MIA,
      asset: USD,
      status: 'CALL',
      equityUnits: 70_000,
      initialUnits: 97_000,
      maintenanceUnits: 48_500,
    });
    expect(statuses(mark(driver, 0, 980))).toEqual(['HEALTHY']);
  });

  it('sells no more than brings it back to initial margin, and cancels its working orders first', () => {
    const driver = started();
    trade(driver, 0, 'BUY', 1_000, 1_000);
    const working = driver.place({ account: MIA, side: 'SELL', orderQtyLots: 10, priceTicks: 1_100 });
    driver.place({ account: BEN, side: 'BUY', orderQtyLots: 5_000, priceTicks: 940 });
    // At 940: equity 40,000, maintenance 47,000, initial 94,000; 54,000 short at 94 a lot: 575 lots.
    const events = settle(driver, 0, 940);
    const told = events.flatMap((event) => {
      if (event.type === 'MarginStatusChanged') return [event.status];
      if (event.type === 'OrderCanceled') return [`${event.orderId === working ? 'working' : 'other'} ${event.reason}`];
      if (event.type === 'OrderAccepted' && event.account === MIA) return [`${event.side} ${event.orderQtyLots}`];
      if (event.type === 'OrdersTraded' && event.taker.account === MIA)
        return [`${event.qtyLots} at ${event.priceTicks}`];
      return [];
    });
    expect(told).toEqual(['LIQUIDATION', 'working LIQUIDATION', 'SELL 575', '575 at 940', 'HEALTHY']);
    expect(positionOf(driver, MIA, 0)).toBe(425);
  });

  it('closes the position of the greatest maintenance requirement first', () => {
    const driver = started();
    trade(driver, 0, 'BUY', 400, 1_000);
    trade(driver, 1, 'SELL', 100, 2_000);
    // Requirements: ABC 400,000 × 5 % = 20,000, DEF 200,000 × 10 % = 20,000: equal, the one listed first.
    driver.place({ account: BEN, instrument: 0, side: 'BUY', orderQtyLots: 5_000, priceTicks: 825 });
    driver.place({ account: BEN, instrument: 1, side: 'SELL', orderQtyLots: 5_000, priceTicks: 2_010 });
    const events = settle(driver, 0, 824);
    const sent = events.flatMap((event) =>
      event.type === 'OrderAccepted' && event.account === MIA ? [[event.instrument, event.side]] : [],
    );
    // ABC fell: 329,600 × 5 % = 16,480, so DEF comes first.
    expect(sent[0]).toEqual([1, 'BUY']);
  });

  it('is tried again when liquidity comes, at the latest a second later, and never beyond the position', () => {
    const driver = started();
    trade(driver, 0, 'SELL', 1_000, 1_000);
    // A rise to 1,100 takes the whole equity; nobody sells.
    expect(statuses(settle(driver, 0, 1_100))).toEqual(['LIQUIDATION']);
    expect(driver.exchange.nextDueUs).toBe(driver.exchange.timeUs + 1_000_000);
    const events = driver.send(anOrder({ account: BEN, side: 'SELL', orderQtyLots: 300, priceTicks: 1_100 }));
    expect(events.some((event) => event.type === 'OrdersTraded' && event.qtyLots === 300)).toBe(true);
    expect(positionOf(driver, MIA, 0)).toBe(-700);
    driver.place({ account: BEN, side: 'SELL', orderQtyLots: 9_000, priceTicks: 1_200 });
    expect(positionOf(driver, MIA, 0)).toBe(0);
    expect(driver.exchange.nextDueUs).toBeNull();
    expect(balanceOf(driver, MIA, USD)).toBe(100_000 + 1_000_000 - 300 * 1_100 - 700 * 1_200);
  });

  it('waits for its market to open', () => {
    const driver = started();
    trade(driver, 0, 'BUY', 1_000, 1_000);
    driver.place({ account: BEN, side: 'BUY', orderQtyLots: 5_000, priceTicks: 900 });
    const status = { type: 'SetTradingStatus' as const, instrument: 0, reason: 'news' };
    driver.send({ ...status, status: 'HALTED' });
    settle(driver, 0, 900);
    expect(positionOf(driver, MIA, 0)).toBe(1_000);
    driver.send({ ...status, status: 'OPEN' });
    expect(positionOf(driver, MIA, 0)).toBe(0);
  });

  it('pulls others after it in the same command, each once', () => {
    const driver = started();
    driver.send(anAccount('max', 'MARGIN'));
    driver.send(deposit(3, USD, 100_000));
    trade(driver, 0, 'BUY', 1_000, 1_000);
    driver.place({ account: BEN, side: 'SELL', orderQtyLots: 930, priceTicks: 1_000 });
    driver.place({ account: 3, side: 'BUY', orderQtyLots: 930, priceTicks: 1_000 });
    driver.place({ account: BEN, side: 'BUY', orderQtyLots: 100, priceTicks: 945 });
    driver.place({ account: BEN, side: 'BUY', orderQtyLots: 9_000, priceTicks: 930 });
    const events = mark(driver, 0, 946);
    const broken = events.flatMap((event) =>
      event.type === 'MarginStatusChanged' && event.status === 'LIQUIDATION' ? [event.account] : [],
    );
    expect(broken).toEqual([1, 3]);
  });
});

describe('The state with margin accounts', () => {
  it('comes back from its snapshot with terms, marks, loans, shorts and statuses', () => {
    const driver = started();
    trade(driver, 0, 'BUY', 1_000, 1_000);
    trade(driver, 1, 'SELL', 10, 2_000);
    mark(driver, 0, 965);
    const restored = Exchange.restore(driver.exchange.snapshot());
    expect(restored.stateHash()).toBe(driver.exchange.stateHash());
    expect(restored.image()).toEqual(driver.exchange.image());
    const next = anOrder({ account: BEN, side: 'BUY', orderQtyLots: 9_000, priceTicks: 900 });
    for (const exchange of [driver.exchange, restored]) exchange.apply(next, exchange.timeUs + 1);
    expect(restored.takeEvents()).toEqual(driver.exchange.takeEvents());
  });

  it('refuses terms and marks that make no sense, saying what does', () => {
    const driver = started();
    const text = (command: Parameters<Driver['send']>[0]) => driver.expect('RequestRejected', command).text;
    expect(text(terms(0, 0, 0))).toMatch(/initialMarginPpm is a whole number from 1 to 1000000/);
    expect(text(terms(0, 1_000_001, 0))).toMatch(/initialMarginPpm/);
    expect(text(terms(0, 100, 101))).toMatch(/maintenanceMarginPpm is a whole number from 0 to initialMarginPpm/);
    expect(text(terms(9, 100, 50))).toMatch(/instrument/i);
    const set = { type: 'SetMark' as const, instrument: 0, method: 'SETTLEMENT' as const, setBy: 'officer' };
    expect(text({ ...set, settlementPxTicks: null })).toMatch(/needs settlementPxTicks/);
    expect(text({ ...set, settlementPxTicks: 0 })).toMatch(/from 1 to 1000000/);
  });

  it('lets no account owe more than can be counted', () => {
    const driver = started();
    const room = 50_000;
    driver.send(deposit(BEN, USD, Number.MAX_SAFE_INTEGER - 100_100_000 - room));
    const order = anOrder({ account: MIA, side: 'BUY', priceTicks: 1_000 });
    const beyond = { reason: 'INSUFFICIENT_FUNDS', limit: 150_000, current: 0, projected: 151_000 };
    expect(rejection(driver.send({ ...order, orderQtyLots: 151 }))).toEqual(beyond);
    expect(rejection(driver.send({ ...order, orderQtyLots: 150 }))).toBeNull();
    expect(rejection(driver.send({ ...order, orderQtyLots: 1 }))).toMatchObject({ limit: 0, projected: 1_000 });
  });
});
