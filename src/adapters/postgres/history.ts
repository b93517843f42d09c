/**
 * History read from PostgreSQL: single rows by Prisma, lists and streams by SQL.
 *
 * Each page comes with the offset from the same statement, hence from the same snapshot. Statements are planned at each
 * call, on the tables' present size, and every one walks an index from where the page begins: its cost is the page's, not
 * the table's. No statement, host or value of a failure is thrown on; they stand in the log.
 */
import type pg from 'pg';
import type { LedgerPosting } from '../../core/exchange/ledger-postings.js';
import { type CandleInterval, type ExecType, ORD_STATUSES } from '../../core/values/vocabulary.js';
import {
  type CandleRecord,
  type ExecutionReportRecord,
  type History,
  type LedgerPosition,
  type OrderFilter,
  type OrderRecord,
  type Reached,
  type RiskAuditFilter,
  type RiskAuditRecord,
  type StreamPosition,
  type TradeRecord,
  type TradeTotals,
} from '../../ports/history.js';
import type { Log } from '../../ports/log.js';
import type { PrismaClient } from './__generated__/client.js';
import { createGuard, type Guard, type GuardTexts } from './connection.js';
import {
  CANDLE_COLUMNS,
  ORDER_COLUMNS,
  type OrderRow,
  orderRecordOf,
  orderRecordOfRow,
  REPORT_COLUMNS,
  recordTypes,
  safeNumber,
  TRADE_COLUMNS,
} from './history-rows.js';
import { ledgerPage } from './ledger.js';
import { storableText } from './rows.js';

/** A page and the one record more that tells whether another follows. */
const MAX_LIMIT = 501;
/** Of one command, which may be a mass cancel of all that an account has working. */
const MAX_COMMAND_REPORTS = 100_000;
/** Before the first and behind the last position of any stream. */
const BEGINNING: StreamPosition = { sequence: -1, leg: 1 };
const END_OF_TIME = Number.MAX_SAFE_INTEGER;

type Value = string | number | readonly string[];

const DAY_US = 86_400_000_000;

/** Tables whose rows stand in the stream, and may have passed their retention. */
type Floored = 'trades' | 'execution_reports';

/** Puts the offset beside each row of a page, and beside none where the page is empty; and how far a table's rows are gone. */
function withOffset(page: string, floored: Floored | null): string {
  const gone =
    floored === null
      ? '0::bigint'
      : `coalesce((SELECT f.through_sequence FROM history_floors f WHERE f.table_name = '${floored}'), 0)`;
  return `SELECT o.through_sequence AS "throughSequence", ${gone} AS "goneThrough", page.*
    FROM projector_offset o LEFT JOIN LATERAL (${page}) page ON true`;
}

const TEXTS: GuardTexts = {
  away: 'history cannot be read',
  unreachable: 'history cannot be read now; it comes back with its database',
  failed: 'a query of history failed',
};

export class PostgresHistory implements History {
  readonly #pool: pg.Pool;
  readonly #prisma: PrismaClient;
  readonly #guarded: Guard;

  /** @param onUnreachable called whenever a query met no database, or one too slow */
  constructor(pool: pg.Pool, prisma: PrismaClient, log: Log, onUnreachable: () => void) {
    this.#pool = pool;
    this.#prisma = prisma;
    this.#guarded = createGuard(TEXTS, log, onUnreachable);
  }

