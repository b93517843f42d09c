/** Fields of order commands in their records; the record itself, and the rules that bind its fields, stand in `command-codec.ts`. */
import { type ByteReader, FormatError } from '../values/byte-reader.js';
import type { ByteWriter } from '../values/byte-writer.js';
import {
  BATCH_MODES,
  ORD_TYPES,
  PLAN_LEGS,
  SELF_TRADE_PREVENTIONS,
  SIDES,
  TIMES_IN_FORCE,
} from '../values/vocabulary.js';
import type {
  CancelOrders,
  MassQuote,
  PlaceOrder,
  PlaceOrders,
  PlacePlan,
  QuoteSide,
  ReplaceOrder,
} from './command.js';

export function writePlaceOrder(writer: ByteWriter, command: PlaceOrder): void {
  writer.index(command.account, 'account');
  writer.index(command.instrument, 'instrument');
  writer.member(SIDES, command.side, 'side');
  writer.member(ORD_TYPES, command.ordType, 'ordType');
  writer.member(TIMES_IN_FORCE, command.timeInForce, 'timeInForce');
  writer.integer(command.orderQtyLots, 'orderQtyLots');
  writer.optionalInteger(command.priceTicks, 'priceTicks');
  writer.optionalInteger(command.stopPxTicks, 'stopPxTicks');
  writer.optionalInteger(command.trailingOffsetTicks, 'trailingOffsetTicks');
  writer.optionalInteger(command.trailingPpm, 'trailingPpm');
  writer.optionalInteger(command.displayQtyLots, 'displayQtyLots');
  writer.optionalInteger(command.expireTimeUs, 'expireTimeUs');
  writer.boolean(command.postOnly);
  writer.boolean(command.reduceOnly);
  writer.member(SELF_TRADE_PREVENTIONS, command.selfTradePrevention, 'selfTradePrevention');
  writer.optionalString(command.clOrdId, 'clOrdId');
}

export function readPlaceOrder(reader: ByteReader): PlaceOrder {
  return {
    type: 'PlaceOrder',
    account: reader.index(),
    instrument: reader.index(),
    side: reader.member(SIDES),
    ordType: reader.member(ORD_TYPES),
    timeInForce: reader.member(TIMES_IN_FORCE),
    orderQtyLots: reader.integer(),
    priceTicks: reader.optionalInteger(),
    stopPxTicks: reader.optionalInteger(),
    trailingOffsetTicks: reader.optionalInteger(),
    trailingPpm: reader.optionalInteger(),
    displayQtyLots: reader.optionalInteger(),
    expireTimeUs: reader.optionalInteger(),
    postOnly: reader.boolean(),
    reduceOnly: reader.boolean(),
    selfTradePrevention: reader.member(SELF_TRADE_PREVENTIONS),
    clOrdId: reader.optionalString(),
  };
}

export function writeReplaceOrder(writer: ByteWriter, command: ReplaceOrder): void {
  writer.index(command.account, 'account');
  writer.integer(command.orderId, 'orderId');
  writer.optionalInteger(command.orderQtyLots, 'orderQtyLots');
  writer.optionalInteger(command.priceTicks, 'priceTicks');
  writer.optionalInteger(command.stopPxTicks, 'stopPxTicks');
  writer.optionalString(command.clOrdId, 'clOrdId');
}

export function readReplaceOrder(reader: ByteReader): ReplaceOrder {
  return {
    type: 'ReplaceOrder',
    account: reader.index(),
    orderId: reader.integer(),
    orderQtyLots: reader.optionalInteger(),
    priceTicks: reader.optionalInteger(),
    stopPxTicks: reader.optionalInteger(),
    clOrdId: reader.optionalString(),
  };
}

export function writePlaceOrders(writer: ByteWriter, { orders, mode }: PlaceOrders): void {
  writer.member(BATCH_MODES, mode, 'mode');
  writer.index(orders.length, 'orders');
  for (const order of orders) writePlaceOrder(writer, order);
}

export function readPlaceOrders(reader: ByteReader): PlaceOrders {
  const mode = reader.member(BATCH_MODES);
  return { type: 'PlaceOrders', orders: readList(reader, readPlaceOrder), mode };
}

export function writePlacePlan(writer: ByteWriter, { legs, mode }: PlacePlan): void {
  writer.member(BATCH_MODES, mode, 'mode');
  writer.index(legs.length, 'legs');
  for (const { name, order } of legs) {
    writer.member(PLAN_LEGS, name, 'name');
    writePlaceOrder(writer, order);
  }
}

export function readPlacePlan(reader: ByteReader): PlacePlan {
  const mode = reader.member(BATCH_MODES);
  const legs = readList(reader, () => ({ name: reader.member(PLAN_LEGS), order: readPlaceOrder(reader) }));
  return { type: 'PlacePlan', legs, mode };
}

export function writeCancelOrders(writer: ByteWriter, { account, orderIds }: CancelOrders): void {
  writer.index(account, 'account');
  writer.index(orderIds.length, 'orderIds');
  for (const orderId of orderIds) writer.integer(orderId, 'orderIds');
}

export function readCancelOrders(reader: ByteReader): CancelOrders {
  const account = reader.index();
  return { type: 'CancelOrders', account, orderIds: readList(reader, () => reader.integer()) };
}

export function writeMassQuote(writer: ByteWriter, command: MassQuote): void {
  writer.index(command.account, 'account');
  writer.string(command.quoteId, 'quoteId');
  writer.boolean(command.postOnly);
  writer.member(SELF_TRADE_PREVENTIONS, command.selfTradePrevention, 'selfTradePrevention');
  writer.index(command.entries.length, 'entries');
  for (const { instrument, bid, ask } of command.entries) {
    writer.index(instrument, 'instrument');
    writeQuoteSide(writer, bid);
    writeQuoteSide(writer, ask);
  }
}

export function readMassQuote(reader: ByteReader): MassQuote {
  return {
    type: 'MassQuote',
    account: reader.index(),
    quoteId: reader.string(),
    postOnly: reader.boolean(),
    selfTradePrevention: reader.member(SELF_TRADE_PREVENTIONS),
    entries: readList(reader, () => ({
      instrument: reader.index(),
      bid: readQuoteSide(reader),
      ask: readQuoteSide(reader),
    })),
  };
}

function writeQuoteSide(writer: ByteWriter, side: QuoteSide | null): void {
  writer.boolean(side !== null);
  if (side === null) return;
  writer.integer(side.priceTicks, 'priceTicks');
  writer.integer(side.qtyLots, 'qtyLots');
}

function readQuoteSide(reader: ByteReader): QuoteSide | null {
  return reader.boolean() ? { priceTicks: reader.integer(), qtyLots: reader.integer() } : null;
}

/** A count that the record can't hold is refused before anything is made of it. */
export function readList<T>(reader: ByteReader, read: (reader: ByteReader) => T): T[] {
  const count = reader.index();
  if (count > reader.remaining) throw new FormatError(`list of ${count} members is cut`, reader.position);
  return Array.from({ length: count }, () => read(reader));
}
