/** The platform subgraph: what operators see of the platform itself. It runs where the router runs, which sees all of it. */
import 'reflect-metadata';
import { authChecker } from '../../src/graphql/authorization.js';
import { buildFederatedSchema } from '../../src/graphql/build-subgraph.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import { createLatencySubscription } from './resolvers/latency-subscription.js';
import { PlatformResolver } from './resolvers/platform-resolver.js';
import { Observatory, type PlatformSources } from './services/observatory.js';

export type { PlatformSources } from './services/observatory.js';

export async function createPlatformSubgraph(sources: PlatformSources): Promise<Subgraph> {
  const observatory = new Observatory(sources);
  const subscription = createLatencySubscription(observatory);
  const instances = new Map<unknown, object>([
    [PlatformResolver, new PlatformResolver(observatory)],
    [subscription, new subscription()],
  ]);
  const { schema, sdl } = await buildFederatedSchema({
    resolvers: [PlatformResolver, subscription],
    references: {},
    container: { get: (resolverClass) => instances.get(resolverClass) },
    authChecker,
  });
  return {
    name: 'platform',
    schema,
    sdl,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(observatory.stop()),
  };
}
