/**
 * Margin calls and liquidation, at the end of the command that caused them.
 *
 * Every pool of every margin account is measured after each command, by account, then quote asset; a status that
 * changed is told. A pool below maintenance is liquidated at once:
 * 1. its working orders are canceled, oldest first;
 * 2. its positions are reduced by MARKET orders, the one with the greatest maintenance requirement first (of equal
 *    ones the instrument listed first), each by the lots that bring the pool back to initial margin at the mark, at
 *    most the whole position, within the instrument's collar; until maintenance holds or no position is left.
 * What that trades may break other pools: passes follow until one liquidates nothing. In one command a pool is
 * liquidated at most once and at most MAX_LIQUIDATION_ORDERS orders are sent; what is left, for want of liquidity or
 * because the instrument is not OPEN, is tried again with every further command, at the latest RETRY_US later.
 * A pool whose positions are gone and whose money is below 0 stays in LIQUIDATION: it owes that to the house.
 *
 * Invariant: a pool whose marks, money and positions did not change keeps its status, so only others are measured.
 * Complexity: O(1) without margin accounts; else O(margin accounts × instruments that the command traded).
 */
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { NIL } from '../matching/order-table.js';
import type { WorkingOrders } from '../matching/working-orders.js';
import { BUY, CANCEL, SELL, TRADING_STATUS } from '../values/codes.js';
import { floorPpm } from '../values/decimal.js';
import { highestPrice, lowestPrice } from './collar.js';
import type { Margin } from './margin.js';

export const MAX_LIQUIDATION_ORDERS = 64;
/** A broken pool that still has positions is tried again at the latest after this time of the engine. */
export const RETRY_US = 1_000_000;

/** Sends a reduceOnly MARKET order for an account, past every limit. */
export type SendMarketOrder = (
  account: number,
  listing: Listing,
  side: number,
  lots: number,
  limitTicks: number,
) => void;

export class Liquidation {
  /** Mark of each instrument when the last command ended. */
  readonly #marks: number[] = [];
  /** Accounts and instruments of the rows that the command touched. */
  readonly #touched = new Set<number>();
  readonly #traded = new Set<number>();
  readonly #done = new Set<string>();
  #ordersLeft = 0;

  constructor(
    private readonly state: ExchangeState,
    private readonly working: WorkingOrders,
    private readonly margin: Margin,
    private readonly send: SendMarketOrder,
  ) {
    this.#keepMarks(true);
  }

  /** When a broken pool is to be tried again, microseconds since 1970 UTC; null while none has positions to close. */
  get nextDueUs(): number | null {
    const { margin, timeUs } = this.state;
    if (!margin.hasAny('LIQUIDATION')) return null;
    const isOpen = margin
      .troubled()
      .some(({ account, asset, status }) => status === 'LIQUIDATION' && this.#largest(account, asset, null) !== null);
    return isOpen ? timeUs + RETRY_US : null;
  }

  /** Measures the pools that the command may have changed. @param all measures every pool */
  endCommand(all: boolean): void {
    const { accounts } = this.state.margin;
    if (accounts.length === 0) return;
    this.#done.clear();
    this.#ordersLeft = MAX_LIQUIDATION_ORDERS;
    for (let isCalm = false; !isCalm; ) {
      isCalm = true;
      for (const account of accounts) {
        this.#noteTouched();
        if (!all && !this.#isAffected(account)) continue;
        for (const asset of this.margin.quoteAssets()) if (this.#settle(account, asset)) isCalm = false;
      }
    }
    this.#keepMarks(all);
  }

  /** Returns true where the pool was liquidated. */
  #settle(account: number, asset: number): boolean {
    this.margin.measure(account, asset);
    this.#tell(account, asset);
    const key = `${account}/${asset}`;
    if (this.margin.status !== 'LIQUIDATION' || this.#done.has(key)) return false;
    this.#done.add(key);
    this.#liquidate(account, asset);
    this.margin.measure(account, asset);
    this.#tell(account, asset);
    return true;
  }

  /** Tells a status that differs from the one told last. */
  #tell(account: number, asset: number): void {
    const { margin, events } = this.state;
    const { status, equityUnits, initialUnits, maintenanceUnits } = this.margin;
    if (margin.statusOf(account, asset) === status) return;
    margin.setStatus(account, asset, status);
    const figures = { equityUnits, initialUnits, maintenanceUnits };
    events.body({ type: 'MarginStatusChanged', account, asset, status, ...figures });
  }

  #liquidate(account: number, asset: number): void {
    this.#cancelWorking(account, asset);
    const tried = new Set<number>();
    for (;;) {
      this.margin.measure(account, asset);
      const shortfall = this.margin.initialUnits - this.margin.equityUnits;
      if (this.margin.status !== 'LIQUIDATION' || this.#ordersLeft === 0) return;
      const listing = this.#largest(account, asset, tried);
      if (listing === null) return;
      tried.add(listing.index);
      this.#reduce(account, listing, shortfall);
    }
  }

  #cancelWorking(account: number, asset: number): void {
    const { orders, accounts } = this.state;
    for (let slot = accounts[account]!.firstOrder; slot !== NIL; ) {
      const next = orders.accountNext[slot]!;
      if (this.working.listingOf(slot).quoteAsset === asset) this.working.cancel(slot, CANCEL.LIQUIDATION);
      slot = next;
    }
  }

  /** Position of the greatest maintenance requirement that can be traded; null where none is left. */
  #largest(account: number, asset: number, tried: ReadonlySet<number> | null): Listing | null {
    const { positions, margin } = this.state;
    let largest: Listing | null = null;
    let greatest = -1;
    for (const listing of this.margin.listingsOf(asset)) {
      const qty = positions.qtyOf(account, listing.index);
      if (qty === 0 || tried?.has(listing.index)) continue;
      const value = listing.notional(this.margin.markOf(listing), Math.abs(qty));
      const required = floorPpm(value, margin.termsOf(listing.index).maintenanceMarginPpm);
      if (required <= greatest) continue;
      largest = listing;
      greatest = required;
    }
    return largest;
  }

