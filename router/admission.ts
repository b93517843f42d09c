/**
 * Admission: whether an operation that is valid may run now. Its cost is held against the limit, its caller's rate against
 * the quota of its class; what both come to is told with the answer.
 */
import type { Identity } from '../src/graphql/context.js';
import { evaluate } from './cost/operation-cost.js';
import { type FormattedResult, RequestError, routerError } from './errors.js';
import type { CompiledOperation, Variables } from './operations.js';
import type { Decision, Quota } from './rate-limits/rate-limiter.js';
import type { Serving } from './serving.js';

/** Who asks, as quotas count. */
export interface Caller {
  readonly identity: Identity | null;
  /** See clientAddress. */
  readonly address: string;
}

export interface Admitted {
  readonly cost: number;
  readonly quota: Quota;
}

/** The caller has used up its quota. */
export class RateLimitedError extends RequestError {
  readonly decision: Decision;

  constructor(decision: Decision) {
    super([rateLimited(decision)]);
    this.decision = decision;
  }
}

function rateLimited({ quota, retryAfterMs }: Decision) {
  const { rateClass, limit, windowMs } = quota;
  return routerError(
    'RATE_LIMITED',
    `more than ${limit} operations (${rateClass}) within ${windowMs} ms: send this again in ${retryAfterMs} ms`,
    { rateClass, limit, windowMs, remaining: quota.remaining, retryAfterMs },
  );
}

/** @throws RequestError when the operation costs too much; @throws RateLimitedError */
export function admit(
  { operations, rateLimiter, audit, metrics }: Serving,
  operation: CompiledOperation,
  variables: Variables,
  caller: Caller,
): Admitted | Promise<Admitted> {
  if (operation.mutationFields.length > 0 && audit?.refuses === true) {
    const problem = 'mutations are refused until the audit log can be written again: nothing was executed';
    throw new RequestError([routerError('AUDIT_UNAVAILABLE', problem)]);
  }
  const cost = operations.costOf(operation, variables);
  const decision = rateLimiter.take(keyOf(caller), operation.rateClass, evaluate(operation.weight, variables));
  const settle = (made: Decision) => {
    if (made.retryAfterMs > 0) metrics.rateLimited(made.quota.rateClass);
    else metrics.admitted(operation.type, cost);
    return admitted(cost, made);
  };
  return decision instanceof Promise ? decision.then(settle) : settle(decision);
}

function admitted(cost: number, decision: Decision): Admitted {
  if (decision.retryAfterMs > 0) throw new RateLimitedError(decision);
  return { cost, quota: decision.quota };
}

function keyOf({ identity, address }: Caller): string {
  return identity === null ? addressKey(address) : `user:${identity.userId}`;
}

function addressKey(address: string): string {
  return `ip:${address}`;
}

/**
 * Counts a request that was refused unread or unproven, so that guessing and garbage have an end.
 * @param refused what it was refused with, where it was read
 * @throws RateLimitedError
 */
export async function countRefusal(
  { rateLimiter }: Serving,
  address: string,
  refused: RequestError | null = null,
): Promise<void> {
  const decision = await rateLimiter.take(addressKey(address), 'refusals', 1);
  if (decision.retryAfterMs <= 0) return;
  const limited = new RateLimitedError(decision);
  limited.mutationFields = refused?.mutationFields ?? [];
  throw limited;
}

/** Refuses an address with too many refusals behind it, before its next document is parsed. @throws RateLimitedError */
export function checkRefusals({ rateLimiter }: Serving, address: string): void {
  const decision = rateLimiter.refusal(addressKey(address), 'refusals');
  if (decision !== null) throw new RateLimitedError(decision);
}

/** Returns the result with what the operation cost and what is left of the quota. */
export function withAdmission(result: FormattedResult, { cost, quota }: Admitted, maxCost: number): FormattedResult {
  const { rateClass, limit, remaining, resetMs } = quota;
  return {
    ...result,
    extensions: {
      ...result.extensions,
      cost: { estimated: cost, max: maxCost },
      rateLimit: { rateClass, limit, remaining, resetMs },
    },
  };
}

/** Returns the quota as HTTP headers (draft-ietf-httpapi-ratelimit-headers), in seconds. */
export function quotaHeaders({ limit, remaining, resetMs, windowMs }: Quota): Record<string, string> {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-policy': `${limit};w=${Math.ceil(windowMs / 1000)}`,
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(Math.ceil(resetMs / 1000)),
  };
}
