/** Event rows as objects: the edge's view of an EventBuffer. Allocates; the core itself never calls it. */
import { contingencyOf, legNameOf } from '../matching/links.js';
import { PLANNED, POST_ONLY, REDUCE_ONLY } from '../matching/order-table.js';
import { memberOf } from '../values/codes.js';
import {
  AGGRESSOR_SIDES,
  CANCEL_REASONS,
  ORD_REJ_REASONS,
  ORD_STATUSES,
  ORD_TYPES,
  RESTATE_REASONS,
  SELF_TRADE_PREVENTIONS,
  SIDES,
  TIMES_IN_FORCE,
} from '../values/vocabulary.js';
import type { EventHeader, ExchangeEvent, OrderFields, RejectionDetail, TradeLeg } from './event.js';
import { type EventBuffer, LEG, ORDER, orNull, REQUESTS, ROW, STRIDE, TRADE } from './event-buffer.js';

/** Returns all rows of the buffer as events, in order. */
export function readEvents(buffer: EventBuffer): ExchangeEvent[] {
  const events: ExchangeEvent[] = [];
  for (let row = 0; row < buffer.rowCount; row += 1) events.push(readEvent(buffer, row, buffer.baseSequence + row + 1));
  return events;
}

/** Returns one row as an event under the given sequence. */
export function readEvent(buffer: EventBuffer, row: number, sequence: number): ExchangeEvent {
  const header: EventHeader = { sequence, commandSequence: buffer.commandSequence, timeUs: buffer.timeUs };
  const type = buffer.types[row]!;
  if (type === ROW.BODY) return { ...buffer.bodies[row]!, ...header } as ExchangeEvent;
  if (type <= ROW.ORDER_EXPIRED) return readOrderEvent(buffer, row, header);
  const at = row * STRIDE;
  const word = (column: number): number => buffer.words[at + column]!;
  switch (type) {
    case ROW.ORDERS_TRADED:
      return readTrade(buffer, row, header);
    case ROW.ORDER_DUPLICATED:
      return {
        type: 'OrderDuplicated',
        ...header,
        account: word(0),
        clOrdId: buffer.texts[row]!,
        orderId: word(1),
        firstCommandSequence: word(2),
      };
    case ROW.REQUEST_REJECTED:
      return {
        type: 'RequestRejected',
        ...header,
        request: memberOf(REQUESTS, word(0)),
        account: orNull(word(1)),
        orderId: orNull(word(2)),
        clOrdId: buffer.texts[row]!,
        reason: memberOf(ORD_REJ_REASONS, word(3)),
        text: buffer.moreTexts[row]!,
        limit: numberOrNull(word(4)),
        current: numberOrNull(word(5)),
        projected: numberOrNull(word(6)),
        rules: buffer.rules[row]!,
      };
    case ROW.MASS_CANCEL_DONE:
      return { type: 'MassCancelDone', ...header, account: word(0), canceledCount: word(1) };
    case ROW.BOOK_LEVEL_CHANGED:
      return {
        type: 'BookLevelChanged',
        ...header,
        instrument: word(0),
        side: memberOf(SIDES, word(1)),
        priceTicks: word(2),
        qtyLots: word(3),
        orderCount: word(4),
      };
    case ROW.BALANCE_UPDATED:
      return {
        type: 'BalanceUpdated',
        ...header,
        account: word(0),
        asset: word(1),
        totalUnits: word(2),
        heldUnits: word(3),
      };
    case ROW.POSITION_UPDATED:
      return {
        type: 'PositionUpdated',
        ...header,
        account: word(0),
        instrument: word(1),
        qtyLots: word(2),
        costUnits: word(3),
        realizedPnlUnits: word(4),
        feesUnits: word(5),
      };
    case ROW.EXPOSURE_UPDATED:
      return {
        type: 'ExposureUpdated',
        ...header,
        account: word(0),
        instrument: orNull(word(1)),
        grossE6: word(2),
        longE6: word(3),
        shortE6: word(4),
        dailyPnlE6: word(5),
      };
    default:
      throw new RangeError(`${type} is no event row type`);
  }
}

