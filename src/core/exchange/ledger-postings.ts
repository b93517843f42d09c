/**
 * Double entry: what each event moves, from which account to which. For every event and asset the postings sum to 0.
 *
 * What comes from or goes outside of the venue stands against the EXTERNAL account, so that the ledger sums to 0 per asset
 * at any sequence; the core keeps the same as the supply, which is what EXTERNAL owes. Zero amounts are left out.
 *
 * ```
 * trade leg   entry leg·4     base    account
 *             entry leg·4 + 1 quote   account
 *             entry leg·4 + 2 fee     account     (leg 0 = maker, 1 = taker)
 *             entry leg·4 + 3 fee     VENUE
 * transfer    entry 0         amount  account
 *             entry 1         −amount EXTERNAL
 * ```
 */
import type { ExchangeEvent, OrdersTraded } from './event.js';
import type { ReferenceData } from './reference-data.js';

/** Index of the account that everything outside of the venue stands for. */
export const EXTERNAL_ACCOUNT = -1;

export type LedgerKind = 'TRADE' | 'FEE' | 'DEPOSIT' | 'WITHDRAWAL';

export interface LedgerPosting {
  readonly sequence: number;
  /** Place among the postings of the event. */
  readonly entry: number;
  readonly timeUs: number;
  readonly kind: LedgerKind;
  readonly account: number;
  readonly asset: number;
  /** Units of the asset; above 0 the account gets them. */
  readonly amountUnits: number;
  readonly tradeId: number | null;
  readonly orderId: number | null;
  readonly transferId: string | null;
}

/** Returns the postings of an event, in their order; none for events that move nothing. */
export function postingsOf(event: ExchangeEvent, reference: ReferenceData): LedgerPosting[] {
  if (event.type === 'OrdersTraded') return tradePostings(event, reference);
  if (event.type !== 'BalanceAdjusted' || event.duplicate) return [];
  const { sequence, timeUs, account, asset, amountUnits, transferId } = event;
  const kind: LedgerKind = amountUnits > 0 ? 'DEPOSIT' : 'WITHDRAWAL';
  const common = { sequence, timeUs, kind, asset, tradeId: null, orderId: null, transferId };
  return [
    { ...common, entry: 0, account, amountUnits },
    { ...common, entry: 1, account: EXTERNAL_ACCOUNT, amountUnits: -amountUnits },
  ];
}

function tradePostings(trade: OrdersTraded, reference: ReferenceData): LedgerPosting[] {
  const { sequence, timeUs, tradeId, priceTicks, qtyLots, takerSide } = trade;
  const { terms, baseAsset, quoteAsset } = reference.instrumentAt(trade.instrument);
  const base = qtyLots * terms.baseUnitsPerLot;
  const notional = priceTicks * qtyLots * terms.quoteUnitsPerTickLot;
  const postings: LedgerPosting[] = [];
  for (const [leg, { account, orderId, feeUnits }] of [trade.maker, trade.taker].entries()) {
    const sign = (leg === 1) === (takerSide === 'BUY') ? 1 : -1;
    const post = (part: number, kind: LedgerKind, to: number, asset: number, amountUnits: number) => {
      const entry = leg * 4 + part;
      const common = { sequence, entry, timeUs, kind, tradeId, orderId, transferId: null };
      if (amountUnits !== 0) postings.push({ ...common, account: to, asset, amountUnits });
    };
    post(0, 'TRADE', account, baseAsset, sign * base);
    post(1, 'TRADE', account, quoteAsset, -sign * notional);
    post(2, 'FEE', account, quoteAsset, -feeUnits);
    post(3, 'FEE', 0, quoteAsset, feeUnits);
  }
  return postings;
}
