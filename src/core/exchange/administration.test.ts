import {
  aKillSwitch,
  anAccount,
  anInstrument,
  anOrder,
  aReplace,
  Driver,
  limits,
  startedExchange,
} from '../testing/fixtures.js';
import type { Command } from './command.js';
import { Exchange } from './exchange.js';

const transfer = (over: Partial<Extract<Command, { type: 'AdjustBalance' }>> = {}): Command => ({
  type: 'AdjustBalance',
  account: 1,
  asset: 0,
  amountUnits: 500,
  transferId: 't',
  ...over,
});

describe('Administration', () => {
  it.each<[string, Command]>([
    ['an asset that is registered', { type: 'RegisterAsset', asset: 'USD', scale: 2 }],
    ['an asset without a code', { type: 'RegisterAsset', asset: '', scale: 2 }],
    ['an asset of scale 9', { type: 'RegisterAsset', asset: 'NEW', scale: 9 }],
    ['a symbol that is listed', { type: 'ListInstrument', spec: anInstrument() }],
    ['a symbol in lower case', { type: 'ListInstrument', spec: anInstrument({ symbol: 'abc' }) }],
    ['an unknown base asset', { type: 'ListInstrument', spec: anInstrument({ symbol: 'N', baseAsset: 'N' }) }],
    ['one asset against itself', { type: 'ListInstrument', spec: anInstrument({ symbol: 'N', baseAsset: 'USD' }) }],
    [
      'a tick finer than the quote unit',
      { type: 'ListInstrument', spec: anInstrument({ symbol: 'N', tickSize: '0.001' }) },
    ],
    ['a rebate above the fee', { type: 'ListInstrument', spec: anInstrument({ symbol: 'N', makerFeePpm: -1 }) }],
    [
      'a reference price out of bounds',
      { type: 'ListInstrument', spec: anInstrument({ symbol: 'N', referencePxTicks: 0 }) },
    ],
    [
      'prices too great to count',
      { type: 'ListInstrument', spec: anInstrument({ symbol: 'N', maxPriceTicks: 2 ** 53 - 1 }) },
    ],
    ['an account that is open', anAccount('alice')],
    ['a second venue', anAccount('venue 2', 'VENUE')],
    [
      'a negative limit',
      { type: 'SetRiskLimits', account: 1, instrument: null, limits: limits({ maxOpenOrders: -1 }), setBy: 'x' },
    ],
    [
      'a collar above 100 %',
      {
        type: 'SetRiskLimits',
        account: 1,
        instrument: null,
        limits: limits({ priceCollarPpm: 1_000_001 }),
        setBy: 'x',
      },
    ],
  ])('refuses %s and changes nothing', (_name, command) => {
    const driver = startedExchange();
    const image = driver.exchange.image().map(({ type }) => type);
    expect(driver.send(command)).toMatchObject([
      { type: 'RequestRejected', request: 'Administration', reason: 'INVALID_REQUEST' },
    ]);
    expect(driver.exchange.image().map(({ type }) => type)).toEqual(image);
  });

  it('opens the venue first, and only it may be one', () => {
    const driver = new Driver(new Exchange());
    expect(driver.expect('RequestRejected', anAccount('alice')).text).toContain('VENUE');
    expect(driver.expect('AccountOpened', anAccount('venue', 'VENUE')).account).toBe(0);
  });

  it('does a transfer once, tells its repetition, and refuses its id for another amount', () => {
    const driver = startedExchange();
    expect(driver.send(transfer())).toMatchObject([
      { type: 'BalanceAdjusted', duplicate: false },
      { type: 'BalanceUpdated', totalUnits: 1_000_500 },
    ]);
    expect(driver.send(transfer())).toMatchObject([{ type: 'BalanceAdjusted', duplicate: true }]);
    expect(driver.send(transfer({ amountUnits: 501 }))).toMatchObject([{ reason: 'DUPLICATE_CL_ORD_ID' }]);
  });

  it('refuses a withdrawal of what working orders hold, and takes the same id once it is free', () => {
    const driver = startedExchange();
    const orderId = driver.place({ priceTicks: 100, orderQtyLots: 9_999 });
    const withdrawal = transfer({ amountUnits: -200 });
    expect(driver.send(withdrawal)).toMatchObject([
      { type: 'RequestRejected', request: 'AdjustBalance', reason: 'INSUFFICIENT_FUNDS', limit: 100, current: 999_900 },
    ]);
    driver.send({ type: 'CancelOrder', account: 1, orderId });
    expect(driver.send(withdrawal)[0]).toMatchObject({ type: 'BalanceAdjusted', duplicate: false });
  });

  it('refuses a deposit that could not be counted exactly', () => {
    const driver = startedExchange();
    expect(driver.send(transfer({ amountUnits: 2 ** 53 - 1 }))).toMatchObject([{ reason: 'INVALID_QTY' }]);
    expect(driver.send(transfer({ asset: 1, amountUnits: 2 ** 52 }))).toMatchObject([{ reason: 'INVALID_QTY' }]);
  });

  it('counts base assets into the position of the first instrument listed with them, before and after the listing', () => {
    const driver = new Driver(new Exchange());
    driver.send({ type: 'RegisterAsset', asset: 'USD', scale: 2 });
    driver.send({ type: 'RegisterAsset', asset: 'ABC', scale: 1 });
    driver.send(anAccount('venue', 'VENUE'));
    driver.send(anAccount('alice'));
    driver.send(transfer({ asset: 1, amountUnits: 95, transferId: 'a' }));
    const listed = driver.send({ type: 'ListInstrument', spec: anInstrument() });
    expect(listed[1]).toMatchObject({ type: 'PositionUpdated', account: 1, qtyLots: 9, costUnits: 900 });
    expect(driver.send(transfer({ asset: 1, amountUnits: 5, transferId: 'b' }))[2]).toMatchObject({
      qtyLots: 10,
      costUnits: 1000,
    });
    expect(driver.send(transfer({ asset: 1, amountUnits: -50, transferId: 'c' }))[2]).toMatchObject({
      qtyLots: 5,
      costUnits: 500,
      realizedPnlUnits: 0,
    });
    driver.send({ type: 'ListInstrument', spec: anInstrument({ symbol: 'ABC-2' }) });
    expect(driver.send(transfer({ asset: 1, amountUnits: 10, transferId: 'd' }))[2]).toMatchObject({
      instrument: 0,
      qtyLots: 6,
    });
  });

  it('cancels all working orders of an account when its kill switch is engaged, oldest first', () => {
    const driver = startedExchange();
    const first = driver.place({ priceTicks: 90 });
    const second = driver.place({ side: 'SELL', priceTicks: 200 });
    const events = driver.send(aKillSwitch(1, true, { setBy: 'risk' }));
    expect(events.slice(0, 3)).toMatchObject([
      { type: 'KillSwitchSet', engaged: true, setBy: 'risk' },
      { type: 'OrderCanceled', orderId: first, reason: 'KILL_SWITCH', canceledQtyLots: 10 },
      { type: 'OrderCanceled', orderId: second, reason: 'KILL_SWITCH', ordStatus: 'CANCELED', leavesQtyLots: 0 },
    ]);
    expect(driver.expect('OrderRejected', anOrder()).reason).toBe('KILL_SWITCH');
  });

  it('refuses requests on orders of others, ended orders and unknown accounts', () => {
    const driver = startedExchange();
    const orderId = driver.place();
    const reasonOf = (command: Command) => driver.expect('RequestRejected', command).reason;
    expect(reasonOf({ type: 'CancelOrder', account: 2, orderId })).toBe('UNKNOWN_ORDER');
    expect(reasonOf({ type: 'CancelOrder', account: 1, orderId: orderId + 1 })).toBe('UNKNOWN_ORDER');
    expect(reasonOf({ type: 'CancelOrder', account: 8, orderId })).toBe('UNKNOWN_ACCOUNT');
    expect(reasonOf(aReplace(orderId, { account: 2, orderQtyLots: 1 }))).toBe('UNKNOWN_ORDER');
    driver.send({ type: 'CancelOrder', account: 1, orderId });
    expect(reasonOf({ type: 'CancelOrder', account: 1, orderId })).toBe('TOO_LATE_TO_CANCEL');
    expect(reasonOf(aReplace(orderId, { orderQtyLots: 1 }))).toBe('TOO_LATE_TO_CANCEL');
    expect(reasonOf({ type: 'CancelAllOrders', account: 1, instrument: 7, side: null })).toBe('UNKNOWN_SYMBOL');
  });
});
