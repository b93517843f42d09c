/** The leader's lease as one row. No clock but that of the engines takes part: a row that does not change is a leader that is gone. */
import type pg from 'pg';
import type { LeaderLease, LeaseState } from '../../ports/leader-lease.js';
import type { Log } from '../../ports/log.js';
import { openPool } from './connection.js';

/** A statement that waits longer is worth less than a new try. */
const LIMITS = { maxConnections: 1, statementTimeoutMs: 1500 };

export class PostgresLease implements LeaderLease {
  readonly #pool: pg.Pool;

  constructor({ url, log }: { readonly url: string; readonly log: Log }) {
    this.#pool = openPool(url, 'tradsys lease', LIMITS, log);
  }

  async read(): Promise<LeaseState> {
    const { rows } = await this.#pool.query<Record<keyof LeaseState, string>>(
      'SELECT journal_id AS "journalId", epoch, holder, renewals FROM engine_lease WHERE id = 1',
    );
    const row = rows[0];
    if (row === undefined) throw new Error('engine_lease has no row: it was changed by hand');
    return {
      journalId: row.journalId,
      epoch: Number(row.epoch),
      holder: row.holder,
      renewals: Number(row.renewals),
    };
  }

  async take(seen: LeaseState, holder: string): Promise<number | null> {
    const { rows } = await this.#pool.query<{ epoch: string }>(
      `UPDATE engine_lease SET epoch = epoch + 1, holder = $4, renewals = renewals + 1
       WHERE id = 1 AND epoch = $1 AND renewals = $2 AND holder = $3 RETURNING epoch`,
      [seen.epoch, seen.renewals, seen.holder, holder],
    );
    return rows[0] === undefined ? null : Number(rows[0].epoch);
  }

  async renew(epoch: number): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      'UPDATE engine_lease SET renewals = renewals + 1 WHERE id = 1 AND epoch = $1',
      [epoch],
    );
    return rowCount === 1;
  }

  async release(epoch: number): Promise<void> {
    await this.#pool.query(`UPDATE engine_lease SET holder = '', renewals = renewals + 1 WHERE id = 1 AND epoch = $1`, [
      epoch,
    ]);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
