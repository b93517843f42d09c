/**
 * Orders that end with their lease, and the dead-man timer of an account.
 *
 * PlaceUnderLease opens the lease of each order's account, or claims and renews it, and then does what the command within
 * says; an order that a lease can't be had for is refused as LEASE_LIMIT, and so are all that came with it. A key that was used
 * before still gets its first result, under whatever lease: a client that reconnects may ask again.
 * An order keeps its lease through replaces, triggers and auctions. What runs out is canceled before the command at whose time it
 * has: first orders that expire, then leases, the earliest first; of a lease the orders oldest first, then LeaseEnded.
 * Complexity: O(orders of the account) when a lease runs out, O(1) for each order placed and each renewal.
 */
import { LEASED, NIL } from '../matching/order-table.js';
import type { WorkingOrders } from '../matching/working-orders.js';
import type { Lease } from '../risk/leases.js';
import { CANCEL, NONE, REJECT } from '../values/codes.js';
import type { BatchEntry } from './batch-entry.js';
import type { CancelAllAfter, PlaceOrder, PlaceUnderLease, RenewLeases } from './command.js';
import { REQUEST } from './event-buffer.js';
import type { OrderEntry } from './order-entry.js';
import { refusalText } from './refusal-text.js';
import type { ExchangeState } from './state.js';

/** Longest time to which a lease or timer runs at once: 24 h. */
export const MAX_LEASE_US = 86_400_000_000;
/** Most renewals of one RenewLeases. */
export const MAX_RENEWALS = 1_000;
const MAX_ID_LENGTH = 64;

export class LeaseEntry {
  constructor(
    private readonly state: ExchangeState,
    private readonly working: WorkingOrders,
    private readonly entry: OrderEntry,
    private readonly batches: BatchEntry,
  ) {}

  place(command: PlaceUnderLease): void {
    const { entry, batches } = this;
    const inner = command.command;
    const leased = leasedOf(command);
    const reason = this.#hold(command, leased);
    if (reason !== NONE) {
      this.#refuse(command, reason);
      return;
    }
    const { leases } = this.state;
    entry.lessor = (account, order) =>
      inner.type === 'MassQuote' || (order !== null && leased.has(order))
        ? (leases.find(account, command.leaseId)?.row ?? NIL)
        : NIL;
    if (inner.type === 'PlaceOrder') entry.place(inner);
    else if (inner.type === 'PlaceOrders') batches.placeAll(inner);
    else batches.quote(inner);
    entry.lessor = null;
  }

  renew({ renewals }: RenewLeases): void {
    const { leases, accounts, events, timeUs } = this.state;
    const isWrong =
      renewals.length < 1 ||
      renewals.length > MAX_RENEWALS ||
      renewals.some(
        ({ account, leaseId, holder, timeoutUs }) =>
          accounts[account] === undefined ||
          !isId(leaseId) ||
          !isId(holder) ||
          timeoutUs < 0 ||
          timeoutUs > MAX_LEASE_US,
      );
    if (isWrong) {
      this.#refuseRequest(REQUEST.RENEW_LEASES, NONE, REJECT.INVALID_REQUEST);
      return;
    }
    for (const { account, leaseId, holder, timeoutUs, claims } of renewals) {
      const lease = leases.find(account, leaseId);
      if (lease === undefined || (lease.holder !== holder && !claims)) continue;
      if (lease.holder !== holder) {
        lease.holder = holder;
        events.body({ type: 'LeaseHeld', account, leaseId, holder });
      }
      leases.renew(lease, timeUs + timeoutUs);
    }
  }

  cancelAllAfter({ account: index, timeoutUs }: CancelAllAfter): void {
    const { leases, accounts, events, timeUs } = this.state;
    if (accounts[index] === undefined) {
      this.#refuseRequest(REQUEST.CANCEL_ALL_AFTER, NONE, REJECT.UNKNOWN_ACCOUNT);
      return;
    }
    if (timeoutUs < 0 || timeoutUs > MAX_LEASE_US) {
      this.#refuseRequest(REQUEST.CANCEL_ALL_AFTER, index, REJECT.INVALID_REQUEST);
      return;
    }
    const timer = leases.find(index, null);
    if (timeoutUs === 0) {
      if (timer !== undefined) this.#end(timer, false, 0);
    } else if (timer !== undefined) {
      leases.renew(timer, timeUs + timeoutUs);
    } else {
      leases.open(index, null, '', timeUs + timeoutUs);
      events.body({ type: 'LeaseHeld', account: index, leaseId: null, holder: '' });
    }
  }

