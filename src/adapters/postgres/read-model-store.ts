/** The read model's writing side: a batch of events becomes one statement. */
import type pg from 'pg';
import type { ExchangeEvent } from '../../core/exchange/event.js';
import type { EventBatch } from '../../ports/event-feed.js';
import type { Log } from '../../ports/log.js';
import { ForeignEventsError, type ReadModelStore, SequenceGapError } from '../../ports/read-model-store.js';
import { codeOf, isUnreachable } from './connection.js';
import { KnownPartitions } from './partitions.js';
import { rowsOf } from './rows.js';
import { writeStatement } from './write-statement.js';

/** How often a batch is cut anew where another writer is quicker. */
const ATTEMPTS = 3;

interface Reached {
  readonly throughSequence: number;
  readonly commandSequence: number;
  readonly timeUs: number;
}

export class PostgresReadModelStore implements ReadModelStore {
  readonly #pool: pg.Pool;
  readonly #log: Log;
  readonly #onUnreachable: () => void;
  readonly #partitions = new KnownPartitions();

  /** @param onUnreachable called whenever a statement met no database, or one too slow */
  constructor(pool: pg.Pool, log: Log, onUnreachable: () => void) {
    this.#pool = pool;
    this.#log = log;
    this.#onUnreachable = onUnreachable;
  }

  async offset(): Promise<number> {
    return (await this.#reached()).throughSequence;
  }

  async apply(batch: EventBatch): Promise<void> {
    refuseMalformed(batch);
    let events = batch.events;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const first = events[0];
      const last = events.at(-1);
      if (first === undefined || last === undefined) return;
      if (await this.#write(first.sequence - 1, last, events)) return;
      const reached = await this.#reached();
      if (reached.throughSequence < first.sequence - 1) {
        throw new SequenceGapError(reached.throughSequence, first.sequence);
      }
      refuseForeign(events, reached);
      events = events.filter(({ sequence }) => sequence > reached.throughSequence);
    }
    throw new Error('another projector writes to the same database; only one may run');
  }

  async #write(expected: number, last: ExchangeEvent, events: readonly ExchangeEvent[]): Promise<boolean> {
    const rows = rowsOf(events);
    const { text, values } = writeStatement(expected, last, rows);
    try {
      await this.#guarded(() => this.#partitions.ensure(this.#pool, rows));
      const [row] = await this.#query<{ advanced: number }>(text, values);
      return row?.advanced === 1;
    } catch (error) {
      // The partitions may be others than those that were known: another database in the same place has its own.
      this.#partitions.forget();
      throw error;
    }
  }

  async #reached(): Promise<Reached> {
    const [row] = await this.#query<Record<keyof Reached, string>>(
      `SELECT through_sequence AS "throughSequence", command_sequence AS "commandSequence", time_us AS "timeUs" FROM projector_offset`,
      [],
    );
    if (row === undefined) throw new Error('the read model has no offset: its tables were changed by hand');
    return {
      throughSequence: Number(row.throughSequence),
      commandSequence: Number(row.commandSequence),
      timeUs: Number(row.timeUs),
    };
  }

  /** Statements and addresses stay in the log: what is thrown may be shown. */
  async #query<T extends pg.QueryResultRow>(text: string, values: readonly (string | number)[]): Promise<T[]> {
    return this.#guarded(async () => (await this.#pool.query<T>(text, [...values])).rows);
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isUnreachable(error)) {
        this.#log('debug', 'the projector cannot write', { error: String(error) });
        this.#onUnreachable();
        throw new Error('the database cannot be reached');
      }
      this.#log('error', 'the database refused a statement of the projector', { error: String(error) });
      throw new Error(`the database refused the events (${codeOf(error)})`);
    }
  }
}

function refuseMalformed({ firstSequence, lastSequence, events }: EventBatch): void {
  const whole = events.every(({ sequence }, index) => sequence === firstSequence + index);
  if (!whole || events.length !== lastSequence - firstSequence + 1) {
    throw new RangeError(`a batch of events ${firstSequence} to ${lastSequence} does not hold exactly those`);
  }
}

/** The event at the offset tells journals apart: another one has another time or command there. */
function refuseForeign(events: readonly ExchangeEvent[], reached: Reached): void {
  const written = events.find(({ sequence }) => sequence === reached.throughSequence);
  if (written === undefined) return;
  if (written.timeUs === reached.timeUs && written.commandSequence === reached.commandSequence) return;
  throw new ForeignEventsError(
    `the database was written from another journal: event ${reached.throughSequence} is not the same in both. Use an empty database; history is made anew from the journal`,
  );
}
