/** Fields of the commands of circuit breakers and halts as `command-codec.ts` keeps them. */
import type { BreakerTerms } from '../breaker/breaker-terms.js';
import { type ByteReader, FormatError } from '../values/byte-reader.js';
import type { ByteWriter } from '../values/byte-writer.js';
import type { HaltTrading, ResumeTrading, SetCircuitBreaker, SetMarketBreaker } from './command.js';

export function writeBreaker(writer: ByteWriter, command: SetCircuitBreaker): void {
  writer.index(command.instrument, 'instrument');
  writeTerms(writer, command.terms);
  writer.string(command.setBy, 'setBy');
}

export function readBreaker(reader: ByteReader): SetCircuitBreaker {
  return {
    type: 'SetCircuitBreaker',
    instrument: reader.index(),
    terms: readTerms(reader),
    setBy: reader.string(),
  };
}

export function writeMarketBreaker(writer: ByteWriter, command: SetMarketBreaker): void {
  writer.index(command.instruments.length, 'instruments');
  for (const instrument of command.instruments) writer.index(instrument, 'instruments');
  writeTerms(writer, command.terms);
  writer.string(command.setBy, 'setBy');
}

export function readMarketBreaker(reader: ByteReader): SetMarketBreaker {
  const count = reader.index();
  if (count > reader.remaining) throw new FormatError(`list of ${count} instruments is cut`, reader.position);
  return {
    type: 'SetMarketBreaker',
    instruments: Array.from({ length: count }, () => reader.index()),
    terms: readTerms(reader),
    setBy: reader.string(),
  };
}

export function writeHalt(writer: ByteWriter, command: HaltTrading): void {
  writer.optionalIndex(command.instrument, 'instrument');
  writer.boolean(command.queuesOrders);
  writer.string(command.reason, 'reason');
  writer.string(command.setBy, 'setBy');
}

export function readHalt(reader: ByteReader): HaltTrading {
  return {
    type: 'HaltTrading',
    instrument: reader.optionalIndex(),
    queuesOrders: reader.boolean(),
    reason: reader.string(),
    setBy: reader.string(),
  };
}

export function writeResumption(writer: ByteWriter, command: ResumeTrading): void {
  writer.optionalIndex(command.instrument, 'instrument');
  writer.integer(command.auctionUs, 'auctionUs');
  writer.string(command.reason, 'reason');
  writer.string(command.setBy, 'setBy');
}

export function readResumption(reader: ByteReader): ResumeTrading {
  return {
    type: 'ResumeTrading',
    instrument: reader.optionalIndex(),
    auctionUs: reader.integer(),
    reason: reader.string(),
    setBy: reader.string(),
  };
}

function writeTerms(writer: ByteWriter, terms: BreakerTerms | null): void {
  writer.boolean(terms !== null);
  if (terms === null) return;
  writer.integer(terms.movePpm, 'movePpm');
  writer.integer(terms.windowUs, 'windowUs');
  writer.integer(terms.cooldownUs, 'cooldownUs');
  writer.integer(terms.auctionUs, 'auctionUs');
  writer.boolean(terms.queuesOrders);
}

function readTerms(reader: ByteReader): BreakerTerms | null {
  if (!reader.boolean()) return null;
  return {
    movePpm: reader.integer(),
    windowUs: reader.integer(),
    cooldownUs: reader.integer(),
    auctionUs: reader.integer(),
    queuesOrders: reader.boolean(),
  };
}
