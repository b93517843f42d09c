/**
 * The journal in PostgreSQL: one row a group under the sequence of its first command.
 *
 * Invariants
 * - A group is inserted by one statement that takes a share lock on the lease and asks for the writer's epoch and for the
 *   end of the journal: a deposed leader inserts nothing, and no row leaves a gap. A takeover changes the lease's row, so
 *   it waits for the insert under way, or the insert waits and then finds another epoch.
 * - An insert whose answer did not come (connection lost, server restarted) is tried again until its patience is over;
 *   the row that the first try may have left is found by its key and compared. So a database that is away for seconds
 *   costs time and no command.
 * - After a failure nothing is appended any more (fail-stop).
 */
import { crc32 } from 'node:zlib';
import type pg from 'pg';
import { COMMAND_FORMAT_VERSION } from '../../core/exchange/command-codec.js';
import {
  type Journal,
  JournalCorruptError,
  JournalDeposedError,
  JournalFailedError,
  type JournalGroup,
} from '../../ports/journal.js';
import type { Log } from '../../ports/log.js';
import { codeOf, isUnreachable, openPool } from './connection.js';

export interface PostgresJournalOptions {
  readonly url: string;
  readonly log: Log;
  /** How long an append tries to reach the database; default 15 s. */
  readonly patienceMs?: number;
}

const WRITE_LIMITS = { maxConnections: 1, statementTimeoutMs: 5000 };
const READ_LIMITS = { maxConnections: 2, statementTimeoutMs: 30_000 };
const DEFAULT_PATIENCE_MS = 15_000;
const MIN_RETRY_MS = 20;
const MAX_RETRY_MS = 500;
/** Rows of one read, and bytes from which it is cut. */
const PAGE_ROWS = 500;
const PAGE_BYTES = 8_000_000;

const INSERT = `
  WITH lease AS (SELECT 1 FROM engine_lease WHERE id = 1 AND epoch = $3 FOR SHARE)
  INSERT INTO engine_journal (first_sequence, count, epoch, format, crc, bytes)
  SELECT $1, $2, $3, $4, $5, $6 FROM lease
  WHERE $1 = coalesce((SELECT first_sequence + count FROM engine_journal ORDER BY first_sequence DESC LIMIT 1), 1)
  ON CONFLICT DO NOTHING`;

const PAGE = `
  SELECT first_sequence, count, format, crc, bytes FROM (
    SELECT *, sum(octet_length(bytes)) OVER (ORDER BY first_sequence) - octet_length(bytes) AS bytes_before FROM (
      SELECT first_sequence, count, format, crc, bytes FROM engine_journal
      WHERE first_sequence >= coalesce((SELECT max(first_sequence) FROM engine_journal WHERE first_sequence <= $1), $1)
        AND first_sequence + count > $1 AND first_sequence <= $2
      ORDER BY first_sequence LIMIT ${PAGE_ROWS}) AS page) AS sized
  WHERE bytes_before < ${PAGE_BYTES} ORDER BY first_sequence`;

interface Row {
  readonly first_sequence: string;
  readonly count: number;
  readonly format: number;
  readonly crc: string;
  readonly bytes: Buffer;
}

export class PostgresJournal implements Journal {
  readonly #writePool: pg.Pool;
  readonly #readPool: pg.Pool;
  readonly #log: Log;
  readonly #patienceMs: number;
  #last = 0;
  /** Epoch under which it writes; null while it only follows. */
  #epoch: number | null = null;
  #failure: Error | null = null;
  #appending = false;
  #closed: Promise<void> | null = null;

  private constructor({ url, log, patienceMs = DEFAULT_PATIENCE_MS }: PostgresJournalOptions) {
    this.#log = log;
    this.#patienceMs = patienceMs;
    this.#writePool = openPool(url, 'tradsys journal', WRITE_LIMITS, log);
    this.#readPool = openPool(url, 'tradsys journal reader', READ_LIMITS, log);
  }

