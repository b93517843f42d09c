/** Mutations on leases and timers. */
import { Arg, Authorized, Ctx, Directive, ID, Int, Mutation, Resolver } from 'type-graphql';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import type { Leases } from '../services/leases.js';
import { CancelAllAfterPayload, LeaseRenewalInput } from '../types/leases.js';

@Resolver()
export class LeaseResolver {
  constructor(private readonly leases: Leases) {}

  @Authorized<Scope>('orders:write')
  @Mutation(() => CancelAllAfterPayload, {
    description:
      'Starts or renews the dead-man timer of an account: all its working orders are canceled when it runs out, whatever ' +
      'became of the client by then. Needs scope orders:write and an account of yours.',
  })
  async cancelAllAfter(
    @Arg('accountId', () => ID, { description: 'An account of yours; FIX tag 1.' }) accountId: string,
    @Arg('timeoutMs', () => Int, { description: 'From now, 100 to 86,400,000 ms; 0 stops the timer.' })
    timeoutMs: number,
    @Ctx() context: RequestContext,
  ): Promise<CancelAllAfterPayload> {
    const identity = requireScope(context, 'orders:write');
    return new CancelAllAfterPayload(await this.leases.cancelAllAfter(accountId, timeoutMs, identity));
  }

  @Directive('@inaccessible')
  @Mutation(() => Int, {
    description: 'Tells which connections live on; for the router only. Returns how many leases did.',
  })
  renewLeases(
    @Arg('leases', () => [LeaseRenewalInput], { description: 'The leases.' }) leases: LeaseRenewalInput[],
    @Ctx() context: RequestContext,
  ): Promise<number> {
    return this.leases.renew(leases, context);
  }
}
