import { Arg, Authorized, Ctx, Int, Query, Resolver } from 'type-graphql';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { Paged } from '../../../src/graphql/list-size.js';
import type { RiskAudit } from '../services/risk-audit.js';
import { RiskAuditConnection, RiskAuditFilterInput } from '../types/audit.js';

/** What risk officers set, read back. */
@Resolver()
export class RiskAuditResolver {
  readonly #audit: RiskAudit;

  constructor(audit: RiskAudit) {
    this.#audit = audit;
  }

  @Authorized<Scope>('risk:write', 'admin')
  @Paged(50)
  @Query(() => RiskAuditConnection, {
    description:
      'Settings of risk policy, newest first: limits, tiers, states, kill switches, circuit breakers and halts, with who did it and what held before. Entries stand here within a second. Needs scope risk:write or admin.',
  })
  async riskAudit(
    @Arg('filter', () => RiskAuditFilterInput, { nullable: true, description: 'Which entries; absent = all.' })
    filter: RiskAuditFilterInput | null,
    @Arg('first', () => Int, { defaultValue: 50, description: 'Most entries, 1 to 500.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the entry before the page.' })
    after: string | null,
    @Ctx() context: RequestContext,
  ): Promise<RiskAuditConnection> {
    requireScope(context, 'risk:write', 'admin');
    return this.#audit.page(filter, first, after, context) as Promise<RiskAuditConnection>;
  }
}
