/**
 * The projector's statement: rows of all tables and the offset that vouches for them, in one.
 *
 * ```
 * WITH advanced AS (UPDATE projector_offset … WHERE through_sequence = <expected> RETURNING 1),
 *      <table>  AS (INSERT INTO … SELECT … FROM json_to_recordset(<rows>) WHERE EXISTS (SELECT FROM advanced) …), …
 * SELECT …
 * ```
 * Where the offset is not the expected one, `advanced` is empty and so is every part behind it. The offset's row lock
 * lets of two writers only one through. The commit does not wait for the disk, which the journal needs more: a crash may take
 * the last batches back, together with the offset that vouches for them, and the projector writes them again. Tables without rows in the batch are left out, since planning is most of what a
 * small batch costs. It is planned anew each time: a plan kept from when a table was small would scan it when it is large.
 */
import type { BatchRows, Row } from './rows.js';

type ColumnType = string;

interface Table {
  readonly name: string;
  /** Columns and types; the key's come first. */
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** How many of the columns are the key. */
  readonly keyLength: number;
  /** REFUSE: a second row of one key is a bug. REPLACE: the later row holds. An object: what each column becomes. */
  readonly onConflict: 'REFUSE' | 'REPLACE' | Readonly<Record<string, string>>;
}

const ORDER_PROGRESS = {
  ord_status: 'ord_status',
  cum_qty_lots: 'bigint',
  leaves_qty_lots: 'bigint',
  cum_notional_units: 'bigint',
  updated_us: 'bigint',
} as const;

