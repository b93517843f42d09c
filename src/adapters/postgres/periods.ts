/** Which tables lie in partitions by time, how wide these are, and what they are called. */
import type { CandleInterval } from '../../core/values/vocabulary.js';

export type Period = 'DAY' | 'MONTH' | 'YEAR';

export type PartitionedTable =
  | 'trades'
  | 'execution_reports'
  | 'candles_s1'
  | 'candles_s5'
  | 'candles_long'
  | 'imported_candles'
  | 'imported_trades';

export interface PartitionedTableTerms {
  readonly period: Period;
  readonly timeColumn: string;
  /** Columns that rise with time: a partition that has ended is found by their range, too. */
  readonly rising: readonly string[];
  /** Free space for rows that change in place. */
  readonly fillfactor: number;
}

export const PARTITIONED_TABLES: Readonly<Record<PartitionedTable, PartitionedTableTerms>> = {
  trades: { period: 'MONTH', timeColumn: 'time_us', rising: ['sequence', 'trade_id'], fillfactor: 100 },
  execution_reports: {
    period: 'MONTH',
    timeColumn: 'time_us',
    rising: ['sequence', 'command_sequence'],
    fillfactor: 100,
  },
  candles_s1: { period: 'DAY', timeColumn: 'open_time_us', rising: [], fillfactor: 80 },
  candles_s5: { period: 'MONTH', timeColumn: 'open_time_us', rising: [], fillfactor: 80 },
  candles_long: { period: 'YEAR', timeColumn: 'open_time_us', rising: [], fillfactor: 80 },
  imported_candles: { period: 'YEAR', timeColumn: 'open_time_us', rising: [], fillfactor: 100 },
  imported_trades: { period: 'MONTH', timeColumn: 'time_us', rising: [], fillfactor: 100 },
};

/** Returns the table of the candles of a width. */
export function candleTable(interval: CandleInterval): 'candles_s1' | 'candles_s5' | 'candles_long' {
  if (interval === 'S1') return 'candles_s1';
  return interval === 'S5' ? 'candles_s5' : 'candles_long';
}

/** from ≤ time < to, microseconds since 1970 UTC. */
export interface TimeSpan {
  readonly fromUs: number;
  readonly toUs: number;
}

export interface PeriodSpan extends TimeSpan {
  /** Name of the table's partition. */
  readonly name: string;
}

/** Returns the day, month or year (UTC) that holds the time. */
export function periodOf(table: PartitionedTable, timeUs: number): PeriodSpan {
  const date = new Date(Math.floor(timeUs / 1000));
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const two = (value: number) => String(value).padStart(2, '0');
  const spanOf = (from: number, to: number, suffix: string): PeriodSpan => ({
    fromUs: from * 1000,
    toUs: to * 1000,
    name: `${table}_${suffix}`,
  });
  switch (PARTITIONED_TABLES[table].period) {
    case 'DAY':
      return spanOf(
        Date.UTC(year, month, day),
        Date.UTC(year, month, day + 1),
        `${year}_${two(month + 1)}_${two(day)}`,
      );
    case 'MONTH':
      return spanOf(Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1), `${year}_${two(month + 1)}`);
    case 'YEAR':
      return spanOf(Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1), `${year}`);
  }
}
