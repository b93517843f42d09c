/** The reverse of `describeState`: builds a state from the canonical stream. */
import { findEquilibrium } from '../auction/equilibrium.js';
import { noteIcebergs } from '../auction/phases.js';
import type { InstrumentSpec } from '../instrument/instrument.js';
import type { BookSide } from '../matching/book-side.js';
import {
  AWAITS_CLOSE,
  GATHERED_MARKET,
  HELD,
  NIL,
  PLANNED,
  QUOTE,
  REDUCE_ONLY,
  SLOT_WORDS,
  UNLINKED,
  WAITING,
} from '../matching/order-table.js';
import { Account, NO_LIMITS } from '../risk/account.js';
import { copyOfLimits, isWithoutLimits, LIMIT_NAMES } from '../risk/limit-values.js';
import type { KillSwitch } from '../risk/stop-level.js';
import { memberOf, NONE, TRADING_STATUS } from '../values/codes.js';
import { InvariantError } from '../values/invariant.js';
import type { StateSource } from '../values/state-hash.js';
import {
  type AccountKind,
  type AccountState,
  MARGIN_STATUSES,
  MARK_METHODS,
  type SelfTradePrevention,
  type TradingStatus,
} from '../values/vocabulary.js';
import { createListing } from './administration.js';
import { restoreBreakers } from './breaker-restore.js';
import type { RiskLimitValues } from './command.js';
import type { IdempotencyIndex } from './idempotency.js';
import type { Listing } from './listing.js';
import { type Capacities, ExchangeState } from './state.js';
import { bucketsOf } from './state-image.js';

/** Builds the state that the source tells. @param ladderLevels as in ExchangeOptions */
export function restoreState(source: StateSource, ladderLevels: number): ExchangeState {
  const state = new ExchangeState(restoreCapacities(source, ladderLevels));
  state.commandSequence = source.number();
  state.eventSequence = source.number();
  state.timeUs = source.number();
  state.tradeSequence = source.number();
  restoreAssets(state, source);
  const listingCount = source.number();
  for (let index = 0; index < listingCount; index += 1) restoreListing(state, source, index);
  restorePolicy(state, source);
  const accountCount = source.number();
  for (let index = 0; index < accountCount; index += 1) restoreAccount(state, source, index);
  for (const account of state.accounts) restoreBuckets(state, account, source);
  restoreBalances(state, source);
  restorePositions(state, source);
  restoreSlots(state, source);
  for (const listing of state.listings) {
    restoreSide(state, listing.bids, source);
    restoreSide(state, listing.asks, source);
    restoreStops(state, listing, source);
  }
  for (const listing of state.listings) restoreGathered(state, listing, source);
  restoreHeld(state, source);
  for (const account of state.accounts) restoreAccountOrders(state, account, source);
  restoreKeys(state.clOrdIds, source);
  restoreKeys(state.transferIds, source);
  restoreMargin(state, source);
  restoreLeases(state, source);
  restoreBreakers(state, source);
  for (const account of state.accounts) if (account.guard !== null) state.exposures.recount(account);
  state.exposures.rows.clearTouched();
  state.ledger.rows.clearTouched();
  state.positions.rows.clearTouched();
  state.levels.clearTouched();
  return state;
}

function restoreCapacities(source: StateSource, ladderLevels: number): Capacities {
  return {
    maxOrders: source.number(),
    maxAccounts: source.number(),
    maxInstruments: source.number(),
    maxAssets: source.number(),
    maxClOrdIds: source.number(),
    clOrdIdRetentionUs: source.number(),
    maxTransferIds: source.number(),
    transferIdRetentionUs: source.number(),
    ladderLevels,
  };
}

function restoreAssets(state: ExchangeState, source: StateSource): void {
  const count = source.number();
  for (let index = 0; index < count; index += 1) {
    const code = wordOf(source);
    state.assets.push({ code, scale: source.number(), positionInstrument: NONE });
    state.assetByCode.set(code, index);
    state.ledger.addAsset(index);
    state.ledger.supply[index] = source.number();
  }
}

