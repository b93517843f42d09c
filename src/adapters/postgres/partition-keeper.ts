/**
 * Keeps the partitions in the background: makes the next ones ahead, lets queries by sequence pass by the ended ones, and drops
 * those whose rows all passed their retention.
 *
 * - Ended: no event will be written into it any more, since the projector's offset has passed its end. A check on the columns
 *   that rise with time then tells PostgreSQL which sequences it can hold, so that a stream that resumes reads the newest alone.
 * - Dropped: first the floor is written, so that no answer lacks rows without saying so; then the partition is detached without
 *   stopping readers, and dropped. Never one that the projector may still write to.
 *
 * Bounded: one round an hour, at most MAX_STEPS changes a round, each giving up on a lock after LOCK_TIMEOUT_MS; what is left
 * waits for the next round. One keeper at a time, whichever process it is in.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../../ports/log.js';
import { isUnreachable } from './connection.js';
import { listPartitions, makeStatement, PARTITION_LOCK, type Partition } from './partitions.js';
import { PARTITIONED_TABLES, type PartitionedTable, periodOf } from './periods.js';

const ROUND_MS = 3_600_000;
/** After a round that failed, or that left something to do. */
const SOON_MS = 60_000;
const MAX_STEPS = 100;
const LOCK_TIMEOUT_MS = 2000;
/** A check reads its whole partition. */
const STATEMENT_TIMEOUT_MS = 600_000;
const CONNECT_TIMEOUT_MS = 3000;
const DAY_US = 86_400_000_000;
/** Held while a keeper works. */
const KEEPER_LOCK = PARTITION_LOCK + 1;

/** Days that rows of each table are kept; null = for ever. */
export type Retention = Readonly<Record<PartitionedTable, number | null>>;

export const DEFAULT_RETENTION: Retention = {
  trades: null,
  execution_reports: null,
  candles_s1: 7,
  candles_s5: 30,
  candles_long: null,
  imported_candles: null,
  imported_trades: null,
};

export interface KeeperOptions {
  readonly url: string;
  readonly retention: Retention;
  readonly log: Log;
  /** Wall clock, microseconds since 1970 UTC. */
  readonly nowUs: () => number;
}

/** What a round did. */
export interface KeeperRound {
  readonly made: readonly string[];
  readonly ended: readonly string[];
  readonly dropped: readonly string[];
  /** True where something is left for the next round. */
  readonly unfinished: boolean;
}

const NOTHING: KeeperRound = { made: [], ended: [], dropped: [], unfinished: false };

export class PartitionKeeper {
  readonly #options: KeeperOptions;
  readonly #stopping = new AbortController();
  #client: pg.Client | null = null;
  #running: Promise<void> | null = null;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Begins the rounds; the first is at once. Called once. */
  start(): void {
    this.#running = this.#run();
  }

  /** Ends a round under way, too; what it did so far holds. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    // Ends the statement with the connection; a statement is whole or not at all.
    await this.#client?.end().catch(() => undefined);
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      let soon = true;
      try {
        soon = (await this.round()).unfinished;
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        const level = isUnreachable(error) ? 'debug' : 'warn';
        this.#options.log(level, 'partitions could not be kept, trying again', { error: String(error) });
      }
      await sleep(soon ? SOON_MS : ROUND_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  /** Does what there is to do now. @throws the database's errors, and whatever was done before holds */
  async round(): Promise<KeeperRound> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: 'tradsys partitions',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS + LOCK_TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    await client.connect();
    this.#client = client;
    try {
      if (this.#stopping.signal.aborted) return NOTHING;
      await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
      const { rows } = await client.query<{ mine: boolean }>(`SELECT pg_try_advisory_lock(${KEEPER_LOCK}) AS mine`);
      return rows[0]?.mine === true ? await this.#keep(client) : NOTHING;
    } finally {
      this.#client = null;
      await client.end().catch(() => undefined);
    }
  }