function readOrderEvent(buffer: EventBuffer, row: number, header: EventHeader): ExchangeEvent {
  const at = row * STRIDE;
  const fields = readOrderFields(buffer, row);
  const detail = buffer.words[at + ORDER.DETAIL]!;
  const extra = buffer.words[at + ORDER.EXTRA]!;
  switch (buffer.types[row]) {
    case ROW.ORDER_ACCEPTED:
      return { type: 'OrderAccepted', ...header, ...fields };
    case ROW.ORDER_REJECTED:
      return {
        type: 'OrderRejected',
        ...header,
        ...fields,
        reason: memberOf(ORD_REJ_REASONS, detail),
        ...readArithmetic(buffer, at),
        rules: buffer.rules[row]!,
      };
    case ROW.ORDER_CANCELED:
      return {
        type: 'OrderCanceled',
        ...header,
        ...fields,
        reason: memberOf(CANCEL_REASONS, detail),
        canceledQtyLots: extra,
      };
    case ROW.ORDER_REPLACED:
      return { type: 'OrderReplaced', ...header, ...fields, priorityKept: detail === 1 };
    case ROW.ORDER_RESTATED:
      return {
        type: 'OrderRestated',
        ...header,
        ...fields,
        reason: memberOf(RESTATE_REASONS, detail),
        restatedQtyLots: extra,
      };
    case ROW.ORDER_TRIGGERED:
      return { type: 'OrderTriggered', ...header, ...fields, triggerPxTicks: detail };
    case ROW.ORDER_EXPIRED:
      return { type: 'OrderExpired', ...header, ...fields, canceledQtyLots: extra };
    default:
      throw new RangeError(`${buffer.types[row]} is no order event`);
  }
}

function readOrderFields(buffer: EventBuffer, row: number): OrderFields {
  const at = row * STRIDE;
  const word = (column: number): number => buffer.words[at + column]!;
  const flags = word(ORDER.FLAGS);
  return {
    orderId: word(ORDER.ID),
    clOrdId: buffer.texts[row]!,
    account: word(ORDER.ACCOUNT),
    instrument: word(ORDER.INSTRUMENT),
    side: memberOf(SIDES, word(ORDER.SIDE)),
    ordType: memberOf(ORD_TYPES, word(ORDER.ORD_TYPE)),
    timeInForce: memberOf(TIMES_IN_FORCE, word(ORDER.TIME_IN_FORCE)),
    ordStatus: memberOf(ORD_STATUSES, word(ORDER.STATUS)),
    orderQtyLots: word(ORDER.QTY),
    priceTicks: orNull(word(ORDER.PRICE)),
    stopPxTicks: orNull(word(ORDER.STOP_PX)),
    displayQtyLots: orNull(word(ORDER.DISPLAY)),
    expireTimeUs: orNull(word(ORDER.EXPIRE)),
    postOnly: (flags & POST_ONLY) !== 0,
    reduceOnly: (flags & REDUCE_ONLY) !== 0,
    selfTradePrevention: memberOf(SELF_TRADE_PREVENTIONS, word(ORDER.SELF_TRADE)),
    cumQtyLots: word(ORDER.CUM),
    leavesQtyLots: word(ORDER.LEAVES),
    cumNotionalUnits: word(ORDER.NOTIONAL),
    createdUs: word(ORDER.CREATED),
    ...((flags & PLANNED) === 0 ? NO_PLAN : planOf(word(ORDER.PLAN), word(ORDER.PLAN_ROLE))),
  };
}

const NO_PLAN = { planId: null, contingency: null, planLeg: null };

function planOf(planId: number, role: number): Pick<OrderFields, 'planId' | 'contingency' | 'planLeg'> {
  return { planId, contingency: contingencyOf(role), planLeg: legNameOf(role) };
}

function readArithmetic(buffer: EventBuffer, at: number): RejectionDetail {
  return {
    limit: numberOrNull(buffer.words[at + ORDER.EXTRA]!),
    current: numberOrNull(buffer.words[at + ORDER.CURRENT]!),
    projected: numberOrNull(buffer.words[at + ORDER.PROJECTED]!),
  };
}

function readTrade(buffer: EventBuffer, row: number, header: EventHeader): ExchangeEvent {
  const at = row * STRIDE;
  const word = (column: number): number => buffer.words[at + column]!;
  return {
    type: 'OrdersTraded',
    ...header,
    tradeId: word(TRADE.ID),
    instrument: word(TRADE.INSTRUMENT),
    priceTicks: word(TRADE.PRICE),
    qtyLots: word(TRADE.QTY),
    aggressorSide: memberOf(AGGRESSOR_SIDES, word(TRADE.AGGRESSOR)),
    maker: readLeg(buffer, at + TRADE.MAKER, buffer.texts[row]!),
    taker: readLeg(buffer, at + TRADE.TAKER, buffer.moreTexts[row]!),
    takerSide: memberOf(SIDES, word(TRADE.TAKER_SIDE)),
  };
}

function readLeg(buffer: EventBuffer, at: number, clOrdId: string | null): TradeLeg {
  const word = (column: number): number => buffer.words[at + column]!;
  return {
    orderId: word(LEG.ORDER_ID),
    clOrdId,
    account: word(LEG.ACCOUNT),
    ordStatus: memberOf(ORD_STATUSES, word(LEG.STATUS)),
    cumQtyLots: word(LEG.CUM),
    leavesQtyLots: word(LEG.LEAVES),
    cumNotionalUnits: word(LEG.NOTIONAL),
    feeUnits: word(LEG.FEE),
  };
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
