/**
 * Events into rows: what a batch of events leaves in the read model, folded so that each row is written once.
 *
 * A pure function of the batch. Names of fields are names of columns, since the rows travel as JSON into one statement.
 * Rows are told by value; the exceptions are orders that only traded in the batch (`tradedOrders`: their terms were
 * written before) and candles, which the statement merges into what is there.
 */

import type { BalanceAdjusted, ExchangeEvent, OrderEvent, OrdersTraded, TradeLeg } from '../../core/exchange/event.js';
import { type ExecutionReportFields, executionReportsOf, orderStateOf } from '../../core/exchange/execution-report.js';
import { INTERVAL_US, openTimeOf } from '../../core/market-data/candles.js';
import { CANDLE_INTERVALS, type CandleInterval, type OrdStatus } from '../../core/values/vocabulary.js';

import { type RiskPolicyEvent, riskAuditRow } from './risk-audit-rows.js';
import { type Row, storableText } from './storable.js';

export { type Row, storableText };

/** Rows of a batch by table, in the order in which tables are named here. */
export interface BatchRows {
  readonly assets: readonly Row[];
  readonly instruments: readonly Row[];
  readonly instrumentStatuses: readonly Row[];
  readonly accounts: readonly Row[];
  readonly riskLimits: readonly Row[];
  readonly killSwitches: readonly Row[];
  readonly riskAudit: readonly Row[];
  readonly balances: readonly Row[];
  readonly positions: readonly Row[];
  readonly orders: readonly Row[];
  readonly tradedOrders: readonly Row[];
  readonly executionReports: readonly TimedRow[];
  readonly trades: readonly TimedRow[];
  readonly transfers: readonly Row[];
  readonly dailyTotals: readonly Row[];
  readonly candles: readonly (Row & { readonly interval: CandleInterval; readonly open_time_us: number })[];
}

type TimedRow = Row & { readonly time_us: number };

interface DailyTotals {
  readonly day_us: number;
  readonly account: number;
  readonly instrument: number;
  net_qty_lots: bigint;
  net_turnover: bigint;
  fee_units: bigint;
}

/** What a trade changes of an order. */
interface OrderProgress {
  readonly ord_status: OrdStatus;
  readonly cum_qty_lots: number;
  readonly leaves_qty_lots: number;
  readonly cum_notional_units: number;
  readonly updated_us: number;
}

interface CandleRow {
  readonly instrument: number;
  readonly interval: CandleInterval;
  readonly open_time_us: number;
  readonly open_ticks: number;
  high_ticks: number;
  low_ticks: number;
  close_ticks: number;
  volume_lots: bigint;
  turnover: bigint;
  trade_count: number;
}

function textOrNull(text: string | null): string | null {
  return text === null ? null : storableText(text);
}

/** Returns the rows of the events, which stand in sequence. */
export function rowsOf(events: readonly ExchangeEvent[]): BatchRows {
  const collector = new RowCollector();
  for (const event of events) collector.add(event);
  return collector.finish();
}

class RowCollector {
  readonly #assets: Row[] = [];
  readonly #instruments: Row[] = [];
  readonly #accounts: Row[] = [];
  readonly #instrumentStatuses = new Map<number, Row>();
  readonly #riskLimits = new Map<number, Row>();
  readonly #killSwitches = new Map<number, Row>();
  readonly #riskAudit: Row[] = [];
  readonly #balances = new Map<string, Row>();
  readonly #positions = new Map<string, Row>();
  readonly #orders = new Map<number, Row>();
  readonly #tradedOrders = new Map<number, OrderProgress>();
  readonly #executionReports: TimedRow[] = [];
  readonly #trades: TimedRow[] = [];
  readonly #transfers: Row[] = [];
  readonly #dailyTotals = new Map<string, DailyTotals>();
  readonly #candles = new Map<string, CandleRow>();

