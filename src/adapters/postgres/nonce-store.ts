/** Nonces that routers remember together, in one table: what one of them took no other lets in, also after a restart. */
import type pg from 'pg';
import type { Log } from '../../ports/log.js';
import { type NonceStore, NonceStoreFullError } from '../../ports/nonce-store.js';
import { createGuard, type Guard, type GuardTexts, openPool } from './connection.js';

const LIMITS = { maxConnections: 2, statementTimeoutMs: 2_000 };
const SWEEP_MS = 5_000;

const TEXTS: GuardTexts = {
  away: 'nonces cannot be reached',
  unreachable: 'nonces cannot be read or saved now; they come back with the database',
  failed: 'a statement about nonces failed',
};

const TAKE = 'INSERT INTO request_nonces (key_id, nonce, until_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING';
const SWEEP = 'DELETE FROM request_nonces WHERE until_ms < $1';

export class PostgresNonceStore implements NonceStore {
  readonly sinceMs = 0;
  readonly #pool: pg.Pool;
  readonly #guarded: Guard;
  readonly #timer: NodeJS.Timeout;
  /** As the last look found, and taken here since. */
  #size = 0;

  constructor(
    url: string,
    private readonly maxNonces: number,
    private readonly log: Log,
  ) {
    this.#pool = openPool(url, 'tradsys nonces', LIMITS, log);
    this.#guarded = createGuard(TEXTS, log, () => undefined);
    this.#timer = setInterval(() => void this.#sweepQuietly(), SWEEP_MS);
    this.#timer.unref();
  }

  async take(keyId: string, nonce: string, untilMs: number): Promise<boolean> {
    if (this.#size >= this.maxNonces) throw new NonceStoreFullError();
    const values = [keyId, nonce, untilMs];
    const { rowCount } = await this.#guarded(() => this.#pool.query({ name: 'nonce-take', text: TAKE, values }));
    this.#size += 1;
    return rowCount === 1;
  }

  /** Forgets those whose time is over. */
  async sweep(nowMs: number): Promise<void> {
    await this.#pool.query(SWEEP, [nowMs]);
    const { rows } = await this.#pool.query<{ size: string }>('SELECT count(*) AS size FROM request_nonces');
    this.#size = Number(rows[0]?.size ?? 0);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#pool.end();
  }

  async #sweepQuietly(): Promise<void> {
    try {
      await this.sweep(Date.now());
    } catch (error) {
      // The next look comes by itself.
      this.log('debug', 'nonces were not swept', { error: String(error) });
    }
  }
}
