/** Every subgraph of the supergraph, and the supergraph composed of them. */
import { createAccountsSubgraph } from '../../subgraphs/accounts/subgraph.js';
import { createMarketDataSubgraph } from '../../subgraphs/market-data/subgraph.js';
import { createOrdersSubgraph } from '../../subgraphs/orders/subgraph.js';
import { createRiskSubgraph } from '../../subgraphs/risk/subgraph.js';
import type { Subgraph } from '../graphql/subgraph.js';
import type { EngineClient, EngineQueries } from '../ports/engine-client.js';
import type { EventFeed } from '../ports/event-feed.js';
import type { History } from '../ports/history.js';
import type { Log } from '../ports/log.js';

export interface SubgraphDependencies {
  readonly engine: EngineClient & EngineQueries;
  readonly feed: EventFeed;
  readonly history: History;
  readonly log: Log;
}

/** Builds all subgraphs, not yet started. */
export async function createSubgraphs(dependencies: SubgraphDependencies): Promise<readonly Subgraph[]> {
  return Promise.all([
    createAccountsSubgraph(dependencies),
    createMarketDataSubgraph(dependencies),
    createOrdersSubgraph({ ...dependencies, engineQueries: dependencies.engine }),
    createRiskSubgraph(dependencies),
  ]);
}
