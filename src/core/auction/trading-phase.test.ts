import { anOrder, type Driver, startedExchange } from '../testing/fixtures.js';
import { TRADING_STATUS } from '../values/codes.js';
import {
  ORD_TYPES,
  type OrdRejReason,
  TIMES_IN_FORCE,
  TRADING_STATUSES,
  type TradingStatus,
} from '../values/vocabulary.js';
import { PHASE_ROWS } from './trading-phase.js';

const phase = (status: TradingStatus) => ({ type: 'SetTradingStatus' as const, instrument: 0, status, reason: '' });

/** Ways from a listing that is CLOSED to each phase of a session that has not opened. */
const WAYS: Readonly<Record<TradingStatus, readonly TradingStatus[]>> = {
  PRE_OPEN: ['PRE_OPEN'],
  AUCTION: ['PRE_OPEN', 'AUCTION'],
  OPEN: ['OPEN'],
  HALTED: ['HALTED'],
  CLOSED: [],
};

function inPhase(status: TradingStatus): Driver {
  const driver = startedExchange({ initialStatus: 'CLOSED' });
  for (const step of WAYS[status]) driver.send(phase(step));
  return driver;
}

describe('The table of phases', () => {
  it('names each pair of phases at most once', () => {
    const pairs = PHASE_ROWS.map(([from, to]) => `${from} ${to}`);
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  it.each(TRADING_STATUSES.flatMap((from) => TRADING_STATUSES.map((to) => [from, to] as const)))(
    'decides about %s to %s, and the exchange does as it says',
    (from, to) => {
      const driver = inPhase(from);
      const row = PHASE_ROWS.find(([a, b]) => a === TRADING_STATUS[from] && b === TRADING_STATUS[to]);
      const [first] = driver.send(phase(to));
      if (row === undefined) {
        expect(first).toMatchObject({ type: 'RequestRejected', reason: 'INVALID_REQUEST' });
        expect(`${from} ${to}`).toMatch(/^(AUCTION|OPEN) PRE_OPEN$/);
      } else {
        expect(driver.exchange.takeEvents().find(({ type }) => type === 'TradingStatusChanged')).toMatchObject({
          status: to,
        });
      }
    },
  );

  it('does not go back before the opening after a halt in the session', () => {
    const driver = inPhase('OPEN');
    driver.send(phase('HALTED'));
    expect(driver.send(phase('PRE_OPEN'))[0]).toMatchObject({ type: 'RequestRejected' });
  });

  it('lets a closing auction end in the close only', () => {
    const driver = inPhase('OPEN');
    driver.send({ type: 'StartAuction', instrument: 0, auction: 'CLOSING', reason: '' });
    expect(driver.send(phase('OPEN'))[0]).toMatchObject({ type: 'RequestRejected' });
    expect(driver.send(phase('CLOSED')).map(({ type }) => type)).toEqual(['AuctionEnded', 'TradingStatusChanged']);
  });

  it.each([
    ['OPEN', 'OPENING'],
    ['PRE_OPEN', 'CLOSING'],
    ['CLOSED', 'INTRADAY'],
  ] as const)('refuses, in %s, an auction of kind %s', (from, auction) => {
    const driver = inPhase(from);
    const [first] = driver.send({ type: 'StartAuction', instrument: 0, auction, reason: '' });
    expect(first).toMatchObject({ type: 'RequestRejected', reason: 'INVALID_REQUEST' });
  });
});

/**
 * What becomes of an order by its type, its time in force and the phase:
 * T = trades or rests at once, G = gathers for the next auction, C = waits for the closing auction, W = waits for its
 * trigger, u = UNSUPPORTED_ORDER, p = TRADING_PHASE, h = TRADING_HALTED.
 * Phases from left to right: PRE_OPEN, AUCTION (opening), OPEN, HALTED, CLOSED.
 */
const COMBINATIONS: Readonly<Record<string, string>> = {
  'MARKET DAY': 'GGThh',
  'MARKET GTC': 'GGThh',
  'MARKET IOC': 'ppThh',
  'MARKET FOK': 'ppThh',
  'MARKET GTD': 'uuuuu',
  'MARKET AT_THE_OPEN': 'GGphh',
  'MARKET AT_THE_CLOSE': 'CCChh',
  'LIMIT DAY': 'GGThh',
  'LIMIT GTC': 'GGThh',
  'LIMIT IOC': 'ppThh',
  'LIMIT FOK': 'ppThh',
  'LIMIT GTD': 'GGThh',
  'LIMIT AT_THE_OPEN': 'GGphh',
  'LIMIT AT_THE_CLOSE': 'CCChh',
  'STOP DAY': 'WWWhh',
  'STOP GTC': 'WWWhh',
  'STOP IOC': 'WWWhh',
  'STOP FOK': 'WWWhh',
  'STOP GTD': 'WWWhh',
  'STOP AT_THE_OPEN': 'uuuuu',
  'STOP AT_THE_CLOSE': 'uuuuu',
  'STOP_LIMIT DAY': 'WWWhh',
  'STOP_LIMIT GTC': 'WWWhh',
  'STOP_LIMIT IOC': 'WWWhh',
  'STOP_LIMIT FOK': 'WWWhh',
  'STOP_LIMIT GTD': 'WWWhh',
  'STOP_LIMIT AT_THE_OPEN': 'uuuuu',
  'STOP_LIMIT AT_THE_CLOSE': 'uuuuu',
  'TRAILING_STOP DAY': 'WWWhh',
  'TRAILING_STOP GTC': 'WWWhh',
  'TRAILING_STOP IOC': 'WWWhh',
  'TRAILING_STOP FOK': 'WWWhh',
  'TRAILING_STOP GTD': 'WWWhh',
  'TRAILING_STOP AT_THE_OPEN': 'uuuuu',
  'TRAILING_STOP AT_THE_CLOSE': 'uuuuu',
};
const PHASES = ['PRE_OPEN', 'AUCTION', 'OPEN', 'HALTED', 'CLOSED'] as const;
const REASONS: Readonly<Record<string, OrdRejReason>> = {
  u: 'UNSUPPORTED_ORDER',
  p: 'TRADING_PHASE',
  h: 'TRADING_HALTED',
};

describe('Every order type with every time in force', () => {
  const names = ORD_TYPES.flatMap((ordType) => TIMES_IN_FORCE.map((timeInForce) => `${ordType} ${timeInForce}`));

  it('stands in the table', () => {
    expect(Object.keys(COMBINATIONS)).toEqual(names);
  });

  const cases = ORD_TYPES.flatMap((ordType) =>
    TIMES_IN_FORCE.flatMap((timeInForce) =>
      PHASES.map((status, at) => ({
        ordType,
        timeInForce,
        status,
        what: COMBINATIONS[`${ordType} ${timeInForce}`]![at]!,
      })),
    ),
  );

  it.each(cases)('$ordType $timeInForce in $status is $what', ({ ordType, timeInForce, status, what }) => {
    const driver = inPhase(status);
    if (status === 'OPEN') driver.place({ account: 2, side: 'SELL', priceTicks: 100, orderQtyLots: 50 });
    const waits = ordType === 'STOP' || ordType === 'STOP_LIMIT';
    const atMarket = ordType !== 'LIMIT' && ordType !== 'STOP_LIMIT';
    const events = driver.send(
      anOrder({
        ordType,
        timeInForce,
        priceTicks: atMarket ? null : 100,
        stopPxTicks: waits ? 105 : null,
        trailingOffsetTicks: ordType === 'TRAILING_STOP' ? 5 : null,
        expireTimeUs: timeInForce === 'GTD' ? driver.exchange.timeUs + 1_000 : null,
      }),
    );
    const reason = REASONS[what];
    if (reason !== undefined) {
      expect(events).toMatchObject([{ type: 'OrderRejected', reason }]);
      return;
    }
    expect(events[0]?.type).toBe('OrderAccepted');
    expect(events.some(({ type }) => type === 'OrdersTraded')).toBe(what === 'T');
    expect(events.some(({ type }) => type === 'BookLevelChanged')).toBe(what === 'T' || (what === 'G' && !atMarket));
  });

  it.each([
    ['postOnly', { postOnly: true }],
    ['reduceOnly', { ordType: 'MARKET', priceTicks: null, side: 'SELL', reduceOnly: true }],
  ] as const)('takes no %s order while orders gather', (_name, terms) => {
    const driver = inPhase('AUCTION');
    expect(driver.expect('OrderRejected', anOrder(terms)).reason).toBe('TRADING_PHASE');
  });

  it.each([
    ['an iceberg', { displayQtyLots: 2 }],
    ['postOnly', { postOnly: true }],
    ['reduceOnly', { ordType: 'MARKET', priceTicks: null, side: 'SELL', reduceOnly: true }],
  ] as const)('takes no AT_THE_CLOSE order that is %s', (_name, terms) => {
    const driver = inPhase('OPEN');
    expect(driver.expect('OrderRejected', anOrder({ timeInForce: 'AT_THE_CLOSE', ...terms })).reason).toBe(
      'UNSUPPORTED_ORDER',
    );
  });
});