  async #keep(client: pg.Client): Promise<KeeperRound> {
    await finishDetaching(client);
    const nowUs = this.#options.nowUs();
    const reachedUs = await reachedTime(client);
    const partitions = await listPartitions(client);
    const made = await makeAhead(client, partitions, Math.max(nowUs, reachedUs));
    const past = partitions.filter(({ toUs }) => toUs <= reachedUs);
    const expired = past.filter(({ table, toUs }) => {
      const days = this.#options.retention[table];
      return days !== null && toUs <= nowUs - days * DAY_US;
    });
    const toEnd = past.filter(
      (each) => !each.sealed && PARTITIONED_TABLES[each.table].rising.length > 0 && !expired.includes(each),
    );
    const dropped: string[] = [];
    for (const partition of expired.slice(0, MAX_STEPS)) {
      await drop(client, partition);
      dropped.push(partition.name);
      this.#options.log('info', 'history passed its retention and was dropped', { partition: partition.name });
    }
    const ended: string[] = [];
    for (const partition of toEnd.slice(0, MAX_STEPS)) {
      if (await end(client, partition)) ended.push(partition.name);
    }
    return { made, ended, dropped, unfinished: expired.length > MAX_STEPS || toEnd.length > MAX_STEPS };
  }
}

/** Makes the present partition and the next of each table. */
async function makeAhead(client: pg.Client, partitions: readonly Partition[], timeUs: number): Promise<string[]> {
  const made: string[] = [];
  for (const table of Object.keys(PARTITIONED_TABLES) as PartitionedTable[]) {
    for (const fromUs of [timeUs, periodOf(table, timeUs).toUs]) {
      const covers = (each: Partition) => each.table === table && each.fromUs <= fromUs && fromUs < each.toUs;
      if (partitions.some(covers)) continue;
      await client.query(makeStatement(table, fromUs));
      made.push(periodOf(table, fromUs).name);
    }
  }
  return made;
}

async function reachedTime(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ reached: string }>('SELECT time_us AS reached FROM projector_offset');
  return Number(rows[0]?.reached ?? 0);
}

/** Puts the rising columns under a check. Returns false where the partition has no rows. */
async function end(client: pg.Client, { table, name }: Partition): Promise<boolean> {
  const { rising } = PARTITIONED_TABLES[table];
  const ranges = rising.map((column) => `min(${column}) AS "${column} from", max(${column}) AS "${column} to"`);
  const { rows } = await client.query<Record<string, string | null>>(`SELECT ${ranges.join(', ')} FROM ${name}`);
  const range = rows[0];
  if (range === undefined || Object.values(range).includes(null)) return false;
  const checks = rising.map((column) => `${column} BETWEEN ${range[`${column} from`]} AND ${range[`${column} to`]}`);
  await client.query(`ALTER TABLE ${name} DROP CONSTRAINT IF EXISTS ${name}_ended`);
  await client.query(`ALTER TABLE ${name} ADD CONSTRAINT ${name}_ended CHECK (${checks.join(' AND ')}) NOT VALID`);
  await client.query(`ALTER TABLE ${name} VALIDATE CONSTRAINT ${name}_ended`);
  return true;
}

async function drop(client: pg.Client, { table, name, toUs }: Partition): Promise<void> {
  const through = PARTITIONED_TABLES[table].rising.includes('sequence')
    ? `(SELECT coalesce(max(sequence), 0) FROM ${name})`
    : '0';
  await client.query(
    `INSERT INTO history_floors (table_name, through_sequence, from_us) VALUES ($1, ${through}, $2)
     ON CONFLICT (table_name) DO UPDATE SET through_sequence = greatest(history_floors.through_sequence, excluded.through_sequence),
       from_us = greatest(history_floors.from_us, excluded.from_us)`,
    [table, toUs],
  );
  await client.query(`ALTER TABLE ${table} DETACH PARTITION ${name} CONCURRENTLY`);
  await client.query(`DROP TABLE ${name}`);
}

/** A process that ended between detaching and dropping leaves a partition that is half gone. */
async function finishDetaching(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ table: string; name: string }>(
    `SELECT i.inhparent::regclass::text AS "table", i.inhrelid::regclass::text AS name FROM pg_inherits i
     JOIN pg_class parent ON parent.oid = i.inhparent
     WHERE i.inhdetachpending AND parent.relnamespace = current_schema()::regnamespace AND parent.relname = ANY ($1)`,
    [Object.keys(PARTITIONED_TABLES)],
  );
  for (const { table, name } of rows) {
    await client.query(`ALTER TABLE ${table} DETACH PARTITION ${name} FINALIZE`);
    await client.query(`DROP TABLE ${name}`);
  }
}
