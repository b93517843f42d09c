import { Arg, Authorized, Ctx, Directive, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { About, Paged } from '../../../src/graphql/list-size.js';
import { MAX_PAGE_SIZE } from '../../../src/graphql/page.js';
import { MAX_COMBINATIONS } from '../services/backtest-grid.js';
import type { Backtests } from '../services/backtests.js';
import { Backtest, BacktestConnection } from '../types/backtest.js';
import { BacktestFilterInput, BacktestGridAxisInput, BacktestInput } from '../types/inputs.js';

const ID_OF_BACKTEST = 'Id of the backtest.';

@Resolver(() => Backtest)
export class BacktestResolver {
  readonly #backtests: Backtests;

  constructor(backtests: Backtests) {
    this.#backtests = backtests;
  }

  @Authorized<Scope>('strategies:write', 'orders:read')
  @Query(() => Backtest, { nullable: true, description: 'A backtest of yours; null where there is none.' })
  backtest(
    @Arg('id', () => ID, { description: ID_OF_BACKTEST }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<Backtest | null> {
    return this.#backtests.find(id, context);
  }

  @Paged(20)
  @Authorized<Scope>('strategies:write', 'orders:read')
  @Query(() => BacktestConnection, { description: 'Your backtests, newest first.' })
  backtests(
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: 20,
      description: `Most backtests of the page, 1 to ${MAX_PAGE_SIZE}.`,
    })
    first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last backtest of the page before.' })
    after: string | null,
    @Arg('filter', () => BacktestFilterInput, { nullable: true, description: 'Which are meant; absent = all.' })
    filter: BacktestFilterInput | null,
    @Ctx() context: RequestContext,
  ): Promise<BacktestConnection> {
    return this.#backtests.page(
      first ?? 20,
      after ?? null,
      filter?.gridId ?? null,
      context,
    ) as Promise<BacktestConnection>;
  }

  // Of each backtest, so that a grid of the most combinations stays well within what an operation may cost.
  @Directive('@cost(weight: 20)')
  @Authorized<Scope>('strategies:write')
  @Mutation(() => Backtest, {
    description: 'Runs a strategy on history in a thread of its own; Subscription.backtest tells how far it is.',
  })
  runBacktest(
    @Arg('input', () => BacktestInput, { description: 'What to run, on what.' }) input: BacktestInput,
    @Ctx() context: RequestContext,
  ): Promise<Backtest> {
    return this.#backtests.run(input, context);
  }

  @About(MAX_COMBINATIONS)
  // Of each backtest, so that a grid of the most combinations stays well within what an operation may cost.
  @Directive('@cost(weight: 20)')
  @Authorized<Scope>('strategies:write')
  @Mutation(() => [Backtest], {
    description: `Runs a backtest for every combination of parameters, at most ${MAX_COMBINATIONS}, all or none; backtests(filter: { gridId }) compares them.`,
  })
  runBacktestGrid(
    @Arg('input', () => BacktestInput, { description: 'What to run, on what, with the parameters that do not vary.' })
    input: BacktestInput,
    @Arg('grid', () => [BacktestGridAxisInput], {
      description: 'The parameters that vary; the last one varies fastest.',
    })
    grid: BacktestGridAxisInput[],
    @Ctx() context: RequestContext,
  ): Promise<Backtest[]> {
    return this.#backtests.runGrid(input, grid, context);
  }

  @Authorized<Scope>('strategies:write')
  @Mutation(() => Backtest, { description: 'Cancels a backtest of yours; one that has ended stays as it is.' })
  cancelBacktest(
    @Arg('id', () => ID, { description: ID_OF_BACKTEST }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<Backtest> {
    return this.#backtests.cancel(id, context);
  }
}