const INSERTED: Readonly<Record<Exclude<keyof BatchRows, 'tradedOrders'>, Table>> = {
  assets: {
    name: 'assets',
    columns: { asset: 'int', code: 'text', scale: 'smallint' },
    keyLength: 1,
    onConflict: 'REFUSE',
  },
  instruments: {
    name: 'instruments',
    columns: {
      instrument: 'int',
      symbol: 'text',
      description: 'text',
      base_asset: 'text',
      quote_asset: 'text',
      tick_size: 'numeric',
      lot_size: 'numeric',
      min_price_ticks: 'bigint',
      max_price_ticks: 'bigint',
      min_qty_lots: 'bigint',
      max_qty_lots: 'bigint',
      maker_fee_ppm: 'int',
      taker_fee_ppm: 'int',
      price_collar_ppm: 'int',
      reference_px_ticks: 'bigint',
    },
    keyLength: 1,
    onConflict: 'REFUSE',
  },
  instrumentStatuses: {
    name: 'instrument_statuses',
    columns: { instrument: 'int', status: 'trading_status', reason: 'text', since_us: 'bigint' },
    keyLength: 1,
    onConflict: 'REPLACE',
  },
  accounts: {
    name: 'accounts',
    columns: {
      account: 'int',
      account_id: 'text',
      name: 'text',
      owner_id: 'text',
      kind: 'account_kind',
      opened_us: 'bigint',
    },
    keyLength: 1,
    onConflict: 'REFUSE',
  },
  riskLimits: {
    name: 'risk_limits',
    columns: {
      account: 'int',
      max_order_qty_e8: 'bigint',
      max_order_notional_e6: 'bigint',
      max_position_qty_e8: 'bigint',
      max_gross_exposure_e6: 'bigint',
      max_open_orders: 'bigint',
      max_daily_loss_e6: 'bigint',
      max_orders_per_second: 'bigint',
      price_collar_ppm: 'bigint',
      set_by: 'text',
      since_us: 'bigint',
    },
    keyLength: 1,
    onConflict: 'REPLACE',
  },
  killSwitches: {
    name: 'kill_switches',
    columns: { account: 'int', engaged: 'boolean', set_by: 'text', since_us: 'bigint' },
    keyLength: 1,
    onConflict: 'REPLACE',
  },
  riskAudit: {
    name: 'risk_audit',
    columns: {
      sequence: 'bigint',
      time_us: 'bigint',
      action: 'text',
      account: 'int',
      instrument: 'int',
      tier: 'text',
      before: 'text',
      after: 'text',
      reason: 'text',
      set_by: 'text',
    },
    keyLength: 1,
    onConflict: 'REFUSE',
  },
  balances: {
    name: 'balances',
    columns: { account: 'int', asset: 'int', total_units: 'bigint', held_units: 'bigint', updated_us: 'bigint' },
    keyLength: 2,
    onConflict: 'REPLACE',
  },
  positions: {
    name: 'positions',
    columns: {
      account: 'int',
      instrument: 'int',
      qty_lots: 'bigint',
      cost_units: 'bigint',
      realized_pnl_units: 'bigint',
      fees_units: 'bigint',
      updated_us: 'bigint',
    },
    keyLength: 2,
    onConflict: 'REPLACE',
  },
  orders: {
    name: 'orders',
    columns: {
      order_id: 'bigint',
      cl_ord_id: 'text',
      account: 'int',
      instrument: 'int',
      side: 'side',
      ord_type: 'ord_type',
      time_in_force: 'time_in_force',
      order_qty_lots: 'bigint',
      price_ticks: 'bigint',
      stop_px_ticks: 'bigint',
      display_qty_lots: 'bigint',
      expire_time_us: 'bigint',
      post_only: 'boolean',
      reduce_only: 'boolean',
      self_trade_prevention: 'self_trade_prevention',
      ord_rej_reason: 'ord_rej_reason',
      text: 'text',
      rej_limit: 'numeric',
      rej_current: 'numeric',
      rej_projected: 'numeric',
      plan_id: 'bigint',
      contingency: 'contingency',
      plan_leg: 'plan_leg',
      created_us: 'bigint',
      ...ORDER_PROGRESS,
    },
    keyLength: 1,
    onConflict: 'REPLACE',
  },
  executionReports: {
    name: 'execution_reports',
    columns: {
      sequence: 'bigint',
      leg: 'smallint',
      command_sequence: 'bigint',
      time_us: 'bigint',
      order_id: 'bigint',
      cl_ord_id: 'text',
      account: 'int',
      instrument: 'int',
      exec_type: 'exec_type',
      ord_status: 'ord_status',
      side: 'side',
      last_px_ticks: 'bigint',
      last_qty_lots: 'bigint',
      cum_qty_lots: 'bigint',
      leaves_qty_lots: 'bigint',
      cum_notional_units: 'bigint',
      ord_rej_reason: 'ord_rej_reason',
      text: 'text',
      trade_id: 'bigint',
      fee_units: 'bigint',
      maker: 'boolean',
    },
    keyLength: 2,
    onConflict: 'REFUSE',
  },
  transfers: {
    name: 'transfers',
    columns: {
      sequence: 'bigint',
      time_us: 'bigint',
      account: 'int',
      asset: 'int',
      amount_units: 'bigint',
      transfer_id: 'text',
    },
    keyLength: 1,
    onConflict: 'REFUSE',
  },
  trades: {
    name: 'trades',
    columns: {
      trade_id: 'bigint',
      sequence: 'bigint',
      time_us: 'bigint',
      instrument: 'int',
      price_ticks: 'bigint',
      qty_lots: 'bigint',
      aggressor_side: 'aggressor_side',
    },
    keyLength: 1,
    onConflict: 'REFUSE',
  },
  dailyTotals: {
    name: 'daily_trade_totals',
    columns: {
      day_us: 'bigint',
      account: 'int',
      instrument: 'int',
      net_qty_lots: 'numeric',
      net_turnover: 'numeric',
      fee_units: 'numeric',
    },
    keyLength: 3,
    onConflict: {
      net_qty_lots: 'daily_trade_totals.net_qty_lots + excluded.net_qty_lots',
      net_turnover: 'daily_trade_totals.net_turnover + excluded.net_turnover',
      fee_units: 'daily_trade_totals.fee_units + excluded.fee_units',
    },
  },
  candles: {
    name: 'candles',
    columns: {
      instrument: 'int',
      interval: 'candle_interval',
      open_time_us: 'bigint',
      open_ticks: 'bigint',
      high_ticks: 'bigint',
      low_ticks: 'bigint',
      close_ticks: 'bigint',
      volume_lots: 'bigint',
      turnover: 'numeric',
      trade_count: 'bigint',
    },
    keyLength: 3,
    onConflict: {
      high_ticks: 'greatest(candles.high_ticks, excluded.high_ticks)',
      low_ticks: 'least(candles.low_ticks, excluded.low_ticks)',
      close_ticks: 'excluded.close_ticks',
      volume_lots: 'candles.volume_lots + excluded.volume_lots',
      turnover: 'candles.turnover + excluded.turnover',
      trade_count: 'candles.trade_count + excluded.trade_count',
    },
  },
};

