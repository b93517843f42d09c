/** What a participant sees of one instrument when it decides, and the commands it may answer with. */
import type { CancelOrder, PlaceOrder, ReplaceOrder } from '../../../core/exchange/command.js';
import type { Side } from '../../../core/values/vocabulary.js';
import type { SimulatedInstrument } from './config.js';
import type { OwnOrder } from './market-view.js';

export type Intent = PlaceOrder | ReplaceOrder | CancelOrder;

/** One participant's view of one instrument at one step; prices in ticks, quantities in lots. */
export interface DeskMarket {
  /** Length of the step, seconds. */
  readonly stepS: number;
  /** Fundamental price, not rounded. */
  readonly fairTicks: number;
  /** Half spread of a market as nervous as this one, at least half a tick. */
  readonly halfSpreadTicks: number;
  /** Incoming orders that arrive in this step. */
  readonly arrivals: number;
  readonly bidTicks: number | null;
  readonly askTicks: number | null;
  /** Prices that the exchange takes now lie within these. */
  readonly lowTicks: number;
  readonly highTicks: number;
  /** Own working orders, oldest first. */
  readonly orders: readonly OwnOrder[];
  /** Inventory above what the participant began with, in parts of the most that it wants: −1 to 1, and beyond. */
  readonly inventory: number;
  /** Value of one lot, quote currency. */
  readonly lotValue: number;
  readonly maxQtyLots: number;
}

/** One participant in one instrument. Holds its random stream and moods, nothing about the market. */
export interface Desk {
  readonly account: number;
  readonly instrument: number;
  readonly settings: SimulatedInstrument;
  /** Called once a step, also where the answer cannot be used, so that its random stream depends on steps alone. */
  decide(market: DeskMarket): Intent[];
}

/** Terms in which the participants' new orders differ. */
export interface OrderTerms {
  readonly side: Side;
  readonly qtyLots: number;
  /** null: MARKET. */
  readonly priceTicks: number | null;
  readonly resting: boolean;
}

export function placeOrder(desk: Desk, terms: OrderTerms): PlaceOrder {
  return {
    type: 'PlaceOrder',
    account: desk.account,
    instrument: desk.instrument,
    side: terms.side,
    ordType: terms.priceTicks === null ? 'MARKET' : 'LIMIT',
    timeInForce: terms.resting ? 'GTC' : 'IOC',
    orderQtyLots: terms.qtyLots,
    priceTicks: terms.priceTicks,
    stopPxTicks: null,
    trailingOffsetTicks: null,
    trailingPpm: null,
    displayQtyLots: null,
    expireTimeUs: null,
    postOnly: terms.resting,
    reduceOnly: false,
    selfTradePrevention: 'CANCEL_NEWEST',
    clOrdId: null,
  };
}

export function replaceOrder(order: OwnOrder, priceTicks: number, leavesQtyLots: number): ReplaceOrder {
  return {
    type: 'ReplaceOrder',
    account: order.account,
    orderId: order.orderId,
    orderQtyLots: order.cumQtyLots + leavesQtyLots,
    priceTicks,
    stopPxTicks: null,
    clOrdId: null,
  };
}

export function cancelOrder(order: OwnOrder): CancelOrder {
  return { type: 'CancelOrder', account: order.account, orderId: order.orderId };
}

/** Whole lots of about this value, within what the instrument takes. */
export function lotsOfValue(market: DeskMarket, value: number): number {
  return Math.max(1, Math.min(market.maxQtyLots, Math.round(value / market.lotValue)));
}

/** Returns the value, kept within the bounds. */
export function clamp(value: number, least: number, greatest: number): number {
  return Math.max(least, Math.min(greatest, value));
}
