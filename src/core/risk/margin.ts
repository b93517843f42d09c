/**
 * Margin accounts: what a pool is worth, what its positions and working orders require, and what may still be placed.
 *
 * ```
 * equity      = money of the quote asset + Σ position × mark          (a loan is money below 0, a short a position below 0)
 * initial     = Σ ceil(worst case of position and working orders × mark × initialMargin)
 * maintenance = Σ ceil(|position| × mark × maintenanceMargin)
 * costs       = Σ of each working order's fee and of what its price lies on the wrong side of the mark
 * ```
 * An order passes when initial + costs, the order included, is at most equity, or when it only closes position. The
 * mark is the last trade (before it the listed reference), or the settlement price where the instrument's mark is
 * SETTLEMENT: never the mid, which an order that nobody trades with could move.
 * Without short selling the base must be there, as in a cash account. Pools are not netted. An instrument whose quote
 * asset is itself traded as a base is not for margin accounts: what pays for it would count in two pools.
 * No balance can pass 2^53 − 1: the supply of an asset and all that accounts may come to owe of it stay within it.
 * Complexity: O(instruments of the quote asset + working orders of the account). Values beyond 2^53 units are rounded
 * as doubles.
 */
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { NIL, TRIGGERED, WAITING } from '../matching/order-table.js';
import { BUY, NONE } from '../values/codes.js';
import { ceilPpm, floorPpm } from '../values/decimal.js';
import type { MarginStatus } from '../values/vocabulary.js';

/** An order that a pool is weighed with. */
export interface MarginProposal {
  readonly listing: Listing;
  readonly side: number;
  /** What it may trade. */
  readonly lots: number;
  /** Units that it may pay out: quote with fee for a buy, base for a sell. */
  readonly neededUnits: number;
  /** Fee and loss against the mark, quote units. */
  readonly costUnits: number;
  /** Working order that it replaces; NIL = none. */
  readonly replacedSlot: number;
  /** Units that the replaced order holds. */
  readonly heldUnits: number;
}

export class Margin {
  /** Results of `measure` and `weigh`, quote units. */
  equityUnits = 0;
  initialUnits = 0;
  maintenanceUnits = 0;
  costUnits = 0;
  /** Open lots by instrument × 2 + side, zero between calls. */
  #openLots = new Float64Array(64);
  readonly #poolListings = new Map<number, Listing[]>();
  #listedCount = 0;

  constructor(private readonly state: ExchangeState) {}

  /** Price that positions of margin accounts are valued at. */
  markOf(listing: Listing): number {
    const { method, settlementPxTicks } = this.state.margin.markOf(listing.index);
    return method === 'SETTLEMENT' && settlementPxTicks !== null ? settlementPxTicks : listing.referencePxTicks;
  }

  /** Tells whether margin accounts may trade the instrument. */
  isTradable(listing: Listing): boolean {
    return this.state.assets[listing.quoteAsset]!.positionInstrument === NIL;
  }

