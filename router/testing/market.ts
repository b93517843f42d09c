/** A router over real market data: a test venue that trades on command, on a free port. */

import { composeSupergraph } from '../../src/graphql/compose.js';
import type { History } from '../../src/ports/history.js';
import { RecordedHistory } from '../../src/testing/recorded-history.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { createMarketDataSubgraph } from '../../subgraphs/market-data/subgraph.js';
import type { RouterLimits } from '../limits.js';
import type { Router } from '../router.js';
import { startRouter } from './start.js';

export interface MarketRouter {
  readonly venue: TestVenue;
  readonly router: Router;
  /** ws:// address of /graphql. */
  readonly socketUrl: string;
  stop(): Promise<void>;
}

export async function startMarketRouter(limits: Partial<RouterLimits> = {}): Promise<MarketRouter> {
  const venue = new TestVenue();
  venue.open(['alice', 'bob']);
  const history = new RecordedHistory(venue.events) as unknown as History;
  const subgraph = await createMarketDataSubgraph({ engine: venue, feed: venue, history });
  await subgraph.start();
  const { supergraphSdl } = composeSupergraph([subgraph]);
  const router = await startRouter({ subgraphs: [subgraph], supergraphSdl, limits });
  return {
    venue,
    router,
    socketUrl: `${router.url.replace('http', 'ws')}/graphql`,
    stop: async () => {
      await router.stop();
      await subgraph.stop();
    },
  };
}
