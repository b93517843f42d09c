/** What history reads: columns under the records' names, and PostgreSQL's values as the records' types. */
import type { RejectionDetail } from '../../core/exchange/event.js';
import type { OrderRecord } from '../../ports/history.js';
import type { Order } from './__generated__/client.js';

const INT8 = 20;
const NUMERIC = 1700;

/** @throws RangeError for a number beyond 2^53 − 1: it cannot be given back exact */
export function safeNumber(value: bigint | string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError('a stored number passes 2^53 - 1');
  return number;
}

function safeOrNull(value: bigint | null): number | null {
  return value === null ? null : safeNumber(value);
}

const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [INT8]: safeNumber,
  // Sums and turnovers are whole numbers; a refusal's arithmetic need not be.
  [NUMERIC]: (text: string) => (/^-?\d+$/.test(text) ? BigInt(text) : Number(text)),
  16: (text) => text === 't',
  21: Number,
  23: Number,
};

/** Type parsers of one query: bigint columns become numbers, whole numerics bigints, enums stay words. */
export const recordTypes = {
  getTypeParser: (oid: number) => parsers[oid] ?? ((text: string) => text),
};

/** Makes a select list of `column AS "field"` from fields in camel case. */
function selectList(fields: readonly string[]): string {
  const column = (field: string) => field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return fields.map((field) => `"${column(field)}" AS "${field}"`).join(', ');
}

export const ORDER_COLUMNS = selectList([
  'orderId',
  'clOrdId',
  'account',
  'instrument',
  'side',
  'ordType',
  'timeInForce',
  'ordStatus',
  'orderQtyLots',
  'priceTicks',
  'stopPxTicks',
  'displayQtyLots',
  'expireTimeUs',
  'postOnly',
  'reduceOnly',
  'selfTradePrevention',
  'cumQtyLots',
  'leavesQtyLots',
  'cumNotionalUnits',
  'createdUs',
  'planId',
  'contingency',
  'planLeg',
  'ordRejReason',
  'text',
  'updatedUs',
  'rejLimit',
  'rejCurrent',
  'rejProjected',
]);

export const REPORT_COLUMNS = selectList([
  'sequence',
  'leg',
  'commandSequence',
  'timeUs',
  'orderId',
  'clOrdId',
  'account',
  'instrument',
  'execType',
  'ordStatus',
  'side',
  'lastPxTicks',
  'lastQtyLots',
  'cumQtyLots',
  'leavesQtyLots',
  'cumNotionalUnits',
  'ordRejReason',
  'text',
  'tradeId',
  'feeUnits',
  'maker',
]);

export const TRADE_COLUMNS = selectList([
  'tradeId',
  'sequence',
  'timeUs',
  'instrument',
  'priceTicks',
  'qtyLots',
  'aggressorSide',
]);

export const CANDLE_COLUMNS = selectList([
  'instrument',
  'interval',
  'openTimeUs',
  'openTicks',
  'highTicks',
  'lowTicks',
  'closeTicks',
  'volumeLots',
  'turnover',
  'tradeCount',
]);

/** Returns an order that Prisma read as a record. */
export function orderRecordOf(order: Order): OrderRecord {
  return {
    orderId: safeNumber(order.orderId),
    clOrdId: order.clOrdId,
    account: order.account,
    instrument: order.instrument,
    side: order.side,
    ordType: order.ordType,
    timeInForce: order.timeInForce,
    ordStatus: order.ordStatus,
    orderQtyLots: safeNumber(order.orderQtyLots),
    priceTicks: safeOrNull(order.priceTicks),
    stopPxTicks: safeOrNull(order.stopPxTicks),
    displayQtyLots: safeOrNull(order.displayQtyLots),
    expireTimeUs: safeOrNull(order.expireTimeUs),
    postOnly: order.postOnly,
    reduceOnly: order.reduceOnly,
    selfTradePrevention: order.selfTradePrevention,
    cumQtyLots: safeNumber(order.cumQtyLots),
    leavesQtyLots: safeNumber(order.leavesQtyLots),
    cumNotionalUnits: safeNumber(order.cumNotionalUnits),
    createdUs: safeNumber(order.createdUs),
    planId: safeOrNull(order.planId),
    contingency: order.contingency,
    planLeg: order.planLeg,
    ordRejReason: order.ordRejReason,
    text: order.text,
    updatedUs: safeNumber(order.updatedUs),
    ...(order.ordRejReason === null ? {} : { rejection: rejectionOf(order) }),
  };
}

/** An order as SQL gives it: the record, and the arithmetic of a refusal in columns of their own. */
export type OrderRow = Omit<OrderRecord, 'rejection'> & Pick<Order, 'rejLimit' | 'rejCurrent' | 'rejProjected'>;

/** Returns an order that SQL read as a record. */
export function orderRecordOfRow({ rejLimit, rejCurrent, rejProjected, ...record }: OrderRow): OrderRecord {
  if (record.ordRejReason === null) return record;
  return { ...record, rejection: rejectionOf({ rejLimit, rejCurrent, rejProjected }) };
}

/** Numbers of risk arithmetic, which are numbers in the core; they are shown, never reckoned with. */
function rejectionOf(order: Pick<Order, 'rejLimit' | 'rejCurrent' | 'rejProjected'>): RejectionDetail {
  const numberOrNull = (value: unknown): number | null => (value === null ? null : Number(value));
  return {
    limit: numberOrNull(order.rejLimit),
    current: numberOrNull(order.rejCurrent),
    projected: numberOrNull(order.rejProjected),
  };
}
