/**
 * What limits are held against: open lots, exposure and profit of the day, of each account that has limits, on each
 * instrument and over all of them; and its buckets of orders and cancels (see `rate-limits.ts`).
 *
 * ```
 * long  = (position + open buys)  × mark     short = (position − open sells) × mark      signed
 * gross = the greater of |long| and |short|                                              of one instrument
 * of an account: the sums of these over its instruments; amounts of different quote assets are added at par
 * ```
 * The mark is the instrument's risk mark: its last trade price, before the first its listed reference, taken at the first
 * command of each second of engine time. So an order costs O(1), whatever the account holds, and a trade costs nothing to
 * those who took no part; once a second each row whose mark moved is valued anew.
 * An exit of a plan that waits for its entry counts nothing; once at work, and of two counters each, an order counts as it
 * stands, though only one of two could fill: the sums are never below what can come to be.
 *
 * Invariants: all of it but the buckets follows from orders, positions and marks (`recount`), so snapshots leave it out;
 * amounts are whole numbers of 10⁻⁶ of the quote asset, rounded away from 0 where the asset has more decimals (profit
 * downwards), and stay at ±(2^53 − 1) beyond it, where every limit is passed.
 * Complexity: O(1) for an order or position; O(instruments + orders of the account) when limits are set.
 */
import type { Listing } from '../exchange/listing.js';
import { HELD, NIL, type OrderTable } from '../matching/order-table.js';
import { BUY } from '../values/codes.js';
import { recordColumns } from '../values/records.js';
import { RowRecorder } from '../values/row-recorder.js';
import type { Account } from './account.js';
import { profitUnits } from './daily-profit.js';
import { PAIR_SPAN, PairTable } from './pair-table.js';
import type { Positions } from './positions.js';

/** In place of an instrument: all of them together. */
export const ALL_INSTRUMENTS = PAIR_SPAN - 1;

const MAX = Number.MAX_SAFE_INTEGER;
const COLUMNS = [
  'openBuyLots',
  'openSellLots',
  'openOrders',
  'grossE6',
  'longE6',
  'shortE6',
  'dailyPnlE6',
  'orderTokens',
  'orderTokensUs',
  'cancelTokens',
  'cancelTokensUs',
] as const;

/** The part of the state that exposures follow. */
interface FollowedState {
  readonly accounts: readonly Account[];
  readonly listings: readonly Listing[];
  readonly orders: OrderTable;
  readonly positions: Positions;
}

export class Exposures {
  openBuyLots = new Float64Array(0);
  openSellLots = new Float64Array(0);
  /** Orders accepted and not ended; an exit counts from when its entry puts it to work. */
  openOrders = new Float64Array(0);
  grossE6 = new Float64Array(0);
  longE6 = new Float64Array(0);
  shortE6 = new Float64Array(0);
  dailyPnlE6 = new Float64Array(0);
  /** Buckets, in millionths of an order or cancel, and when they were filled last. */
  orderTokens = new Float64Array(0);
  orderTokensUs = new Float64Array(0);
  cancelTokens = new Float64Array(0);
  cancelTokensUs = new Float64Array(0);
  /** Values before the present command, where it touched the row. */
  grossBefore = new Float64Array(0);
  longBefore = new Float64Array(0);
  shortBefore = new Float64Array(0);
  dailyPnlBefore = new Float64Array(0);
  /** Rows by (account, instrument or ALL_INSTRUMENTS). */
  readonly rows: PairTable;
  readonly recorder = new RowRecorder(this, COLUMNS);

  constructor(private readonly state: FollowedState) {
    this.rows = new PairTable(16, (size) => {
      [
        this.openBuyLots,
        this.openSellLots,
        this.openOrders,
        this.grossE6,
        this.longE6,
        this.shortE6,
        this.dailyPnlE6,
        this.orderTokens,
        this.orderTokensUs,
        this.cancelTokens,
        this.cancelTokensUs,
        this.grossBefore,
        this.longBefore,
        this.shortBefore,
        this.dailyPnlBefore,
      ] = recordColumns(this.openBuyLots, 16, size);
    });
  }

  /** Counts everything anew of an account that now has limits; its buckets stay as they are. */
  recount(account: Account): void {
    const { listings, orders, positions } = this.state;
    this.#cleared(account.index, ALL_INSTRUMENTS);
    for (const { index } of listings)
      if (this.rows.find(account.index, index) >= 0) this.#cleared(account.index, index);
    this.begin(account, ALL_INSTRUMENTS);
    for (let slot = account.firstOrder; slot !== NIL; slot = orders.accountNext[slot]!) {
      orders.setCounted(slot, 0);
      this.follow(account, slot);
    }
    for (const { index } of listings) if (positions.rows.find(account.index, index) >= 0) this.settle(account, index);
  }

