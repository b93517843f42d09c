/** A subgraph as its composition root sees it: a schema to run and its SDL to compose. */
import type { GraphQLSchema } from 'graphql';

export const SUBGRAPH_NAMES = ['accounts', 'market-data', 'orders', 'platform', 'risk', 'strategies'] as const;
export type SubgraphName = (typeof SUBGRAPH_NAMES)[number];

export interface Subgraph {
  readonly name: SubgraphName;
  /** Executable federated schema; its context value is a RequestContext. */
  readonly schema: GraphQLSchema;
  /** SDL with federation directives, as composed into the supergraph. */
  readonly sdl: string;
  /** Loads what the views need and follows the event feed; resolves when queries may be answered. */
  start(): Promise<void>;
  /** Ends the subgraph's subscriptions and stops following. */
  stop(): Promise<void>;
}
