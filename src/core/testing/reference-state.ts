/**
 * State of the reference exchange: plain objects, arrays and maps, chosen to be obviously right, never to be fast.
 * `describeReference` tells it in the canonical order of the state hash, written on its own.
 */
import type { PlaceOrder, RiskLimitValues } from '../exchange/command.js';
import type { Capacities } from '../exchange/state.js';
import type { InstrumentSpec } from '../instrument/instrument.js';
import type { InstrumentTerms } from '../instrument/terms.js';
import type { MarginTerms, MarkTerms } from '../risk/margin-book.js';
import {
  AUCTION_KIND,
  MARGIN_STATUS,
  MARK_METHOD,
  ORD_STATUS,
  ORD_TYPE,
  SELF_TRADE,
  TIME_IN_FORCE,
  TRADING_STATUS,
} from '../values/codes.js';
import type { StateSink } from '../values/state-hash.js';
import type { AuctionKind, MarginStatus, OrdStatus, TradingStatus } from '../values/vocabulary.js';

export interface ReferenceOrder {
  readonly slot: number;
  readonly orderId: number;
  readonly terms: PlaceOrder;
  /** −1 where the command named none that exists. */
  readonly account: number;
  readonly instrument: number;
  readonly createdUs: number;
  status: OrdStatus;
  orderQty: number;
  price: number | null;
  stopPx: number | null;
  /** One side of a mass quote. */
  quote: boolean;
  /** A stop that has not been triggered. */
  waiting: boolean;
  /** Gathers for an auction and does not trade when it comes in. */
  gathers: boolean;
  /** Where it gathers for an auction outside of the book: at market, or until the close; null = not there. */
  gathered: 'market' | 'close' | null;
  /** Worst price of a MARKET order in an auction. */
  protection: number | null;
  due: number | null;
  displayQty: number | null;
  cum: number;
  leaves: number;
  shown: number;
  notional: number;
  held: number;
  /** Place in the queue of its price: the smaller, the earlier. */
  queueNumber: number;
  /** Place among its account's orders. */
  accountNumber: number;
  /** Among its account's orders, at rest or waiting. */
  listed: boolean;
}

export interface ReferenceInstrument {
  readonly index: number;
  readonly spec: InstrumentSpec;
  readonly terms: InstrumentTerms;
  readonly base: number;
  readonly quote: number;
  status: TradingStatus;
  reason: string;
  lastPx: number | null;
  auction: AuctionKind | null;
  hasOpened: boolean;
  haltQueues: boolean;
  scheduledUs: number | null;
  calendar: string | null;
}

export interface ReferenceAccount {
  readonly accountId: string;
  readonly name: string;
  readonly ownerId: string;
  readonly kind: string;
  limits: RiskLimitValues;
  limitsSetBy: string | null;
  killSwitch: boolean;
  killSwitchSetBy: string | null;
}

export interface ReferencePosition {
  qty: number;
  cost: number;
  realized: number;
  fees: number;
}

export interface ReferenceKey {
  readonly owner: number;
  readonly key: string;
  readonly input: string;
  readonly orderId: number;
  readonly commandSequence: number;
  readonly timeUs: number;
  readonly hashHigh: number;
  readonly hashLow: number;
}

export class ReferenceState {
  commandSequence = 0;
  eventSequence = 0;
  timeUs = 0;
  tradeId = 0;
  queueNumber = 0;
  assets: { code: string; scale: number; supply: number }[] = [];
  instruments: ReferenceInstrument[] = [];
  accounts: ReferenceAccount[] = [];
  /** By `account/asset`. */
  balances = new Map<string, { total: number; held: number }>();
  /** By `account/instrument`. */
  positions = new Map<string, ReferencePosition>();
  /** Resting orders of all instruments, in no particular order. */
  resting: ReferenceOrder[] = [];
  /** Stops that wait for their trigger, oldest first. */
  waiting: ReferenceOrder[] = [];
  /** Orders that gather outside of the book, oldest first. */
  gathered: ReferenceOrder[] = [];
  /** Stops triggered in the present command that have not acted yet. */
  triggered: { order: ReferenceOrder; px: number }[] = [];
  slots: { generation: number; account: number; lastOrder: ReferenceOrder | null }[] = [];
  freeSlots: number[] = [];
  freedInCommand: number[] = [];
  clOrdIds: ReferenceKey[] = [];
  transferIds: ReferenceKey[] = [];
  /** By instrument, where they were set. */
  marginTerms = new Map<number, MarginTerms>();
  marks = new Map<number, MarkTerms>();
  /** Pools, by `account/quote asset`. */
  marginStatuses = new Map<string, MarginStatus>();

  constructor(readonly capacities: Capacities) {}

