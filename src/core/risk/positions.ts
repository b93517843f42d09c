/**
 * Positions by average cost: signed lots, signed cost of the open quantity, realized profit and fees.
 *
 * Opening adds the notional to the cost; closing takes the closed share of the cost out, rounded towards zero
 * (the rest stays with the open lots, so a position closed in parts ends at cost 0), and books the difference as
 * realized profit. A trade through zero closes first and opens the rest at its price.
 * Units: lots, quote units. Complexity: O(1).
 */
import { proportionOf, safe } from '../values/amount.js';
import { BUY } from '../values/codes.js';
import { recordColumns } from '../values/records.js';
import { RowRecorder } from '../values/row-recorder.js';
import { PairTable } from './pair-table.js';

export class Positions {
  qtyLots = new Float64Array(0);
  costUnits = new Float64Array(0);
  realizedPnlUnits = new Float64Array(0);
  feesUnits = new Float64Array(0);
  /** Profit since the beginning as it was at 00:00 UTC, see `daily-profit.ts`; apart, as trades do not need it. */
  dayBaseUnits = new Float64Array(0);
  /** Values before the present command, where it touched the row. */
  qtyBefore = new Float64Array(0);
  costBefore = new Float64Array(0);
  realizedBefore = new Float64Array(0);
  feesBefore = new Float64Array(0);
  /** Rows by (account, instrument). */
  readonly rows: PairTable;
  readonly recorder = new RowRecorder(this, ['qtyLots', 'costUnits', 'realizedPnlUnits', 'feesUnits', 'dayBaseUnits']);

  constructor() {
    this.rows = new PairTable(8, (size) => {
      [
        this.qtyLots,
        this.costUnits,
        this.realizedPnlUnits,
        this.feesUnits,
        this.qtyBefore,
        this.costBefore,
        this.realizedBefore,
        this.feesBefore,
      ] = recordColumns(this.qtyLots, 8, size);
      const bases = new Float64Array(size * 8);
      bases.set(this.dayBaseUnits);
      this.dayBaseUnits = bases;
    });
  }

  qtyOf(account: number, instrument: number): number {
    const row = this.rows.find(account, instrument);
    return row < 0 ? 0 : this.qtyLots[row]!;
  }

  /** Lots by which an order of this side can reduce the position. */
  closableBy(account: number, instrument: number, side: number): number {
    const qty = this.qtyOf(account, instrument);
    return Math.max(0, side === BUY ? -qty : qty);
  }

  costOf(account: number, instrument: number): number {
    const row = this.rows.find(account, instrument);
    return row < 0 ? 0 : this.costUnits[row]!;
  }

  /**
   * Books a trade.
   * @param lots signed: above 0 bought, below 0 sold
   * @param unitsPerLot price of one lot, quote units
   */
  trade(account: number, instrument: number, lots: number, unitsPerLot: number, feeUnits: number): void {
    this.tradeAt(this.rows.rowOf(account, instrument), lots, unitsPerLot, feeUnits);
  }

  /** As `trade`, of a row. */
  tradeAt(row: number, lots: number, unitsPerLot: number, feeUnits: number): void {
    this.#touch(row);
    this.feesUnits[row] = safe(this.feesUnits[row]! + feeUnits);
    const held = this.qtyLots[row]!;
    let opening = lots;
    if (held !== 0 && held < 0 !== lots < 0) {
      const closing = Math.min(Math.abs(held), Math.abs(lots));
      const sign = held < 0 ? -1 : 1;
      const closedCost = proportionOf(this.costUnits[row]!, closing, Math.abs(held));
      this.realizedPnlUnits[row] = safe(this.realizedPnlUnits[row]! + sign * closing * unitsPerLot - closedCost);
      this.costUnits[row]! -= closedCost;
      this.qtyLots[row] = held - sign * closing;
      opening = lots + sign * closing;
    }
    if (opening !== 0) {
      this.qtyLots[row]! += opening;
      this.costUnits[row] = safe(this.costUnits[row]! + opening * unitsPerLot);
    }
  }

  /**
   * Books lots that were deposited (at a cost) or withdrawn: withdrawing takes the share of the cost with it and
   * realizes nothing; what is withdrawn beyond a long position opens a short one at the given price.
   */
  transfer(account: number, instrument: number, lots: number, unitsPerLot: number): void {
    if (lots === 0) return;
    const row = this.rows.rowOf(account, instrument);
    this.#touch(row);
    const held = this.qtyLots[row]!;
    let opening = lots;
    if (held !== 0 && held < 0 !== lots < 0) {
      const closing = Math.min(Math.abs(held), Math.abs(lots));
      const sign = held < 0 ? -1 : 1;
      this.costUnits[row]! -= proportionOf(this.costUnits[row]!, closing, Math.abs(held));
      this.qtyLots[row] = held - sign * closing;
      opening = lots + sign * closing;
    }
    if (opening !== 0) {
      this.qtyLots[row]! += opening;
      this.costUnits[row] = safe(this.costUnits[row]! + opening * unitsPerLot);
    }
  }

  /** Tells whether the present command changed the row, which it touched. */
  hasChanged(row: number): boolean {
    return (
      this.qtyLots[row] !== this.qtyBefore[row] ||
      this.costUnits[row] !== this.costBefore[row] ||
      this.realizedPnlUnits[row] !== this.realizedBefore[row] ||
      this.feesUnits[row] !== this.feesBefore[row]
    );
  }

  #touch(row: number): void {
    this.recorder.note(row);
    if (this.rows.touch(row)) {
      this.qtyBefore[row] = this.qtyLots[row]!;
      this.costBefore[row] = this.costUnits[row]!;
      this.realizedBefore[row] = this.realizedPnlUnits[row]!;
      this.feesBefore[row] = this.feesUnits[row]!;
    }
  }
}
