/**
 * The whole state as one canonical stream of numbers and texts: what snapshots hold and the state hash covers.
 *
 * Canonical: sorted where order means nothing (balances and positions by account, then asset or instrument; rows
 * that are all zero left out), in logical order where it means something (books best price first, queues front
 * first, waiting stops and accounts' orders oldest first, keys oldest first, free slots bottom first). Two exchanges with the same
 * stream answer every further command alike. `restoreState` reads what `describeState` tells; a field added to one
 * is added to the other, in the same place.
 */
import type { InstrumentSpec } from '../instrument/instrument.js';
import type { BookSide } from '../matching/book-side.js';
import { HELD, LEASED, NIL, PLANNED, SLOT_WORDS } from '../matching/order-table.js';
import type { Account } from '../risk/account.js';
import { ALL_INSTRUMENTS } from '../risk/exposures.js';
import { LIMIT_NAMES } from '../risk/limit-values.js';
import { RATE_KINDS, type RateKind, rateOf } from '../risk/rate-limits.js';
import type { KillSwitch } from '../risk/stop-level.js';
import { NONE } from '../values/codes.js';
import type { StateSink } from '../values/state-hash.js';
import { describeBreakers } from './breaker-image.js';
import type { RiskLimitValues } from './command.js';
import type { Listing } from './listing.js';
import type { ExchangeState } from './state.js';

/** Tells the whole state to the sink. */
export function describeState(state: ExchangeState, sink: StateSink): void {
  describeCounters(state, sink);
  sink.number(state.assets.length);
  for (const [index, asset] of state.assets.entries()) {
    sink.text(asset.code);
    sink.number(asset.scale);
    sink.number(state.ledger.supply[index]!);
  }
  sink.number(state.listings.length);
  for (const listing of state.listings) describeListing(listing, sink);
  describePolicy(state, sink);
  sink.number(state.accounts.length);
  for (const account of state.accounts) describeAccount(account, sink);
  for (const account of state.accounts) describeBuckets(state, account, sink);
  describeBalances(state, sink);
  describePositions(state, sink);
  describeSlots(state, sink);
  for (const listing of state.listings) {
    describeSide(state, listing.bids, sink);
    describeSide(state, listing.asks, sink);
    const waiting = listing.stops.slots();
    sink.number(waiting.length);
    for (const slot of waiting) {
      sink.number(state.orders.side[slot]!);
      describeOrder(state, slot, sink);
    }
  }
  for (const listing of state.listings) describeGathered(state, listing, sink);
  describeHeld(state, sink);
  for (const account of state.accounts) describeAccountOrders(state, account, sink);
  state.clOrdIds.describe(sink);
  state.transferIds.describe(sink);
  state.margin.describe(sink);
  state.leases.describe(sink);
  describeBreakers(state, sink);
}

function describeCounters(state: ExchangeState, sink: StateSink): void {
  const { capacities } = state;
  sink.number(capacities.maxOrders);
  sink.number(capacities.maxAccounts);
  sink.number(capacities.maxInstruments);
  sink.number(capacities.maxAssets);
  sink.number(capacities.maxClOrdIds);
  sink.number(capacities.clOrdIdRetentionUs);
  sink.number(capacities.maxTransferIds);
  sink.number(capacities.transferIdRetentionUs);
  sink.number(state.commandSequence);
  sink.number(state.eventSequence);
  sink.number(state.timeUs);
  sink.number(state.tradeSequence);
}

function describeListing(listing: Listing, sink: StateSink): void {
  describeSpec(listing.spec, sink);
  sink.number(listing.status);
  sink.text(listing.statusReason);
  sink.number(listing.lastPxTicks);
  sink.number(listing.auctionKind);
  sink.number(listing.hasOpened ? 1 : 0);
  sink.number(listing.haltQueues ? 1 : 0);
  sink.number(listing.scheduledUs);
  sink.text(listing.calendar);
  sink.number(listing.riskMarkTicks);
  describeSwitch(listing.kill, sink);
}

/** Tells an instrument's terms. */
export function describeSpec(spec: InstrumentSpec, sink: StateSink): void {
  sink.text(spec.symbol);
  sink.text(spec.description);
  sink.text(spec.baseAsset);
  sink.text(spec.quoteAsset);
  sink.text(spec.tickSize);
  sink.text(spec.lotSize);
  sink.number(spec.minPriceTicks);
  sink.number(spec.maxPriceTicks);
  sink.number(spec.minQtyLots);
  sink.number(spec.maxQtyLots);
  sink.number(spec.makerFeePpm);
  sink.number(spec.takerFeePpm);
  sink.number(spec.priceCollarPpm ?? NONE);
  sink.number(spec.referencePxTicks);
  sink.text(spec.initialStatus);
  sink.number(spec.allowedSelfTradePrevention.length);
  for (const mode of spec.allowedSelfTradePrevention) sink.text(mode);
}