function restoreListing(state: ExchangeState, source: StateSource, index: number): void {
  const spec = restoreSpec(source);
  const base = state.assetByCode.get(spec.baseAsset) ?? NONE;
  const quote = state.assetByCode.get(spec.quoteAsset) ?? NONE;
  const listing = createListing(state, spec, index, base, quote);
  if (typeof listing === 'string')
    throw new InvariantError(`the snapshot's ${spec.symbol} cannot be listed: ${listing}`);
  listing.status = source.number();
  listing.statusReason = wordOf(source);
  listing.lastPxTicks = source.number();
  listing.auctionKind = source.number();
  listing.hasOpened = source.number() === 1;
  listing.haltQueues = source.number() === 1;
  listing.scheduledUs = source.number();
  listing.calendar = source.text();
  listing.riskMarkTicks = source.number();
  restoreSwitch(listing.kill, source);
  state.listings.push(listing);
  state.listingBySymbol.set(spec.symbol, index);
  const asset = state.assets[base]!;
  if (asset.positionInstrument === NONE) asset.positionInstrument = index;
}

function restoreSpec(source: StateSource): InstrumentSpec {
  const spec = {
    symbol: wordOf(source),
    description: wordOf(source),
    baseAsset: wordOf(source),
    quoteAsset: wordOf(source),
    tickSize: wordOf(source),
    lotSize: wordOf(source),
    minPriceTicks: source.number(),
    maxPriceTicks: source.number(),
    minQtyLots: source.number(),
    maxQtyLots: source.number(),
    makerFeePpm: source.number(),
    takerFeePpm: source.number(),
    priceCollarPpm: optionalOf(source),
    referencePxTicks: source.number(),
    initialStatus: wordOf(source) as TradingStatus,
  };
  const modes = source.number();
  const allowedSelfTradePrevention = Array.from({ length: modes }, () => wordOf(source) as SelfTradePrevention);
  return { ...spec, allowedSelfTradePrevention };
}

function restoreAccount(state: ExchangeState, source: StateSource, index: number): void {
  const accountId = wordOf(source);
  const account = new Account(index, accountId, wordOf(source), wordOf(source), wordOf(source) as AccountKind);
  account.limits = restoreLimits(source);
  account.limitsSetBy = source.text();
  const tier = source.text();
  account.tier = tier === null ? null : (state.tiers.get(tier) ?? null);
  account.tierSetBy = source.text();
  const symbolCount = source.number();
  for (let count = 0; count < symbolCount; count += 1) {
    const instrument = source.number();
    account.symbolLimits.set(instrument, { limits: restoreLimits(source), setBy: wordOf(source) });
  }
  restoreSwitch(account.kill, source);
  account.state = wordOf(source) as AccountState;
  account.stateReason = wordOf(source);
  account.stateSetBy = source.text();
  account.refreshGuard();
  account.refreshStopLevel();
  state.addAccount(account);
}

/** The venue's switch and the tiers. */
function restorePolicy(state: ExchangeState, source: StateSource): void {
  restoreSwitch(state.kill, source);
  for (const listing of state.listings) listing.stopLevel = Math.max(listing.kill.level, state.kill.level);
  const count = source.number();
  for (let index = 0; index < count; index += 1) {
    const name = wordOf(source);
    state.tiers.set(name, { name, limits: restoreLimits(source), setBy: wordOf(source) });
  }
}

function restoreSwitch(kill: KillSwitch, source: StateSource): void {
  kill.engaged = source.number() === 1;
  kill.allowReduceOnly = source.number() === 1;
  kill.reason = wordOf(source);
  kill.setBy = source.text();
}

function restoreBuckets(state: ExchangeState, account: Account, source: StateSource): void {
  for (const { scope, kind } of bucketsOf(account)) {
    const tokens = source.number();
    state.rates.set(account.index, scope, kind, tokens, source.number());
  }
}

function restoreLimits(source: StateSource): RiskLimitValues {
  const read: Record<string, number | null> = {};
  for (const name of LIMIT_NAMES) read[name] = optionalOf(source);
  const limits = copyOfLimits(read as unknown as RiskLimitValues);
  return isWithoutLimits(limits) ? NO_LIMITS : limits;
}

