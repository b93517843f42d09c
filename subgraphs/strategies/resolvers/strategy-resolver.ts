import { Arg, Authorized, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import type { Strategies } from '../services/strategies.js';
import { CreateStrategyInput } from '../types/inputs.js';
import { Strategy, StrategyTypeInfo } from '../types/strategy.js';

const ID_OF_STRATEGY = 'Id of the strategy.';

@Resolver(() => Strategy)
export class StrategyResolver {
  readonly #strategies: Strategies;

  constructor(strategies: Strategies) {
    this.#strategies = strategies;
  }

  @Query(() => [StrategyTypeInfo], { description: 'Every type of strategy with the schema of its parameters. Public.' })
  strategyTypes(): StrategyTypeInfo[] {
    return this.#strategies.types();
  }

  @Authorized<Scope>('strategies:write', 'orders:read', 'risk:write', 'admin')
  @Query(() => [Strategy], {
    description: "Your strategies, oldest first; everybody's with scope risk:write or admin.",
  })
  strategies(@Ctx() context: RequestContext): Promise<Strategy[]> {
    return this.#strategies.list(context);
  }

  @Authorized<Scope>('strategies:write', 'orders:read', 'risk:write', 'admin')
  @Query(() => Strategy, { nullable: true, description: 'A strategy that you may see; null where there is none.' })
  strategy(
    @Arg('id', () => ID, { description: ID_OF_STRATEGY }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<Strategy | null> {
    return this.#strategies.find(id, context);
  }

  @Authorized<Scope>('strategies:write')
  @Mutation(() => Strategy, { description: 'Makes a strategy; startStrategy sets it to work.' })
  createStrategy(
    @Arg('input', () => CreateStrategyInput, { description: 'The strategy.' }) input: CreateStrategyInput,
    @Ctx() context: RequestContext,
  ): Promise<Strategy> {
    return this.#strategies.create(input, context);
  }

  @Authorized<Scope>('strategies:write')
  @Mutation(() => Strategy, {
    description:
      'Sets a strategy to work, or back to work: it is warmed up with closed bars, takes over what it left in the market, and trades.',
  })
  startStrategy(
    @Arg('id', () => ID, { description: ID_OF_STRATEGY }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<Strategy> {
    return this.#strategies.run(id, context);
  }

  @Authorized<Scope>('strategies:write', 'risk:write')
  @Mutation(() => Strategy, {
    description: 'Withdraws its quotes and keeps its inventory. Its owner may, and a risk officer.',
  })
  pauseStrategy(
    @Arg('id', () => ID, { description: ID_OF_STRATEGY }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<Strategy> {
    return this.#strategies.pause(id, context);
  }

  @Authorized<Scope>('strategies:write', 'risk:write')
  @Mutation(() => Strategy, { description: 'Ends it for good. Its owner may, and a risk officer.' })
  stopStrategy(
    @Arg('id', () => ID, { description: ID_OF_STRATEGY }) id: string,
    @Arg('flatten', () => Boolean, {
      nullable: true,
      defaultValue: false,
      description: 'True to close what it has itself bought or sold, at market, which its owner alone may.',
    })
    flatten: boolean | null,
    @Ctx() context: RequestContext,
  ): Promise<Strategy> {
    return this.#strategies.end(id, flatten ?? false, context);
  }

  @Authorized<Scope>('strategies:write')
  @Mutation(() => Strategy, {
    description:
      'Deletes a strategy of yours that is STOPPED or FAILED, and returns it as it last was. Its orders and fills stay.',
  })
  deleteStrategy(
    @Arg('id', () => ID, { description: ID_OF_STRATEGY }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<Strategy> {
    return this.#strategies.remove(id, context);
  }
}