  #reduce(account: number, listing: Listing, shortfall: number): void {
    if (listing.status !== TRADING_STATUS.OPEN) return;
    const { positions, margin, levels, accounts } = this.state;
    const qty = positions.qtyOf(account, listing.index);
    const perLot = floorPpm(
      listing.notional(this.margin.markOf(listing), 1),
      margin.termsOf(listing.index).initialMarginPpm,
    );
    const wanted = perLot === 0 ? Math.abs(qty) : ceilRatio(shortfall, perLot);
    const lots = Math.min(Math.abs(qty), listing.maxQtyLots, wanted);
    const side = qty > 0 ? SELL : BUY;
    const bound = side === BUY ? highestPrice : lowestPrice;
    const limitTicks = bound(accounts[account]!, listing, listing.referencePxTicks);
    const makers = listing.side(1 - side);
    if (makers.best === NIL || levels.key[makers.best]! < limitTicks * makers.sign) return;
    this.#ordersLeft -= 1;
    this.send(account, listing, side, lots, limitTicks);
  }

  /** Whether the account's money, positions, marks or status may have changed in this command. */
  #isAffected(account: number): boolean {
    const { listings, positions, margin } = this.state;
    if (this.#touched.has(account) || margin.hasTroubled(account)) return true;
    for (const instrument of this.#traded) {
      if (this.#marks[instrument] === this.margin.markOf(listings[instrument]!)) continue;
      if (positions.qtyOf(account, instrument) !== 0) return true;
    }
    return false;
  }

  /** Notes accounts and instruments of the rows that the command has touched so far. */
  #noteTouched(): void {
    const { ledger, positions } = this.state;
    this.#touched.clear();
    this.#traded.clear();
    for (let index = 0; index < ledger.rows.touchedCount; index += 1) {
      this.#touched.add(ledger.rows.firstOf(ledger.rows.touched[index]!));
    }
    for (let index = 0; index < positions.rows.touchedCount; index += 1) {
      const row = positions.rows.touched[index]!;
      this.#touched.add(positions.rows.firstOf(row));
      this.#traded.add(positions.rows.secondOf(row));
    }
  }

  #keepMarks(all: boolean): void {
    const { listings, positions } = this.state;
    if (all || this.#marks.length < listings.length) {
      for (const listing of listings) this.#marks[listing.index] = this.margin.markOf(listing);
      return;
    }
    for (let index = 0; index < positions.rows.touchedCount; index += 1) {
      const instrument = positions.rows.secondOf(positions.rows.touched[index]!);
      this.#marks[instrument] = this.margin.markOf(listings[instrument]!);
    }
  }
}

/** Returns the quotient of two whole numbers, the first above 0, rounded up exactly. */
function ceilRatio(value: number, divisor: number): number {
  const quotient = Math.ceil(value / divisor);
  if ((quotient - 1) * divisor >= value) return quotient - 1;
  return quotient * divisor < value ? quotient + 1 : quotient;
}
