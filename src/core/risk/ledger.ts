/**
 * Balances: what each account owns of each asset, and how much of it working orders hold.
 *
 * Invariants, checked at every movement: 0 ≤ held, and held ≤ total but for margin accounts, which may owe: a loan of
 * money or a short sale is a balance below 0, and what their orders hold is what these may pay out. The sum of all balances of an asset is its supply,
 * which only deposits and withdrawals change and which stays within 2^53 − 1, so that no sum of balances or of
 * resting quantity can leave the safe integers.
 * Units: smallest units of the asset. Complexity: O(1).
 */
import { InvariantError } from '../values/invariant.js';
import { recordColumns } from '../values/records.js';
import { RowRecorder } from '../values/row-recorder.js';
import { PairTable } from './pair-table.js';

export class Ledger {
  total = new Float64Array(0);
  held = new Float64Array(0);
  /** Values before the present command, where it touched the row. */
  totalBefore = new Float64Array(0);
  heldBefore = new Float64Array(0);
  /** Units in existence, by asset. */
  readonly supply: number[] = [];
  /** Accounts whose balances may fall below 0 or below what is held: margin accounts. */
  readonly debtors = new Set<number>();
  /** By asset: what came from outside in this command less what balances gained; 0 between commands. */
  readonly #unposted: number[] = [];
  /** Rows by (account, asset). */
  readonly rows: PairTable;
  readonly recorder = new RowRecorder(this, ['total', 'held']);

  constructor() {
    this.rows = new PairTable(4, (size) => {
      [this.total, this.held, this.totalBefore, this.heldBefore] = recordColumns(this.total, 4, size);
    });
  }

  totalOf(account: number, asset: number): number {
    const row = this.rows.find(account, asset);
    return row < 0 ? 0 : this.total[row]!;
  }

  heldOf(account: number, asset: number): number {
    const row = this.rows.find(account, asset);
    return row < 0 ? 0 : this.held[row]!;
  }

  availableOf(account: number, asset: number): number {
    const row = this.rows.find(account, asset);
    return row < 0 ? 0 : this.total[row]! - this.held[row]!;
  }

  /** Units of a row that nothing holds. */
  availableAt(row: number): number {
    return this.total[row]! - this.held[row]!;
  }

  /** Holds (units > 0) or releases (units < 0) part of a balance. */
  hold(account: number, asset: number, units: number): void {
    if (units === 0) return;
    this.holdAt(this.rows.rowOf(account, asset), units);
  }

  /** As `hold`, of a row. */
  holdAt(row: number, units: number): void {
    this.#touch(row);
    this.held[row]! += units;
    this.#check(row);
  }

  /** Moves units into (units > 0) or out of (units < 0) a balance, from or to another balance of the asset. */
  move(account: number, asset: number, units: number): void {
    if (units === 0) return;
    this.moveAt(this.rows.rowOf(account, asset), units);
  }

  /** As `move`, of a row. */
  moveAt(row: number, units: number): void {
    this.#touch(row);
    this.total[row]! += units;
    this.#check(row);
  }

  /** Releases `releasedUnits` and pays `paidUnits` in one step, so that the check sees the state after both. */
  releaseAndPay(account: number, asset: number, releasedUnits: number, paidUnits: number): void {
    this.releaseAndPayAt(this.rows.rowOf(account, asset), releasedUnits, paidUnits);
  }

  /** As `releaseAndPay`, of a row. */
  releaseAndPayAt(row: number, releasedUnits: number, paidUnits: number): void {
    this.#touch(row);
    this.held[row]! -= releasedUnits;
    this.total[row]! -= paidUnits;
    this.#check(row);
  }

  /**
   * Checks double entry at the end of a command: what its balances gained came from outside, which is the supply.
   * @throws InvariantError naming the asset where it did not
   */
  checkConserved(): void {
    const { rows, total, totalBefore } = this;
    const unposted = this.#unposted;
    for (let index = 0; index < rows.touchedCount; index += 1) {
      const row = rows.touched[index]!;
      unposted[rows.secondOf(row)]! -= total[row]! - totalBefore[row]!;
    }
    for (let index = 0; index < rows.touchedCount; index += 1) {
      const asset = rows.secondOf(rows.touched[index]!);
      if (unposted[asset] !== 0)
        throw new InvariantError(`${-unposted[asset]!} units of asset ${asset} came from nowhere`);
    }
  }

  /** Takes an asset in, of which there is nothing yet. */
  addAsset(asset: number): void {
    this.supply[asset] = 0;
    this.#unposted[asset] = 0;
  }

  /** Brings units into (units > 0) or out of (units < 0) existence, in an account. */
  adjust(account: number, asset: number, units: number): void {
    this.supply[asset]! += units;
    this.#unposted[asset]! += units;
    this.move(account, asset, units);
  }

  #touch(row: number): void {
    this.recorder.note(row);
    if (this.rows.touch(row)) {
      this.totalBefore[row] = this.total[row]!;
      this.heldBefore[row] = this.held[row]!;
    }
  }

  #check(row: number): void {
    const held = this.held[row]!;
    const total = this.total[row]!;
    if (held < 0 || held > total || total > Number.MAX_SAFE_INTEGER) this.#mustBeDebtor(row);
  }

  /** Throws, but for an account that may owe. */
  #mustBeDebtor(row: number): void {
    const account = this.rows.firstOf(row);
    const held = this.held[row]!;
    const total = this.total[row]!;
    if (this.debtors.has(account) && held >= 0 && Math.abs(total) <= Number.MAX_SAFE_INTEGER) return;
    const asset = this.rows.secondOf(row);
    throw new InvariantError(`account ${account} holds ${held} of ${total} units of asset ${asset}`);
  }
}
