/**
 * The funds rule for margin accounts: whether a pool can carry an order. In place of the cash rule, and last as that is.
 *
 * What it compared stands in `limit`, `current` and `projected`: in quote units equity, requirement now, requirement
 * with the order; where short selling is not allowed and the base is missing, in base units what is available, held,
 * needed, as for a cash account. An order that only closes position passes whatever the pool is worth.
 */
import type { ExchangeState } from '../exchange/state.js';
import { NIL } from '../matching/order-table.js';
import { SELL } from '../values/codes.js';
import type { Margin, MarginProposal } from './margin.js';

export class MarginCheck {
  limit = 0;
  current = 0;
  projected = 0;

  constructor(
    private readonly state: ExchangeState,
    private readonly margin: Margin,
  ) {}

  /** Returns true where the pool can't carry the order. */
  refuses(account: number, proposal: MarginProposal): boolean {
    const { ledger, margin } = this.state;
    const { listing, side, neededUnits, heldUnits } = proposal;
    const asset = side === SELL ? listing.baseAsset : listing.quoteAsset;
    const held = ledger.heldOf(account, asset);
    if (side === SELL && !margin.termsOf(listing.index).shortSelling) {
      const available = ledger.totalOf(account, asset) - held + heldUnits;
      if (neededUnits > available) return this.#told(available, held, neededUnits);
    }
    const beyond = this.margin.beyondCredit(account, asset, neededUnits, heldUnits);
    if (beyond > 0) return this.#told(neededUnits - beyond, held, neededUnits);
    const { replacedSlot } = proposal;
    const nothing = { ...proposal, lots: 0, costUnits: 0 };
    this.margin.weigh(account, listing.quoteAsset, replacedSlot === NIL ? null : nothing);
    const current = this.margin.initialUnits + this.margin.costUnits;
    this.margin.weigh(account, listing.quoteAsset, proposal);
    const projected = this.margin.initialUnits + this.margin.costUnits;
    this.#told(this.margin.equityUnits, current, projected);
    return projected > this.margin.equityUnits && !this.margin.onlyCloses(account, proposal);
  }

  #told(limit: number, current: number, projected: number): true {
    this.limit = limit;
    this.current = current;
    this.projected = projected;
    return true;
  }
}
