/**
 * A trial: what commands change from `begin` on is either kept or taken back exactly, to the last bit of the state hash.
 *
 * Tables note rows before they change them (RowRecorder); lists and indexes note what was added and removed. Nothing is
 * copied ahead, so a trial costs what it touches: O(1) for each order, level, balance and position met.
 * A trial lies within one command and works on orders only: no assets, accounts or instruments come into being in it.
 * What may stay behind is not part of the logical state: empty rows, a moved price window, room in tables.
 */
import type { BookSide } from '../matching/book-side.js';
import type { ExpiryHeap } from '../matching/expiry-heap.js';
import type { LevelTable } from '../matching/level-table.js';
import type { OrderTable } from '../matching/order-table.js';
import type { QuoteTable } from '../matching/quote-table.js';
import type { StopBook } from '../matching/stop-book.js';
import type { Exposures } from '../risk/exposures.js';
import type { Leases } from '../risk/leases.js';
import type { Ledger } from '../risk/ledger.js';
import type { Positions } from '../risk/positions.js';
import { NONE } from '../values/codes.js';
import { InvariantError } from '../values/invariant.js';
import type { EventBuffer } from './event-buffer.js';
import type { IdempotencyIndex } from './idempotency.js';
import type { Listing } from './listing.js';

/** What a trial may take back; every number beside these parts is a counter of the state. */
interface TriedState {
  readonly orders: OrderTable;
  readonly expiries: ExpiryHeap;
  readonly triggered: number[];
  readonly triggerPxTicks: number[];
  readonly followed: unknown[];
  readonly levels: LevelTable;
  readonly ledger: Ledger;
  readonly positions: Positions;
  readonly exposures: Exposures;
  readonly clOrdIds: IdempotencyIndex;
  readonly quotes: QuoteTable;
  readonly leases: Leases;
  readonly events: EventBuffer;
  readonly touchedAuctions: Listing[];
  readonly resuming: Set<Listing>;
  sideAt(sideIndex: number): BookSide;
}

/** What of a listing a command on orders may change: prices, and the phase where a circuit breaker trips. */
const MARKS = [
  'lastPxTicks',
  'riskMarkTicks',
  'status',
  'statusReason',
  'auctionKind',
  'haltQueues',
  'tripCause',
  'trippedUs',
  'tripReferencePxTicks',
  'tripPxTicks',
  'resumesUs',
  'reopeningUs',
] as const;
type ListingMarks = Partial<Record<(typeof MARKS)[number], string | number | boolean>>;

export class Trial {
  isOn = false;
  #counters: Record<string, number> = {};
  #eventRows = 0;
  readonly #listings = new Map<Listing, ListingMarks>();
  readonly #stops = new Map<StopBook, () => void>();
  readonly #auctions: (() => void)[] = [];
  readonly #guards: (() => void)[] = [];

  constructor(private readonly state: TriedState) {}

  begin(): void {
    const { state } = this;
    if (this.isOn || state.triggered.length > 0) throw new InvariantError('a trial began within another action');
    this.isOn = true;
    for (const [name, value] of Object.entries(state)) if (typeof value === 'number') this.#counters[name] = value;
    this.#eventRows = state.events.rowCount;
    for (const part of this.#parts()) part.begin();
  }

  /** To be called before a listing's prices, phase, breakers, waiting stops or what it gathers for an auction change. */
  note(listing: Listing): void {
    if (!this.isOn || this.#listings.has(listing)) return;
    const marks: ListingMarks = {};
    for (const name of MARKS) marks[name] = listing[name];
    this.#listings.set(listing, marks);
    this.#stops.set(listing.stops, listing.stops.keep());
    this.#auctions.push(listing.auction.keep());
    if (listing.tradeGuard !== null) this.#guards.push(listing.tradeGuard.keep());
  }

  /** Leaves the state as it is now. */
  end(): void {
    this.isOn = false;
    this.#listings.clear();
    this.#stops.clear();
    this.#auctions.length = 0;
    this.#guards.length = 0;
    for (const part of this.#parts()) part.end();
  }

  /** Makes the state what it was at `begin`. */
  takeBack(): void {
    const { state } = this;
    const { orders, levels, ledger, positions, exposures, expiries, clOrdIds, quotes, leases } = state;
    // The heap compares rows: it lets go of new orders while these have theirs, and takes old ones back when they do.
    expiries.takeOutAdded();
    orders.takeBack();
    levels.recorder.takeBack();
    for (const level of levels.recorder.rows) state.sideAt(levels.sideIndex[level]!).reindex(level);
    ledger.recorder.takeBack();
    positions.recorder.takeBack();
    exposures.recorder.takeBack();
    for (const [listing, marks] of this.#listings) {
      Object.assign(listing, marks);
      if (listing.resumesUs === NONE) state.resuming.delete(listing);
      else state.resuming.add(listing);
    }
    // Members share the market-wide breaker: what was kept first is what it was at `begin`.
    for (const putBack of this.#guards.reverse()) putBack();
    for (const putBack of this.#stops.values()) putBack();
    for (const putBack of this.#auctions) putBack();
    expiries.putBackRemoved();
    clOrdIds.takeBack();
    quotes.recorder.takeBack();
    leases.takeBack();
    Object.assign(state, this.#counters);
    state.triggered.length = 0;
    state.triggerPxTicks.length = 0;
    state.followed.length = 0;
    state.events.rowCount = this.#eventRows;
    this.end();
  }

  /** Forgets what the trial touched, where nothing of the command is to be told: after `takeBack`. */
  forgetTouched(): void {
    const { state } = this;
    const { levels, ledger, positions, exposures } = state;
    for (const { auction } of state.touchedAuctions.splice(0)) auction.isTouched = false;
    for (let index = 0; index < levels.touchedCount; index += 1) {
      const level = levels.touched[index]!;
      if (levels.orderCount[level] === 0) state.sideAt(levels.sideIndex[level]!).drop(level);
    }
    levels.clearTouched();
    ledger.rows.clearTouched();
    positions.rows.clearTouched();
    exposures.rows.clearTouched();
  }

  #parts(): { begin(): void; end(): void }[] {
    const { orders, levels, ledger, positions, exposures, expiries, clOrdIds, quotes, leases } = this.state;
    const tables = [levels.recorder, ledger.recorder, positions.recorder, exposures.recorder, quotes.recorder];
    const ends = { begin: () => leases.begin(), end: () => leases.endTrial() };
    return [orders, ...tables, expiries, clOrdIds, ends];
  }
}
