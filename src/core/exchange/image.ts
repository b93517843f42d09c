/**
 * The state told as events, for consumers that start in the middle of the stream: reference data and risk
 * policy first, then balances, positions, exposures, book levels, and each working order as OrderAccepted with its present
 * progress: those that rest in the order of their queues, with what they show. Sequence, command sequence and time of every event
 * are those of the state.
 */

import { tellStatus } from '../auction/enter-phase.js';
import { bodyOf } from '../auction/phases.js';
import type { BookSide } from '../matching/book-side.js';
import { NIL } from '../matching/order-table.js';
import { ALL_INSTRUMENTS } from '../risk/exposures.js';
import { Margin } from '../risk/margin.js';
import { memberOf, NONE } from '../values/codes.js';
import { TRADING_STATUSES } from '../values/vocabulary.js';
import { tellBreakers } from './breaker-image.js';
import type { ExchangeEvent } from './event.js';
import { EventBuffer, ROW } from './event-buffer.js';
import { readEvent } from './event-reader.js';
import { tellPolicy } from './policy-image.js';
import type { ExchangeState } from './state.js';
import { heldSlots, positionRows, slotsOf } from './state-image.js';

/** Returns the image, in the order that EventConsumer.reset names. Complexity: O(size of the state). */
export function stateImage(state: ExchangeState): ExchangeEvent[] {
  const buffer = new EventBuffer();
  buffer.begin(state.eventSequence, state.commandSequence, state.timeUs);
  tellReferenceData(state, buffer);
  tellMargin(state, buffer);
  for (const { account, leaseId, holder } of state.leases.all()) {
    buffer.body({ type: 'LeaseHeld', account, leaseId, holder });
  }
  const { ledger, positions, exposures } = state;
  for (const row of ledger.rows.sortedRows()) {
    if (ledger.total[row] !== 0 || ledger.held[row] !== 0) buffer.balance(ledger, row);
  }
  for (const row of positionRows(state)) buffer.position(positions, row);
  for (const row of exposures.rows.sortedRows()) {
    const guard = state.accounts[exposures.rows.firstOf(row)]!.guard;
    const instrument = exposures.rows.secondOf(row);
    if (guard === null) continue;
    if (instrument === ALL_INSTRUMENTS || guard.symbols.has(instrument)) buffer.exposure(exposures, row);
  }
  const sides = state.listings.flatMap((listing) => [listing.bids, listing.asks]);
  for (const side of sides) tellLevels(state, side, buffer);
  const resting = sides.flatMap((side) => slotsOf(state, side));
  const firstResting = buffer.rowCount;
  for (const slot of resting) buffer.order(ROW.ORDER_ACCEPTED, state.orders, slot, NONE, NONE);
  for (const { auction } of state.listings) {
    for (const slot of [...auction.marketBuys, ...auction.marketSells, ...auction.awaitingClose]) {
      buffer.order(ROW.ORDER_ACCEPTED, state.orders, slot, NONE, NONE);
    }
  }
  for (const listing of state.listings) {
    for (const slot of listing.stops.slots()) buffer.order(ROW.ORDER_ACCEPTED, state.orders, slot, NONE, NONE);
  }
  for (const slot of heldSlots(state)) buffer.order(ROW.ORDER_ACCEPTED, state.orders, slot, NONE, NONE);
  const events: ExchangeEvent[] = [];
  for (let row = 0; row < buffer.rowCount; row += 1) {
    const event = readEvent(buffer, row, state.eventSequence);
    const slot = resting[row - firstResting];
    const rests = event.type === 'OrderAccepted' && slot !== undefined;
    events.push(rests ? { ...event, shownQtyLots: state.orders.shownQtyLots[slot]! } : event);
  }
  return events;
}

function tellReferenceData(state: ExchangeState, buffer: EventBuffer): void {
  for (const [asset, { code, scale }] of state.assets.entries()) {
    buffer.body({ type: 'AssetRegistered', asset, code, scale });
  }
  for (const listing of state.listings) {
    const { index: instrument, spec, status: code, statusReason: reason, calendar } = listing;
    const status = memberOf(TRADING_STATUSES, code);
    buffer.body({ type: 'InstrumentListed', instrument, spec, status });
    if (calendar !== null) buffer.body({ type: 'TradingCalendarSet', instrument, calendar });
    if (reason !== '' || listing.auctionKind !== NONE || listing.haltQueues || listing.scheduledUs !== NONE) {
      tellStatus({ events: buffer }, listing);
    }
    if (listing.auction.told.qtyLots > 0) {
      const { auctionKind, auction } = listing;
      buffer.body({ type: 'AuctionIndicative', instrument, ...bodyOf(auctionKind, auction.told) });
    }
  }
  for (const { index: account, accountId, name, ownerId, kind } of state.accounts) {
    buffer.body({ type: 'AccountOpened', account, accountId, name, ownerId, kind });
  }
  tellPolicy(state, buffer);
  tellBreakers(state, buffer);
}

/** Tells margin terms and marks that were set, and pools that are not healthy. */
function tellMargin(state: ExchangeState, buffer: EventBuffer): void {
  const { margin } = state;
  const measure = new Margin(state);
  for (const { index: instrument } of state.listings) {
    const { setBy, ...terms } = margin.termsOf(instrument);
    if (setBy !== null) buffer.body({ type: 'MarginTermsSet', instrument, ...terms, setBy });
  }
  for (const { index: instrument } of state.listings) {
    const { setBy, ...mark } = margin.markOf(instrument);
    if (setBy !== null) buffer.body({ type: 'MarkSet', instrument, ...mark, setBy });
  }
  for (const pool of margin.troubled()) {
    measure.measure(pool.account, pool.asset);
    const { equityUnits, initialUnits, maintenanceUnits } = measure;
    buffer.body({ type: 'MarginStatusChanged', ...pool, equityUnits, initialUnits, maintenanceUnits });
  }
}

function tellLevels(state: ExchangeState, side: BookSide, buffer: EventBuffer): void {
  const { levels } = state;
  for (let level = side.best; level !== NIL; level = side.below(levels.key[level]!)) buffer.level(levels, level);
}