  /**
   * Opens the journal for reading.
   * @throws JournalCorruptError when it was written in another format
   */
  static async open(options: PostgresJournalOptions): Promise<PostgresJournal> {
    const journal = new PostgresJournal(options);
    try {
      await journal.refresh();
      return journal;
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  get lastSequence(): number {
    return this.#last;
  }

  /** Looks how far the journal reaches now, for those who follow what another writes. */
  async refresh(): Promise<number> {
    const { rows } = await this.#readPool.query<Omit<Row, 'bytes' | 'crc'>>(
      'SELECT first_sequence, count, format FROM engine_journal ORDER BY first_sequence DESC LIMIT 1',
    );
    const row = rows[0];
    if (row !== undefined) checkFormat(row.format);
    this.#last = row === undefined ? 0 : Number(row.first_sequence) + row.count - 1;
    return this.#last;
  }

  /** Lets it write under an epoch that was taken; what others wrote until then is counted in. */
  async lead(epoch: number): Promise<void> {
    await this.refresh();
    this.#epoch = epoch;
  }

  async append(group: JournalGroup): Promise<void> {
    const epoch = this.#assertWritable();
    if (group.firstSequence !== this.#last + 1 || group.count < 1) {
      throw new RangeError(`group of ${group.count} from ${group.firstSequence} does not follow ${this.#last}`);
    }
    this.#appending = true;
    try {
      await this.#insert(group, epoch);
      this.#last += group.count;
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw this.#failure instanceof JournalFailedError
        ? this.#failure
        : new JournalFailedError(
            `writing the journal in PostgreSQL failed (${codeOf(error)}). Check the database, then start again: what was answered is kept.`,
            { cause: error },
          );
    } finally {
      this.#appending = false;
    }
  }

  async *read(after: number): AsyncGenerator<JournalGroup> {
    const through = this.#last;
    let next = after + 1;
    while (next <= through) {
      const { rows } = await this.#readPool.query<Row>(PAGE, [next, through]);
      if (rows.length === 0)
        throw new JournalCorruptError(
          `the journal in PostgreSQL lacks command ${next} of ${through}: its rows were removed. Put them back from a backup.`,
        );
      for (const row of rows) {
        const group = groupOf(row);
        next = group.firstSequence + group.count;
        yield group;
      }
    }
  }

  close(): Promise<void> {
    this.#closed ??= Promise.all([this.#writePool.end(), this.#readPool.end()]).then(() => undefined);
    return this.#closed;
  }

  #assertWritable(): number {
    if (this.#failure !== null) {
      throw new JournalFailedError(`the journal has failed before: ${this.#failure.message}`, { cause: this.#failure });
    }
    if (this.#closed !== null) throw new JournalFailedError('the journal is closed');
    if (this.#epoch === null) throw new JournalFailedError('the journal is only read here: this engine does not lead');
    if (this.#appending) throw new RangeError('groups are appended one at a time');
    return this.#epoch;
  }

  async #insert(group: JournalGroup, epoch: number): Promise<void> {
    const bytes = Buffer.from(group.bytes);
    const values = [group.firstSequence, group.count, epoch, COMMAND_FORMAT_VERSION, crc32(bytes), bytes];
    const deadlineMs = performance.now() + this.#patienceMs;
    for (let retryMs = MIN_RETRY_MS; ; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
      try {
        const { rowCount } = await this.#writePool.query({ name: 'append', text: INSERT, values });
        if (rowCount !== 1) await this.#compare(group, epoch, bytes);
        return;
      } catch (error) {
        if (!isUnreachable(error) || performance.now() > deadlineMs) throw error;
        this.#log('warn', 'the journal cannot be written, trying again', { error: codeOf(error), retryMs });
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  /** The row is there from a try whose answer was lost, or this writer is no longer the one. */
  async #compare({ firstSequence, count }: JournalGroup, epoch: number, bytes: Buffer): Promise<void> {
    const { rows } = await this.#writePool.query<{ current: string; mine: boolean | null }>(
      `SELECT lease.epoch AS current, (SELECT epoch = $2 AND count = $3 AND bytes = $4 FROM engine_journal WHERE first_sequence = $1) AS mine
       FROM engine_lease AS lease WHERE id = 1`,
      [firstSequence, epoch, count, bytes],
    );
    if (rows[0]?.mine === true) return;
    const current = Number(rows[0]?.current ?? 0);
    if (current !== epoch) throw new JournalDeposedError(epoch, current);
    throw new JournalFailedError(
      `the journal in PostgreSQL does not end with command ${firstSequence - 1}: somebody else wrote to it or removed rows under epoch ${epoch}`,
    );
  }
}

function groupOf(row: Row): JournalGroup {
  checkFormat(row.format);
  const firstSequence = Number(row.first_sequence);
  if (crc32(row.bytes) !== Number(row.crc)) {
    throw new JournalCorruptError(
      `the journal group of commands ${firstSequence} to ${firstSequence + row.count - 1} in PostgreSQL is damaged: its checksum is wrong. Put the row back from a backup or a replica, then start again.`,
    );
  }
  return { firstSequence, count: row.count, bytes: row.bytes };
}

function checkFormat(format: number): void {
  if (format === COMMAND_FORMAT_VERSION) return;
  throw new JournalCorruptError(
    `the journal in PostgreSQL has format ${format}, this version reads ${COMMAND_FORMAT_VERSION}: start the version that wrote it, or use another database.`,
  );
}
