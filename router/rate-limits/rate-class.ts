/** Which quota an operation is counted against. */
import { OperationTypeNode } from 'graphql';
import type { FastPath } from '../fast-path.js';
import type { RateClass } from '../limits.js';

/** Its data is public, and what is asked of it costs least. */
const MARKET_DATA = 'market-data';
/** Its mutations are order entry. */
const ORDERS = 'orders';

export function rateClassOf(
  type: OperationTypeNode,
  /** Name of the one subgraph that answers; null where several do. */
  answeredBy: string | null,
  rootFields: ReadonlySet<string>,
  fastPath: FastPath,
): RateClass {
  if (type === OperationTypeNode.MUTATION) {
    for (const field of rootFields) if (fastPath.owns(ORDERS, 'Mutation', field)) return 'orderEntry';
    return 'mutations';
  }
  return answeredBy === MARKET_DATA ? 'marketData' : 'queries';
}
