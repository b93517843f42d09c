/** Commands and small exchanges for tests: every field has a usual value, a test names what matters to it. */
import type {
  Command,
  OpenAccount,
  PlaceOrder,
  ReplaceOrder,
  RiskLimitValues,
  SetKillSwitch,
  SetRiskLimits,
} from '../exchange/command.js';
import type { ExchangeEvent, ExchangeEventType } from '../exchange/event.js';
import { Exchange, type ExchangeOptions } from '../exchange/exchange.js';
import type { InstrumentSpec } from '../instrument/instrument.js';
import { NO_LIMITS } from '../risk/account.js';

/** 2026-01-02T09:30:00Z in microseconds. */
export const START_US = 1_767_346_200_000_000;

export function anInstrument(over: Partial<InstrumentSpec> = {}): InstrumentSpec {
  return {
    symbol: 'ABC',
    description: 'Test instrument',
    baseAsset: 'ABC',
    quoteAsset: 'USD',
    tickSize: '0.01',
    lotSize: '1',
    minPriceTicks: 1,
    maxPriceTicks: 1_000_000,
    minQtyLots: 1,
    maxQtyLots: 1_000_000,
    makerFeePpm: 0,
    takerFeePpm: 0,
    priceCollarPpm: null,
    referencePxTicks: 100,
    initialStatus: 'OPEN',
    allowedSelfTradePrevention: ['NONE', 'CANCEL_NEWEST', 'CANCEL_OLDEST', 'CANCEL_BOTH', 'DECREMENT'],
    ...over,
  };
}

export function anOrder(over: Partial<PlaceOrder> = {}): PlaceOrder {
  return {
    type: 'PlaceOrder',
    account: 1,
    instrument: 0,
    side: 'BUY',
    ordType: 'LIMIT',
    timeInForce: 'GTC',
    orderQtyLots: 10,
    priceTicks: over.ordType === 'MARKET' ? null : 100,
    stopPxTicks: null,
    trailingOffsetTicks: null,
    trailingPpm: null,
    displayQtyLots: null,
    expireTimeUs: null,
    postOnly: false,
    reduceOnly: false,
    selfTradePrevention: 'CANCEL_NEWEST',
    clOrdId: null,
    ...over,
  };
}

export function aReplace(orderId: number, over: Partial<ReplaceOrder> = {}): ReplaceOrder {
  return {
    type: 'ReplaceOrder',
    account: 1,
    orderId,
    orderQtyLots: null,
    priceTicks: null,
    stopPxTicks: null,
    clOrdId: null,
    ...over,
  };
}

export function limits(over: Partial<RiskLimitValues>): RiskLimitValues {
  return { ...NO_LIMITS, ...over };
}

export function aKillSwitch(
  account: number | null,
  engaged: boolean,
  over: Partial<SetKillSwitch> = {},
): SetKillSwitch {
  const usual = { instrument: null, allowReduceOnly: false, reason: '', setBy: 'tester' };
  return { type: 'SetKillSwitch', account, engaged, ...usual, ...over };
}

export function setLimits(
  account: number,
  over: Partial<RiskLimitValues>,
  instrument: number | null = null,
): SetRiskLimits {
  return { type: 'SetRiskLimits', account, instrument, limits: limits(over), setBy: 'tester' };
}

export function anAccount(accountId: string, kind: OpenAccount['kind'] = 'CASH'): OpenAccount {
  return { type: 'OpenAccount', accountId, name: accountId, ownerId: `owner of ${accountId}`, kind };
}

/** What a test drives: the fast exchange or the reference. */
export interface Machine {
  apply(command: Command, timeUs: number): void;
  takeEvents(): ExchangeEvent[];
  readonly timeUs: number;
}

/** Drives a machine one microsecond a command and finds events. */
export class Driver<M extends Machine = Exchange> {
  constructor(readonly exchange: M) {}

  /** Applies a command `waitUs` after the one before and returns its events. */
  send(command: Command, waitUs = 1): ExchangeEvent[] {
    this.exchange.apply(command, Math.max(START_US, this.exchange.timeUs) + waitUs);
    return this.exchange.takeEvents();
  }

  /** Applies a command and returns its first event of a type. @throws Error when it caused none */
  expect<T extends ExchangeEventType>(type: T, command: Command): Extract<ExchangeEvent, { type: T }> {
    const events = this.send(command);
    const found = events.find((event) => event.type === type);
    if (found === undefined) throw new Error(`no ${type} in ${JSON.stringify(events)}`);
    return found as Extract<ExchangeEvent, { type: T }>;
  }

  /** Places an order that must be accepted and returns its id. */
  place(over: Partial<PlaceOrder> = {}): number {
    return this.expect('OrderAccepted', anOrder(over)).orderId;
  }
}

/** Commands that set up assets USD and ABC (scale 2 and 0), the venue, two funded accounts and one instrument. */
export function setupCommands(spec: Partial<InstrumentSpec> = {}, fundsUnits = 1_000_000): Command[] {
  const deposits: Command[] = [1, 2].flatMap((account) =>
    [0, 1].map((asset) => ({
      type: 'AdjustBalance' as const,
      account,
      asset,
      amountUnits: fundsUnits,
      transferId: `setup ${account} ${asset}`,
    })),
  );
  return [
    { type: 'RegisterAsset', asset: 'USD', scale: 2 },
    { type: 'RegisterAsset', asset: 'ABC', scale: 0 },
    { type: 'ListInstrument', spec: anInstrument(spec) },
    anAccount('venue', 'VENUE'),
    anAccount('alice'),
    anAccount('bob'),
    ...deposits,
  ];
}

/** Returns a driver of an exchange after `setupCommands`: accounts 1 (alice) and 2 (bob), instrument 0. */
export function startedExchange(spec: Partial<InstrumentSpec> = {}, options: ExchangeOptions = {}): Driver {
  const driver = new Driver(new Exchange(options));
  for (const command of setupCommands(spec)) driver.send(command);
  return driver;
}
