/**
 * Commands as bytes: what the journal keeps and recovery replays.
 *
 * One record, little endian:
 *
 *      0        4      5            13         21                 length
 *      ├────────┼──────┼────────────┼──────────┼───────────────────┤
 *      │ length │ type │  sequence  │  timeUs  │ fields of the type│
 *      │ uint32 │uint8 │  float64   │ float64  │                   │
 *
 * `length` counts the whole record. Numbers are float64 where they may pass 2^31 (ticks, lots, units, ids, times) and
 * uint32 where they are indexes; enumerations are their position in the vocabulary; texts are UTF-8 behind a uint16
 * length; null is a byte 0, anything else a byte 1 and the value.
 *
 * Invariants: decode(encode(command)) equals the command, and a record holds exactly its fields. A command that could
 * not come back unchanged (a fraction, NaN, a number beyond 2^53 − 1, half a surrogate pair) is refused when it is
 * encoded, which happens before it is executed: what the journal can't repeat never changes any state.
 *
 * To add a command type: add it to `Command`, then one entry to FORMATS under the next free code. Codes and the order
 * of fields are for ever: old journals are read with them. A type that needs other fields becomes a new type under a
 * new code; COMMAND_FORMAT_VERSION changes only where records of before can no longer be read.
 */

import type { InstrumentSpec } from '../instrument/instrument.js';
import { ByteReader, FormatError } from '../values/byte-reader.js';
import type { ByteWriter } from '../values/byte-writer.js';
import {
  ACCOUNT_KINDS,
  AUCTION_KINDS,
  MARK_METHODS,
  SELF_TRADE_PREVENTIONS,
  SIDES,
  TRADING_STATUSES,
} from '../values/vocabulary.js';
import {
  readBreaker,
  readHalt,
  readMarketBreaker,
  readResumption,
  writeBreaker,
  writeHalt,
  writeMarketBreaker,
  writeResumption,
} from './breaker-codec.js';
import type { Command, CommandType } from './command.js';
import {
  readCancelAllAfter,
  readPlaceUnderLease,
  readRenewLeases,
  writeCancelAllAfter,
  writePlaceUnderLease,
  writeRenewLeases,
} from './lease-codec.js';
import {
  readCancelOrders,
  readMassQuote,
  readPlaceOrder,
  readPlaceOrders,
  readPlacePlan,
  readReplaceOrder,
  writeCancelOrders,
  writeMassQuote,
  writePlaceOrder,
  writePlaceOrders,
  writePlacePlan,
  writeReplaceOrder,
} from './order-codec.js';
import {
  readAccountState,
  readAccountTier,
  readFormerKillSwitch,
  readFormerRiskLimits,
  readKillSwitch,
  readRiskLimits,
  readTierLimits,
  writeAccountState,
  writeAccountTier,
  writeKillSwitch,
  writeRiskLimits,
  writeTierLimits,
} from './risk-codec.js';

/** Version of the record layout; a journal of another version is refused. */
export const COMMAND_FORMAT_VERSION = 1;

const HEADER_BYTES = 21;

interface CommandFormat<C extends Command> {
  /** Type code on disk, 1 to 255, never used again for another type. */
  readonly code: number;
  write(writer: ByteWriter, command: C): void;
  read(reader: ByteReader): C;
}

type FormatTable = { readonly [T in CommandType]: CommandFormat<Extract<Command, { readonly type: T }>> };

