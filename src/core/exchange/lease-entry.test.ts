import { anAccount, anOrder, aReplace, type Driver, startedExchange } from '../testing/fixtures.js';
import type { Command, LeasableCommand, LeaseRenewal, PlaceUnderLease } from './command.js';
import type { ExchangeEvent } from './event.js';
import { Exchange } from './exchange.js';

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;

function underLease(command: LeasableCommand, over: Partial<PlaceUnderLease> = {}): PlaceUnderLease {
  const lease = { leaseId: 'desk', holder: 'socket 1', timeoutUs: SECOND_US, leased: null };
  return { type: 'PlaceUnderLease', ...lease, command, ...over };
}

function renewal(over: Partial<LeaseRenewal> = {}): Command {
  const usual = { account: 1, leaseId: 'desk', holder: 'socket 1', timeoutUs: SECOND_US, claims: false };
  return { type: 'RenewLeases', renewals: [{ ...usual, ...over }] };
}

const later: Command = { type: 'AdvanceTime' };

function told(events: readonly ExchangeEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.type === 'OrderCanceled') return [`${event.orderId} ${event.reason}`];
    if (event.type === 'LeaseEnded') return [`${event.leaseId} ended, ${event.canceledCount} canceled`];
    if (event.type === 'LeaseHeld') return [`${event.leaseId} held by ${event.holder}`];
    return event.type === 'OrderRejected' ? [event.reason] : [];
  });
}

/** Places an order under a lease and returns its id. */
function lease(driver: Driver, over: Partial<PlaceUnderLease> = {}, order: LeasableCommand = anOrder()): number {
  return driver.expect('OrderAccepted', underLease(order, over)).orderId;
}