function restoreBalances(state: ExchangeState, source: StateSource): void {
  const { ledger } = state;
  const count = source.number();
  for (let index = 0; index < count; index += 1) {
    const account = source.number();
    const row = ledger.rows.rowOf(account, source.number());
    ledger.total[row] = source.number();
    ledger.held[row] = source.number();
  }
}

function restorePositions(state: ExchangeState, source: StateSource): void {
  const { positions } = state;
  const count = source.number();
  for (let index = 0; index < count; index += 1) {
    const account = source.number();
    const row = positions.rows.rowOf(account, source.number());
    positions.qtyLots[row] = source.number();
    positions.costUnits[row] = source.number();
    positions.realizedPnlUnits[row] = source.number();
    positions.feesUnits[row] = source.number();
    positions.dayBaseUnits[row] = source.number();
  }
}

function restoreSlots(state: ExchangeState, source: StateSource): void {
  const { orders } = state;
  const slotCount = source.number();
  orders.reserve(slotCount);
  orders.slotCount = slotCount;
  for (let index = 0; index < slotCount; index += 1) {
    const slot = index * SLOT_WORDS;
    orders.generation[slot] = source.number();
    orders.account[slot] = source.number();
    orders.setClOrdId(slot, null);
  }
  orders.freeCount = source.number();
  for (let index = 0; index < orders.freeCount; index += 1) orders.free[index] = source.number() * SLOT_WORDS;
}

function restoreSide(state: ExchangeState, side: BookSide, source: StateSource): void {
  const count = source.number();
  for (let index = 0; index < count; index += 1) {
    const slot = restoreOrder(state, side.sideIndex, source);
    side.append(slot, state.orders.shownQtyLots[slot]!);
  }
}

function restoreStops(state: ExchangeState, listing: Listing, source: StateSource): void {
  const count = source.number();
  for (let index = 0; index < count; index += 1) {
    const slot = restoreOrder(state, listing.index * 2 + source.number(), source);
    state.orders.phase[slot] = WAITING;
    state.arrivalSequence += 1;
    state.orders.arrival[slot] = state.arrivalSequence;
    listing.stops.add(slot);
  }
}

function restoreGathered(state: ExchangeState, listing: Listing, source: StateSource): void {
  const { marketBuys, marketSells, awaitingClose } = listing.auction;
  for (const list of [marketBuys, marketSells, awaitingClose]) {
    const count = source.number();
    for (let index = 0; index < count; index += 1) {
      const sideIndex = listing.index * 2 + source.number();
      const protectionPxTicks = source.number();
      const slot = restoreOrder(state, sideIndex, source);
      state.orders.phase[slot] = list === awaitingClose ? AWAITS_CLOSE : GATHERED_MARKET;
      state.orders.protectionPxTicks[slot] = protectionPxTicks;
      list.push(slot);
    }
  }
  if (listing.status !== TRADING_STATUS.AUCTION) return;
  state.auctionCount += 1;
  noteIcebergs(state, listing);
  listing.auction.told = findEquilibrium(state, listing);
}

