import { Arg, Authorized, Ctx, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { About } from '../../../src/graphql/list-size.js';
import type { Risk } from '../services/risk.js';
import {
  CircuitBreaker,
  CircuitBreakerInput,
  MarketCircuitBreaker,
  MarketCircuitBreakerInput,
} from '../types/breaker.js';

const REASON = 'Why, as everybody reads it; at most 200 characters.';

/** Circuit breakers, and halts by hand. */
@Resolver()
export class BreakerResolver {
  readonly #risk: Risk;

  constructor(risk: Risk) {
    this.#risk = risk;
  }

  @About(20)
  @Authorized()
  @Query(() => [CircuitBreaker], { description: 'Circuit breakers that are set, in the order of listing.' })
  circuitBreakers(): CircuitBreaker[] {
    return this.#risk.breakers.all();
  }

  @Authorized()
  @Query(() => MarketCircuitBreaker, {
    nullable: true,
    description: 'The market-wide circuit breaker; null where none is set.',
  })
  marketCircuitBreaker(): MarketCircuitBreaker | null {
    return this.#risk.breakers.market();
  }

  @Authorized<Scope>('risk:write')
  @Mutation(() => CircuitBreaker, {
    description:
      'Gives an instrument a circuit breaker, in place of the one that it had; a halt under way goes on as it began. Needs scope risk:write.',
  })
  setCircuitBreaker(
    @Arg('input', () => CircuitBreakerInput, { description: 'Its terms.' }) input: CircuitBreakerInput,
    @Ctx() context: RequestContext,
  ): Promise<CircuitBreaker> {
    return this.#risk.breakers.set(input, requireScope(context, 'risk:write').userId);
  }

  @Authorized<Scope>('risk:write')
  @Mutation(() => Boolean, {
    description: "Takes an instrument's circuit breaker away. True once done. Needs scope risk:write.",
  })
  async removeCircuitBreaker(
    @Arg('symbol', () => ID, { description: 'The instrument; FIX tag 55.' }) symbol: string,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    await this.#risk.breakers.remove(symbol, requireScope(context, 'risk:write').userId);
    return true;
  }

  @Authorized<Scope>('risk:write')
  @Mutation(() => MarketCircuitBreaker, {
    description: 'Sets the market-wide circuit breaker, in place of the one before. Needs scope risk:write.',
  })
  setMarketCircuitBreaker(
    @Arg('input', () => MarketCircuitBreakerInput, { description: 'Its index and terms.' })
    input: MarketCircuitBreakerInput,
    @Ctx() context: RequestContext,
  ): Promise<MarketCircuitBreaker> {
    return this.#risk.breakers.setMarket(input, requireScope(context, 'risk:write').userId);
  }

  @Authorized<Scope>('risk:write')
  @Mutation(() => Boolean, {
    description: 'Takes the market-wide circuit breaker away. True once done. Needs scope risk:write.',
  })
  async removeMarketCircuitBreaker(@Ctx() context: RequestContext): Promise<boolean> {
    await this.#risk.breakers.removeMarket(requireScope(context, 'risk:write').userId);
    return true;
  }

  @Authorized<Scope>('risk:write')
  @Mutation(() => Boolean, {
    description:
      'Halts an instrument, or all that are in a session, until resumeTrading; orders that rest keep resting. True once done. Needs scope risk:write.',
  })
  async haltTrading(
    @Arg('reason', () => String, { description: REASON }) reason: string,
    @Arg('symbol', () => ID, { nullable: true, description: 'The instrument; absent = all. FIX tag 55.' })
    symbol: string | null,
    @Arg('queueOrders', () => Boolean, {
      nullable: true,
      defaultValue: false,
      description:
        'True = new orders are taken and gather for the auction; false = they are refused as TRADING_HALTED.',
    })
    queueOrders: boolean | null,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    const { userId } = requireScope(context, 'risk:write');
    await this.#risk.breakers.halt(symbol ?? null, queueOrders ?? false, reason, userId);
    return true;
  }

  @Authorized<Scope>('risk:write')
  @Mutation(() => Boolean, {
    description:
      'Ends the halt of an instrument, or of all that are halted, whatever halted them. One whose session has not opened yet goes back to PRE_OPEN where no auction is asked for. True once done. Needs scope risk:write.',
  })
  async resumeTrading(
    @Arg('reason', () => String, { description: REASON }) reason: string,
    @Arg('symbol', () => ID, {
      nullable: true,
      description: 'The instrument; absent = all that are halted. FIX tag 55.',
    })
    symbol: string | null,
    @Arg('auctionSeconds', () => Int, {
      nullable: true,
      defaultValue: 0,
      description: 'How long an auction gathers orders before trading opens, 0 to 86,400; 0 = trading opens at once.',
    })
    auctionSeconds: number | null,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    const { userId } = requireScope(context, 'risk:write');
    await this.#risk.breakers.resume(symbol ?? null, auctionSeconds ?? 0, reason, userId);
    return true;
  }
}

/** Returns the resolver class of the stream of circuit breakers, a class of its own for each subgraph. */
export function createBreakerSubscription(risk: Risk): new () => object {
  @Resolver()
  class BreakerSubscription {
    @Authorized()
    @Subscription(() => CircuitBreaker, {
      description:
        'Circuit breakers as they are set, trip, go on to their auction and open, from now on. A reader that falls 1,000 behind is closed with SLOW_CONSUMER.',
      subscribe: () => risk.breakers.follow(),
    })
    circuitBreakers(@Root() breaker: CircuitBreaker): CircuitBreaker {
      return breaker;
    }
  }
  return BreakerSubscription;
}
