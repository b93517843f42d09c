/** Drives the whole exchange (all order types, funds, limits, events) with a workload, as the engine does: one command at a time. */
import type {
  CancelOrder,
  Command,
  PlaceOrder,
  ReplaceOrder,
  RiskLimitValues,
} from '../../src/core/exchange/command.js';
import { Exchange } from '../../src/core/exchange/exchange.js';
import type { InstrumentSpec } from '../../src/core/instrument/instrument.js';
import { ACCOUNTS, OP, STRIDE, type Workload } from './workload.js';

/**
 * Money and shares of each account: enough for every order; money in total, and an account's shares
 * in 10⁻⁶ of the quote asset, are still counted exactly at the highest price.
 */
const MONEY = 1_000_000_000_000;
const SHARES = 100_000;
const SIDES = ['BUY', 'SELL'] as const;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Returns the terms of the bench's instrument under a symbol. */
export function listingOf(symbol: string): InstrumentSpec {
  return {
    symbol,
    description: 'Bench',
    baseAsset: 'XYZ',
    quoteAsset: 'USD',
    tickSize: '1',
    lotSize: '1',
    minPriceTicks: 1,
    maxPriceTicks: 65_535,
    minQtyLots: 1,
    maxQtyLots: 1_000_000,
    makerFeePpm: 0,
    takerFeePpm: 100,
    priceCollarPpm: 950_000,
    referencePxTicks: 32_768,
    initialStatus: 'OPEN',
    allowedSelfTradePrevention: ['NONE'],
  };
}

/** Returns an exchange with one open instrument and the workload's accounts, funded. */
export function preparedExchange(maxOrders = 1 << 17): Exchange {
  const exchange = new Exchange({ maxOrders });
  for (const command of setupCommands()) {
    exchange.apply(command, exchange.timeUs + 1);
    for (const event of exchange.takeEvents()) {
      if (event.type === 'RequestRejected') throw new Error(`the bench’s ${command.type} was refused: ${event.text}`);
    }
  }
  return exchange;
}

/** One open instrument, and the workload's accounts with their funds. */
export function setupCommands(): Command[] {
  const commands: Command[] = [
    { type: 'RegisterAsset', asset: 'USD', scale: 0 },
    { type: 'RegisterAsset', asset: 'XYZ', scale: 0 },
    { type: 'ListInstrument', spec: listingOf('XYZ') },
    { type: 'OpenAccount', accountId: 'VENUE', name: 'Venue', ownerId: 'venue', kind: 'VENUE' },
  ];
  for (let account = 1; account <= ACCOUNTS; account += 1) {
    commands.push(
      { type: 'OpenAccount', accountId: `A${account}`, name: 'Bench', ownerId: 'bench', kind: 'CASH' },
      { type: 'AdjustBalance', account, asset: 0, amountUnits: MONEY, transferId: `c${account}` },
      { type: 'AdjustBalance', account, asset: 1, amountUnits: SHARES, transferId: `s${account}` },
    );
  }
  return commands;
}

/** Sets every limit on every account, wide enough that none refuses. @throws Error when they are not taken */
export function limitAccounts(exchange: Exchange): void {
  const limits: RiskLimitValues = {
    maxOrderQtyE8: 1_000_000_00000000,
    maxOrderNotionalE6: Number.MAX_SAFE_INTEGER,
    maxPositionQtyE8: 90_000_000_00000000,
    maxGrossExposureE6: Number.MAX_SAFE_INTEGER,
    maxOpenOrders: 1_000_000,
    maxDailyLossE6: Number.MAX_SAFE_INTEGER,
    maxNetExposureE6: Number.MAX_SAFE_INTEGER,
    maxOrdersPerSecond: 1_000_000,
    maxCancelsPerSecond: 1_000_000,
    priceCollarPpm: 960_000,
  };
  for (let account = 1; account <= ACCOUNTS; account += 1) {
    exchange.apply({ type: 'SetRiskLimits', account, instrument: null, limits, setBy: 'bench' }, exchange.timeUs + 1);
    const refused = exchange.takeEvents().find((event) => event.type === 'RequestRejected');
    if (refused !== undefined) throw new Error(`the bench’s limits were refused: ${refused.text}`);
  }
}

