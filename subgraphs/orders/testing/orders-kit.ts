/** The orders subgraph over a test venue, asked as its clients ask. */
import { type ExecutionResult, type GraphQLError, graphql, parse, subscribe } from 'graphql';
import type { Identity, Scope } from '../../../src/graphql/context.js';
import type { Subgraph } from '../../../src/graphql/subgraph.js';
import type { EngineClient } from '../../../src/ports/engine-client.js';
import type { EventFeed } from '../../../src/ports/event-feed.js';
import type { History } from '../../../src/ports/history.js';
import { TestVenue } from '../../../src/testing/test-venue.js';
import { createOrdersSubgraph, type OrdersOptions } from '../subgraph.js';
import { RecordedOrders } from './recorded-orders.js';

export const TRADER: readonly Scope[] = ['orders:read', 'orders:write'];
/** Accounts 1 and 2 of the venue, owned by users of the same name. */
export const ANN = as('ann');
export const BOB = as('bob');

export function as(userId: string, scopes: readonly Scope[] = TRADER): Identity {
  return { userId, scopes: new Set(scopes) };
}

export interface KitOptions extends OrdersOptions {
  readonly venue?: TestVenue;
  readonly engine?: EngineClient;
  readonly feed?: EventFeed;
}

// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what its test expects
export type Answer = { data?: any; errors?: readonly GraphQLError[] };

export interface OrdersKit {
  readonly venue: TestVenue;
  readonly history: RecordedOrders;
  readonly subgraph: Subgraph;
  ask(identity: Identity | null, source: string, variables?: Record<string, unknown>): Promise<Answer>;
  /** Subscribes; an error in place of the stream is thrown. */
  listen(
    identity: Identity | null,
    source: string,
    variables?: Record<string, unknown>,
  ): Promise<AsyncGenerator<Answer>>;
}

export async function createOrdersKit({ venue, engine, feed, ...options }: KitOptions = {}): Promise<OrdersKit> {
  const over = venue ?? new TestVenue();
  if (venue === undefined) over.open(['ann', 'bob']);
  const history = new RecordedOrders(over.events);
  const dependencies = {
    engine: engine ?? over,
    engineQueries: over,
    feed: feed ?? over,
    history: history as unknown as History,
  };
  const subgraph = await createOrdersSubgraph(dependencies, options);
  await subgraph.start();
  return {
    venue: over,
    history,
    subgraph,
    async ask(identity, source, variableValues) {
      const contextValue = { identity, requestId: 'test' };
      return graphql({ schema: subgraph.schema, source, variableValues, contextValue });
    },
    async listen(identity, source, variableValues) {
      const contextValue = { identity, requestId: 'test' };
      const result = await subscribe({
        schema: subgraph.schema,
        document: parse(source),
        variableValues,
        contextValue,
      });
      if (Symbol.asyncIterator in result) return result as AsyncGenerator<ExecutionResult>;
      throw result.errors?.[0] ?? new Error('neither a stream nor an error');
    },
  };
}

export const PLACE = /* GraphQL */ `
  mutation Place($input: PlaceOrderInput!) {
    placeOrder(input: $input) {
      __typename
      ... on PlaceOrderSuccess {
        duplicate
        order { id clOrdId ordStatus side price orderQty cumQty leavesQty avgPx createdAt account { id } instrument { symbol } }
        fills { execId tradeId orderId side lastPx lastQty leavesQty fee maker accountId symbol transactTime cursor }
      }
      ... on OrderRejection {
        ordRejReason
        text
        refused: order { id ordStatus ordRejReason leavesQty }
        riskChecks { rule passed limit current projected headroom text }
      }
    }
  }
`;

export const anInput = (over: Record<string, unknown> = {}) => ({
  accountId: 'ann',
  symbol: 'KO',
  side: 'BUY',
  ordType: 'LIMIT',
  orderQty: '10',
  price: '60.00',
  ...over,
});
