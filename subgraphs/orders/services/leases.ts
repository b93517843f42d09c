/** Orders that end with their connection, and the dead-man timer of an account. */
import type { LeasableCommand, LeaseRenewal, PlaceUnderLease } from '../../../src/core/exchange/command.js';
import { canTradeAccount } from '../../../src/graphql/authorization.js';
import type { ConnectionLease, Identity, RequestContext } from '../../../src/graphql/context.js';
import { badUserInput, forbidden, unknownAccount, withClientErrors } from '../../../src/graphql/errors.js';
import type { EngineClient } from '../../../src/ports/engine-client.js';
import type { OrdersView } from '../events.js';
import type { LeaseRenewalInput } from '../types/leases.js';
import { find } from './outcomes.js';

/** Time for which a lease lives beyond its grace where nothing is heard: several renewals of the router, ms. */
const LIVE_MS = 5_000;
/** Most renewals of one command. */
const MAX_RENEWALS = 1_000;
export const MIN_TIMER_MS = 100;
export const MAX_TIMER_MS = 86_400_000;

/** Why an order can't end with a connection. */
export const NO_CONNECTION =
  'an HTTP request has no connection to end with; send the order over a WebSocket (graphql-transport-ws at /graphql), or let ' +
  'cancelAllAfter watch over the account';

/**
 * Returns the lease that an order comes under; null for none, 'NO_CONNECTION' where it asks for one that can't be.
 * @param asked cancelOnDisconnect of the order
 */
export function leaseFor(
  asked: boolean | null | undefined,
  { connection }: RequestContext,
): ConnectionLease | null | 'NO_CONNECTION' {
  if (asked === true && connection === undefined) return 'NO_CONNECTION';
  return connection !== undefined && (asked ?? connection.allOrders) ? connection : null;
}

/** @param leased which orders of a batch; null = all */
export function underLease(
  { leaseId, holder, graceMs }: ConnectionLease,
  command: LeasableCommand,
  leased: readonly boolean[] | null = null,
): PlaceUnderLease {
  return { type: 'PlaceUnderLease', leaseId, holder, timeoutUs: (graceMs + LIVE_MS) * 1_000, leased, command };
}

export class Leases {
  constructor(
    private readonly engine: EngineClient,
    private readonly view: OrdersView,
  ) {}

  /** Tells the engine which leases live on. Leases of nobody's orders are left out, so that idle sockets cost nothing. */
  async renew(leases: readonly LeaseRenewalInput[], { isRouter }: RequestContext): Promise<number> {
    if (isRouter !== true) throw forbidden('the platform itself');
    const renewals = leases.flatMap((lease) => this.#renewalsOf(lease));
    for (let at = 0; at < renewals.length; at += MAX_RENEWALS) {
      const some = renewals.slice(at, at + MAX_RENEWALS);
      await withClientErrors(this.engine.submit({ type: 'RenewLeases', renewals: some }));
    }
    return renewals.length;
  }

  /** Starts, renews or stops the timer; returns when it runs out, microseconds since 1970 UTC; null = stopped. */
  async cancelAllAfter(accountId: string, timeoutMs: number, identity: Identity): Promise<number | null> {
    const account = this.view.reference.accountById(accountId);
    if (account === undefined || !canTradeAccount(identity, account)) throw unknownAccount(accountId);
    if (timeoutMs !== 0 && (timeoutMs < MIN_TIMER_MS || timeoutMs > MAX_TIMER_MS)) {
      throw badUserInput(
        'timeoutMs',
        `is ${timeoutMs}; 0 stops the timer, ${MIN_TIMER_MS} to ${MAX_TIMER_MS} start it`,
      );
    }
    const timeoutUs = timeoutMs * 1_000;
    const command = { type: 'CancelAllAfter' as const, account: account.account, timeoutUs };
    const outcome = await withClientErrors(this.engine.submit(command));
    const refused = find(outcome, 'RequestRejected');
    if (refused !== undefined) throw badUserInput('timeoutMs', refused.text);
    return timeoutMs === 0 ? null : outcome.timeUs + timeoutUs;
  }

  #renewalsOf({ userId, leaseId, holder, graceMs, isOpen, claims }: LeaseRenewalInput): LeaseRenewal[] {
    const accounts = this.view.accountsUnder(leaseId);
    const timeoutUs = (isOpen ? graceMs + LIVE_MS : graceMs) * 1_000;
    return accounts
      .filter((account) => this.view.reference.accountAt(account).ownerId === userId)
      .map((account) => ({ account, leaseId, holder, timeoutUs, claims }));
  }
}
