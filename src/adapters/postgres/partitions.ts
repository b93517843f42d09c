/**
 * Partitions as the writer needs them: there before the row is.
 *
 * Known partitions are kept in memory, so that a batch whose time is covered costs a comparison a row. A partition is made as a
 * table of its own and attached, which lets readers and writers of the others go on.
 */
import type pg from 'pg';
import { candleTable, PARTITIONED_TABLES, type PartitionedTable, periodOf, type TimeSpan } from './periods.js';
import type { BatchRows } from './rows.js';

/** One at a time changes partitions, whichever process it is. */
export const PARTITION_LOCK = 72707370;

export interface Partition extends TimeSpan {
  readonly table: PartitionedTable;
  readonly name: string;
  /** True once its rising columns are under a check. */
  readonly sealed: boolean;
}

const LIST = `SELECT parent.relname AS "table", child.relname AS name, pg_get_expr(child.relpartbound, child.oid) AS bounds,
    EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = child.oid AND c.convalidated AND c.conname = child.relname || '_ended') AS sealed
  FROM pg_inherits i JOIN pg_class parent ON parent.oid = i.inhparent JOIN pg_class child ON child.oid = i.inhrelid
  WHERE parent.relnamespace = current_schema()::regnamespace AND parent.relname = ANY ($1) AND NOT i.inhdetachpending
  ORDER BY parent.relname, child.relname`;

/** Reads which partitions there are. */
export async function listPartitions(db: Pick<pg.Pool, 'query'>): Promise<Partition[]> {
  const { rows } = await db.query<{ table: PartitionedTable; name: string; bounds: string; sealed: boolean }>(LIST, [
    Object.keys(PARTITIONED_TABLES),
  ]);
  return rows.map(({ table, name, bounds, sealed }) => {
    const found = /FROM \((MINVALUE|'(-?\d+)')\) TO \('(-?\d+)'\)/.exec(bounds);
    if (found === null) throw new Error(`partition ${name} has bounds that this build does not make: ${bounds}`);
    return {
      table,
      name,
      sealed,
      fromUs: found[2] === undefined ? -Infinity : Number(found[2]),
      toUs: Number(found[3]),
    };
  });
}

/** Returns the statement that makes the partition of a time where it is missing. */
export function makeStatement(table: PartitionedTable, timeUs: number): string {
  const { fillfactor } = PARTITIONED_TABLES[table];
  const { name, fromUs, toUs } = periodOf(table, timeUs);
  return `DO $$ BEGIN
    PERFORM pg_advisory_xact_lock(${PARTITION_LOCK});
    IF to_regclass('${name}') IS NULL THEN
      CREATE TABLE ${name} (LIKE ${table} INCLUDING ALL) WITH (fillfactor = ${fillfactor});
      ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM (${fromUs}) TO (${toUs});
    END IF;
  END $$`;
}

/** Which partitions there are, as last read; makes the missing one of a time. */
export class PartitionSpans {
  #spans: Map<PartitionedTable, TimeSpan[]> | null = null;

  /** Makes the partition of the time where it is missing. */
  async ensure(db: Pick<pg.Pool, 'query'>, table: PartitionedTable, timeUs: number): Promise<void> {
    if (this.#spans === null) this.#spans = await readSpans(db);
    const spans = this.#spans.get(table) ?? [];
    // The newest stands last and is nearly always the one.
    for (let at = spans.length - 1; at >= 0; at -= 1) {
      const span = spans[at];
      if (span !== undefined && timeUs >= span.fromUs && timeUs < span.toUs) return;
    }
    await db.query(makeStatement(table, timeUs));
    spans.push(periodOf(table, timeUs));
    spans.sort((a, b) => a.fromUs - b.fromUs);
    this.#spans.set(table, spans);
  }

  /** Reads anew at the next call: they were changed by somebody else. */
  forget(): void {
    this.#spans = null;
  }
}

/** Partitions as the projector needs them. */
export class KnownPartitions {
  readonly #spans = new PartitionSpans();

  /** Makes what the rows need. */
  async ensure(db: Pick<pg.Pool, 'query'>, rows: BatchRows): Promise<void> {
    for (const { time_us } of rows.executionReports) await this.#spans.ensure(db, 'execution_reports', time_us);
    for (const { time_us } of rows.trades) await this.#spans.ensure(db, 'trades', time_us);
    for (const { interval, open_time_us } of rows.candles) {
      await this.#spans.ensure(db, candleTable(interval), open_time_us);
    }
  }

  /** Reads anew at the next call: they were changed by somebody else. */
  forget(): void {
    this.#spans.forget();
  }
}

async function readSpans(db: Pick<pg.Pool, 'query'>): Promise<Map<PartitionedTable, TimeSpan[]>> {
  const spans = new Map<PartitionedTable, TimeSpan[]>();
  for (const { table, fromUs, toUs } of await listPartitions(db)) {
    spans.set(table, [...(spans.get(table) ?? []), { fromUs, toUs }]);
  }
  for (const known of spans.values()) known.sort((a, b) => a.fromUs - b.fromUs);
  return spans;
}