  /** Lets a row be told after this command, whether it changes or not. */
  begin(account: Account, instrument: number): void {
    this.grossBefore[this.#touched(account.index, instrument)] = Number.NaN;
  }

  /** Brings what is counted of an order to its present leaves, to nothing while it waits for its entry. */
  follow(account: Account, slot: number): void {
    const { orders } = this.state;
    const counted = orders.countedOf(slot);
    const leaves = orders.phase[slot] === HELD ? 0 : orders.leavesQtyLots[slot]!;
    if (counted === leaves) return;
    const instrument = orders.instrument[slot]!;
    const row = this.rows.rowOf(account.index, instrument);
    this.recorder.note(row);
    orders.recorder.note(slot);
    if (orders.side[slot] === BUY) this.openBuyLots[row]! += leaves - counted;
    else this.openSellLots[row]! += leaves - counted;
    if (counted === 0) this.openOrders[row]! += 1;
    else if (leaves === 0) this.openOrders[row]! -= 1;
    orders.setCounted(slot, leaves);
    this.settle(account, instrument);
  }

  /** Takes in the positions that the present command has changed so far. */
  catchUp(account: Account): void {
    const { rows } = this.state.positions;
    for (let index = 0; index < rows.touchedCount; index += 1) {
      const row = rows.touched[index]!;
      if (rows.firstOf(row) === account.index) this.settle(account, rows.secondOf(row));
    }
  }

  /** Values one instrument of an account anew and brings the account's sums along. */
  settle(account: Account, instrument: number): void {
    const listing = this.state.listings[instrument]!;
    const row = this.#touched(account.index, instrument);
    const all = this.#touched(account.index, ALL_INSTRUMENTS);
    const qty = this.state.positions.qtyOf(account.index, instrument);
    const long = valueE6(listing, qty + this.openBuyLots[row]!);
    const short = valueE6(listing, qty - this.openSellLots[row]!);
    const gross = Math.max(Math.abs(long), Math.abs(short));
    const pnl = this.#dailyPnl(account.index, listing);
    const isExact =
      add(this.grossE6, all, gross - this.grossE6[row]!) &&
      add(this.longE6, all, long - this.longE6[row]!) &&
      add(this.shortE6, all, short - this.shortE6[row]!) &&
      add(this.dailyPnlE6, all, pnl - this.dailyPnlE6[row]!);
    this.grossE6[row] = gross;
    this.longE6[row] = long;
    this.shortE6[row] = short;
    this.dailyPnlE6[row] = pnl;
    if (!isExact) this.#sumUp(account.index, all);
  }

  /** Values anew every row whose instrument is among those given; `null` = all. */
  revalue(instruments: ReadonlySet<number> | null): void {
    const { accounts } = this.state;
    const rows = this.rows.sortedRows();
    for (const row of rows) {
      const instrument = this.rows.secondOf(row);
      const account = accounts[this.rows.firstOf(row)]!;
      if (instrument === ALL_INSTRUMENTS || account.guard === null) continue;
      if (instruments === null || instruments.has(instrument)) this.settle(account, instrument);
    }
  }

  /** Gross exposure of one instrument with other open lots, in 10⁻⁶ of the quote asset. */
  grossWith(account: Account, listing: Listing, openBuyLots: number, openSellLots: number): number {
    const qty = this.state.positions.qtyOf(account.index, listing.index);
    return Math.max(Math.abs(valueE6(listing, qty + openBuyLots)), Math.abs(valueE6(listing, qty - openSellLots)));
  }

  /** Tells whether the present command changed what is told of the row. */
  hasChanged(row: number): boolean {
    return (
      this.grossE6[row] !== this.grossBefore[row] ||
      this.longE6[row] !== this.longBefore[row] ||
      this.shortE6[row] !== this.shortBefore[row] ||
      this.dailyPnlE6[row] !== this.dailyPnlBefore[row]
    );
  }

  #dailyPnl(account: number, listing: Listing): number {
    const { positions } = this.state;
    const row = positions.rows.find(account, listing.index);
    if (row < 0) return 0;
    const units = profitUnits(positions, row, listing) - positions.dayBaseUnits[row]!;
    return toE6(units, listing.quoteScale, Math.floor);
  }

  /** Adds up an account's rows where a sum has left, or comes back from, what can be counted exactly. */
  #sumUp(account: number, all: number): void {
    for (const column of [this.grossE6, this.longE6, this.shortE6, this.dailyPnlE6]) {
      let sum = 0n;
      for (const { index } of this.state.listings) {
        const row = this.rows.find(account, index);
        if (row >= 0) sum += BigInt(column[row]!);
      }
      column[all] = bounded(Number(sum));
    }
  }

  #touched(account: number, instrument: number): number {
    const row = this.rows.rowOf(account, instrument);
    this.recorder.note(row);
    this.#touch(row);
    return row;
  }

  #touch(row: number): void {
    if (!this.rows.touch(row)) return;
    this.grossBefore[row] = this.grossE6[row]!;
    this.longBefore[row] = this.longE6[row]!;
    this.shortBefore[row] = this.shortE6[row]!;
    this.dailyPnlBefore[row] = this.dailyPnlE6[row]!;
  }

  #cleared(account: number, instrument: number): void {
    const row = this.rows.rowOf(account, instrument);
    this.openBuyLots[row] = 0;
    this.openSellLots[row] = 0;
    this.openOrders[row] = 0;
    this.grossE6[row] = 0;
    this.longE6[row] = 0;
    this.shortE6[row] = 0;
    this.dailyPnlE6[row] = 0;
  }
}

/** Value of signed lots at the instrument's risk mark, in 10⁻⁶ of the quote asset. */
export function valueE6(listing: Listing, lots: number): number {
  const units = bounded(lots * listing.riskMarkTicks * listing.unitsPerTickLot);
  return toE6(units, listing.quoteScale, awayFromZero);
}

/** Returns quote units in 10⁻⁶, within ±(2^53 − 1). @param round for assets of more than six decimals */
function toE6(units: number, scale: number, round: (value: number) => number): number {
  if (scale > 6) return round(units / 10 ** (scale - 6)) + 0;
  return bounded(units * 10 ** (6 - scale)) + 0;
}

function awayFromZero(value: number): number {
  return value < 0 ? Math.floor(value) : Math.ceil(value);
}

function bounded(value: number): number {
  return Math.max(-MAX, Math.min(MAX, value));
}

/** Adds to a sum; false where it is or was beyond what can be counted exactly. */
function add(column: Float64Array, row: number, difference: number): boolean {
  const before = column[row]!;
  const after = before + difference;
  column[row] = after;
  return Math.abs(before) < MAX && Math.abs(after) < MAX;
}
