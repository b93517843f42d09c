import { Arg, Authorized, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import type { Risk } from '../services/risk.js';
import { PortfolioRisk, PortfolioRiskInput, ShockInput, StressTest } from '../types/portfolio-risk.js';

/** What a portfolio may lose, of an account that the caller may see. */
@Resolver()
export class PortfolioResolver {
  readonly #risk: Risk;

  constructor(risk: Risk) {
    this.#risk = risk;
  }

  @Authorized<Scope>('risk:read', 'risk:write', 'admin')
  @Query(() => PortfolioRisk, {
    description:
      'Value at risk and expected shortfall of an account’s positions, historical and parametric, at 95 % and 99 %. Needs an account of yours, or scope risk:write.',
  })
  portfolioRisk(
    @Arg('accountId', () => ID, { description: 'The account; FIX tag 1.' }) accountId: string,
    @Arg('input', () => PortfolioRiskInput, {
      nullable: true,
      description: 'Window and horizon; absent = the usual ones.',
    })
    input: PortfolioRiskInput | null,
    @Ctx() context: RequestContext,
  ): Promise<PortfolioRisk> {
    return this.#risk.portfolio.estimate(this.#risk.required(accountId, context), input ?? {});
  }

  @Authorized<Scope>('risk:read', 'risk:write', 'admin')
  @Query(() => StressTest, {
    description:
      'Profit of an account’s positions if prices moved by the given percentages. Needs an account of yours, or scope risk:write.',
  })
  stressTest(
    @Arg('accountId', () => ID, { description: 'The account; FIX tag 1.' }) accountId: string,
    @Arg('shocks', () => [ShockInput], { description: 'Shocks, 1 to 100, a symbol at most once; others stay.' })
    shocks: ShockInput[],
    @Ctx() context: RequestContext,
  ): StressTest {
    return this.#risk.portfolio.stress(this.#risk.required(accountId, context), shocks);
  }
}