  /** Returns a copy that shares nothing with this state. */
  copy(): ReferenceState {
    return Object.assign(new ReferenceState(this.capacities), structuredClone({ ...this }));
  }

  balance(account: number, asset: number): { total: number; held: number } {
    const key = `${account}/${asset}`;
    const found = this.balances.get(key) ?? { total: 0, held: 0 };
    this.balances.set(key, found);
    return found;
  }

  position(account: number, instrument: number): ReferencePosition {
    const key = `${account}/${instrument}`;
    const found = this.positions.get(key) ?? { qty: 0, cost: 0, realized: 0, fees: 0 };
    this.positions.set(key, found);
    return found;
  }

  /** Resting orders of one side, the one that trades first in front. */
  queue(instrument: number, side: 'BUY' | 'SELL'): ReferenceOrder[] {
    return this.resting
      .filter((order) => order.instrument === instrument && order.terms.side === side)
      .sort((a, b) => {
        const better = side === 'BUY' ? b.price! - a.price! : a.price! - b.price!;
        return better !== 0 ? better : a.queueNumber - b.queueNumber;
      });
  }

  ordersOf(account: number): ReferenceOrder[] {
    return [...this.resting, ...this.waiting, ...this.gathered]
      .filter((order) => order.account === account)
      .sort((a, b) => a.accountNumber - b.accountNumber);
  }
}

/** Two numbers of a `a/b` key. */
export function pairOf(key: string): [number, number] {
  const [first = '', second = ''] = key.split('/');
  return [Number(first), Number(second)];
}

/** Keys of a map of pairs, sorted by their first, then their second number. */
export function sortedPairs(keys: Iterable<string>): string[] {
  return [...keys].sort((a, b) => pairOf(a)[0] - pairOf(b)[0] || pairOf(a)[1] - pairOf(b)[1]);
}

/** Tells the state in the canonical order that the state hash covers. */
export function describeReference(state: ReferenceState, sink: StateSink): void {
  const { capacities } = state;
  numbers(sink, capacities.maxOrders, capacities.maxAccounts, capacities.maxInstruments, capacities.maxAssets);
  numbers(sink, capacities.maxClOrdIds, capacities.clOrdIdRetentionUs);
  numbers(sink, capacities.maxTransferIds, capacities.transferIdRetentionUs);
  numbers(sink, state.commandSequence, state.eventSequence, state.timeUs, state.tradeId);
  sink.number(state.assets.length);
  for (const asset of state.assets) {
    sink.text(asset.code);
    numbers(sink, asset.scale, asset.supply);
  }
  sink.number(state.instruments.length);
  for (const instrument of state.instruments) describeInstrument(instrument, sink);
  sink.number(state.accounts.length);
  for (const account of state.accounts) describeAccount(account, sink);
  describeMoney(state, sink);
  sink.number(state.slots.length);
  for (const slot of state.slots) numbers(sink, slot.generation, slot.account);
  numbers(sink, state.freeSlots.length, ...state.freeSlots);
  for (const { index } of state.instruments) {
    for (const side of ['BUY', 'SELL'] as const) {
      const queue = state.queue(index, side);
      sink.number(queue.length);
      for (const order of queue) describeOrder(order, sink);
    }
    const waiting = state.waiting.filter((order) => order.instrument === index);
    sink.number(waiting.length);
    for (const order of waiting) {
      sink.number(order.terms.side === 'BUY' ? 0 : 1);
      describeOrder(order, sink);
    }
  }
  for (const { index } of state.instruments) {
    const own = state.gathered.filter((order) => order.instrument === index);
    const market = own.filter(({ gathered }) => gathered === 'market');
    for (const list of [
      market.filter(({ terms }) => terms.side === 'BUY'),
      market.filter(({ terms }) => terms.side === 'SELL'),
      own.filter(({ gathered }) => gathered === 'close'),
    ]) {
      sink.number(list.length);
      for (const order of list) {
        numbers(sink, order.terms.side === 'BUY' ? 0 : 1, order.protection ?? -1);
        describeOrder(order, sink);
      }
    }
  }
  for (const [index] of state.accounts.entries()) {
    const orders = state.ordersOf(index);
    numbers(sink, orders.length, ...orders.map((order) => order.slot));
  }
  describeKeys(state.clOrdIds, sink);
  describeKeys(state.transferIds, sink);
  describeMargin(state, sink);
}

function numbers(sink: StateSink, ...values: number[]): void {
  for (const value of values) sink.number(value);
}

