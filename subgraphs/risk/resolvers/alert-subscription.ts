import { Arg, Authorized, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import type { Risk } from '../services/risk.js';
import { RiskAlert } from '../types/alerts.js';

/** Returns the resolver class of the stream of risk alerts, a class of its own for each subgraph. */
export function createRiskAlertSubscription(risk: Risk): new () => object {
  @Resolver()
  class RiskAlertSubscription {
    @Authorized<Scope>('risk:read', 'risk:write', 'admin')
    @Subscription(() => RiskAlert, {
      description:
        "Limits as they come within 20 %, are breached (by a refused order, or as marks move) and clear, from now on, each once: of an account of yours, or of anybody's with scope risk:write or admin, which also may leave accountId out to follow all. Margin calls are told by marginAlerts. A reader that falls 1,000 behind is closed with SLOW_CONSUMER.",
      subscribe: ({ args, context }: { args: { accountId?: string | null }; context: RequestContext }) =>
        risk.subscribeRiskAlerts(args.accountId ?? null, context),
    })
    riskAlerts(
      @Root() alert: RiskAlert,
      @Arg('accountId', () => ID, { nullable: true, description: 'The account; FIX tag 1. Absent = all.' })
      _accountId: string | null,
    ): RiskAlert {
      return alert;
    }
  }
  return RiskAlertSubscription;
}
