import { Arg, Authorized, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import type { LatencyRequest, Observatory } from '../services/observatory.js';
import { Latency, LatencyWindowEnum } from '../types/latency.js';
import { ONE_NAME } from './platform-resolver.js';

/**
 * Returns the resolver class of the latency stream, a class of its own for each subgraph: type-graphql calls `subscribe`
 * without an instance.
 */
export function createLatencySubscription(observatory: Observatory): new () => object {
  @Resolver()
  class LatencySubscription {
    @Authorized<Scope>('admin')
    @Subscription(() => Latency, {
      description: `How long commands took, now and again every so many seconds. ${ONE_NAME} Needs scope admin.`,
      subscribe: ({ args, context }: { args: LatencyRequest & { everySeconds: number }; context: RequestContext }) =>
        observatory.subscribe(args, context),
    })
    latency(
      @Root() latency: Latency,
      @Arg('window', () => LatencyWindowEnum, { defaultValue: 'MINUTE', description: 'Time that is counted over.' })
      _window: LatencyRequest['window'],
      @Arg('operation', () => String, { nullable: true, description: 'Commands of this mutation, e.g. placeOrder.' })
      _operation: string | null,
      @Arg('symbol', () => ID, { nullable: true, description: 'Commands on this instrument; FIX tag 55.' })
      _symbol: string | null,
      @Arg('key', () => ID, { nullable: true, description: 'Commands under this API key, or of this user.' })
      _key: string | null,
      @Arg('everySeconds', () => Int, { defaultValue: 1, description: 'Seconds between two deliveries, 1 to 60.' })
      _everySeconds: number,
    ): Latency {
      return latency;
    }
  }
  return LatencySubscription;
}