function restoreOrder(state: ExchangeState, sideIndex: number, source: StateSource): number {
  const { orders } = state;
  const slot = source.number() * SLOT_WORDS;
  orders.instrument[slot] = sideIndex >>> 1;
  orders.side[slot] = sideIndex & 1;
  orders.state[slot] = source.number();
  orders.ordType[slot] = source.number();
  orders.timeInForce[slot] = source.number();
  orders.selfTradePrevention[slot] = source.number();
  orders.flags[slot] = source.number();
  orders.priceTicks[slot] = source.number();
  orders.stopPxTicks[slot] = source.number();
  orders.displayQtyLots[slot] = source.number();
  orders.trailingOffsetTicks[slot] = source.number();
  orders.trailingPpm[slot] = source.number();
  orders.expireTimeUs[slot] = source.number();
  orders.dueUs[slot] = source.number();
  orders.level[slot] = NIL;
  orders.accountPrev[slot] = UNLINKED;
  orders.heapIndex[slot] = NIL;
  orders.protectionPxTicks[slot] = NONE;
  orders.quoteRow[slot] = NIL;
  orders.orderQtyLots[slot] = source.number();
  orders.cumQtyLots[slot] = source.number();
  orders.leavesQtyLots[slot] = source.number();
  orders.shownQtyLots[slot] = source.number();
  orders.cumNotionalUnits[slot] = source.number();
  orders.createdUs[slot] = source.number();
  orders.heldUnits[slot] = source.number();
  orders.lease[slot] = source.number();
  orders.setClOrdId(slot, source.text());
  if ((orders.flags[slot]! & PLANNED) !== 0) restoreLinks(state, slot, source);
  if ((orders.flags[slot]! & QUOTE) !== 0) {
    state.quotes.set(orders.account[slot]!, sideIndex >>> 1, sideIndex & 1, orders.idOf(slot));
  }
  if (orders.dueUs[slot] !== NONE) state.expiries.add(slot);
  return slot;
}

function restoreHeld(state: ExchangeState, source: StateSource): void {
  state.heldOrders = source.number();
  for (let index = 0; index < state.heldOrders; index += 1) {
    const slot = restoreOrder(state, source.number(), source);
    state.orders.phase[slot] = HELD;
  }
}

function restoreLinks({ orders: { links } }: ExchangeState, slot: number, source: StateSource): void {
  const planId = source.number();
  links.join(slot, planId, source.number());
  const row = slot / SLOT_WORDS;
  for (const column of [links.entry, links.firstExit, links.secondExit, links.counter]) {
    const other = source.number();
    column[row] = other === NONE ? NIL : other * SLOT_WORDS;
  }
  links.leads[row] = source.number();
  links.setFollowedLots(slot, source.number());
}

function restoreAccountOrders(state: ExchangeState, account: Account, source: StateSource): void {
  const { orders } = state;
  const count = source.number();
  for (let index = 0; index < count; index += 1) {
    const slot = source.number() * SLOT_WORDS;
    orders.linkLast(account, slot);
    if ((orders.flags[slot]! & REDUCE_ONLY) !== 0) state.reduceOnlyOrders += 1;
  }
}

function restoreKeys(keys: IdempotencyIndex, source: StateSource): void {
  const count = source.number();
  for (let index = 0; index < count; index += 1) {
    const owner = source.number();
    const key = wordOf(source);
    const orderId = source.number();
    const commandSequence = source.number();
    const timeUs = source.number();
    keys.add(owner, key, orderId, commandSequence, timeUs, source.number(), source.number());
  }
}

function restoreMargin({ margin }: ExchangeState, source: StateSource): void {
  for (let count = source.number(); count > 0; count -= 1) {
    const instrument = source.number();
    const initialMarginPpm = source.number();
    const maintenanceMarginPpm = source.number();
    const shortSelling = source.number() === 1;
    margin.setTerms(instrument, { initialMarginPpm, maintenanceMarginPpm, shortSelling, setBy: source.text() });
  }
  for (let count = source.number(); count > 0; count -= 1) {
    const instrument = source.number();
    const method = memberOf(MARK_METHODS, source.number());
    margin.setMark(instrument, { method, settlementPxTicks: optionalOf(source), setBy: source.text() });
  }
  for (let count = source.number(); count > 0; count -= 1) {
    const key = source.number();
    margin.restoreStatus(key, memberOf(MARGIN_STATUSES, source.number()));
  }
}

function restoreLeases({ leases }: ExchangeState, source: StateSource): void {
  for (let count = source.number(); count > 0; count -= 1) {
    const row = source.number();
    const account = source.number();
    const leaseId = source.text();
    const holder = wordOf(source);
    leases.put({ row, account, leaseId, holder, expiresUs: source.number() });
  }
}

function wordOf(source: StateSource): string {
  const text = source.text();
  if (text === null) throw new InvariantError('the snapshot lacks a text where one must be');
  return text;
}

function optionalOf(source: StateSource): number | null {
  const value = source.number();
  return value === NONE ? null : value;
}
