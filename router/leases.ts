/**
 * Order leases of sockets: as long as a socket that has orders under its lease is open, the orders subgraph hears of it each
 * second; when it closes, its grace begins at once. What kills the router, a subgraph or the engine ends what is heard, and the
 * leases run out by engine time: LIVE_MS and the grace after they were renewed last.
 *
 * A socket asks for it in connection_init, `{ "cancelOnDisconnect": { "graceMs": 2000, "leaseId": "desk-1" } }` (or `true`), for
 * all of its orders, or order by order. Who connects again under the same leaseId within the grace keeps his orders.
 * A socket is heard of from its first mutation on orders on, or from the start where it asked for it.
 */
import { randomUUID } from 'node:crypto';
import { type ExecutionResult, execute, parse } from 'graphql';
import type { ConnectionLease, RequestContext } from '../src/graphql/context.js';
import type { Log } from '../src/ports/log.js';
import { describeError } from './errors.js';
import type { LocalSubgraph } from './fast-path.js';

/** Longest grace, ms. */
export const MAX_GRACE_MS = 600_000;
/** Grace where a client names none, ms. */
const DEFAULT_GRACE_MS = 5_000;
/** Pause between two renewals, ms. */
const RENEW_MS = 1_000;
/** Most leases told in one operation. */
const MAX_RENEWALS = 500;
const LEASE_ID = /^[\x21-\x7e]{1,64}$/;

/** connection_init asks for a lease that there can't be; the message is for the client. */
export class LeaseTermsError extends Error {
  override readonly name = 'LeaseTermsError';
}

/** One lease as the orders subgraph is told of it. */
interface Renewal {
  readonly userId: string;
  readonly leaseId: string;
  readonly holder: string;
  readonly graceMs: number;
  readonly claims: boolean;
  readonly isOpen: boolean;
}

/** Whose orders the lease holds. */
export interface LeaseOwner {
  readonly userId: string;
  readonly lease: ConnectionLease;
}

/**
 * Returns the lease of a new socket.
 * @param parameters payload of connection_init
 * @throws LeaseTermsError
 */
export function leaseOf(parameters: Readonly<Record<string, unknown>> | undefined): ConnectionLease {
  const given = parameters?.cancelOnDisconnect ?? false;
  const terms = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};
  const { graceMs = DEFAULT_GRACE_MS, leaseId = randomUUID(), ...others } = terms as Record<string, unknown>;
  if (typeof given !== 'boolean' && terms !== given) {
    throw new LeaseTermsError('cancelOnDisconnect: true, false or {"graceMs", "leaseId"}');
  }
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new LeaseTermsError('cancelOnDisconnect: takes graceMs and leaseId only');
  if (!Number.isSafeInteger(graceMs) || (graceMs as number) < 0 || (graceMs as number) > MAX_GRACE_MS) {
    throw new LeaseTermsError(`cancelOnDisconnect.graceMs: a whole number from 0 to ${MAX_GRACE_MS}`);
  }
  if (typeof leaseId !== 'string' || !LEASE_ID.test(leaseId)) {
    throw new LeaseTermsError('cancelOnDisconnect.leaseId: 1 to 64 printable ASCII characters without spaces');
  }
  return { leaseId, holder: randomUUID(), graceMs: graceMs as number, allOrders: given !== false };
}

export class LeaseKeeper {
  readonly #held = new Map<string, LeaseOwner>();
  readonly #telling = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #isRenewing = false;

  /** @param subgraphs those that are served now */
  constructor(
    private readonly subgraphs: () => readonly LocalSubgraph[],
    private readonly log: Log,
  ) {}

  /** Sockets that are heard of. */
  get size(): number {
    return this.#held.size;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#renew(), RENEW_MS);
    this.#timer.unref();
  }

  /** Takes the lease over from an older socket of the user, so that its orders stay. */
  async claim(owner: LeaseOwner): Promise<void> {
    this.hold(owner);
    await this.#tell([renewalOf(owner, { claims: true, isOpen: true })]);
  }

  /** Lets the lease be renewed from now on. */
  hold(owner: LeaseOwner): void {
    this.#held.set(owner.lease.holder, owner);
  }

  /** Lets the grace begin. */
  release(owner: LeaseOwner): void {
    if (this.#held.delete(owner.lease.holder)) void this.#tell([renewalOf(owner, { claims: false, isOpen: false })]);
  }

  /** Renews nothing any more, and waits for what is being told. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#telling);
  }

  async #renew(): Promise<void> {
    // A renewal that is late is not queued behind: the next one tells the same.
    if (this.#isRenewing || this.#held.size === 0) return;
    this.#isRenewing = true;
    const renewals = [...this.#held.values()].map((owner) => renewalOf(owner, { claims: false, isOpen: true }));
    for (let at = 0; at < renewals.length; at += MAX_RENEWALS) await this.#tell(renewals.slice(at, at + MAX_RENEWALS));
    this.#isRenewing = false;
  }

  /** Never rejects: a lease that nobody hears of runs out. */
  #tell(leases: readonly Renewal[]): Promise<void> {
    const telling = this.#send(leases)
      .catch((error: unknown) => this.log('warn', 'leases were not renewed', { error: describeError(error) }))
      .finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
    return telling;
  }

  async #send(leases: readonly Renewal[]): Promise<void> {
    const subgraph = this.subgraphs().find(({ schema }) => schema.getMutationType()?.getFields().renewLeases);
    if (subgraph === undefined) return;
    const context: RequestContext = { identity: null, requestId: 'leases', isRouter: true };
    const variables = { leases };
    const { schema } = subgraph;
    const result = (await (subgraph.execute === undefined
      ? execute({ schema, document: RENEW, variableValues: variables, contextValue: context })
      : subgraph.execute({ document: RENEW, operationName: undefined, variables, context }))) as ExecutionResult;
    if (result.errors?.[0] !== undefined) throw result.errors[0];
  }
}

const RENEW = parse('mutation RenewLeases($leases: [LeaseRenewalInput!]!) { renewLeases(leases: $leases) }');

function renewalOf({ userId, lease }: LeaseOwner, how: Pick<Renewal, 'claims' | 'isOpen'>): Renewal {
  const { leaseId, holder, graceMs } = lease;
  return { userId, leaseId, holder, graceMs, ...how };
}