  /** Quote assets of all instruments, ascending. */
  quoteAssets(): number[] {
    this.#indexListings();
    return [...this.#poolListings.keys()].sort((a, b) => a - b);
  }

  /** Instruments that are paid in an asset, in the order of listing. */
  listingsOf(quoteAsset: number): readonly Listing[] {
    this.#indexListings();
    return this.#poolListings.get(quoteAsset) ?? [];
  }

  /** Measures a pool by its positions alone. */
  measure(account: number, quoteAsset: number): void {
    const { ledger, positions, margin } = this.state;
    this.equityUnits = ledger.totalOf(account, quoteAsset);
    this.initialUnits = 0;
    this.maintenanceUnits = 0;
    this.costUnits = 0;
    for (const listing of this.listingsOf(quoteAsset)) {
      const qty = positions.qtyOf(account, listing.index);
      if (qty === 0) continue;
      const value = listing.notional(this.markOf(listing), qty);
      const terms = margin.termsOf(listing.index);
      this.equityUnits += value;
      this.initialUnits += ceilPpm(Math.abs(value), terms.initialMarginPpm);
      this.maintenanceUnits += ceilPpm(Math.abs(value), terms.maintenanceMarginPpm);
    }
  }

  /** HEALTHY; CALL below the middle of both requirements; LIQUIDATION below maintenance. After `measure`. */
  get status(): MarginStatus {
    if (this.equityUnits < this.maintenanceUnits) return 'LIQUIDATION';
    const callUnits = Math.floor((this.initialUnits + this.maintenanceUnits) / 2);
    return this.equityUnits < callUnits ? 'CALL' : 'HEALTHY';
  }

  /**
   * Weighs a pool with its working orders and a further one: sets equityUnits, initialUnits and costUnits.
   * @param shift lots by which the position in an instrument is taken to be other than it is
   */
  weigh(account: number, quoteAsset: number, proposal: MarginProposal | null, shift: Shift | null = null): void {
    const { ledger, positions, margin } = this.state;
    const listings = this.listingsOf(quoteAsset);
    this.equityUnits = ledger.totalOf(account, quoteAsset);
    this.initialUnits = 0;
    this.costUnits = this.#addWorking(account, quoteAsset, proposal?.replacedSlot ?? NIL);
    const open = this.#openLots;
    if (proposal !== null) {
      open[proposal.listing.index * 2 + proposal.side]! += proposal.lots;
      this.costUnits += proposal.costUnits;
    }
    for (const { index } of listings) {
      const listing = this.state.listings[index]!;
      const qty = positions.qtyOf(account, index) + (shift?.instrument === index ? shift.lots : 0);
      const worst = Math.max(Math.abs(qty + open[index * 2]!), Math.abs(qty - open[index * 2 + 1]!));
      open[index * 2] = 0;
      open[index * 2 + 1] = 0;
      if (qty === 0 && worst === 0) continue;
      const mark = this.markOf(listing);
      this.equityUnits += listing.notional(mark, qty);
      this.initialUnits += ceilPpm(listing.notional(mark, worst), margin.termsOf(index).initialMarginPpm);
    }
  }

  /** Tells whether a proposal does nothing but close position, with all that works on its side. */
  onlyCloses(account: number, { listing, side, lots, replacedSlot }: MarginProposal): boolean {
    const closable = this.state.positions.closableBy(account, listing.index, side);
    if (lots > closable) return false;
    this.#addWorking(account, listing.quoteAsset, replacedSlot);
    const open = this.#openLots[listing.index * 2 + side]!;
    for (const { index } of this.listingsOf(listing.quoteAsset)) this.#openLots.fill(0, index * 2, index * 2 + 2);
    return open + lots <= closable;
  }

  /** Units by which what may be owed of an asset passes what can be counted, with a proposal; 0 or below where it does not. */
  beyondCredit(account: number, asset: number, neededUnits: number, heldUnits: number): number {
    const { ledger } = this.state;
    let owed = 0;
    for (const other of this.state.margin.accounts) {
      const needed = other === account ? neededUnits - heldUnits : 0;
      owed += Math.max(0, ledger.heldOf(other, asset) + needed - ledger.totalOf(other, asset));
    }
    return owed - (Number.MAX_SAFE_INTEGER - ledger.supply[asset]!);
  }

  /** What may be withdrawn of an asset: money that is neither lent nor required. */
  withdrawable(account: number, asset: number): number {
    const { ledger, assets, listings } = this.state;
    const own = ledger.totalOf(account, asset);
    let free = own;
    if (this.listingsOf(asset).length > 0) {
      this.weigh(account, asset, null);
      free = Math.min(free, this.equityUnits - this.initialUnits - this.costUnits);
    }
    const listing = listings[assets[asset]!.positionInstrument];
    if (listing !== undefined) free = Math.min(free, own - ledger.heldOf(account, asset));
    return Math.max(0, free);
  }

  /** Tells whether the pool of a base asset's instrument still meets its requirements with lots less. */
  canLose(account: number, listing: Listing, lots: number): boolean {
    this.weigh(account, listing.quoteAsset, null, { instrument: listing.index, lots: -lots });
    return this.initialUnits + this.costUnits <= this.equityUnits;
  }

  /** Fee of an order and its loss against the mark, at the price that it may trade at; a waiting stop's loss is 0. */
  costOf(listing: Listing, side: number, priceTicks: number, lots: number, waits: boolean): number {
    const notional = listing.notional(priceTicks, lots);
    const away = side === BUY ? priceTicks - this.markOf(listing) : this.markOf(listing) - priceTicks;
    const loss = waits ? 0 : listing.notional(Math.max(0, away), lots);
    return ceilPpm(notional, listing.holdFeePpm) + loss;
  }

  /** As costOf for a MARKET order that would trade these lots for these units. */
  marketCostOf(listing: Listing, side: number, lots: number, units: number): number {
    const atMark = listing.notional(this.markOf(listing), lots);
    return floorPpm(units, listing.takerFeePpm) + Math.max(0, side === BUY ? units - atMark : atMark - units);
  }

  /** Adds the account's working orders of a pool to the open lots, but one, and returns their costs. */
  #addWorking(account: number, quoteAsset: number, exceptSlot: number): number {
    const { orders, listings, accounts } = this.state;
    let costs = 0;
    for (let slot = accounts[account]!.firstOrder; slot !== NIL; slot = orders.accountNext[slot]!) {
      const listing = listings[orders.instrument[slot]!]!;
      if (slot === exceptSlot || listing.quoteAsset !== quoteAsset) continue;
      const side = orders.side[slot]!;
      const lots = orders.leavesQtyLots[slot]!;
      const phase = orders.phase[slot]!;
      const waits = phase === WAITING || phase === TRIGGERED;
      this.#openLots[listing.index * 2 + side]! += lots;
      let price = orders.priceTicks[slot]!;
      if (price === NONE) price = waits ? orders.stopPxTicks[slot]! : orders.protectionPxTicks[slot]!;
      costs += this.costOf(listing, side, price, lots, waits);
    }
    return costs;
  }

  #indexListings(): void {
    const { listings } = this.state;
    if (this.#listedCount === listings.length) return;
    if (this.#openLots.length < listings.length * 2) this.#openLots = new Float64Array(listings.length * 4);
    for (const listing of listings.slice(this.#listedCount)) {
      const pool = this.#poolListings.get(listing.quoteAsset);
      if (pool === undefined) this.#poolListings.set(listing.quoteAsset, [listing]);
      else pool.push(listing);
    }
    this.#listedCount = listings.length;
  }
}

interface Shift {
  readonly instrument: number;
  readonly lots: number;
}
