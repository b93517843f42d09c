/** Fields of the commands of leases as `command-codec.ts` keeps them. */
import { type ByteReader, FormatError } from '../values/byte-reader.js';
import type { ByteWriter } from '../values/byte-writer.js';
import type { CancelAllAfter, LeasableCommand, PlaceUnderLease, RenewLeases } from './command.js';
import {
  readList,
  readMassQuote,
  readPlaceOrder,
  readPlaceOrders,
  writeMassQuote,
  writePlaceOrder,
  writePlaceOrders,
} from './order-codec.js';

/** What may stand under a lease; a member's position is its code, so the list only grows at its end. */
const LEASABLE = ['PlaceOrder', 'PlaceOrders', 'MassQuote'] as const satisfies readonly LeasableCommand['type'][];

export function writePlaceUnderLease(writer: ByteWriter, command: PlaceUnderLease): void {
  writer.string(command.leaseId, 'leaseId');
  writer.string(command.holder, 'holder');
  writer.integer(command.timeoutUs, 'timeoutUs');
  writer.boolean(command.leased !== null);
  if (command.leased !== null) {
    writer.index(command.leased.length, 'leased');
    for (const each of command.leased) writer.boolean(each);
  }
  const inner = command.command;
  writer.member(LEASABLE, inner.type, 'command');
  if (inner.type === 'PlaceOrder') writePlaceOrder(writer, inner);
  else if (inner.type === 'PlaceOrders') writePlaceOrders(writer, inner);
  else writeMassQuote(writer, inner);
}

export function readPlaceUnderLease(reader: ByteReader): PlaceUnderLease {
  return {
    type: 'PlaceUnderLease',
    leaseId: reader.string(),
    holder: reader.string(),
    timeoutUs: reader.integer(),
    leased: reader.boolean() ? readList(reader, () => reader.boolean()) : null,
    command: readLeasable(reader),
  };
}

function readLeasable(reader: ByteReader): LeasableCommand {
  const type = reader.member(LEASABLE);
  switch (type) {
    case 'PlaceOrder':
      return readPlaceOrder(reader);
    case 'PlaceOrders':
      return readPlaceOrders(reader);
    case 'MassQuote':
      return readMassQuote(reader);
    default:
      throw new FormatError(`nothing under a lease is named ${String(type)}`, reader.position);
  }
}

export function writeRenewLeases(writer: ByteWriter, { renewals }: RenewLeases): void {
  writer.index(renewals.length, 'renewals');
  for (const { account, leaseId, holder, timeoutUs, claims } of renewals) {
    writer.index(account, 'account');
    writer.string(leaseId, 'leaseId');
    writer.string(holder, 'holder');
    writer.integer(timeoutUs, 'timeoutUs');
    writer.boolean(claims);
  }
}

export function readRenewLeases(reader: ByteReader): RenewLeases {
  const renewals = readList(reader, () => ({
    account: reader.index(),
    leaseId: reader.string(),
    holder: reader.string(),
    timeoutUs: reader.integer(),
    claims: reader.boolean(),
  }));
  return { type: 'RenewLeases', renewals };
}

export function writeCancelAllAfter(writer: ByteWriter, { account, timeoutUs }: CancelAllAfter): void {
  writer.index(account, 'account');
  writer.integer(timeoutUs, 'timeoutUs');
}

export function readCancelAllAfter(reader: ByteReader): CancelAllAfter {
  return { type: 'CancelAllAfter', account: reader.index(), timeoutUs: reader.integer() };
}