describe('An order under a lease', () => {
  it('is canceled as DISCONNECT when the lease runs out, and no other order is', () => {
    const driver = startedExchange();
    const kept = driver.place();
    const foreign = driver.place({ account: 2, side: 'BUY', priceTicks: 90 });
    const leased = lease(driver);
    expect(driver.exchange.nextDueUs).toBe(driver.exchange.timeUs + SECOND_US);
    expect(told(driver.send(later, SECOND_US - 1))).toEqual([]);
    expect(told(driver.send(later, 1))).toEqual([`${leased} DISCONNECT`, 'desk ended, 1 canceled']);
    expect(driver.exchange.nextDueUs).toBeNull();
    const working = driver.exchange.image().flatMap((event) => (event.type === 'OrderAccepted' ? [event.orderId] : []));
    expect(working).toEqual([kept, foreign]);
  });

  it('stays while its holder renews the lease, and ends when he lets it run out at once', () => {
    const driver = startedExchange();
    const order = lease(driver);
    for (let count = 0; count < 5; count += 1) expect(told(driver.send(renewal(), SECOND_US - 1))).toEqual([]);
    expect(told(driver.send(renewal({ timeoutUs: 0 })))).toEqual([]);
    expect(told(driver.send(later, 0))).toEqual([`${order} DISCONNECT`, 'desk ended, 1 canceled']);
  });

  it('belongs to whoever claimed the lease last: the end of an older connection takes nothing from a newer one', () => {
    const driver = startedExchange();
    const order = lease(driver);
    expect(told(driver.send(renewal({ holder: 'socket 2', claims: true })))).toEqual(['desk held by socket 2']);
    expect(told(driver.send(renewal({ timeoutUs: 0 })))).toEqual([]);
    expect(told(driver.send(later, SECOND_US / 2))).toEqual([]);
    expect(told(driver.send(renewal({ timeoutUs: DAY_US })))).toEqual([]);
    expect(told(driver.send(later, SECOND_US / 2))).toEqual([`${order} DISCONNECT`, 'desk ended, 1 canceled']);
  });

  it('keeps the lease through a replace, a trigger and a restored snapshot', () => {
    const driver = startedExchange();
    const moved = lease(driver);
    driver.send(aReplace(moved, { priceTicks: 101 }));
    const stop = anOrder({ ordType: 'STOP_LIMIT', side: 'SELL', stopPxTicks: 95, priceTicks: 120 });
    const triggered = lease(driver, {}, stop);
    driver.place({ account: 2, side: 'SELL', priceTicks: 95, orderQtyLots: 10 });
    driver.place({ account: 2, side: 'BUY', priceTicks: 95, orderQtyLots: 1 });
    driver.place({ account: 2, side: 'SELL', priceTicks: 95, orderQtyLots: 1, selfTradePrevention: 'NONE' });
    const rested = lease(driver);
    const restored = Exchange.restore(driver.exchange.snapshot());
    expect(restored.stateHash()).toBe(driver.exchange.stateHash());
    restored.apply(later, driver.exchange.timeUs + SECOND_US);
    const canceled = told(restored.takeEvents());
    expect(canceled).toContain(`${triggered} DISCONNECT`);
    expect(canceled).toContain(`${rested} DISCONNECT`);
    driver.send(later, SECOND_US);
    expect(restored.stateHash()).toBe(driver.exchange.stateHash());
  });

  it('gets the first result again under another lease of a client that reconnected', () => {
    const driver = startedExchange();
    const order = anOrder({ clOrdId: 'one' });
    const orderId = lease(driver, {}, order);
    const again = underLease(order, { leaseId: 'other', holder: 'socket 2' });
    expect(driver.expect('OrderDuplicated', again).orderId).toBe(orderId);
  });

  it('may be some of a batch', () => {
    const driver = startedExchange();
    const orders = [anOrder(), anOrder(), anOrder()];
    const batch = { type: 'PlaceOrders' as const, orders, mode: 'ALL_OR_NONE' as const };
    const accepted = driver.send(underLease(batch, { leased: [true, false, true] }));
    const ids = accepted.flatMap((event) => (event.type === 'OrderAccepted' ? [event.orderId] : []));
    const [first, , third] = ids;
    expect(told(driver.send(later, SECOND_US))).toEqual([
      `${first} DISCONNECT`,
      `${third} DISCONNECT`,
      'desk ended, 2 canceled',
    ]);
  });

  it('may be a quote; one that stays follows the newest mass quote', () => {
    const driver = startedExchange();
    const bid = { priceTicks: 90, qtyLots: 5 };
    const quote = {
      type: 'MassQuote' as const,
      account: 1,
      quoteId: 'q',
      postOnly: true,
      selfTradePrevention: 'CANCEL_NEWEST' as const,
      entries: [{ instrument: 0, bid, ask: { priceTicks: 110, qtyLots: 5 } }],
    };
    driver.send(quote);
    const without = driver.exchange.stateHash();
    expect(without).not.toBe('');
    driver.send(underLease(quote));
    expect(told(driver.send(later, SECOND_US)).at(-1)).toBe('desk ended, 2 canceled');
    driver.send(underLease(quote));
    driver.send(quote);
    expect(told(driver.send(later, SECOND_US))).toEqual(['desk ended, 0 canceled']);
  });
});

describe('Leases have bounds', () => {
  it.each<[string, Partial<PlaceUnderLease>]>([
    ['an empty id', { leaseId: '' }],
    ['an id of 65 characters', { leaseId: 'x'.repeat(65) }],
    ['a holder of 65 characters', { holder: 'x'.repeat(65) }],
    ['no time', { timeoutUs: 0 }],
    ['more than a day', { timeoutUs: DAY_US + 1 }],
    ['a choice among one order', { leased: [true] }],
  ])('%s is refused and changes nothing', (_name, over) => {
    const driver = startedExchange();
    expect(told(driver.send(underLease(anOrder(), over)))).toEqual(['INVALID_REQUEST']);
    expect(driver.exchange.nextDueUs).toBeNull();
  });

  it('takes ids of 64 characters and a whole day', () => {
    const driver = startedExchange();
    lease(driver, { leaseId: 'x'.repeat(64), holder: 'y'.repeat(64), timeoutUs: DAY_US });
    expect(driver.exchange.nextDueUs).toBe(driver.exchange.timeUs + DAY_US);
  });

  it('of one account there are 64; the next one is refused as LEASE_LIMIT until one has run out', () => {
    const driver = startedExchange();
    for (let count = 0; count < 64; count += 1) lease(driver, { leaseId: `desk ${count}`, timeoutUs: SECOND_US });
    const last = underLease(anOrder({ clOrdId: 'one' }), { leaseId: 'desk 64' });
    expect(told(driver.send(last))).toEqual(['LEASE_LIMIT']);
    expect(lease(driver, { leaseId: 'desk 63' })).toBeGreaterThan(0);
    expect(lease(driver, { leaseId: 'desk 64' }, anOrder({ account: 2, priceTicks: 90 }))).toBeGreaterThan(0);
    driver.send(later, SECOND_US);
    expect(lease(driver, { leaseId: 'desk 64' })).toBeGreaterThan(0);
  });

  it.each<[string, Partial<LeaseRenewal>]>([
    ['an unknown account', { account: 9 }],
    ['a time below 0', { timeoutUs: -1 }],
    ['more than a day', { timeoutUs: DAY_US + 1 }],
    ['an empty id', { leaseId: '' }],
  ])('a renewal with %s is refused', (_name, over) => {
    const driver = startedExchange();
    expect(driver.expect('RequestRejected', renewal(over)).request).toBe('RenewLeases');
  });

  it('a renewal of no lease is no fault, and opens none', () => {
    const driver = startedExchange();
    expect(driver.send(renewal({ claims: true }))).toEqual([]);
    expect(driver.exchange.nextDueUs).toBeNull();
  });
});

