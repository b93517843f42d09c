/**
 * Quotas that routers count together, in one unlogged table.
 *
 * What is asked for while a statement is under way goes into the next one, so that a burst of new callers costs a few
 * statements and never more than one connection for each kind. A statement that takes longer than a request should wait is given up.
 */
import type pg from 'pg';
import type { Log } from '../../ports/log.js';
import { type RateStore, RateStoreUnreachableError } from '../../ports/rate-store.js';
import { openPool } from './connection.js';

/** One for each kind of statement. */
const LIMITS = { maxConnections: 3, statementTimeoutMs: 500 };
const SWEEP_MS = 10_000;
/** Requests that may wait for the next statement; beyond them the router counts for itself. */
const MAX_WAITING = 10_000;

const READ = `
  SELECT asked.ordinality::int - 1 AS place, kept.taken_at_ms
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (caller, rate_class)
  JOIN rate_limits kept USING (caller, rate_class)`;

const ADD = `
  INSERT INTO rate_limits AS kept (caller, rate_class, taken_at_ms, ends_at_ms)
  SELECT caller, rate_class, taken_at_ms, ends_at_ms
  FROM json_to_recordset($1) AS added (caller text, rate_class text, taken_at_ms bigint[], ends_at_ms bigint)
  ORDER BY caller, rate_class
  ON CONFLICT (caller, rate_class) DO UPDATE SET
    taken_at_ms = (
      SELECT array_agg(taken ORDER BY taken) FROM unnest(kept.taken_at_ms || excluded.taken_at_ms) AS taken
      WHERE taken > excluded.ends_at_ms - 2 * $2::bigint
    ),
    ends_at_ms = greatest(kept.ends_at_ms, excluded.ends_at_ms)
  RETURNING caller, rate_class, taken_at_ms`;

const SWEEP = `
  DELETE FROM rate_limits WHERE ends_at_ms <= $1 OR (caller, rate_class) IN (
    SELECT caller, rate_class FROM rate_limits ORDER BY ends_at_ms DESC OFFSET $2
  )`;

interface Asked {
  readonly caller: string;
  readonly rateClass: string;
  readonly takenAtMs: readonly number[];
  readonly windowMs: number;
  readonly done: (takenAtMs: readonly number[]) => void;
  readonly fail: (error: Error) => void;
}

interface Row {
  readonly caller: string;
  readonly rate_class: string;
  readonly place: number;
  readonly taken_at_ms: readonly string[] | null;
}

export class PostgresRateStore implements RateStore {
  readonly #pool: pg.Pool;
  readonly #maxEntries: number;
  readonly #log: Log;
  readonly #reads: Gathered;
  readonly #adds: Gathered;
  readonly #timer: NodeJS.Timeout;

  /** @param maxEntries callers and classes that are remembered */
  constructor(url: string, maxEntries: number, log: Log) {
    this.#pool = openPool(url, 'tradsys rate limits', LIMITS, log);
    this.#maxEntries = maxEntries;
    this.#log = log;
    this.#reads = new Gathered((asked) => this.#readAll(asked));
    this.#adds = new Gathered((asked) => this.#addAll(asked));
    this.#timer = setInterval(() => void this.#sweepQuietly(), SWEEP_MS);
    this.#timer.unref();
  }

  read(caller: string, rateClass: string): Promise<readonly number[]> {
    return this.#reads.ask(caller, rateClass, [], 0);
  }

  add(caller: string, rateClass: string, takenAtMs: readonly number[], windowMs: number): Promise<readonly number[]> {
    return this.#adds.ask(caller, rateClass, takenAtMs, windowMs);
  }

  /** Forgets what has run out, and of the rest those that run out first where there are too many. */
  async sweep(): Promise<void> {
    await this.#pool.query(SWEEP, [Date.now(), this.#maxEntries]);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#pool.end();
  }

  async #sweepQuietly(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      // The next look comes by itself.
      this.#log('debug', 'rate limits were not swept', { error: String(error) });
    }
  }

  async #readAll(asked: readonly Asked[]): Promise<readonly (readonly number[])[]> {
    const callers = asked.map(({ caller }) => caller);
    const classes = asked.map(({ rateClass }) => rateClass);
    const { rows } = await this.#pool.query<Row>({ name: 'rate-read', text: READ, values: [callers, classes] });
    const found = asked.map((): readonly number[] => []);
    for (const { place, taken_at_ms } of rows) found[place] = numbers(taken_at_ms);
    return found;
  }

  async #addAll(asked: readonly Asked[]): Promise<readonly (readonly number[])[]> {
    // One row a caller and class: a statement cannot change a row twice.
    const byKey = new Map<string, { caller: string; rate_class: string; taken_at_ms: number[]; ends_at_ms: number }>();
    let windowMs = 0;
    for (const { caller, rateClass, takenAtMs, windowMs: own } of asked) {
      const key = keyOf(caller, rateClass);
      const row = byKey.get(key) ?? { caller, rate_class: rateClass, taken_at_ms: [], ends_at_ms: 0 };
      row.taken_at_ms.push(...takenAtMs);
      row.ends_at_ms = Math.max(row.ends_at_ms, Math.max(...takenAtMs) + own);
      windowMs = Math.max(windowMs, own);
      byKey.set(key, row);
    }
    const values = [JSON.stringify([...byKey.values()]), windowMs];
    const { rows } = await this.#pool.query<Row>({ name: 'rate-add', text: ADD, values });
    const found = new Map(rows.map((row) => [keyOf(row.caller, row.rate_class), numbers(row.taken_at_ms)]));
    return asked.map(({ caller, rateClass }) => found.get(keyOf(caller, rateClass)) ?? []);
  }
}

/** Gathers what is asked while a statement is under way into the next one. */
class Gathered {
  readonly #run: (asked: readonly Asked[]) => Promise<readonly (readonly number[])[]>;
  #waiting: Asked[] = [];
  #running = false;

  constructor(run: (asked: readonly Asked[]) => Promise<readonly (readonly number[])[]>) {
    this.#run = run;
  }

  ask(caller: string, rateClass: string, takenAtMs: readonly number[], windowMs: number): Promise<readonly number[]> {
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(new RateStoreUnreachableError('too many ask for quotas at once'));
    }
    return new Promise((done, fail) => {
      this.#waiting.push({ caller, rateClass, takenAtMs, windowMs, done, fail });
      if (!this.#running) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#running = true;
    // What comes in the same turn goes along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const asked = this.#waiting;
      this.#waiting = [];
      try {
        const found = await this.#run(asked);
        for (const [index, each] of asked.entries()) each.done(found[index] ?? []);
      } catch (error) {
        const unreachable = new RateStoreUnreachableError('quotas cannot be counted together now', { cause: error });
        for (const each of asked) each.fail(unreachable);
      }
    }
    this.#running = false;
  }
}

/** A class is a name of ours and holds no line break. */
const keyOf = (caller: string, rateClass: string) => `${rateClass}\n${caller}`;
const numbers = (taken: readonly string[] | null) => (taken ?? []).map(Number);