  throughSequence(): Promise<number> {
    return this.#guarded(async () => {
      const offset = await this.#prisma.projectorOffset.findUniqueOrThrow({ where: { id: 1 } });
      return safeNumber(offset.throughSequence);
    });
  }

  /** One by Prisma, which is as quick as SQL for one; several by SQL, which takes less than half of Prisma's time for many. */
  async orders(ids: readonly number[]): Promise<readonly OrderRecord[]> {
    const [id] = ids;
    if (id === undefined) return [];
    requireLimit(ids.length);
    if (ids.length > 1) {
      const rows = await this.#rows<OrderRow>(
        `SELECT ${ORDER_COLUMNS} FROM orders WHERE order_id = ANY ($1::bigint[])`,
        [ids.map(String)],
      );
      return rows.map(orderRecordOfRow);
    }
    return this.#guarded(async () => {
      const order = await this.#prisma.order.findUnique({ where: { orderId: BigInt(id) } });
      return order === null ? [] : [orderRecordOf(order)];
    });
  }

  async ordersOfPlans(planIds: readonly number[]): Promise<readonly OrderRecord[]> {
    if (planIds.length === 0) return [];
    requireLimit(planIds.length);
    const rows = await this.#rows<OrderRow>(`SELECT ${ORDER_COLUMNS} FROM orders WHERE plan_id = ANY ($1::bigint[])`, [
      planIds.map(String),
    ]);
    return rows.map(orderRecordOfRow);
  }

  /** A key that was used again with other input is on the refused order too; the order that it names is the other one. */
  orderByClOrdId(account: number, clOrdId: string): Promise<OrderRecord | null> {
    return this.#guarded(async () => {
      const order = await this.#prisma.order.findFirst({
        where: {
          account,
          clOrdId: storableText(clOrdId),
          OR: [{ ordRejReason: null }, { ordRejReason: { not: 'DUPLICATE_CL_ORD_ID' } }],
        },
        orderBy: [{ createdUs: 'desc' }, { orderId: 'desc' }],
      });
      return order === null ? null : orderRecordOf(order);
    });
  }

  async ordersOf(
    { account, instrument, ordStatus }: OrderFilter,
    before: { createdUs: number; orderId: number } | null,
    limit: number,
  ): Promise<readonly OrderRecord[]> {
    requireLimit(limit);
    // One walk a status, each in order along its index, merged: a few working orders are found among many finished ones.
    const values: Value[] = [account, [...(ordStatus ?? ORD_STATUSES)], limit];
    const conditions = ['account = $1', 'ord_status = wanted.status'];
    if (instrument !== null) conditions.push(`instrument = $${values.push(instrument)}`);
    if (before !== null) {
      conditions.push(`(created_us, order_id) < ($${values.push(before.createdUs)}, $${values.push(before.orderId)})`);
    }
    const newestFirst = 'ORDER BY created_us DESC, order_id DESC LIMIT $3';
    const rows = await this.#rows<OrderRow>(
      `SELECT ${ORDER_COLUMNS} FROM (SELECT DISTINCT unnest($2::ord_status[]) AS status) wanted CROSS JOIN LATERAL (
        SELECT * FROM orders WHERE ${conditions.join(' AND ')} ${newestFirst}
      ) found ${newestFirst}`,
      values,
    );
    return rows.map(orderRecordOfRow);
  }

  executionReportsOfAccount(
    account: number,
    after: StreamPosition | null,
    limit: number,
    execType?: ExecType,
  ): Promise<Reached<ExecutionReportRecord>> {
    const typed = execType === undefined ? '' : 'AND exec_type = $5';
    return this.#reports(`account = $1 ${typed}`, [account], after, limit, execType);
  }

  executionReportsOfOrder(
    orderId: number,
    after: StreamPosition | null,
    limit: number,
  ): Promise<Reached<ExecutionReportRecord>> {
    // No report of an order lies outside of its life: partitions before and behind it are passed by.
    const life =
      'r.time_us BETWEEN (SELECT created_us FROM orders WHERE orders.order_id = $1) AND (SELECT updated_us FROM orders WHERE orders.order_id = $1)';
    return this.#reports(`r.order_id = $1 AND ${life}`, [orderId], after, limit);
  }

  executionReportsOfCommand(commandSequence: number): Promise<Reached<ExecutionReportRecord>> {
    return this.#reached<ExecutionReportRecord>(
      `SELECT ${REPORT_COLUMNS} FROM execution_reports WHERE command_sequence = $1
       ORDER BY execution_reports.sequence, execution_reports.leg LIMIT ${MAX_COMMAND_REPORTS}`,
      [commandSequence],
      'sequence',
      'execution_reports',
    );
  }

  #reports(
    condition: string,
    values: Value[],
    after: StreamPosition | null,
    limit: number,
    execType?: ExecType,
  ): Promise<Reached<ExecutionReportRecord>> {
    requireLimit(limit);
    const { sequence, leg } = after ?? BEGINNING;
    return this.#reached<ExecutionReportRecord>(
      `SELECT ${REPORT_COLUMNS} FROM execution_reports r WHERE ${condition} AND r.sequence >= $2 AND (r.sequence, r.leg) > ($2, $3)
       ORDER BY r.sequence, r.leg LIMIT $4`,
      [...values, sequence, leg, limit, ...(execType === undefined ? [] : [execType])],
      'sequence',
      'execution_reports',
    );
  }

  tradesOf(
    instrument: number,
    range: { fromUs: number | null; toUs: number | null },
    before: number | null,
    limit: number,
  ): Promise<Reached<TradeRecord>> {
    requireLimit(limit);
    const values: Value[] = [instrument, range.fromUs ?? 0, range.toUs ?? END_OF_TIME, limit];
    // Ids rise with time, so that the id's place in the index by time is that of the newest trade up to it.
    const place = '(SELECT time_us FROM trades WHERE trade_id <= $5 ORDER BY trade_id DESC LIMIT 1)';
    const older =
      before === null
        ? ''
        : `AND t.time_us <= ${place} AND (t.time_us, t.trade_id) < (${place}, $${values.push(before)})`;
    return this.#reached<TradeRecord>(
      `SELECT ${TRADE_COLUMNS} FROM trades t
       WHERE t.instrument = $1 AND t.time_us >= $2 AND t.time_us < $3 ${older}
       ORDER BY t.time_us DESC, t.trade_id DESC LIMIT $4`,
      values,
      'tradeId',
      'trades',
    );
  }

  /** One walk an instrument, each in order along its index, merged. */
  tradesAfter(instruments: readonly number[], after: number, limit: number): Promise<Reached<TradeRecord>> {
    requireLimit(limit);
    return this.#reached<TradeRecord>(
      `SELECT ${TRADE_COLUMNS} FROM (SELECT DISTINCT unnest($1::int[]) AS wanted) instruments CROSS JOIN LATERAL (
         SELECT * FROM trades WHERE trades.instrument = wanted AND trades.sequence > $2 ORDER BY trades.sequence LIMIT $3
       ) t ORDER BY t.sequence LIMIT $3`,
      [instruments.map(String), after, limit],
      'tradeId',
      'trades',
    );
  }

  candlesOf(
    instrument: number,
    interval: CandleInterval,
    range: { fromUs: number | null; toUs: number | null },
    after: number | null,
    limit: number,
  ): Promise<Reached<CandleRecord>> {
    requireLimit(limit);
    const fromUs = Math.max(range.fromUs ?? 0, after === null ? 0 : after + 1);
    return this.#reached<CandleRecord>(
      `SELECT ${CANDLE_COLUMNS} FROM candles
       WHERE instrument = $1 AND interval = $2::candle_interval AND open_time_us >= $3 AND open_time_us < $4
       ORDER BY open_time_us LIMIT $5`,
      [instrument, interval, fromUs, range.toUs ?? END_OF_TIME, limit],
      'openTimeUs',
    );
  }

  lastCandleBefore(instrument: number, interval: CandleInterval, beforeUs: number): Promise<Reached<CandleRecord>> {
    return this.#reached<CandleRecord>(
      `SELECT ${CANDLE_COLUMNS} FROM candles
       WHERE instrument = $1 AND interval = $2::candle_interval AND open_time_us < $3
       ORDER BY open_time_us DESC LIMIT 1`,
      [instrument, interval, beforeUs],
      'openTimeUs',
    );
  }

  ledgerOf(account: number, after: LedgerPosition | null, limit: number): Promise<Reached<LedgerPosting>> {
    requireLimit(limit);
    const values = [account, after?.sequence ?? 0, after?.entry ?? -1, limit];
    return this.#reached<LedgerPosting>(ledgerPage(account), values, 'sequence', 'execution_reports');
  }

  riskAudit(filter: RiskAuditFilter, before: number | null, limit: number): Promise<readonly RiskAuditRecord[]> {
    requireLimit(limit);
    const { account, setBy, fromUs, toUs } = filter;
    return this.#guarded(async () => {
      const rows = await this.#prisma.riskAudit.findMany({
        where: {
          ...(account === null ? {} : { account }),
          ...(setBy === null ? {} : { setBy: storableText(setBy) }),
          ...(before === null ? {} : { sequence: { lt: BigInt(before) } }),
          timeUs: { gte: BigInt(fromUs ?? 0), lt: BigInt(toUs ?? END_OF_TIME) },
        },
        orderBy: { sequence: 'desc' },
        take: limit,
      });
      return rows.map((row) => ({ ...row, sequence: safeNumber(row.sequence), timeUs: safeNumber(row.timeUs) }));
    });
  }

  /** Whole days are sums already; of the day that the time is in, the trades from then on are added up. */
  tradeTotalsSince(fromUs: number): Promise<Reached<TradeTotals>> {
    const firstDayUs = Math.ceil(fromUs / DAY_US) * DAY_US;
    const beforeIt = `UNION ALL
      SELECT r.account, r.instrument,
        CASE r.side WHEN 'BUY' THEN r.last_qty_lots ELSE -r.last_qty_lots END,
        CASE r.side WHEN 'BUY' THEN 1 ELSE -1 END * r.last_px_ticks::numeric * r.last_qty_lots, r.fee_units
      FROM execution_reports r
      WHERE r.exec_type = 'TRADE' AND r.time_us >= $2 AND r.time_us < $1 AND r.sequence >= (
        SELECT min(first.sequence) FROM instruments CROSS JOIN LATERAL (
          SELECT sequence FROM trades WHERE trades.instrument = instruments.instrument AND time_us >= $2 AND time_us < $1
          ORDER BY time_us, trade_id LIMIT 1
        ) first
      )`;
    return this.#reached<TradeTotals>(
      `SELECT total.account AS "account", total.instrument AS "instrument", total.qty AS "netQtyLots",
         round(total.turnover * i.tick_size * i.lot_size * 10::numeric ^ quote.scale) AS "netNotionalUnits", total.fees AS "feeUnits"
       FROM (
         SELECT account, instrument, sum(qty) AS qty, sum(turnover) AS turnover, sum(fees) AS fees FROM (
           SELECT account, instrument, net_qty_lots AS qty, net_turnover AS turnover, fee_units AS fees
           FROM daily_trade_totals WHERE day_us >= $1
           ${firstDayUs === fromUs ? '' : beforeIt}
         ) part GROUP BY account, instrument
       ) total
       JOIN instruments i ON i.instrument = total.instrument
       JOIN assets quote ON quote.code = i.quote_asset`,
      firstDayUs === fromUs ? [firstDayUs] : [firstDayUs, fromUs],
      'account',
    );
  }

  /** @param key a field that no record lacks: without it the row is the offset alone */
  async #reached<T extends object>(
    page: string,
    values: readonly Value[],
    key: keyof T,
    floored: Floored | null = null,
  ): Promise<Reached<T>> {
    type Row = T & { throughSequence: number; goneThrough: number };
    const rows = await this.#rows<Row>(withOffset(page, floored), values);
    const [first] = rows;
    if (first === undefined) throw new Error('the read model has no offset: its tables were changed by hand');
    const { throughSequence, goneThrough } = first;
    const records = rows.map(({ throughSequence: _, goneThrough: __, ...record }) => record as unknown as T);
    return {
      throughSequence,
      records: records[0]?.[key] === null ? [] : records,
      ...(goneThrough === 0 ? {} : { goneThrough }),
    };
  }

  #rows<T>(text: string, values: readonly Value[]): Promise<T[]> {
    return this.#guarded(async () => {
      const result = await this.#pool.query({ text, values: [...values], types: recordTypes });
      return result.rows as T[];
    });
  }
}

function requireLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return;
  throw new RangeError(`history gives 1 to ${MAX_LIMIT} records at once, not ${limit}`);
}
