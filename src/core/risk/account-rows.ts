/**
 * Where an account's quote balance, base balance and position of an instrument stand, and where it has limits its figures:
 * rows of `Ledger`, `Positions` and `Exposures`, found together in one look.
 *
 * A direct-mapped cache in front of their pair tables: whatever falls on a used place takes it over. Rows are never
 * removed, so what is in it stays true. Looking rows up makes them where they were missing; empty rows are not part of
 * the logical state. Memory: 256 KB.
 */
import type { Listing } from '../exchange/listing.js';
import { NIL } from '../matching/slots.js';
import { ALL_INSTRUMENTS, type Exposures } from './exposures.js';
import type { Ledger } from './ledger.js';
import type { Positions } from './positions.js';

/** Words of an entry. */
export const ROWS = { ACCOUNT: 0, INSTRUMENT: 1, QUOTE: 2, BASE: 3, POSITION: 4, FIGURES: 5, ALL_FIGURES: 6 } as const;

const WORDS = 8;
const BITS = 13;

export class AccountRows {
  readonly table = new Int32Array(WORDS << BITS).fill(-1);

  constructor(
    private readonly ledger: Ledger,
    private readonly positions: Positions,
    private readonly exposures: Exposures,
  ) {}

  /** Returns the place in `table` of the entry's first word. */
  find(account: number, listing: Listing): number {
    const { table } = this;
    const instrument = listing.index;
    const mixed = Math.imul(account, 0x9e3779b1) ^ Math.imul(instrument, 0x85ebca6b);
    const at = (mixed >>> (32 - BITS)) * WORDS;
    if (table[at + ROWS.ACCOUNT] !== account || table[at + ROWS.INSTRUMENT] !== instrument) {
      table[at + ROWS.ACCOUNT] = account;
      table[at + ROWS.INSTRUMENT] = instrument;
      table[at + ROWS.QUOTE] = this.ledger.rows.rowOf(account, listing.quoteAsset);
      table[at + ROWS.BASE] = this.ledger.rows.rowOf(account, listing.baseAsset);
      table[at + ROWS.POSITION] = this.positions.rows.rowOf(account, instrument);
      table[at + ROWS.FIGURES] = NIL;
    }
    return at;
  }

  /** As `find`, of an account that has limits: FIGURES and ALL_FIGURES are there too. */
  findLimited(account: number, listing: Listing): number {
    const at = this.find(account, listing);
    const { table } = this;
    if (table[at + ROWS.FIGURES] === NIL) {
      table[at + ROWS.FIGURES] = this.exposures.rows.rowOf(account, listing.index);
      table[at + ROWS.ALL_FIGURES] = this.exposures.rows.rowOf(account, ALL_INSTRUMENTS);
    }
    return at;
  }
}