describe('The dead-man timer', () => {
  const timer = (timeoutUs: number, account = 1): Command => ({ type: 'CancelAllAfter', account, timeoutUs });

  it('cancels every order of its account when it runs out, and no other account’s', () => {
    const driver = startedExchange();
    const plain = driver.place();
    const leased = lease(driver, { timeoutUs: DAY_US });
    driver.place({ account: 2, priceTicks: 90 });
    driver.send(timer(SECOND_US));
    expect(told(driver.send(later, SECOND_US))).toEqual([
      `${plain} DISCONNECT`,
      `${leased} DISCONNECT`,
      'null ended, 2 canceled',
    ]);
    expect(told(driver.send(later, SECOND_US))).toEqual([]);
  });

  it('is put off by each renewal, and stopped by 0', () => {
    const driver = startedExchange();
    driver.place();
    for (let count = 0; count < 5; count += 1)
      expect(told(driver.send(timer(SECOND_US), SECOND_US - 1))).toEqual(count === 0 ? ['null held by '] : []);
    expect(driver.send(timer(0))).toMatchObject([{ type: 'LeaseEnded', expired: false, canceledCount: 0 }]);
    expect(driver.send(timer(0))).toEqual([]);
    expect(told(driver.send(later, DAY_US))).toEqual([]);
  });

  it.each([
    [-1, 1, 'INVALID_REQUEST'],
    [DAY_US + 1, 1, 'INVALID_REQUEST'],
    [SECOND_US, 9, 'UNKNOWN_ACCOUNT'],
  ])('refuses %i us of account %i as %s', (timeoutUs, account, reason) => {
    const driver = startedExchange();
    expect(driver.expect('RequestRejected', timer(timeoutUs, account))).toMatchObject({
      request: 'CancelAllAfter',
      reason,
    });
  });

  it('runs out once for a preview that is asked later, and still for the command that follows', () => {
    const driver = startedExchange();
    const order = driver.place();
    driver.send(timer(SECOND_US));
    const hash = driver.exchange.stateHash();
    driver.exchange.preview(anOrder(), driver.exchange.timeUs + 2 * SECOND_US);
    expect(driver.exchange.stateHash()).toBe(hash);
    expect(told(driver.send(later, 2 * SECOND_US))).toEqual([`${order} DISCONNECT`, 'null ended, 1 canceled']);
  });
});

describe('The image of an exchange', () => {
  it('tells who holds which lease', () => {
    const driver = startedExchange();
    driver.send(anAccount('carol'));
    lease(driver);
    driver.send({ type: 'CancelAllAfter', account: 2, timeoutUs: SECOND_US });
    const held = driver.exchange.image().filter((event) => event.type === 'LeaseHeld');
    expect(held).toMatchObject([
      { account: 1, leaseId: 'desk', holder: 'socket 1' },
      { account: 2, leaseId: null, holder: '' },
    ]);
  });
});
