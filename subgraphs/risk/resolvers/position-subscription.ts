import { Arg, Authorized, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { FlowControl, LOSSLESS_FLOW } from '../../../src/graphql/flow-control.js';
import { CursorScalar } from '../../../src/graphql/scalars.js';
import type { PositionChange, PositionsRequest } from '../services/position-streams.js';
import type { Risk } from '../services/risk.js';
import { Position } from '../types/position.js';

const AFTER = 'Cursor of the last position that was received; absent = the present state of all, then what changes.';

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
        "An account's positions: each as it is now, then each change of one, none left out, valued at the mark of the moment at which it is told. With `after` every change behind that cursor instead of the present state; where the changes behind it are no longer kept, the stream ends with the error STREAM_GAP. Yours, or anybody's with scope risk:write or admin.",
      subscribe: ({ args, context }: { args: PositionsRequest; context: RequestContext }) =>
        risk.subscribePositions(args, context),
    })
    positions(
      @Root() change: Readonly<PositionChange>,
      @Arg('accountId', () => ID, { description: 'The account; FIX tag 1.' }) _accountId: string,
      @Arg('after', () => CursorScalar, { nullable: true, description: AFTER }) _after: string | null,
      @Arg('flow', () => FlowControl, { nullable: true, description: LOSSLESS_FLOW }) _flow: FlowControl | null,
    ): Position {
      return risk.toldPosition(change);
    }
  }
  return PositionSubscription;
}
