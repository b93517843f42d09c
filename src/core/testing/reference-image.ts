/** The reference exchange's state in the canonical order of the state hash, written on its own. */
import type { RiskLimitValues } from '../exchange/command.js';
import {
  AUCTION_KIND,
  CONTINGENCY,
  MARGIN_STATUS,
  MARK_METHOD,
  ORD_STATUS,
  ORD_TYPE,
  PLAN_LEG,
  SELF_TRADE,
  TIME_IN_FORCE,
  TRADING_STATUS,
  TRIP_CAUSE,
} from '../values/codes.js';
import type { StateSink } from '../values/state-hash.js';
import { neededBuckets } from './reference-rates.js';
import {
  pairOf,
  type ReferenceAccount,
  type ReferenceInstrument,
  type ReferenceKey,
  type ReferenceOrder,
  type ReferenceState,
  type ReferenceSwitch,
  type ReferenceWindow,
  sortedPairs,
} from './reference-state.js';
import { entriesOf } from './reference-windows.js';

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
  describeSwitch(state.kill, sink);
  sink.number(state.tiers.length);
  for (const tier of state.tiers) {
    sink.text(tier.name);
    describeLimits(tier.limits, sink);
    sink.text(tier.setBy);
  }
  sink.number(state.accounts.length);
  for (const account of state.accounts) describeAccount(account, sink);
  for (const account of state.accounts) {
    for (const { tokens, timeUs } of neededBuckets(state, account)) numbers(sink, tokens, timeUs);
  }
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
  const held = [...state.held].sort((a, b) => a.account - b.account || a.accountNumber - b.accountNumber);
  sink.number(held.length);
  for (const order of held) {
    sink.number(order.instrument * 2 + (order.terms.side === 'BUY' ? 0 : 1));
    describeOrder(order, sink);
  }
  for (const [index] of state.accounts.entries()) {
    const orders = state.ordersOf(index);
    numbers(sink, orders.length, ...orders.map((order) => order.slot));
  }
  describeKeys(state.clOrdIds, sink);
  describeKeys(state.transferIds, sink);
  describeMargin(state, sink);
  sink.number(state.leases.length);
  for (const { row, account, leaseId, holder, expiresUs } of [...state.leases].sort((a, b) => a.row - b.row)) {
    numbers(sink, row, account);
    sink.text(leaseId);
    sink.text(holder);
    sink.number(expiresUs);
  }
  describeBreakers(state, sink);
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
  sink.number(instrument.mark);
  describeSwitch(instrument.kill, sink);
}

function describeAccount(account: ReferenceAccount, sink: StateSink): void {
  for (const text of [account.accountId, account.name, account.ownerId, account.kind]) sink.text(text);
  describeLimits(account.limits, sink);
  sink.text(account.limitsSetBy);
  sink.text(account.tier);
  sink.text(account.tierSetBy);
  sink.number(account.symbolLimits.length);
  for (const { instrument, limits, setBy } of [...account.symbolLimits].sort((a, b) => a.instrument - b.instrument)) {
    sink.number(instrument);
    describeLimits(limits, sink);
    sink.text(setBy);
  }
  describeSwitch(account.kill, sink);
  sink.text(account.state);
  sink.text(account.stateReason);
  sink.text(account.stateSetBy);
}

function describeSwitch({ engaged, allowReduceOnly, reason, setBy }: ReferenceSwitch, sink: StateSink): void {
  numbers(sink, engaged ? 1 : 0, allowReduceOnly ? 1 : 0);
  sink.text(reason);
  sink.text(setBy);
}

function describeLimits(limits: RiskLimitValues, sink: StateSink): void {
  for (const limit of [
    limits.maxOrderQtyE8,
    limits.maxOrderNotionalE6,
    limits.maxPositionQtyE8,
    limits.maxGrossExposureE6,
    limits.maxNetExposureE6,
    limits.maxOpenOrders,
    limits.maxDailyLossE6,
    limits.maxOrdersPerSecond,
    limits.maxCancelsPerSecond,
    limits.priceCollarPpm,
  ]) {
    sink.number(limit ?? -1);
  }
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
    const { qty, cost, realized, fees, dayBase } = state.positions.get(key)!;
    numbers(sink, ...pairOf(key), qty, cost, realized, fees, dayBase);
  }
}

function describeOrder(order: ReferenceOrder, sink: StateSink): void {
  const { terms } = order;
  numbers(sink, order.slot, ORD_STATUS[order.status], ORD_TYPE[terms.ordType], TIME_IN_FORCE[terms.timeInForce]);
  numbers(
    sink,
    SELF_TRADE[terms.selfTradePrevention],
    (terms.postOnly ? 1 : 0) +
      (terms.reduceOnly ? 2 : 0) +
      (order.quote ? 4 : 0) +
      (order.plan === null ? 0 : 8) +
      (order.lease === null ? 0 : 128),
  );
  numbers(sink, order.price ?? -1, order.stopPx ?? -1, order.displayQty ?? -1);
  numbers(sink, terms.trailingOffsetTicks ?? -1, terms.trailingPpm ?? -1, terms.expireTimeUs ?? -1, order.due ?? -1);
  numbers(sink, order.orderQty, order.cum, order.leaves, order.shown, order.notional, order.createdUs, order.held);
  sink.number(order.lease ?? -1);
  sink.text(terms.clOrdId);
  if (order.plan === null) return;
  const { planId, contingency, name, entry, exits, counter, leads, followed } = order.plan;
  const links = [entry, exits[0], exits[1], counter].map((other) => other?.slot ?? -1);
  numbers(sink, planId, CONTINGENCY[contingency] * 3 + PLAN_LEG[name], ...links, leads ? 1 : 0, followed);
}

function describeBreakers(state: ReferenceState, sink: StateSink): void {
  for (const { breaker, halt } of state.instruments) {
    const { cause, trippedUs, referencePx, tripPx, resumesUs, reopeningUs } = halt;
    numbers(sink, cause === null ? -1 : TRIP_CAUSE[cause]);
    numbers(sink, trippedUs ?? -1, referencePx ?? -1, tripPx ?? -1, resumesUs ?? -1, reopeningUs);
    sink.number(breaker === null ? 0 : 1);
    if (breaker !== null) describeWindow(breaker, state.timeUs, sink);
  }
  const { market } = state;
  sink.number(market?.members.length ?? 0);
  if (market === null) return;
  for (const [place, member] of market.members.entries()) {
    numbers(sink, member, market.bases[place]!, market.parts[place]!);
  }
  const { trippedUs, ...window } = market;
  describeWindow(window, state.timeUs, sink, trippedUs ?? -1);
}

function describeWindow(window: ReferenceWindow, timeUs: number, sink: StateSink, ...more: number[]): void {
  const { movePpm, windowUs, cooldownUs, auctionUs, queuesOrders } = window.terms;
  numbers(sink, movePpm, windowUs, cooldownUs, auctionUs, queuesOrders ? 1 : 0);
  sink.text(window.setBy);
  const entries = entriesOf(window, timeUs);
  numbers(sink, ...more, entries.length, ...entries.flat());
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
