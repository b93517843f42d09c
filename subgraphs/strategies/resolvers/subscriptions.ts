import { Arg, Authorized, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { type BacktestRecord, type Backtests, toBacktest } from '../services/backtests.js';
import type { StrategyState } from '../services/state-streams.js';
import type { Strategies } from '../services/strategies.js';
import { Backtest } from '../types/backtest.js';
import { Strategy } from '../types/strategy.js';

/**
 * Returns the resolver class of the streams, a class of its own for each subgraph: type-graphql calls `subscribe` without an
 * instance.
 */
export function createStrategySubscriptions(strategies: Strategies, backtests: Backtests): new () => object {
  @Resolver()
  class StrategySubscriptions {
    @Authorized<Scope>('strategies:write', 'orders:read', 'risk:write', 'admin')
    @Subscription(() => Strategy, {
      description:
        'Strategies that you may see: each as it is now, then when its status, quotes, fills, profit or reasons changed, at most five times a second each, the newest state.',
      subscribe: ({ args, context }: { args: { ids?: string[] | null }; context: RequestContext }) =>
        strategies.subscribe(args.ids ?? null, context),
    })
    strategies(
      @Root() state: StrategyState,
      @Arg('ids', () => [ID], {
        nullable: true,
        description: 'Only these, at most 100; absent = all that you may see.',
      })
      _ids: string[] | null,
    ): Strategy {
      return strategies.toStrategy(state);
    }

    @Authorized<Scope>('strategies:write', 'orders:read')
    @Subscription(() => Backtest, {
      description: 'A backtest of yours as it is now, then its progress, to its end.',
      subscribe: ({ args, context }: { args: { id: string }; context: RequestContext }) =>
        backtests.subscribe(args.id, context),
    })
    backtest(
      @Root() record: BacktestRecord,
      @Arg('id', () => ID, { description: 'Id of the backtest.' }) _id: string,
    ): Backtest {
      return toBacktest(record);
    }
  }
  return StrategySubscriptions;
}
