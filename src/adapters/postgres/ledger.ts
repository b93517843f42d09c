/**
 * The ledger as SQL: postings derived from what is stored, append-only, of trades and transfers. Nothing is kept twice.
 *
 * The same as `postingsOf` in the core, posting by posting. Trades lie in execution_reports, which is in partitions by
 * time; transfers are few and never dropped.
 */

/** Columns of a posting, by the names of its record. */
const COLUMNS = `p.sequence AS "sequence", p.entry AS "entry", p.time_us AS "timeUs", p.kind AS "kind", p.account AS "account",
  p.asset AS "asset", p.amount_units AS "amountUnits", p.trade_id AS "tradeId", p.order_id AS "orderId", p.transfer_id AS "transferId"`;

/** Postings of legs of trades. @param reports SELECT of rows of execution_reports */
function tradePostings(reports: string): string {
  return `SELECT r.sequence, (r.leg * 4 + e.part)::int AS entry, r.time_us, e.kind, e.account, e.asset,
      e.amount::bigint AS amount_units, r.trade_id, r.order_id, NULL::text AS transfer_id
    FROM (${reports}) r
    JOIN instruments i ON i.instrument = r.instrument
    JOIN assets base ON base.code = i.base_asset
    JOIN assets quote ON quote.code = i.quote_asset
    CROSS JOIN LATERAL (SELECT CASE r.side WHEN 'BUY' THEN 1 ELSE -1 END AS sign,
      round(r.last_qty_lots * i.lot_size * 10::numeric ^ base.scale) AS base_units,
      round(r.last_px_ticks::numeric * r.last_qty_lots * i.tick_size * i.lot_size * 10::numeric ^ quote.scale) AS quote_units) v
    CROSS JOIN LATERAL (VALUES
      (0, 'TRADE', r.account, base.asset, v.sign * v.base_units),
      (1, 'TRADE', r.account, quote.asset, -v.sign * v.quote_units),
      (2, 'FEE', r.account, quote.asset, -r.fee_units::numeric),
      (3, 'FEE', 0, quote.asset, r.fee_units::numeric)) e (part, kind, account, asset, amount)
    WHERE e.amount <> 0`;
}

/** Postings of transfers. @param transfers SELECT of rows of transfers */
function transferPostings(transfers: string): string {
  return `SELECT t.sequence, e.part AS entry, t.time_us, CASE WHEN t.amount_units > 0 THEN 'DEPOSIT' ELSE 'WITHDRAWAL' END AS kind,
      e.account, t.asset, e.amount AS amount_units, NULL::bigint AS trade_id, NULL::bigint AS order_id, t.transfer_id
    FROM (${transfers}) t
    CROSS JOIN LATERAL (VALUES (0, t.account, t.amount_units), (1, -1, -t.amount_units)) e (part, account, amount)`;
}

/** Every posting there is. */
export const LEDGER = `${tradePostings("SELECT * FROM execution_reports WHERE exec_type = 'TRADE'")}
  UNION ALL ${transferPostings('SELECT * FROM transfers')}`;

/**
 * Page of an account's postings. $1 account, $2 and $3 sequence and entry behind which it begins, $4 limit.
 * Each row read gives a posting but for the two that the last page may have ended amid, so no more than limit + 2 are read.
 */
export function ledgerPage(account: number): string {
  const here = account === 0 ? '(account = 0 OR fee_units <> 0)' : 'account = $1';
  const reports = `SELECT * FROM execution_reports WHERE ${here} AND exec_type = 'TRADE' AND sequence >= $2
    ORDER BY sequence, leg LIMIT $4 + 2`;
  const transfers = 'SELECT * FROM transfers WHERE account = $1 AND sequence >= $2 ORDER BY sequence LIMIT $4 + 2';
  return `SELECT ${COLUMNS} FROM (${tradePostings(reports)} UNION ALL ${transferPostings(transfers)}) p
    WHERE p.account = $1 AND (p.sequence, p.entry) > ($2, $3) ORDER BY p.sequence, p.entry LIMIT $4`;
}