function describeInstrument(instrument: ReferenceInstrument, sink: StateSink): void {
  const { spec, status, reason, lastPx, auction, hasOpened, haltQueues, scheduledUs, calendar } = instrument;
  for (const text of [spec.symbol, spec.description, spec.baseAsset, spec.quoteAsset, spec.tickSize, spec.lotSize]) {
    sink.text(text);
  }
  numbers(sink, spec.minPriceTicks, spec.maxPriceTicks, spec.minQtyLots, spec.maxQtyLots);
  numbers(sink, spec.makerFeePpm, spec.takerFeePpm, spec.priceCollarPpm ?? -1, spec.referencePxTicks);
  sink.text(spec.initialStatus);
  sink.number(spec.allowedSelfTradePrevention.length);
  for (const mode of spec.allowedSelfTradePrevention) sink.text(mode);
  sink.number(TRADING_STATUS[status]);
  sink.text(reason);
  sink.number(lastPx ?? -1);
  numbers(
    sink,
    auction === null ? -1 : AUCTION_KIND[auction],
    hasOpened ? 1 : 0,
    haltQueues ? 1 : 0,
    scheduledUs ?? -1,
  );
  sink.text(calendar);
}

function describeAccount(account: ReferenceAccount, sink: StateSink): void {
  for (const text of [account.accountId, account.name, account.ownerId, account.kind]) sink.text(text);
  const { limits } = account;
  for (const limit of [
    limits.maxOrderQtyE8,
    limits.maxOrderNotionalE6,
    limits.maxPositionQtyE8,
    limits.maxGrossExposureE6,
    limits.maxOpenOrders,
    limits.maxDailyLossE6,
    limits.maxOrdersPerSecond,
    limits.priceCollarPpm,
  ]) {
    sink.number(limit ?? -1);
  }
  sink.text(account.limitsSetBy);
  sink.number(account.killSwitch ? 1 : 0);
  sink.text(account.killSwitchSetBy);
}

function describeMoney(state: ReferenceState, sink: StateSink): void {
  const balances = sortedPairs(state.balances.keys()).filter((key) => {
    const { total, held } = state.balances.get(key)!;
    return total !== 0 || held !== 0;
  });
  sink.number(balances.length);
  for (const key of balances) {
    const { total, held } = state.balances.get(key)!;
    numbers(sink, ...pairOf(key), total, held);
  }
  const positions = sortedPairs(state.positions.keys()).filter((key) =>
    Object.values(state.positions.get(key)!).some((value) => value !== 0),
  );
  sink.number(positions.length);
  for (const key of positions) {
    const { qty, cost, realized, fees } = state.positions.get(key)!;
    numbers(sink, ...pairOf(key), qty, cost, realized, fees);
  }
}

function describeOrder(order: ReferenceOrder, sink: StateSink): void {
  const { terms } = order;
  numbers(sink, order.slot, ORD_STATUS[order.status], ORD_TYPE[terms.ordType], TIME_IN_FORCE[terms.timeInForce]);
  numbers(
    sink,
    SELF_TRADE[terms.selfTradePrevention],
    (terms.postOnly ? 1 : 0) + (terms.reduceOnly ? 2 : 0) + (order.quote ? 4 : 0),
  );
  numbers(sink, order.price ?? -1, order.stopPx ?? -1, order.displayQty ?? -1);
  numbers(sink, terms.trailingOffsetTicks ?? -1, terms.trailingPpm ?? -1, terms.expireTimeUs ?? -1, order.due ?? -1);
  numbers(sink, order.orderQty, order.cum, order.leaves, order.shown, order.notional, order.createdUs, order.held);
  sink.text(terms.clOrdId);
}

function describeMargin({ marginTerms, marks, marginStatuses }: ReferenceState, sink: StateSink): void {
  sink.number(marginTerms.size);
  for (const [instrument, terms] of [...marginTerms].sort(([a], [b]) => a - b)) {
    numbers(sink, instrument, terms.initialMarginPpm, terms.maintenanceMarginPpm, terms.shortSelling ? 1 : 0);
    sink.text(terms.setBy);
  }
  sink.number(marks.size);
  for (const [instrument, { method, settlementPxTicks, setBy }] of [...marks].sort(([a], [b]) => a - b)) {
    numbers(sink, instrument, MARK_METHOD[method], settlementPxTicks ?? -1);
    sink.text(setBy);
  }
  const troubled = sortedPairs(marginStatuses.keys()).filter((key) => marginStatuses.get(key) !== 'HEALTHY');
  sink.number(troubled.length);
  for (const key of troubled) {
    const [account, asset] = pairOf(key);
    numbers(sink, account * 65_536 + asset, MARGIN_STATUS[marginStatuses.get(key)!]);
  }
}

function describeKeys(keys: readonly ReferenceKey[], sink: StateSink): void {
  sink.number(keys.length);
  for (const key of keys) {
    sink.number(key.owner);
    sink.text(key.key);
    numbers(sink, key.orderId, key.commandSequence, key.timeUs, key.hashHigh, key.hashLow);
  }
}