const FORMATS: FormatTable = {
  RegisterAsset: {
    code: 1,
    write(writer, command) {
      writer.string(command.asset, 'asset');
      writer.integer(command.scale, 'scale');
    },
    read: (reader) => ({ type: 'RegisterAsset', asset: reader.string(), scale: reader.integer() }),
  },
  ListInstrument: {
    code: 2,
    write: (writer, command) => writeSpec(writer, command.spec),
    read: (reader) => ({ type: 'ListInstrument', spec: readSpec(reader) }),
  },
  SetTradingStatus: {
    code: 3,
    write(writer, command) {
      writer.index(command.instrument, 'instrument');
      writer.member(TRADING_STATUSES, command.status, 'status');
      writer.string(command.reason, 'reason');
    },
    read: (reader) => ({
      type: 'SetTradingStatus',
      instrument: reader.index(),
      status: reader.member(TRADING_STATUSES),
      reason: reader.string(),
    }),
  },
  OpenAccount: {
    code: 4,
    write(writer, command) {
      writer.string(command.accountId, 'accountId');
      writer.string(command.name, 'name');
      writer.string(command.ownerId, 'ownerId');
      writer.member(ACCOUNT_KINDS, command.kind, 'kind');
    },
    read: (reader) => ({
      type: 'OpenAccount',
      accountId: reader.string(),
      name: reader.string(),
      ownerId: reader.string(),
      kind: reader.member(ACCOUNT_KINDS),
    }),
  },
  AdjustBalance: {
    code: 5,
    write(writer, command) {
      writer.index(command.account, 'account');
      writer.index(command.asset, 'asset');
      writer.integer(command.amountUnits, 'amountUnits');
      writer.string(command.transferId, 'transferId');
    },
    read: (reader) => ({
      type: 'AdjustBalance',
      account: reader.index(),
      asset: reader.index(),
      amountUnits: reader.integer(),
      transferId: reader.string(),
    }),
  },
  PlaceOrder: { code: 8, write: writePlaceOrder, read: readPlaceOrder },
  CancelOrder: {
    code: 9,
    write(writer, command) {
      writer.index(command.account, 'account');
      writer.integer(command.orderId, 'orderId');
    },
    read: (reader) => ({ type: 'CancelOrder', account: reader.index(), orderId: reader.integer() }),
  },
  ReplaceOrder: { code: 10, write: writeReplaceOrder, read: readReplaceOrder },
  CancelAllOrders: {
    code: 11,
    write(writer, command) {
      writer.index(command.account, 'account');
      writer.optionalIndex(command.instrument, 'instrument');
      writer.optionalMember(SIDES, command.side, 'side');
    },
    read: (reader) => ({
      type: 'CancelAllOrders',
      account: reader.index(),
      instrument: reader.optionalIndex(),
      side: reader.optionalMember(SIDES),
    }),
  },
  AdvanceTime: {
    code: 12,
    write() {},
    read: () => ({ type: 'AdvanceTime' }),
  },
  PlaceOrders: { code: 13, write: writePlaceOrders, read: readPlaceOrders },
  CancelOrders: { code: 14, write: writeCancelOrders, read: readCancelOrders },
  MassQuote: { code: 15, write: writeMassQuote, read: readMassQuote },
  StartAuction: {
    code: 16,
    write(writer, command) {
      writer.index(command.instrument, 'instrument');
      writer.member(AUCTION_KINDS, command.auction, 'auction');
      writer.string(command.reason, 'reason');
    },
    read: (reader) => ({
      type: 'StartAuction',
      instrument: reader.index(),
      auction: reader.member(AUCTION_KINDS),
      reason: reader.string(),
    }),
  },
  AdvanceSession: {
    code: 17,
    write(writer, command) {
      writer.index(command.instrument, 'instrument');
      writer.member(TRADING_STATUSES, command.status, 'status');
      writer.optionalMember(AUCTION_KINDS, command.auction, 'auction');
      writer.integer(command.scheduledUs, 'scheduledUs');
      writer.string(command.reason, 'reason');
    },
    read: (reader) => ({
      type: 'AdvanceSession',
      instrument: reader.index(),
      status: reader.member(TRADING_STATUSES),
      auction: reader.optionalMember(AUCTION_KINDS),
      scheduledUs: reader.integer(),
      reason: reader.string(),
    }),
  },
  SetTradingCalendar: {
    code: 18,
    write(writer, command) {
      writer.index(command.instrument, 'instrument');
      writer.optionalString(command.calendar, 'calendar');
    },
    read: (reader) => ({
      type: 'SetTradingCalendar',
      instrument: reader.index(),
      calendar: reader.optionalString(),
    }),
  },
  SetMarginTerms: {
    code: 40,
    write(writer, command) {
      writer.index(command.instrument, 'instrument');
      writer.integer(command.initialMarginPpm, 'initialMarginPpm');
      writer.integer(command.maintenanceMarginPpm, 'maintenanceMarginPpm');
      writer.boolean(command.shortSelling);
      writer.string(command.setBy, 'setBy');
    },
    read: (reader) => ({
      type: 'SetMarginTerms',
      instrument: reader.index(),
      initialMarginPpm: reader.integer(),
      maintenanceMarginPpm: reader.integer(),
      shortSelling: reader.boolean(),
      setBy: reader.string(),
    }),
  },
  SetMark: {
    code: 41,
    write(writer, command) {
      writer.index(command.instrument, 'instrument');
      writer.member(MARK_METHODS, command.method, 'method');
      writer.optionalInteger(command.settlementPxTicks, 'settlementPxTicks');
      writer.string(command.setBy, 'setBy');
    },
    read: (reader) => ({
      type: 'SetMark',
      instrument: reader.index(),
      method: reader.member(MARK_METHODS),
      settlementPxTicks: reader.optionalInteger(),
      setBy: reader.string(),
    }),
  },
  PlacePlan: { code: 19, write: writePlacePlan, read: readPlacePlan },
  SetRiskLimits: { code: 60, write: writeRiskLimits, read: readRiskLimits },
  SetKillSwitch: { code: 61, write: writeKillSwitch, read: readKillSwitch },
  SetTierLimits: { code: 62, write: writeTierLimits, read: readTierLimits },
  SetAccountTier: { code: 63, write: writeAccountTier, read: readAccountTier },
  SetAccountState: { code: 64, write: writeAccountState, read: readAccountState },
  PlaceUnderLease: { code: 80, write: writePlaceUnderLease, read: readPlaceUnderLease },
  RenewLeases: { code: 81, write: writeRenewLeases, read: readRenewLeases },
  CancelAllAfter: { code: 82, write: writeCancelAllAfter, read: readCancelAllAfter },
  SetCircuitBreaker: { code: 90, write: writeBreaker, read: readBreaker },
  SetMarketBreaker: { code: 91, write: writeMarketBreaker, read: readMarketBreaker },
  HaltTrading: { code: 92, write: writeHalt, read: readHalt },
  ResumeTrading: { code: 93, write: writeResumption, read: readResumption },
};

