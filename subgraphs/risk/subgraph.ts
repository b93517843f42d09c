/** The risk subgraph: owner of Position; adds limits, exposure and positions to Account. */
import 'reflect-metadata';
import { authChecker } from '../../src/graphql/authorization.js';
import { buildFederatedSchema } from '../../src/graphql/build-subgraph.js';
import type { RequestContext } from '../../src/graphql/context.js';
import { createRequestLoader } from '../../src/graphql/loaders.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import { AccountResolver } from './resolvers/account-resolver.js';
import { createRiskAlertSubscription } from './resolvers/alert-subscription.js';
import { RiskAuditResolver } from './resolvers/audit-resolver.js';
import { BreakerResolver, createBreakerSubscription } from './resolvers/breaker-resolver.js';
import { createMarginAlertSubscription, MarginResolver } from './resolvers/margin-resolver.js';
import { PolicyResolver } from './resolvers/policy-resolver.js';
import { PortfolioResolver } from './resolvers/portfolio-resolver.js';
import { createPositionSubscription } from './resolvers/position-subscription.js';
import { VenuePolicyResolver } from './resolvers/venue-policy-resolver.js';
import { Risk, type RiskDeps } from './services/risk.js';
import { RiskAudit } from './services/risk-audit.js';
import type { Account } from './types/entities.js';
import type { Position } from './types/position.js';

interface PositionReference {
  readonly account: { readonly id: string };
  readonly instrument: { readonly symbol: string };
}

/** @returns the subgraph, not started */
export async function createRiskSubgraph(deps: RiskDeps): Promise<Subgraph> {
  const risk = new Risk(deps);
  const PositionSubscription = createPositionSubscription(risk);
  const MarginAlertSubscription = createMarginAlertSubscription(risk);
  const RiskAlertSubscription = createRiskAlertSubscription(risk);
  const BreakerSubscription = createBreakerSubscription(risk);
  const instances = new Map<unknown, object>([
    [AccountResolver, new AccountResolver(risk)],
    [PolicyResolver, new PolicyResolver(risk)],
    [VenuePolicyResolver, new VenuePolicyResolver(risk)],
    [MarginResolver, new MarginResolver(risk)],
    [PortfolioResolver, new PortfolioResolver(risk)],
    [MarginAlertSubscription, new MarginAlertSubscription()],
    [PositionSubscription, new PositionSubscription()],
    [RiskAuditResolver, new RiskAuditResolver(new RiskAudit(risk, deps.history))],
    [BreakerResolver, new BreakerResolver(risk)],
    [BreakerSubscription, new BreakerSubscription()],
    [RiskAlertSubscription, new RiskAlertSubscription()],
  ]);
  const accountLoader = createRequestLoader<string, Account | null>((ids, context) =>
    Promise.resolve(ids.map((id) => (risk.readable(id, context) === null ? null : { id }))),
  );
  const positionLoader = createRequestLoader<PositionReference, Position | null>((references, context) =>
    Promise.resolve(
      references.map(({ account, instrument }) => {
        const entry = risk.readable(account.id, context);
        return entry === null ? null : risk.position(entry, instrument.symbol);
      }),
    ),
  );
  const { schema, sdl } = await buildFederatedSchema({
    resolvers: [
      AccountResolver,
      PolicyResolver,
      VenuePolicyResolver,
      MarginResolver,
      PortfolioResolver,
      PositionSubscription,
      MarginAlertSubscription,
      RiskAuditResolver,
      BreakerResolver,
      BreakerSubscription,
      RiskAlertSubscription,
    ],
    references: {
      Account: ({ id }: { id: string }, context: RequestContext) => accountLoader(context).load(id),
      Position: (reference: PositionReference, context: RequestContext) => positionLoader(context).load(reference),
    },
    container: { get: (resolverClass) => instances.get(resolverClass) },
    authChecker,
  });
  return { name: 'risk', schema, sdl, start: () => risk.start(), stop: () => risk.stop() };
}