function describeAccount(account: Account, sink: StateSink): void {
  sink.text(account.accountId);
  sink.text(account.name);
  sink.text(account.ownerId);
  sink.text(account.kind);
  describeLimits(account.limits, sink);
  sink.text(account.limitsSetBy);
  sink.text(account.tier?.name ?? null);
  sink.text(account.tierSetBy);
  const symbols = symbolsOf(account);
  sink.number(symbols.length);
  for (const instrument of symbols) {
    const { limits, setBy } = account.symbolLimits.get(instrument)!;
    sink.number(instrument);
    describeLimits(limits, sink);
    sink.text(setBy);
  }
  describeSwitch(account.kill, sink);
  sink.text(account.state);
  sink.text(account.stateReason);
  sink.text(account.stateSetBy);
}

/** Instruments on which an account has limits, by index. */
export function symbolsOf(account: Account): number[] {
  return [...account.symbolLimits.keys()].sort((a, b) => a - b);
}

/** Tells the venue's own switch and the tiers, in the order in which they were made. */
function describePolicy({ kill, tiers }: ExchangeState, sink: StateSink): void {
  describeSwitch(kill, sink);
  sink.number(tiers.size);
  for (const { name, limits, setBy } of tiers.values()) {
    sink.text(name);
    describeLimits(limits, sink);
    sink.text(setBy);
  }
}

function describeSwitch({ engaged, allowReduceOnly, reason, setBy }: KillSwitch, sink: StateSink): void {
  sink.number(engaged ? 1 : 0);
  sink.number(allowReduceOnly ? 1 : 0);
  sink.text(reason);
  sink.text(setBy);
}

/** Tells limits. */
export function describeLimits(limits: RiskLimitValues, sink: StateSink): void {
  for (const name of LIMIT_NAMES) sink.number(limits[name] ?? NONE);
}

/** Tells the buckets of rates that hold: the account's, then those of symbols; orders, then cancels. */
function describeBuckets({ exposures }: ExchangeState, account: Account, sink: StateSink): void {
  for (const { scope, kind } of bucketsOf(account)) {
    const row = exposures.rows.find(account.index, scope);
    const isOrder = kind === 'order';
    sink.number((isOrder ? exposures.orderTokens : exposures.cancelTokens)[row]!);
    sink.number((isOrder ? exposures.orderTokensUs : exposures.cancelTokensUs)[row]!);
  }
}

/** Buckets that an account's limits in force need, in their canonical order. */
export function bucketsOf(account: Account): { readonly scope: number; readonly kind: RateKind }[] {
  const { guard } = account;
  if (guard === null) return [];
  const scopes = [...guard.symbols.keys()].sort((a, b) => a - b);
  const limited = [
    [ALL_INSTRUMENTS, guard.account] as const,
    ...scopes.map((of) => [of, guard.symbols.get(of)!] as const),
  ];
  return limited.flatMap(([scope, limits]) =>
    RATE_KINDS.filter((kind) => rateOf(limits, kind) !== null).map((kind) => ({ scope, kind })),
  );
}

function describeBalances(state: ExchangeState, sink: StateSink): void {
  const { ledger } = state;
  const rows = ledger.rows.sortedRows().filter((row) => ledger.total[row] !== 0 || ledger.held[row] !== 0);
  sink.number(rows.length);
  for (const row of rows) {
    sink.number(ledger.rows.firstOf(row));
    sink.number(ledger.rows.secondOf(row));
    sink.number(ledger.total[row]!);
    sink.number(ledger.held[row]!);
  }
}

function describePositions(state: ExchangeState, sink: StateSink): void {
  const rows = positionRows(state);
  const { positions } = state;
  sink.number(rows.length);
  for (const row of rows) {
    sink.number(positions.rows.firstOf(row));
    sink.number(positions.rows.secondOf(row));
    sink.number(positions.qtyLots[row]!);
    sink.number(positions.costUnits[row]!);
    sink.number(positions.realizedPnlUnits[row]!);
    sink.number(positions.feesUnits[row]!);
    sink.number(positions.dayBaseUnits[row]!);
  }
}

/** Rows of positions that are not all zero, by account and instrument. */
export function positionRows(state: ExchangeState): number[] {
  const { qtyLots, costUnits, realizedPnlUnits, feesUnits, dayBaseUnits, rows } = state.positions;
  const columns = [qtyLots, costUnits, realizedPnlUnits, feesUnits, dayBaseUnits];
  return rows.sortedRows().filter((row) => columns.some((column) => column[row] !== 0));
}