  /** Cancels what stood under leases that have run out by a time. */
  expireDue(byUs: number): void {
    const { leases } = this.state;
    for (let lease = leases.due(byUs); lease !== null; lease = leases.due(byUs)) {
      this.#end(lease, true, this.#cancelUnder(lease));
    }
  }

  #end(lease: Lease, expired: boolean, canceledCount: number): void {
    const { account, leaseId } = lease;
    this.state.leases.end(lease);
    this.state.events.body({ type: 'LeaseEnded', account, leaseId, expired, canceledCount });
  }

  #cancelUnder({ account: index, leaseId, row }: Lease): number {
    const { orders, accounts } = this.state;
    const account = accounts[index]!;
    if (leaseId === null) return this.entry.cancelWorking(account, NONE, NONE, CANCEL.DISCONNECT);
    let count = 0;
    for (let slot = account.firstOrder; slot !== NIL; ) {
      const next = orders.accountNext[slot]!;
      if ((orders.flags[slot]! & LEASED) !== 0 && orders.lease[slot] === row) {
        this.working.cancel(slot, CANCEL.DISCONNECT);
        count += 1;
      }
      slot = next;
    }
    return count;
  }

  /** Opens or renews the lease of each account that needs it; returns why it can't, with nothing changed. */
  #hold({ leaseId, holder, timeoutUs, leased, command }: PlaceUnderLease, orders: ReadonlySet<PlaceOrder>): number {
    const { leases, accounts, events, timeUs } = this.state;
    if (!isId(leaseId) || !isId(holder) || timeoutUs < 1 || timeoutUs > MAX_LEASE_US) return REJECT.INVALID_REQUEST;
    if (leased !== null && (command.type !== 'PlaceOrders' || leased.length !== command.orders.length)) {
      return REJECT.INVALID_REQUEST;
    }
    const named = command.type === 'MassQuote' ? [command.account] : [...orders].map(({ account }) => account);
    const needed = [...new Set(named)].filter((account) => accounts[account] !== undefined);
    const missing = needed.filter((account) => leases.find(account, leaseId) === undefined);
    if (missing.some((account) => !leases.hasRoom(account, missing.length))) return REJECT.LEASE_LIMIT;
    for (const account of needed) {
      const lease = leases.find(account, leaseId);
      if (lease?.holder !== holder) events.body({ type: 'LeaseHeld', account, leaseId, holder });
      if (lease === undefined) {
        leases.open(account, leaseId, holder, timeUs + timeoutUs);
      } else {
        lease.holder = holder;
        leases.renew(lease, timeUs + timeoutUs);
      }
    }
    return NONE;
  }

  /** Tells all that was to be placed as refused; first results of keys that were used before are told again. */
  #refuse({ command }: PlaceUnderLease, reason: number): void {
    const { entry, batches } = this;
    if (command.type === 'MassQuote') {
      const known = this.state.accounts[command.account] !== undefined;
      this.#refuseRequest(REQUEST.QUOTE, known ? command.account : NONE, reason);
      return;
    }
    const orders = command.type === 'PlaceOrder' ? [command] : command.orders;
    if (command.type === 'PlaceOrders' && batches.isBatchWrong(command)) return;
    for (const order of orders) {
      entry.clearCheck();
      if (entry.isRepeat(order)) entry.tellRepeat(order);
      else entry.rejectUnplaced(order, reason);
    }
  }

  #refuseRequest(request: number, account: number, reason: number): void {
    const text = refusalText(reason);
    const nothing = Number.NaN;
    this.state.events.refusal(request, account, NONE, null, reason, text, nothing, nothing, nothing);
  }
}

/** Orders of the command that are to come under the lease. */
function leasedOf({ leased, command }: PlaceUnderLease): ReadonlySet<PlaceOrder> {
  if (command.type === 'MassQuote') return new Set();
  if (command.type === 'PlaceOrder') return new Set([command]);
  return new Set(command.orders.filter((_order, place) => leased === null || leased[place] === true));
}

function isId(text: string): boolean {
  return text.length >= 1 && text.length <= MAX_ID_LENGTH;
}
