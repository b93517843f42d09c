/** Fields of the commands of risk policy as `command-codec.ts` keeps them. */
import type { ByteReader } from '../values/byte-reader.js';
import type { ByteWriter } from '../values/byte-writer.js';
import { ACCOUNT_STATES } from '../values/vocabulary.js';
import type {
  RiskLimitValues,
  SetAccountState,
  SetAccountTier,
  SetKillSwitch,
  SetRiskLimits,
  SetTierLimits,
} from './command.js';

export function writeRiskLimits(writer: ByteWriter, command: SetRiskLimits): void {
  writer.index(command.account, 'account');
  writer.optionalIndex(command.instrument, 'instrument');
  writeLimits(writer, command.limits);
  writer.string(command.setBy, 'setBy');
}

export function readRiskLimits(reader: ByteReader): SetRiskLimits {
  return {
    type: 'SetRiskLimits',
    account: reader.index(),
    instrument: reader.optionalIndex(),
    limits: readLimits(reader),
    setBy: reader.string(),
  };
}

export function writeTierLimits(writer: ByteWriter, command: SetTierLimits): void {
  writer.string(command.tier, 'tier');
  writeLimits(writer, command.limits);
  writer.string(command.setBy, 'setBy');
}

export function readTierLimits(reader: ByteReader): SetTierLimits {
  return { type: 'SetTierLimits', tier: reader.string(), limits: readLimits(reader), setBy: reader.string() };
}

export function writeAccountTier(writer: ByteWriter, command: SetAccountTier): void {
  writer.index(command.account, 'account');
  writer.optionalString(command.tier, 'tier');
  writer.string(command.setBy, 'setBy');
}

export function readAccountTier(reader: ByteReader): SetAccountTier {
  return { type: 'SetAccountTier', account: reader.index(), tier: reader.optionalString(), setBy: reader.string() };
}

export function writeAccountState(writer: ByteWriter, command: SetAccountState): void {
  writer.index(command.account, 'account');
  writer.member(ACCOUNT_STATES, command.state, 'state');
  writer.string(command.reason, 'reason');
  writer.string(command.setBy, 'setBy');
}

export function readAccountState(reader: ByteReader): SetAccountState {
  return {
    type: 'SetAccountState',
    account: reader.index(),
    state: reader.member(ACCOUNT_STATES),
    reason: reader.string(),
    setBy: reader.string(),
  };
}

export function writeKillSwitch(writer: ByteWriter, command: SetKillSwitch): void {
  writer.optionalIndex(command.account, 'account');
  writer.optionalIndex(command.instrument, 'instrument');
  writer.boolean(command.engaged);
  writer.boolean(command.allowReduceOnly);
  writer.string(command.reason, 'reason');
  writer.string(command.setBy, 'setBy');
}

export function readKillSwitch(reader: ByteReader): SetKillSwitch {
  return {
    type: 'SetKillSwitch',
    account: reader.optionalIndex(),
    instrument: reader.optionalIndex(),
    engaged: reader.boolean(),
    allowReduceOnly: reader.boolean(),
    reason: reader.string(),
    setBy: reader.string(),
  };
}

/** Limits of an account without symbol, net exposure and rate of cancels, as once written. */
export function readFormerRiskLimits(reader: ByteReader): SetRiskLimits {
  return {
    type: 'SetRiskLimits',
    account: reader.index(),
    instrument: null,
    limits: {
      maxOrderQtyE8: reader.optionalInteger(),
      maxOrderNotionalE6: reader.optionalInteger(),
      maxPositionQtyE8: reader.optionalInteger(),
      maxGrossExposureE6: reader.optionalInteger(),
      maxNetExposureE6: null,
      maxOpenOrders: reader.optionalInteger(),
      maxDailyLossE6: reader.optionalInteger(),
      maxOrdersPerSecond: reader.optionalInteger(),
      maxCancelsPerSecond: null,
      priceCollarPpm: reader.optionalInteger(),
    },
    setBy: reader.string(),
  };
}

/** The switch of an account, as once written. */
export function readFormerKillSwitch(reader: ByteReader): SetKillSwitch {
  return {
    type: 'SetKillSwitch',
    account: reader.index(),
    instrument: null,
    engaged: reader.boolean(),
    allowReduceOnly: false,
    reason: '',
    setBy: reader.string(),
  };
}

function writeLimits(writer: ByteWriter, limits: RiskLimitValues): void {
  writer.optionalInteger(limits.maxOrderQtyE8, 'maxOrderQtyE8');
  writer.optionalInteger(limits.maxOrderNotionalE6, 'maxOrderNotionalE6');
  writer.optionalInteger(limits.maxPositionQtyE8, 'maxPositionQtyE8');
  writer.optionalInteger(limits.maxGrossExposureE6, 'maxGrossExposureE6');
  writer.optionalInteger(limits.maxNetExposureE6, 'maxNetExposureE6');
  writer.optionalInteger(limits.maxOpenOrders, 'maxOpenOrders');
  writer.optionalInteger(limits.maxDailyLossE6, 'maxDailyLossE6');
  writer.optionalInteger(limits.maxOrdersPerSecond, 'maxOrdersPerSecond');
  writer.optionalInteger(limits.maxCancelsPerSecond, 'maxCancelsPerSecond');
  writer.optionalInteger(limits.priceCollarPpm, 'priceCollarPpm');
}

function readLimits(reader: ByteReader): RiskLimitValues {
  return {
    maxOrderQtyE8: reader.optionalInteger(),
    maxOrderNotionalE6: reader.optionalInteger(),
    maxPositionQtyE8: reader.optionalInteger(),
    maxGrossExposureE6: reader.optionalInteger(),
    maxNetExposureE6: reader.optionalInteger(),
    maxOpenOrders: reader.optionalInteger(),
    maxDailyLossE6: reader.optionalInteger(),
    maxOrdersPerSecond: reader.optionalInteger(),
    maxCancelsPerSecond: reader.optionalInteger(),
    priceCollarPpm: reader.optionalInteger(),
  };
}