function describeSlots(state: ExchangeState, sink: StateSink): void {
  const { orders } = state;
  sink.number(orders.slotCount);
  for (let index = 0; index < orders.slotCount; index += 1) {
    const slot = index * SLOT_WORDS;
    sink.number(orders.generation[slot]!);
    sink.number(orders.account[slot]!);
  }
  sink.number(orders.freeCount);
  for (let index = 0; index < orders.freeCount; index += 1) sink.number(orders.free[index]! / SLOT_WORDS);
}

function describeSide(state: ExchangeState, side: BookSide, sink: StateSink): void {
  const slots = slotsOf(state, side);
  sink.number(slots.length);
  for (const slot of slots) describeOrder(state, slot, sink);
}

/** Slots of the orders that rest on a side, best price first, front of the queue first. */
export function slotsOf(state: ExchangeState, side: BookSide): number[] {
  const { levels, orders } = state;
  const slots: number[] = [];
  for (let level = side.best; level !== NIL; level = side.below(levels.key[level]!)) {
    for (let slot = levels.head[level]!; slot !== NIL; slot = orders.next[slot]!) slots.push(slot);
  }
  return slots;
}

/** Tells MARKET orders that gather and orders that wait for the close, in order of arrival. */
function describeGathered(state: ExchangeState, { auction }: Listing, sink: StateSink): void {
  for (const list of [auction.marketBuys, auction.marketSells, auction.awaitingClose]) {
    sink.number(list.length);
    for (const slot of list) {
      sink.number(state.orders.side[slot]!);
      sink.number(state.orders.protectionPxTicks[slot]!);
      describeOrder(state, slot, sink);
    }
  }
}

function describeHeld(state: ExchangeState, sink: StateSink): void {
  const slots = heldSlots(state);
  sink.number(slots.length);
  for (const slot of slots) {
    sink.number(state.orders.instrument[slot]! * 2 + state.orders.side[slot]!);
    describeOrder(state, slot, sink);
  }
}

/** Slots of the exits that wait for their entry: by account, oldest first. */
export function heldSlots(state: ExchangeState): number[] {
  if (state.heldOrders === 0) return [];
  const { orders, accounts } = state;
  const slots: number[] = [];
  for (const account of accounts) {
    for (let slot = account.firstOrder; slot !== NIL; slot = orders.accountNext[slot]!) {
      if (orders.phase[slot] === HELD) slots.push(slot);
    }
  }
  return slots;
}

function describeOrder(state: ExchangeState, slot: number, sink: StateSink): void {
  const { orders } = state;
  sink.number(slot / SLOT_WORDS);
  sink.number(orders.state[slot]!);
  sink.number(orders.ordType[slot]!);
  sink.number(orders.timeInForce[slot]!);
  sink.number(orders.selfTradePrevention[slot]!);
  sink.number(orders.flags[slot]!);
  sink.number(orders.priceTicks[slot]!);
  sink.number(orders.stopPxTicks[slot]!);
  sink.number(orders.displayQtyLots[slot]!);
  sink.number(orders.trailingOffsetTicks[slot]!);
  sink.number(orders.trailingPpm[slot]!);
  sink.number(orders.expireTimeUs[slot]!);
  sink.number(orders.dueUs[slot]!);
  sink.number(orders.orderQtyLots[slot]!);
  sink.number(orders.cumQtyLots[slot]!);
  sink.number(orders.leavesQtyLots[slot]!);
  sink.number(orders.shownQtyLots[slot]!);
  sink.number(orders.cumNotionalUnits[slot]!);
  sink.number(orders.createdUs[slot]!);
  sink.number(orders.heldUnits[slot]!);
  sink.number((orders.flags[slot]! & LEASED) === 0 ? NONE : orders.lease[slot]!);
  sink.text(orders.clOrdIdOf(slot));
  if ((orders.flags[slot]! & PLANNED) !== 0) describeLinks(state, slot, sink);
}

function describeLinks({ orders: { links } }: ExchangeState, slot: number, sink: StateSink): void {
  const linked = [links.entryOf(slot), links.firstExitOf(slot), links.secondExitOf(slot), links.counterOf(slot)];
  sink.number(links.planIdOf(slot));
  sink.number(links.roleOf(slot));
  for (const other of linked) sink.number(other === NIL ? NONE : other / SLOT_WORDS);
  sink.number(links.isLeading(slot) ? 1 : 0);
  sink.number(links.followedLotsOf(slot));
}

function describeAccountOrders(state: ExchangeState, account: Account, sink: StateSink): void {
  const { orders } = state;
  sink.number(account.openOrders);
  for (let slot = account.firstOrder; slot !== NIL; slot = orders.accountNext[slot]!) {
    sink.number(slot / SLOT_WORDS);
  }
}
