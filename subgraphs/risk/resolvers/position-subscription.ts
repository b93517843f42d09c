import { Arg, Authorized, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import type { Risk } from '../services/risk.js';
import { Position } from '../types/position.js';

interface PositionsArgs {
  readonly accountId: string;
}

/**
 * Returns the resolver class of the positions stream, a class of its own for each subgraph: type-graphql calls
 * `subscribe` without an instance.
 */
export function createPositionSubscription(risk: Risk): new () => object {
  @Resolver()
  class PositionSubscription {
    @Authorized<Scope>('risk:read', 'risk:write', 'admin')
    @Subscription(() => Position, {
      description:
        "An account's position after each change of it, valued at that moment's mark; of a position that changes faster than it is read, the newest state. Yours, or anybody's with scope risk:write or admin.",
      subscribe: ({ args, context }: { args: PositionsArgs; context: RequestContext }) =>
        risk.subscribePositions(args.accountId, context),
    })
    positions(
      @Root() position: Readonly<Position>,
      @Arg('accountId', () => ID, { description: 'The account; FIX tag 1.' }) _accountId: string,
    ): Position {
      return position;
    }
  }
  return PositionSubscription;
}
