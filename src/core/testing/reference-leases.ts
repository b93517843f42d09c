/** Leases in the reference exchange. */
import type { CancelAllAfter, LeaseRenewal, PlaceOrder, PlaceUnderLease, RenewLeases } from '../exchange/command.js';
import {
  type BatchVenue,
  keyOf,
  massQuote,
  placeAll,
  rejectUnplaced,
  tellRepeat,
  wrongCount,
} from './reference-batches.js';
import type { ReferenceCore } from './reference-core.js';
import { refusalFor } from './reference-rules.js';
import type { ReferenceLease } from './reference-state.js';

const DAY_US = 24 * 3600 * 1_000_000;

export function placeUnderLease(exchange: BatchVenue, given: PlaceUnderLease): void {
  const { command } = given;
  const reason = hold(exchange, given);
  if (reason === null) {
    exchange.lessor = given;
    if (command.type === 'PlaceOrder') exchange.place(command);
    else if (command.type === 'PlaceOrders') placeAll(exchange, command);
    else massQuote(exchange, command);
    exchange.lessor = null;
  } else if (command.type === 'MassQuote') {
    const known = exchange.state.accounts[command.account] !== undefined;
    exchange.refuse({ request: 'MassQuote', account: known ? command.account : null }, refusalFor(reason));
  } else {
    const orders = command.type === 'PlaceOrder' ? [command] : command.orders;
    const wrong = wrongCount(orders.length, 100);
    if (wrong !== null) exchange.refuse({ request: 'PlaceOrders', account: null }, wrong);
    else for (const order of orders) refuseOne(exchange, order, reason);
  }
}

function refuseOne(exchange: BatchVenue, order: PlaceOrder, reason: 'INVALID_REQUEST' | 'LEASE_LIMIT'): void {
  const seen = order.clOrdId === null ? undefined : keyOf(exchange, order);
  if (seen !== undefined && seen.input === JSON.stringify(order)) tellRepeat(exchange, order);
  else rejectUnplaced(exchange, order, refusalFor(reason));
}

function hold(exchange: BatchVenue, given: PlaceUnderLease): 'INVALID_REQUEST' | 'LEASE_LIMIT' | null {
  const { state } = exchange;
  const { leaseId, holder, timeoutUs, leased, command } = given;
  if (!isId(leaseId) || !isId(holder) || timeoutUs < 1 || timeoutUs > DAY_US) return 'INVALID_REQUEST';
  if (leased !== null && (command.type !== 'PlaceOrders' || leased.length !== command.orders.length)) {
    return 'INVALID_REQUEST';
  }
  const accounts = new Set<number>();
  if (command.type === 'MassQuote' || command.type === 'PlaceOrder') accounts.add(command.account);
  else for (const [place, { account }] of command.orders.entries()) if (leased?.[place] ?? true) accounts.add(account);
  const known = [...accounts].filter((account) => state.accounts[account] !== undefined);
  const missing = known.filter((account) => find(exchange, account, leaseId) === undefined);
  const isFull = (account: number) =>
    state.leases.filter((lease) => lease.account === account && lease.leaseId !== null).length >= 64;
  if (missing.some(isFull)) return 'LEASE_LIMIT';
  for (const account of known) {
    const lease = find(exchange, account, leaseId);
    if (lease?.holder !== holder) exchange.tell({ type: 'LeaseHeld', account, leaseId, holder });
    if (lease === undefined) open(exchange, account, leaseId, holder, state.timeUs + timeoutUs);
    else Object.assign(lease, { holder, expiresUs: state.timeUs + timeoutUs });
  }
  return null;
}

export function renewLeases(exchange: ReferenceCore, { renewals }: RenewLeases): void {
  const { state } = exchange;
  const isWrong = ({ account, leaseId, holder, timeoutUs }: LeaseRenewal) =>
    state.accounts[account] === undefined || !isId(leaseId) || !isId(holder) || timeoutUs < 0 || timeoutUs > DAY_US;
  if (renewals.length < 1 || renewals.length > 1_000 || renewals.some(isWrong)) {
    exchange.refuse({ request: 'RenewLeases', account: null }, refusalFor('INVALID_REQUEST'));
    return;
  }
  for (const { account, leaseId, holder, timeoutUs, claims } of renewals) {
    const lease = find(exchange, account, leaseId);
    if (lease === undefined) continue;
    if (lease.holder !== holder) {
      if (!claims) continue;
      exchange.tell({ type: 'LeaseHeld', account, leaseId, holder });
    }
    Object.assign(lease, { holder, expiresUs: state.timeUs + timeoutUs });
  }
}

export function cancelAllAfter(exchange: ReferenceCore, { account, timeoutUs }: CancelAllAfter): void {
  const { state } = exchange;
  if (state.accounts[account] === undefined) {
    exchange.refuse({ request: 'CancelAllAfter', account: null }, refusalFor('UNKNOWN_ACCOUNT'));
    return;
  }
  if (timeoutUs < 0 || timeoutUs > DAY_US) {
    exchange.refuse({ request: 'CancelAllAfter', account }, refusalFor('INVALID_REQUEST'));
    return;
  }
  const timer = find(exchange, account, null);
  if (timeoutUs === 0) {
    if (timer === undefined) return;
    state.leases = state.leases.filter((lease) => lease !== timer);
    exchange.tell({ type: 'LeaseEnded', account, leaseId: null, expired: false, canceledCount: 0 });
  } else if (timer === undefined) {
    open(exchange, account, null, '', state.timeUs + timeoutUs);
    exchange.tell({ type: 'LeaseHeld', account, leaseId: null, holder: '' });
  } else {
    timer.expiresUs = state.timeUs + timeoutUs;
  }
}

export function expireLeases(exchange: ReferenceCore, byUs: number): void {
  const { state } = exchange;
  const due = state.leases
    .filter(({ expiresUs }) => expiresUs <= byUs)
    .sort((a, b) => a.expiresUs - b.expiresUs || a.row - b.row);
  for (const lease of due) {
    const { account, leaseId, row } = lease;
    const orders = state.ordersOf(account).filter((order) => leaseId === null || order.lease === row);
    const told = exchange.events.length;
    // One that is linked to another may have ended with it.
    for (const order of orders) if (order.leaves > 0) exchange.cancel(order, 'DISCONNECT');
    const canceledCount = exchange.events.length - told;
    state.leases = state.leases.filter((other) => other !== lease);
    exchange.tell({ type: 'LeaseEnded', account, leaseId, expired: true, canceledCount });
  }
}

function find({ state }: ReferenceCore, account: number, leaseId: string | null): ReferenceLease | undefined {
  return state.leases.find((lease) => lease.account === account && lease.leaseId === leaseId);
}

function open(
  { state }: ReferenceCore,
  account: number,
  leaseId: string | null,
  holder: string,
  expiresUs: number,
): void {
  let row = 0;
  while (state.leases.some((lease) => lease.row === row)) row += 1;
  state.leases.push({ row, account, leaseId, holder, expiresUs });
}

function isId(text: string): boolean {
  return text.length >= 1 && text.length <= 64;
}
