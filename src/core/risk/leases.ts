/**
 * Order leases: as long as somebody is heard from, his orders stay.
 *
 * A lease is an account's, under an id that whoever holds it chose, and runs out at a time that each renewal puts off. What
 * stands under it is then canceled (`exchange/lease-entry.ts`). The lease without an id is the account's dead-man timer: all its
 * orders stand under it.
 * The holder is whoever claimed the lease last (a connection); others can neither renew nor shorten it, so that the late end
 * of an old connection takes nothing from the one that came after it.
 * Invariants: at most one lease of an account and id; rows are the lowest that are free, so that replay gives the same ones.
 * Complexity: O(1) to find; O(leases) to take a row, and to find the next one to run out after the first was put off, which
 * renewals in a batch cost once.
 */
import type { StateSink } from '../values/state-hash.js';

/** Most leases of one account, beside its timer. */
export const MAX_ACCOUNT_LEASES = 64;
/** Most leases of the venue. */
export const MAX_LEASES = 16_384;

export interface Lease {
  /** By which orders name it. */
  readonly row: number;
  readonly account: number;
  /** null = the account's dead-man timer. */
  readonly leaseId: string | null;
  holder: string;
  expiresUs: number;
}

export class Leases {
  readonly #rows: (Lease | null)[] = [];
  readonly #byKey = new Map<string, Lease>();
  readonly #countByAccount = new Map<number, number>();
  #nextUs = Number.POSITIVE_INFINITY;
  #isStale = false;
  /** Leases that ended in a trial. */
  readonly #ended: Lease[] = [];
  #isRecording = false;

  /** When the next lease runs out; Infinity without any. */
  get nextUs(): number {
    if (this.#isStale) this.#findNext();
    return this.#nextUs;
  }

  get count(): number {
    return this.#byKey.size;
  }

  find(account: number, leaseId: string | null): Lease | undefined {
    return this.#byKey.get(keyOf(account, leaseId));
  }

  /** Tells whether the account may have another lease, and the venue that many. */
  hasRoom(account: number, count: number): boolean {
    return this.count + count <= MAX_LEASES && (this.#countByAccount.get(account) ?? 0) < MAX_ACCOUNT_LEASES;
  }

  /** Opens a lease that is not there yet. */
  open(account: number, leaseId: string | null, holder: string, expiresUs: number): Lease {
    const free = this.#rows.indexOf(null);
    return this.put({ row: free < 0 ? this.#rows.length : free, account, leaseId, holder, expiresUs });
  }

  /** Puts a lease at its row. */
  put(lease: Lease): Lease {
    while (this.#rows.length < lease.row) this.#rows.push(null);
    this.#rows[lease.row] = lease;
    this.#byKey.set(keyOf(lease.account, lease.leaseId), lease);
    this.#count(lease, 1);
    this.#nextUs = Math.min(this.#nextUs, lease.expiresUs);
    return lease;
  }

  /** Sets when a lease runs out. */
  renew(lease: Lease, expiresUs: number): void {
    if (lease.expiresUs === this.#nextUs) this.#isStale = true;
    lease.expiresUs = expiresUs;
    this.#nextUs = Math.min(this.#nextUs, expiresUs);
  }

  /** Returns the lease that runs out first, the lower row before the higher, where it has by this time; otherwise null. */
  due(timeUs: number): Lease | null {
    if (this.nextUs > timeUs) return null;
    return this.#rows.find((lease) => lease !== null && lease.expiresUs === this.#nextUs) ?? null;
  }

  end(lease: Lease): void {
    if (this.#isRecording) this.#ended.push(lease);
    this.#rows[lease.row] = null;
    this.#byKey.delete(keyOf(lease.account, lease.leaseId));
    this.#count(lease, -1);
    this.#isStale = true;
  }

  /** Begins a trial, in which leases only run out. */
  begin(): void {
    this.#isRecording = true;
  }

  /** Puts back what ran out in the trial. */
  takeBack(): void {
    this.#isRecording = false;
    for (const lease of this.#ended.splice(0)) this.put(lease);
  }

  /** Ends a trial. */
  endTrial(): void {
    this.#isRecording = false;
    this.#ended.length = 0;
  }

  /** Tells all leases by row. */
  describe(sink: StateSink): void {
    sink.number(this.count);
    for (const lease of this.all()) {
      sink.number(lease.row);
      sink.number(lease.account);
      sink.text(lease.leaseId);
      sink.text(lease.holder);
      sink.number(lease.expiresUs);
    }
  }

  /** All leases by row. */
  all(): Lease[] {
    return this.#rows.filter((lease) => lease !== null);
  }

  #count({ account, leaseId }: Lease, change: number): void {
    if (leaseId === null) return;
    this.#countByAccount.set(account, (this.#countByAccount.get(account) ?? 0) + change);
  }

  #findNext(): void {
    this.#isStale = false;
    this.#nextUs = Number.POSITIVE_INFINITY;
    for (const lease of this.#rows) if (lease !== null) this.#nextUs = Math.min(this.#nextUs, lease.expiresUs);
  }
}

function keyOf(account: number, leaseId: string | null): string {
  return leaseId === null ? `${account}` : `${account}/${leaseId}`;
}
