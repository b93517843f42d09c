/** Snapshots as rows: each is written by one statement, or not at all, and the oldest go with it. */
import { crc32 } from 'node:zlib';
import type pg from 'pg';
import type { Log } from '../../ports/log.js';
import type { SnapshotInfo, SnapshotStore } from '../../ports/snapshot-store.js';
import { openPool } from './connection.js';

const LIMITS = { maxConnections: 1, statementTimeoutMs: 60_000 };
const DEFAULT_KEEP = 3;

export interface PostgresSnapshotStoreOptions {
  readonly url: string;
  /** How many of the newest are kept, at least 1; default 3. */
  readonly keep?: number;
  readonly log: Log;
}

export class PostgresSnapshotStore implements SnapshotStore {
  readonly #pool: pg.Pool;
  readonly #keep: number;

  constructor({ url, keep = DEFAULT_KEEP, log }: PostgresSnapshotStoreOptions) {
    this.#pool = openPool(url, 'tradsys snapshots', LIMITS, log);
    this.#keep = keep;
  }

  async list(): Promise<readonly SnapshotInfo[]> {
    const { rows } = await this.#pool.query<{ command: string; event: string }>(
      'SELECT command_sequence AS command, event_sequence AS event FROM engine_snapshots ORDER BY command_sequence',
    );
    return rows.map(({ command, event }) => ({ commandSequence: Number(command), eventSequence: Number(event) }));
  }

  async load({ commandSequence, eventSequence }: SnapshotInfo): Promise<Uint8Array> {
    const { rows } = await this.#pool.query<{ crc: string; bytes: Buffer }>(
      'SELECT crc, bytes FROM engine_snapshots WHERE command_sequence = $1 AND event_sequence = $2',
      [commandSequence, eventSequence],
    );
    const row = rows[0];
    if (row === undefined) throw new Error(`there is no snapshot of command ${commandSequence}`);
    if (crc32(row.bytes) !== Number(row.crc)) throw new Error(`the snapshot of command ${commandSequence} is damaged`);
    return row.bytes;
  }

  async save({ commandSequence, eventSequence }: SnapshotInfo, bytes: Uint8Array): Promise<void> {
    await this.#pool.query(
      `INSERT INTO engine_snapshots (command_sequence, event_sequence, crc, bytes) VALUES ($1, $2, $3, $4)
       ON CONFLICT (command_sequence) DO UPDATE SET event_sequence = $2, crc = $3, bytes = $4`,
      [commandSequence, eventSequence, crc32(bytes), Buffer.from(bytes)],
    );
    await this.#pool.query(
      `DELETE FROM engine_snapshots WHERE command_sequence NOT IN
         (SELECT command_sequence FROM engine_snapshots ORDER BY command_sequence DESC LIMIT $1)`,
      [this.#keep],
    );
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
