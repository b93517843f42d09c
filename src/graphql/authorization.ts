/**
 * Who may do what. Nothing is allowed unless a check here says so: `@Authorized(scope)` on the schema first, then the
 * account's ownership in the service, also for entity lookups and each subscription.
 *
 * | on an account | needs |
 * |---|---|
 * | read | its owner, or scope risk:write or admin |
 * | trade | its owner, with scope orders:write |
 */
import type { AuthCheckerFn } from 'type-graphql';
import type { AccountEntry } from '../core/exchange/reference-data.js';
import type { Identity, RequestContext, Scope } from './context.js';
import { forbidden, unauthenticated } from './errors.js';

/** @throws GraphQLError UNAUTHENTICATED when the caller is nobody */
export function requireIdentity(context: RequestContext): Identity {
  if (context.identity === null) throw unauthenticated();
  return context.identity;
}

/**
 * Returns the caller when one of the scopes is held.
 * @throws GraphQLError UNAUTHENTICATED or FORBIDDEN
 */
export function requireScope(context: RequestContext, ...anyOf: readonly Scope[]): Identity {
  const identity = requireIdentity(context);
  for (const scope of anyOf) if (identity.scopes.has(scope)) return identity;
  throw forbidden(`scope ${anyOf.join(' or ')}`);
}

/**
 * Market data is everybody's unless the operator closed it.
 * @throws GraphQLError UNAUTHENTICATED or FORBIDDEN where it is closed and the caller lacks market:read
 */
export function requireMarketRead(context: RequestContext): void {
  if (context.marketDataClosed === true) requireScope(context, 'market:read');
}

/** Tells whether the caller sees every account: risk officers and administrators. */
export function canReadEveryAccount(identity: Identity): boolean {
  return identity.scopes.has('risk:write') || identity.scopes.has('admin');
}

/** Tells whether the caller may see the account, its orders, fills, balances and positions. */
export function canReadAccount(identity: Identity, account: AccountEntry): boolean {
  return account.ownerId === identity.userId || canReadEveryAccount(identity);
}

/** Tells whether the caller may place, change and cancel the account's orders. */
export function canTradeAccount(identity: Identity, account: AccountEntry): boolean {
  return account.ownerId === identity.userId && identity.scopes.has('orders:write');
}

/** type-graphql's check behind `@Authorized()` (any identity) and `@Authorized('a', 'b')` (one of the scopes). */
export const authChecker: AuthCheckerFn<RequestContext, Scope> = ({ context }, scopes) => {
  if (scopes.length === 0) requireIdentity(context);
  else requireScope(context, ...scopes);
  return true;
};