  add(event: ExchangeEvent): void {
    switch (event.type) {
      case 'OrderAccepted':
      case 'OrderRejected':
      case 'OrderCanceled':
      case 'OrderReplaced':
      case 'OrderRestated':
      case 'OrderTriggered':
      case 'OrderExpired':
        this.#addOrder(event);
        break;
      case 'OrdersTraded':
        this.#addTrade(event);
        break;
      case 'BalanceAdjusted':
        if (!event.duplicate) this.#addTransfer(event);
        break;
      case 'BalanceUpdated':
        this.#balances.set(`${event.account}:${event.asset}`, {
          account: event.account,
          asset: event.asset,
          total_units: event.totalUnits,
          held_units: event.heldUnits,
          updated_us: event.timeUs,
        });
        break;
      case 'PositionUpdated':
        this.#positions.set(`${event.account}:${event.instrument}`, {
          account: event.account,
          instrument: event.instrument,
          qty_lots: event.qtyLots,
          cost_units: event.costUnits,
          realized_pnl_units: event.realizedPnlUnits,
          fees_units: event.feesUnits,
          updated_us: event.timeUs,
        });
        break;
      case 'BookLevelChanged':
      case 'MarginTermsSet':
      case 'MarkSet':
      case 'MarginStatusChanged':
      case 'CircuitBreakerChanged':
      case 'MarketBreakerChanged':
      case 'OrderDuplicated':
      case 'RequestRejected':
      case 'MassCancelDone':
      case 'MassQuoteDone':
      case 'AuctionIndicative':
      case 'AuctionEnded':
      case 'TradingCalendarSet':
      case 'ExposureUpdated':
      case 'LeaseHeld':
      case 'LeaseEnded':
        // Either live only, or told again by value in an event beside it.
        break;
      default:
        this.#addReference(event);
    }
  }

  #addOrder(event: OrderEvent): void {
    this.#addReports(event);
    this.#tradedOrders.delete(event.orderId);
    this.#orders.set(event.orderId, orderRow(event));
  }

  #addTrade(event: OrdersTraded): void {
    this.#addReports(event);
    this.#addProgress(event.maker, event.timeUs);
    this.#addProgress(event.taker, event.timeUs);
    this.#trades.push({
      trade_id: event.tradeId,
      sequence: event.sequence,
      time_us: event.timeUs,
      instrument: event.instrument,
      price_ticks: event.priceTicks,
      qty_lots: event.qtyLots,
      aggressor_side: event.aggressorSide,
    });
    for (const interval of CANDLE_INTERVALS) this.#addToCandle(interval, event);
  }

  #addTransfer({ sequence, timeUs, account, asset, amountUnits, transferId }: BalanceAdjusted): void {
    this.#transfers.push({
      sequence,
      time_us: timeUs,
      account,
      asset,
      amount_units: amountUnits,
      transfer_id: storableText(transferId),
    });
  }

  #addProgress(leg: TradeLeg, timeUs: number): void {
    const progress: OrderProgress = {
      ord_status: leg.ordStatus,
      cum_qty_lots: leg.cumQtyLots,
      leaves_qty_lots: leg.leavesQtyLots,
      cum_notional_units: leg.cumNotionalUnits,
      updated_us: timeUs,
    };
    const whole = this.#orders.get(leg.orderId);
    if (whole === undefined) this.#tradedOrders.set(leg.orderId, progress);
    else this.#orders.set(leg.orderId, { ...whole, ...progress });
  }

  #addToCandle(interval: CandleInterval, { instrument, timeUs, priceTicks, qtyLots }: OrdersTraded): void {
    const openTimeUs = openTimeOf(interval, timeUs);
    const key = `${instrument}:${INTERVAL_US[interval]}:${openTimeUs}`;
    const candle = this.#candles.get(key);
    if (candle === undefined) {
      this.#candles.set(key, {
        instrument,
        interval,
        open_time_us: openTimeUs,
        open_ticks: priceTicks,
        high_ticks: priceTicks,
        low_ticks: priceTicks,
        close_ticks: priceTicks,
        volume_lots: BigInt(qtyLots),
        turnover: BigInt(priceTicks) * BigInt(qtyLots),
        trade_count: 1,
      });
      return;
    }
    candle.high_ticks = Math.max(candle.high_ticks, priceTicks);
    candle.low_ticks = Math.min(candle.low_ticks, priceTicks);
    candle.close_ticks = priceTicks;
    candle.volume_lots += BigInt(qtyLots);
    candle.turnover += BigInt(priceTicks) * BigInt(qtyLots);
    candle.trade_count += 1;
  }

  #addToDay({ account, instrument, timeUs, side, lastPxTicks, lastQtyLots, feeUnits }: ExecutionReportFields): void {
    if (lastPxTicks === null || lastQtyLots === null || feeUnits === null) return;
    const dayUs = openTimeOf('D1', timeUs);
    const key = `${dayUs}:${account}:${instrument}`;
    let totals = this.#dailyTotals.get(key);
    if (totals === undefined) {
      totals = { day_us: dayUs, account, instrument, net_qty_lots: 0n, net_turnover: 0n, fee_units: 0n };
      this.#dailyTotals.set(key, totals);
    }
    const qty = side === 'BUY' ? BigInt(lastQtyLots) : -BigInt(lastQtyLots);
    totals.net_qty_lots += qty;
    totals.net_turnover += qty * BigInt(lastPxTicks);
    totals.fee_units += BigInt(feeUnits);
  }

  #addReports(event: ExchangeEvent): void {
    for (const report of executionReportsOf(event)) {
      this.#addToDay(report);
      this.#executionReports.push({
        sequence: report.sequence,
        leg: report.leg,
        command_sequence: report.commandSequence,
        time_us: report.timeUs,
        order_id: report.orderId,
        cl_ord_id: textOrNull(report.clOrdId),
        account: report.account,
        instrument: report.instrument,
        exec_type: report.execType,
        ord_status: report.ordStatus,
        side: report.side,
        last_px_ticks: report.lastPxTicks,
        last_qty_lots: report.lastQtyLots,
        cum_qty_lots: report.cumQtyLots,
        leaves_qty_lots: report.leavesQtyLots,
        cum_notional_units: report.cumNotionalUnits,
        ord_rej_reason: report.ordRejReason,
        text: textOrNull(report.text),
        trade_id: report.tradeId,
        fee_units: report.feeUnits,
        maker: report.maker,
      });
    }
  }

  #addReference(event: ReferenceEvent): void {
    switch (event.type) {
      case 'AssetRegistered':
        this.#assets.push({ asset: event.asset, code: storableText(event.code), scale: event.scale });
        break;
      case 'InstrumentListed':
        this.#instruments.push(instrumentRow(event));
        this.#setStatus(event.instrument, event.status, '', event.timeUs);
        break;
      case 'TradingStatusChanged':
        this.#setStatus(event.instrument, event.status, storableText(event.reason), event.timeUs);
        break;
      case 'AccountOpened':
        this.#accounts.push({
          account: event.account,
          account_id: storableText(event.accountId),
          name: storableText(event.name),
          owner_id: storableText(event.ownerId),
          kind: event.kind,
          opened_us: event.timeUs,
        });
        break;
      case 'RiskLimitsSet':
        if (event.instrument === null) this.#riskLimits.set(event.account, riskLimitsRow(event));
        this.#riskAudit.push(riskAuditRow(event));
        break;
      case 'TierLimitsSet':
      case 'AccountTierSet':
      case 'AccountStateSet':
      case 'CircuitBreakerSet':
      case 'MarketBreakerSet':
      case 'TradingHalted':
      case 'TradingResumed':
        this.#riskAudit.push(riskAuditRow(event));
        break;
      case 'KillSwitchSet':
        this.#riskAudit.push(riskAuditRow(event));
        if (event.account === null) break;
        this.#killSwitches.set(event.account, {
          account: event.account,
          engaged: event.engaged,
          set_by: storableText(event.setBy),
          since_us: event.timeUs,
        });
        break;
      default:
        unknownEvent(event);
    }
  }

  #setStatus(instrument: number, status: string, reason: string, sinceUs: number): void {
    this.#instrumentStatuses.set(instrument, { instrument, status, reason, since_us: sinceUs });
  }

  finish(): BatchRows {
    return {
      assets: this.#assets,
      instruments: this.#instruments,
      instrumentStatuses: [...this.#instrumentStatuses.values()],
      accounts: this.#accounts,
      riskLimits: [...this.#riskLimits.values()],
      killSwitches: [...this.#killSwitches.values()],
      riskAudit: this.#riskAudit,
      balances: [...this.#balances.values()],
      positions: [...this.#positions.values()],
      orders: [...this.#orders.values()],
      tradedOrders: [...this.#tradedOrders].map(([orderId, progress]) => ({ order_id: orderId, ...progress })),
      executionReports: this.#executionReports,
      trades: this.#trades,
      transfers: this.#transfers,
      dailyTotals: [...this.#dailyTotals.values()].map((totals) => ({
        ...totals,
        net_qty_lots: totals.net_qty_lots.toString(),
        net_turnover: totals.net_turnover.toString(),
        fee_units: totals.fee_units.toString(),
      })),
      candles: [...this.#candles.values()].map((candle) => ({
        ...candle,
        volume_lots: candle.volume_lots.toString(),
        turnover: candle.turnover.toString(),
      })),
    };
  }
}

type EventOf<T extends ExchangeEvent['type']> = Extract<ExchangeEvent, { type: T }>;
type ReferenceEvent = EventOf<
  'AssetRegistered' | 'InstrumentListed' | 'TradingStatusChanged' | 'AccountOpened' | RiskPolicyEvent['type']
>;

/** An event type that was added without a decision about its rows does not compile, and never passes unseen. */
function unknownEvent(event: never): never {
  throw new TypeError(`no rows are known for the event ${JSON.stringify(event)}`);
}

function orderRow(event: OrderEvent): Row {
  const order = orderStateOf(event);
  const rejected = event.type === 'OrderRejected' ? event : null;
  return {
    order_id: order.orderId,
    cl_ord_id: textOrNull(order.clOrdId),
    account: order.account,
    instrument: order.instrument,
    side: order.side,
    ord_type: order.ordType,
    time_in_force: order.timeInForce,
    ord_status: order.ordStatus,
    order_qty_lots: order.orderQtyLots,
    price_ticks: order.priceTicks,
    stop_px_ticks: order.stopPxTicks,
    display_qty_lots: order.displayQtyLots,
    expire_time_us: order.expireTimeUs,
    post_only: order.postOnly,
    reduce_only: order.reduceOnly,
    self_trade_prevention: order.selfTradePrevention,
    cum_qty_lots: order.cumQtyLots,
    leaves_qty_lots: order.leavesQtyLots,
    cum_notional_units: order.cumNotionalUnits,
    ord_rej_reason: order.ordRejReason,
    text: textOrNull(order.text),
    rej_limit: rejected?.limit ?? null,
    rej_current: rejected?.current ?? null,
    rej_projected: rejected?.projected ?? null,
    plan_id: order.planId,
    contingency: order.contingency,
    plan_leg: order.planLeg,
    created_us: order.createdUs,
    updated_us: order.updatedUs,
  };
}

function instrumentRow({ instrument, spec }: EventOf<'InstrumentListed'>): Row {
  return {
    instrument,
    symbol: storableText(spec.symbol),
    description: storableText(spec.description),
    base_asset: storableText(spec.baseAsset),
    quote_asset: storableText(spec.quoteAsset),
    tick_size: spec.tickSize,
    lot_size: spec.lotSize,
    min_price_ticks: spec.minPriceTicks,
    max_price_ticks: spec.maxPriceTicks,
    min_qty_lots: spec.minQtyLots,
    max_qty_lots: spec.maxQtyLots,
    maker_fee_ppm: spec.makerFeePpm,
    taker_fee_ppm: spec.takerFeePpm,
    price_collar_ppm: spec.priceCollarPpm,
    reference_px_ticks: spec.referencePxTicks,
  };
}

function riskLimitsRow({ account, limits, setBy, timeUs }: EventOf<'RiskLimitsSet'>): Row {
  return {
    account,
    max_order_qty_e8: limits.maxOrderQtyE8,
    max_order_notional_e6: limits.maxOrderNotionalE6,
    max_position_qty_e8: limits.maxPositionQtyE8,
    max_gross_exposure_e6: limits.maxGrossExposureE6,
    max_open_orders: limits.maxOpenOrders,
    max_daily_loss_e6: limits.maxDailyLossE6,
    max_orders_per_second: limits.maxOrdersPerSecond,
    price_collar_ppm: limits.priceCollarPpm,
    set_by: storableText(setBy),
    since_us: timeUs,
  };
}
