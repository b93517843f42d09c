/** Every subgraph of the supergraph, and the supergraph composed of them. */

import type { IdentityService } from '../../subgraphs/accounts/services/identity/identity.js';
import { createAccountsSubgraph } from '../../subgraphs/accounts/subgraph.js';
import { createMarketDataSubgraph } from '../../subgraphs/market-data/subgraph.js';
import { createOrdersSubgraph } from '../../subgraphs/orders/subgraph.js';
import { createPlatformSubgraph, type PlatformSources } from '../../subgraphs/platform/subgraph.js';
import { createRiskSubgraph } from '../../subgraphs/risk/subgraph.js';
import { createStrategiesSubgraph } from '../../subgraphs/strategies/subgraph.js';
import type { SubgraphRole } from '../config/services.js';
import type { Subgraph } from '../graphql/subgraph.js';
import type { AuditStore } from '../ports/audit-store.js';
import type { BacktestRunner } from '../ports/backtest-runner.js';
import type { Clock } from '../ports/clock.js';
import type { EngineClient, EngineQueries } from '../ports/engine-client.js';
import type { EventFeed } from '../ports/event-feed.js';
import type { History } from '../ports/history.js';
import type { ImportedMarketData } from '../ports/imported-market-data.js';
import type { Log } from '../ports/log.js';
import type { ReferenceFeed } from '../ports/reference-feed.js';
import type { StrategyStore } from '../ports/strategy-store.js';

export interface SubgraphDependencies {
  readonly engine: EngineClient & EngineQueries;
  readonly feed: EventFeed;
  readonly history: History;
  readonly strategies: StrategyStore;
  readonly identity: IdentityService;
  readonly audit: Pick<AuditStore, 'page'>;
  readonly backtestRunner: BacktestRunner;
  readonly clock: Clock;
  readonly imported: ImportedMarketData;
  /** Absent: no other venue is followed. */
  readonly references?: ReferenceFeed;
  readonly log: Log;
}

type CreateSubgraph = (dependencies: SubgraphDependencies) => Promise<Subgraph>;

/** How each subgraph is built: in one process with all others, or alone as a role. The one of the platform is where the router is. */
const SUBGRAPHS: Readonly<Record<SubgraphRole, CreateSubgraph>> = {
  accounts: createAccountsSubgraph,
  'market-data': createMarketDataSubgraph,
  orders: (dependencies) => createOrdersSubgraph({ ...dependencies, engineQueries: dependencies.engine }),
  risk: createRiskSubgraph,
  strategies: createStrategiesSubgraph,
};

/** Builds all subgraphs, not yet started. */
export async function createSubgraphs(
  dependencies: SubgraphDependencies,
  platform: PlatformSources,
): Promise<readonly Subgraph[]> {
  return Promise.all([
    ...Object.values(SUBGRAPHS).map((create) => create(dependencies)),
    createPlatformSubgraph(platform),
  ]);
}

/** Builds one subgraph, not yet started. */
export function createSubgraph(name: SubgraphRole, dependencies: SubgraphDependencies): Promise<Subgraph> {
  return SUBGRAPHS[name](dependencies);
}
