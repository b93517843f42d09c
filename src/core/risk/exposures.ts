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
 * those who took no part; once a second each row whose mark moved is valued anew. A sum beyond what can be counted exactly
 * is added up from its rows where one of them changes: O(instruments), of such accounts only.
 * An exit of a plan that waits for its entry counts nothing; once at work, and of two counters each, an order counts as it
 * stands, though only one of two could fill: the sums are never below what can come to be.
 *
 * Invariants: all of it but the buckets follows from orders, positions and marks (`recount`), so snapshots leave it out;
 * amounts are whole numbers of 10⁻⁶ of the quote asset, rounded away from 0 where the asset has more decimals (profit
 * downwards), and stay at ±(2^53 − 1) beyond it, where every limit is passed.
 * Complexity: O(1) for an order or position; O(instruments + orders of the account) when limits are set.
 */
import type { Listing } from '../exchange/listing.js';
import { NIL, type OrderTable } from '../matching/order-table.js';
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
/** Sums of millions of amounts stay exact in two parts: multiples of this, and the rest. */
const SUM_SPAN = 2 ** 27;
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

/**
 * Words of a row in the memory that the columns share, for code that reads many of them at once (as FLOAT of
 * `order-table.ts`): `figures[row + WORD.GROSS]` is `grossE6[row]`. They number the columns as the constructor lays them.
 */
const WORD = {
  OPEN_BUYS: 0,
  OPEN_SELLS: 1,
  OPEN_ORDERS: 2,
  GROSS: 3,
  LONG: 4,
  SHORT: 5,
  PNL: 6,
  GROSS_BEFORE: 11,
  LONG_BEFORE: 12,
  SHORT_BEFORE: 13,
  PNL_BEFORE: 14,
} as const;

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

  /** The memory of all columns, words by WORD. */
  get figures(): Float64Array {
    return this.openBuyLots;
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
    const row = this.rows.rowOf(account.index, instrument);
    this.#touch(row);
    this.grossBefore[row] = Number.NaN;
  }

  /** Brings what is counted of an order to its present leaves, to nothing while it waits for its entry. */
  follow(account: Account, slot: number): void {
    const { orders, listings, positions } = this.state;
    if (orders.countedOf(slot) === orders.openLotsOf(slot)) return;
    const instrument = orders.instrument[slot]!;
    const row = this.rows.rowOf(account.index, instrument);
    const all = this.rows.rowOf(account.index, ALL_INSTRUMENTS);
    const position = positions.rows.find(account.index, instrument);
    this.followAt(slot, listings[instrument]!, row, all, position);
  }

  /** As `follow`, of an order whose rows are known. @param position row in Positions; −1 = none */
  followAt(slot: number, listing: Listing, row: number, all: number, position: number): void {
    const { orders } = this.state;
    const { figures } = this;
    const counted = orders.countedOf(slot);
    const leaves = orders.openLotsOf(slot);
    if (counted === leaves) return;
    this.recorder.note(row);
    orders.recorder.note(slot);
    figures[row + (orders.side[slot] === BUY ? WORD.OPEN_BUYS : WORD.OPEN_SELLS)]! += leaves - counted;
    if (counted === 0) figures[row + WORD.OPEN_ORDERS]! += 1;
    else if (leaves === 0) figures[row + WORD.OPEN_ORDERS]! -= 1;
    orders.setCounted(slot, leaves);
    this.settleAt(listing, row, all, position);
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
    const row = this.rows.rowOf(account.index, instrument);
    const all = this.rows.rowOf(account.index, ALL_INSTRUMENTS);
    const { listings, positions } = this.state;
    this.settleAt(listings[instrument]!, row, all, positions.rows.find(account.index, instrument));
  }

  /** As `settle`, of an account whose rows are known. @param position row in Positions; −1 = none */
  settleAt(listing: Listing, row: number, all: number, position: number): void {
    this.#touch(row);
    this.#touch(all);
    const { positions } = this.state;
    const { figures } = this;
    const qty = position < 0 ? 0 : positions.qtyLots[position]!;
    const long = valueE6(listing, qty + figures[row + WORD.OPEN_BUYS]!);
    const short = valueE6(listing, qty - figures[row + WORD.OPEN_SELLS]!);
    this.#change(WORD.LONG, row, all, long);
    this.#change(WORD.SHORT, row, all, short);
    this.#change(WORD.GROSS, row, all, Math.max(Math.abs(long), Math.abs(short)));
    if (position < 0) return;
    const units = profitUnits(positions, position, listing) - positions.dayBaseUnits[position]!;
    this.#change(WORD.PNL, row, all, profitE6(listing, units));
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
    const { figures } = this;
    return (
      figures[row + WORD.GROSS] !== figures[row + WORD.GROSS_BEFORE] ||
      figures[row + WORD.LONG] !== figures[row + WORD.LONG_BEFORE] ||
      figures[row + WORD.SHORT] !== figures[row + WORD.SHORT_BEFORE] ||
      figures[row + WORD.PNL] !== figures[row + WORD.PNL_BEFORE]
    );
  }

  /** Sets a figure of an instrument and brings the account's sum along. */
  #change(word: number, row: number, all: number, value: number): void {
    const { figures } = this;
    const difference = value - figures[row + word]!;
    if (difference === 0) return;
    figures[row + word] = value;
    const before = figures[all + word]!;
    const after = before + difference;
    const isExact = Math.abs(difference) <= MAX && Math.abs(before) < MAX && Math.abs(after) < MAX;
    figures[all + word] = isExact ? after : this.#sumOf(word, this.rows.firstOf(all));
  }

  /** Adds up an account's rows where a sum has left, or comes back from, what can be counted exactly. */
  #sumOf(word: number, account: number): number {
    let high = 0;
    let low = 0;
    for (const { index } of this.state.listings) {
      const row = this.rows.find(account, index);
      if (row < 0) continue;
      const value = this.figures[row + word]!;
      const part = Math.floor(value / SUM_SPAN);
      high += part;
      low += value - part * SUM_SPAN;
    }
    return bounded(high * SUM_SPAN + low);
  }

  #touch(row: number): void {
    this.recorder.note(row);
    if (!this.rows.touch(row)) return;
    const { figures } = this;
    figures[row + WORD.GROSS_BEFORE] = figures[row + WORD.GROSS]!;
    figures[row + WORD.LONG_BEFORE] = figures[row + WORD.LONG]!;
    figures[row + WORD.SHORT_BEFORE] = figures[row + WORD.SHORT]!;
    figures[row + WORD.PNL_BEFORE] = figures[row + WORD.PNL]!;
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
  if (listing.unitsPerE6 === 1) return bounded(units * listing.e6PerUnit) + 0;
  const value = units / listing.unitsPerE6;
  return (value < 0 ? Math.floor(value) : Math.ceil(value)) + 0;
}

/** Notional at a price in 10⁻⁶ of the quote asset, rounded up; the largest safe integer where that would be passed. */
export function notionalE6(listing: Listing, priceTicks: number, lots: number): number {
  const units = listing.notional(priceTicks, lots);
  if (listing.unitsPerE6 !== 1) return Math.ceil(units / listing.unitsPerE6);
  return Math.min(units * listing.e6PerUnit, MAX);
}

function profitE6(listing: Listing, units: number): number {
  if (listing.unitsPerE6 !== 1) return Math.floor(units / listing.unitsPerE6) + 0;
  return bounded(units * listing.e6PerUnit) + 0;
}

function bounded(value: number): number {
  return Math.max(-MAX, Math.min(MAX, value));
}