/**
 * Engine ids and accounts of the orders that the workload's records name: ids are deterministic, so one run tells them for all.
 * By record, as clients send them with the command; the peers are given their own ids in the same way.
 */
export interface OrderIds {
  readonly orderIdAt: Float64Array;
  readonly accountAt: Int32Array;
  readonly trades: number;
  readonly refused: number;
}

/** Runs the workload once, reading every event. */
export function learnOrderIds(workload: Workload): OrderIds {
  const exchange = preparedExchange();
  const orderIds = new Float64Array(workload.idEnd);
  const accounts = new Int32Array(workload.idEnd);
  const ids = {
    orderIdAt: new Float64Array(workload.total),
    accountAt: new Int32Array(workload.total),
    trades: 0,
    refused: 0,
  };
  const runner = new WorkloadRunner(exchange, workload, ids);
  for (let index = 0; index < workload.total; index += 1) {
    const id = workload.records[index * STRIDE + 1] ?? 0;
    accounts[id] ||= 1 + (workload.records[index * STRIDE + 5] ?? 0);
    ids.accountAt[index] = accounts[id] ?? 0;
    ids.orderIdAt[index] = orderIds[id] ?? 0;
    runner.apply(index);
    for (const event of exchange.takeEvents()) {
      if (event.type === 'OrderAccepted') orderIds[id] = event.orderId;
      if (event.type === 'OrdersTraded' && index >= workload.warmup) ids.trades += 1;
      if (event.type === 'OrderRejected' || event.type === 'RequestRejected') ids.refused += 1;
    }
  }
  return ids;
}

/** Applies records through three reused command objects, so that the figures are the exchange's. */
export class WorkloadRunner {
  readonly #place: Writable<PlaceOrder> = {
    type: 'PlaceOrder',
    account: 0,
    instrument: 0,
    side: 'BUY',
    ordType: 'LIMIT',
    timeInForce: 'GTC',
    orderQtyLots: 0,
    priceTicks: 0,
    stopPxTicks: null,
    trailingOffsetTicks: null,
    trailingPpm: null,
    displayQtyLots: null,
    expireTimeUs: null,
    postOnly: false,
    reduceOnly: false,
    selfTradePrevention: 'NONE',
    clOrdId: null,
  };
  readonly #cancel: Writable<CancelOrder> = { type: 'CancelOrder', account: 0, orderId: 0 };
  readonly #move: Writable<ReplaceOrder> = {
    type: 'ReplaceOrder',
    account: 0,
    orderId: 0,
    orderQtyLots: null,
    priceTicks: 0,
    stopPxTicks: null,
    clOrdId: null,
  };
  #timeUs: number;

  constructor(
    private readonly exchange: Exchange,
    private readonly workload: Workload,
    private readonly ids: Pick<OrderIds, 'orderIdAt' | 'accountAt'>,
  ) {
    this.#timeUs = exchange.timeUs;
  }

  run(from: number, to: number): void {
    for (let index = from; index < to; index += 1) this.apply(index);
  }

  apply(index: number): void {
    this.#timeUs += 1;
    this.exchange.apply(this.commandAt(index), this.#timeUs);
  }

  /** The record's command; one of three objects that the next call changes. */
  commandAt(index: number): Command {
    const { workload, ids } = this;
    const { records } = workload;
    const at = index * STRIDE;
    const op = records[at] as number;
    if (op === OP.MOVE) {
      this.#move.account = ids.accountAt[index] as number;
      this.#move.orderId = ids.orderIdAt[index] as number;
      this.#move.priceTicks = records[at + 3] as number;
      return this.#move;
    }
    if (op === OP.CANCEL) {
      this.#cancel.account = ids.accountAt[index] as number;
      this.#cancel.orderId = ids.orderIdAt[index] as number;
      return this.#cancel;
    }
    this.#place.account = 1 + (records[at + 5] as number);
    this.#place.side = SIDES[records[at + 2] as number] as 'BUY' | 'SELL';
    this.#place.timeInForce = op === OP.IMMEDIATE ? 'IOC' : 'GTC';
    this.#place.priceTicks = records[at + 3] as number;
    this.#place.orderQtyLots = records[at + 4] as number;
    return this.#place;
  }
}
