/**
 * Which order is an account's present quote, by account, instrument and side.
 *
 * It follows from the orders that carry the QUOTE flag: an id that names no working order any more stands for none.
 * Complexity: O(1).
 */
import { PairTable } from '../risk/pair-table.js';
import { BUY } from '../values/codes.js';
import { recordColumns } from '../values/records.js';
import { RowRecorder } from '../values/row-recorder.js';
import type { OrderTable } from './order-table.js';
import { NIL } from './order-table.js';

export class QuoteTable {
  /** Order id, 0 before the first. */
  bidOrderId = new Float64Array(0);
  askOrderId = new Float64Array(0);
  /** Rows by (account, instrument). */
  readonly rows: PairTable;
  readonly recorder = new RowRecorder(this, ['bidOrderId', 'askOrderId']);

  constructor() {
    this.rows = new PairTable(4, (size) => {
      [this.bidOrderId, this.askOrderId] = recordColumns(this.bidOrderId, 4, size);
    });
  }

  /** Returns the slot of the working quote, NIL when there is none. */
  find(orders: OrderTable, account: number, instrument: number, side: number): number {
    const row = this.rows.find(account, instrument);
    if (row < 0) return NIL;
    const slot = orders.slotOf(side === BUY ? this.bidOrderId[row]! : this.askOrderId[row]!);
    return slot !== NIL && orders.isInUse(slot) ? slot : NIL;
  }

  set(account: number, instrument: number, side: number, orderId: number): void {
    const row = this.rows.rowOf(account, instrument);
    this.recorder.note(row);
    if (side === BUY) this.bidOrderId[row] = orderId;
    else this.askOrderId[row] = orderId;
  }
}