const ADVANCED = `advanced AS (
  UPDATE projector_offset SET through_sequence = $2, command_sequence = $3, time_us = $4
  WHERE id = 1 AND through_sequence = $1 RETURNING 1
)`;

/** For this transaction only. */
const UNHURRIED_COMMIT = "set_config('synchronous_commit', 'off', true)";

const quoted = (name: string): string => `"${name}"`;

function recordset(parameter: number, columns: Readonly<Record<string, ColumnType>>): string {
  const definitions = Object.entries(columns).map(([column, type]) => `${quoted(column)} ${type}`);
  return `json_to_recordset($${parameter}::json) AS r(${definitions.join(', ')})`;
}

function insertPart({ name, columns, keyLength, onConflict }: Table, parameter: number): string {
  const names = Object.keys(columns).map(quoted);
  const key = names.slice(0, keyLength).join(', ');
  const changes =
    onConflict === 'REPLACE'
      ? names.slice(keyLength).map((column) => `${column} = excluded.${column}`)
      : Object.entries(onConflict).map(([column, becomes]) => `${quoted(column)} = ${becomes}`);
  const conflict = onConflict === 'REFUSE' ? '' : `\n  ON CONFLICT (${key}) DO UPDATE SET ${changes.join(', ')}`;
  return `into_${name} AS (
  INSERT INTO ${name} (${names.join(', ')})
  SELECT ${names.join(', ')} FROM ${recordset(parameter, columns)} WHERE EXISTS (SELECT FROM advanced)${conflict}
)`;
}

function tradedPart(parameter: number): string {
  const changes = Object.keys(ORDER_PROGRESS).map((column) => `${column} = r.${column}`);
  return `traded AS (
  UPDATE orders SET ${changes.join(', ')} FROM ${recordset(parameter, { order_id: 'bigint', ...ORDER_PROGRESS })}
  WHERE orders.order_id = r.order_id AND EXISTS (SELECT FROM advanced) RETURNING 1
)`;
}

/** Fails the whole statement, with these words in PostgreSQL's message, where an order that traded has no row. */
const tradedCheck = (expected: number): string =>
  `, CASE WHEN (SELECT count(*) FROM traded) <> ${expected} THEN (SELECT 'an order that traded has no row' FROM advanced)::bigint END`;

export interface WriteStatement {
  readonly text: string;
  readonly values: readonly (string | number)[];
}

/**
 * Returns the statement for a batch. Its one row's `advanced` is 1 where the batch was written and 0 where the offset
 * was not the expected one.
 * @param expected offset before the batch
 * @param last header of the batch's last event
 */
export function writeStatement(
  expected: number,
  last: { readonly sequence: number; readonly commandSequence: number; readonly timeUs: number },
  rows: BatchRows,
): WriteStatement {
  const parts = [ADVANCED];
  const values: (string | number)[] = [expected, last.sequence, last.commandSequence, last.timeUs];
  const parameterFor = (tableRows: readonly Row[]): number => values.push(JSON.stringify(tableRows));
  for (const key of Object.keys(INSERTED) as (keyof typeof INSERTED)[]) {
    if (rows[key].length > 0) parts.push(insertPart(INSERTED[key], parameterFor(rows[key])));
  }
  let check = '';
  if (rows.tradedOrders.length > 0) {
    parts.push(tradedPart(parameterFor(rows.tradedOrders)));
    check = tradedCheck(rows.tradedOrders.length);
  }
  const result = `SELECT (SELECT count(*) FROM advanced)::int AS advanced, ${UNHURRIED_COMMIT}${check}`;
  return { text: `WITH ${parts.join(',\n')}\n${result}`, values };
}
