/**
 * What margin trading adds to the state: each instrument's margin terms and mark, and which pools stand badly.
 *
 * A pool is an account's money of one quote asset together with its positions in the instruments that are paid in it.
 * Terms that were never set are those of full payment: initial and maintenance 100 %, no short selling, mark MID.
 * Complexity: O(1) each; `describe` O(size).
 */
import { codeOf, MARGIN_STATUS, MARK_METHOD, NONE } from '../values/codes.js';
import type { StateSink } from '../values/state-hash.js';
import type { MarginStatus, MarkMethod } from '../values/vocabulary.js';

/** Requirements as parts per million of a position's value at its mark. */
export interface MarginTerms {
  readonly initialMarginPpm: number;
  readonly maintenanceMarginPpm: number;
  /** Whether margin accounts may sell what they do not hold. */
  readonly shortSelling: boolean;
  /** User who set them; null = never set. */
  readonly setBy: string | null;
}

export interface MarkTerms {
  readonly method: MarkMethod;
  /** Price of the last settlement; null = none. */
  readonly settlementPxTicks: number | null;
  readonly setBy: string | null;
}

const PPM = 1_000_000;
/** Assets are below this: a pool's key is account × span + quote asset. */
const ASSET_SPAN = 65_536;

export const FULL_PAYMENT: MarginTerms = {
  initialMarginPpm: PPM,
  maintenanceMarginPpm: PPM,
  shortSelling: false,
  setBy: null,
};
export const DEFAULT_MARK: MarkTerms = { method: 'MID', settlementPxTicks: null, setBy: null };

export class MarginBook {
  /** Margin accounts by index, ascending; follows from the accounts. */
  readonly accounts: number[] = [];
  /** By instrument; absent = FULL_PAYMENT. */
  readonly #terms = new Map<number, MarginTerms>();
  readonly #marks = new Map<number, MarkTerms>();
  /** Pools that are not HEALTHY. */
  readonly #statuses = new Map<number, MarginStatus>();

  termsOf(instrument: number): MarginTerms {
    return this.#terms.get(instrument) ?? FULL_PAYMENT;
  }

  setTerms(instrument: number, terms: MarginTerms): void {
    this.#terms.set(instrument, terms);
  }

  markOf(instrument: number): MarkTerms {
    return this.#marks.get(instrument) ?? DEFAULT_MARK;
  }

  setMark(instrument: number, mark: MarkTerms): void {
    this.#marks.set(instrument, mark);
  }

  statusOf(account: number, quoteAsset: number): MarginStatus {
    return this.#statuses.get(account * ASSET_SPAN + quoteAsset) ?? 'HEALTHY';
  }

  setStatus(account: number, quoteAsset: number, status: MarginStatus): void {
    const key = account * ASSET_SPAN + quoteAsset;
    if (status === 'HEALTHY') this.#statuses.delete(key);
    else this.#statuses.set(key, status);
  }

  /** Pools that are not HEALTHY, by account and quote asset; allocates. */
  troubled(): { account: number; asset: number; status: MarginStatus }[] {
    return sorted(this.#statuses).map(([key, status]) => ({
      account: Math.floor(key / ASSET_SPAN),
      asset: key % ASSET_SPAN,
      status,
    }));
  }

  /** Tells whether a pool of the account is not HEALTHY. */
  hasTroubled(account: number): boolean {
    for (const key of this.#statuses.keys()) if (Math.floor(key / ASSET_SPAN) === account) return true;
    return false;
  }

  /** Tells whether a pool is in this status. */
  hasAny(status: MarginStatus): boolean {
    for (const other of this.#statuses.values()) if (other === status) return true;
    return false;
  }

  describe(sink: StateSink): void {
    sink.number(this.#terms.size);
    for (const [instrument, terms] of sorted(this.#terms)) {
      sink.number(instrument);
      sink.number(terms.initialMarginPpm);
      sink.number(terms.maintenanceMarginPpm);
      sink.number(terms.shortSelling ? 1 : 0);
      sink.text(terms.setBy);
    }
    sink.number(this.#marks.size);
    for (const [instrument, mark] of sorted(this.#marks)) {
      sink.number(instrument);
      sink.number(codeOf(MARK_METHOD, mark.method));
      sink.number(mark.settlementPxTicks ?? NONE);
      sink.text(mark.setBy);
    }
    sink.number(this.#statuses.size);
    for (const [key, status] of sorted(this.#statuses)) {
      sink.number(key);
      sink.number(codeOf(MARGIN_STATUS, status));
    }
  }

  /** Takes what `describe` told of a pool. */
  restoreStatus(key: number, status: MarginStatus): void {
    this.#statuses.set(key, status);
  }
}

function sorted<T>(map: ReadonlyMap<number, T>): [number, T][] {
  return [...map].sort(([a], [b]) => a - b);
}
