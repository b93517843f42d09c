/** Months of history made in SQL: as many rows as a plan needs to be the one of a large table. */
import { makeStatement } from '../partitions.js';
import { PARTITIONED_TABLES, type PartitionedTable } from '../periods.js';
import { query } from './test-server.js';

export const DAY_US = 86_400_000_000;
/** 2026-01-01, the first of the months. */
export const FIRST_US = Date.UTC(2026, 0, 1) * 1000;
export const MONTHS = 4;
export const LAST_US = Date.UTC(2026, MONTHS, 1) * 1000 - 1;
export const TRADES = 24_000;
const STEP_US = Math.floor((LAST_US - FIRST_US) / TRADES);

/** Trades of 3 instruments between 20 accounts, evenly over the months; event n is trade n, between orders 2n and 2n + 1. */
export async function fillHistory(url: string): Promise<void> {
  await fillTables(url);
  const statements: string[] = [];
  for (const table of Object.keys(PARTITIONED_TABLES) as PartitionedTable[]) {
    const stepUs = PARTITIONED_TABLES[table].period === 'DAY' ? DAY_US : 20 * DAY_US;
    for (let timeUs = FIRST_US; timeUs <= LAST_US; timeUs += stepUs) statements.push(makeStatement(table, timeUs));
  }
  await query(url, statements.join(';'));
  await fillStream(url);
  await query(url, 'ANALYZE');
}

async function fillTables(url: string): Promise<void> {
  await query(
    url,
    `INSERT INTO assets SELECT n, 'A' || n, 6 FROM generate_series(0, 3) n;
     INSERT INTO instruments SELECT n, 'I' || n, '', 'A' || n, 'A3', 0.01, 0.001, 1, 1000000, 1, 1000000, 0, 0, null, 100
     FROM generate_series(0, 2) n;
     UPDATE projector_offset SET through_sequence = ${TRADES}, command_sequence = ${TRADES}, time_us = ${LAST_US}`,
  );
}

/** Rows of the stream; the partitions, or the tables before there were any, must be there. */
export async function fillStream(url: string): Promise<void> {
  const time = `${FIRST_US} + n * ${STEP_US}`;
  await query(
    url,
    `INSERT INTO trades SELECT n, n, ${time}, n % 3, 100 + n % 50, 1 + n % 9, (CASE n % 2 WHEN 0 THEN 'BUY' ELSE 'SELL' END)::aggressor_side
     FROM generate_series(1, ${TRADES}::bigint) n;
     INSERT INTO execution_reports SELECT n, leg, n, ${time}, 2 * n + leg, 'c' || n, (n + leg) % 20, n % 3, 'TRADE', 'FILLED',
       (CASE leg WHEN 0 THEN 'BUY' ELSE 'SELL' END)::side, 100 + n % 50, 1 + n % 9, 1 + n % 9, 0, 1, null, null, n, 7, leg = 0
     FROM generate_series(1, ${TRADES}::bigint) n, generate_series(0, 1) leg;
     INSERT INTO orders SELECT 2 * n + leg, 'c' || n, (n + leg) % 20, n % 3, 'BUY', 'LIMIT', 'GTC', 'FILLED', 1, 1, null, null, null, false,
       false, 'NONE', 1, 0, 1, null, null, null, null, null, ${time}, ${time} FROM generate_series(1, ${TRADES}::bigint) n, generate_series(0, 1) leg`,
  );
  for (const [interval, width] of [
    ['S1', 1e6],
    ['S5', 5e6],
    ['M1', 6e7],
    ['D1', DAY_US],
  ] as const) {
    await query(
      url,
      `INSERT INTO candles SELECT instrument, '${interval}', time_us - time_us % ${width}, 1, 2, 1, 2, sum(qty_lots), sum(price_ticks * qty_lots), count(*)
       FROM trades GROUP BY 1, 3`,
    );
  }
}

/** Imported bars of a minute and trades of two sources over the same months; the partitions must be there. */
export async function fillImports(url: string): Promise<void> {
  const time = `${FIRST_US} + n * ${STEP_US}`;
  await query(
    url,
    `INSERT INTO imported_candles SELECT n % 3, 'M1', (${time}) / 60000000 * 60000000 + n % 3, 1, 2, 1, 2, 5, null, 3, 'other'
     FROM generate_series(1, ${TRADES}::bigint) n;
     INSERT INTO imported_trades SELECT n % 3, (CASE n % 2 WHEN 0 THEN 'other' ELSE 'another' END), ${time}, n, 1.5, 2, 'BUY'
     FROM generate_series(1, ${TRADES}::bigint) n`,
  );
  await query(url, 'ANALYZE');
}