type ReadableFormat = Pick<CommandFormat<Command>, 'code' | 'read'>;

/** Types that are written under another code by now: journals of before hold them. */
const FORMER_FORMATS: readonly ReadableFormat[] = [
  { code: 6, read: readFormerRiskLimits },
  { code: 7, read: readFormerKillSwitch },
];

/** Every type of command. */
export const COMMAND_TYPES = Object.keys(FORMATS) as readonly CommandType[];

const FORMAT_BY_CODE: readonly (ReadableFormat | undefined)[] = formatsByCode();

function formatsByCode(): (ReadableFormat | undefined)[] {
  const table: (ReadableFormat | undefined)[] = [];
  const formats = Object.values(FORMATS) as unknown as ReadableFormat[];
  for (const format of [...formats, ...FORMER_FORMATS]) {
    if (table[format.code] !== undefined) throw new RangeError(`two command types have the code ${format.code}`);
    table[format.code] = format;
  }
  return table;
}

/** A command as the journal holds it. */
export interface CommandRecord {
  readonly command: Command;
  /** Position in the command stream, gap-free from 1. */
  readonly sequence: number;
  /** Engine time, microseconds since 1970 UTC. */
  readonly timeUs: number;
}

/**
 * Appends one record to the writer.
 * @throws RangeError when a field can't be written unchanged; the writer is then as it was before
 */
export function encodeCommand(writer: ByteWriter, command: Command, sequence: number, timeUs: number): void {
  const format = FORMATS[command.type] as CommandFormat<Command> | undefined;
  if (format === undefined) throw new RangeError(`type must be a command type, not ${String(command.type)}`);
  const start = writer.position;
  try {
    writer.uint32(0);
    writer.uint8(format.code);
    writer.integer(sequence, 'sequence');
    writer.integer(timeUs, 'timeUs');
    format.write(writer, command);
    writer.patchUint32(start, writer.position - start);
  } catch (error) {
    writer.reset(start);
    throw error;
  }
}

/**
 * Returns the record at the reader's position and moves behind it.
 * @throws FormatError for an unknown type, a record that is too short, too long or cut, or a field outside its range
 */
export function decodeCommand(reader: ByteReader): CommandRecord {
  const start = reader.position;
  const block = reader.limit;
  const length = reader.uint32();
  if (length < HEADER_BYTES) throw new FormatError(`record length ${length} is below ${HEADER_BYTES}`, start);
  reader.limit = start + length;
  const code = reader.uint8();
  const format = FORMAT_BY_CODE[code];
  if (format === undefined) throw new FormatError(`unknown command type ${code}`, start + 4);
  const sequence = reader.integer();
  const timeUs = reader.integer();
  const command = format.read(reader);
  if (reader.remaining !== 0) {
    throw new FormatError(`record of ${command.type} has ${reader.remaining} bytes too many`, reader.position);
  }
  reader.limit = block;
  return { command, sequence, timeUs };
}

/** Returns all records of a block, in order. @throws FormatError as decodeCommand does */
export function decodeCommands(bytes: Uint8Array): CommandRecord[] {
  const reader = new ByteReader(bytes);
  const records: CommandRecord[] = [];
  while (reader.remaining > 0) records.push(decodeCommand(reader));
  return records;
}

function writeSpec(writer: ByteWriter, spec: InstrumentSpec): void {
  writer.string(spec.symbol, 'symbol');
  writer.string(spec.description, 'description');
  writer.string(spec.baseAsset, 'baseAsset');
  writer.string(spec.quoteAsset, 'quoteAsset');
  writer.string(spec.tickSize, 'tickSize');
  writer.string(spec.lotSize, 'lotSize');
  writer.integer(spec.minPriceTicks, 'minPriceTicks');
  writer.integer(spec.maxPriceTicks, 'maxPriceTicks');
  writer.integer(spec.minQtyLots, 'minQtyLots');
  writer.integer(spec.maxQtyLots, 'maxQtyLots');
  writer.integer(spec.makerFeePpm, 'makerFeePpm');
  writer.integer(spec.takerFeePpm, 'takerFeePpm');
  writer.optionalInteger(spec.priceCollarPpm, 'priceCollarPpm');
  writer.integer(spec.referencePxTicks, 'referencePxTicks');
  writer.member(TRADING_STATUSES, spec.initialStatus, 'initialStatus');
  writer.index(spec.allowedSelfTradePrevention.length, 'allowedSelfTradePrevention');
  for (const mode of spec.allowedSelfTradePrevention) {
    writer.member(SELF_TRADE_PREVENTIONS, mode, 'allowedSelfTradePrevention');
  }
}

function readSpec(reader: ByteReader): InstrumentSpec {
  return {
    symbol: reader.string(),
    description: reader.string(),
    baseAsset: reader.string(),
    quoteAsset: reader.string(),
    tickSize: reader.string(),
    lotSize: reader.string(),
    minPriceTicks: reader.integer(),
    maxPriceTicks: reader.integer(),
    minQtyLots: reader.integer(),
    maxQtyLots: reader.integer(),
    makerFeePpm: reader.integer(),
    takerFeePpm: reader.integer(),
    priceCollarPpm: reader.optionalInteger(),
    referencePxTicks: reader.integer(),
    initialStatus: reader.member(TRADING_STATUSES),
    allowedSelfTradePrevention: readModes(reader),
  };
}

function readModes(reader: ByteReader): InstrumentSpec['allowedSelfTradePrevention'] {
  const count = reader.index();
  if (count > reader.remaining) throw new FormatError(`list of ${count} members is cut`, reader.position);
  return Array.from({ length: count }, () => reader.member(SELF_TRADE_PREVENTIONS));
}
