/** The operations that the scenarios share. */
import { type GraphQLAnswer, post } from './client.js';

export const PLACE_ORDER = /* GraphQL */ `
  mutation PlaceOrder($input: PlaceOrderInput!) {
    placeOrder(input: $input) {
      __typename
      ... on PlaceOrderSuccess {
        duplicate
        order { id clOrdId ordStatus side orderQty price cumQty leavesQty avgPx instrument { symbol } account { id } }
        fills { execId tradeId lastPx lastQty fee maker }
      }
      ... on OrderRejection { ordRejReason text rejected: order { id ordStatus } riskChecks { rule passed limit projected } }
    }
  }
`;

export const CANCEL_ORDER = /* GraphQL */ `
  mutation CancelOrder($orderId: ID!) {
    cancelOrder(orderId: $orderId) {
      __typename
      ... on CancelOrderSuccess { order { id ordStatus leavesQty cumQty } }
      ... on OrderRejection { ordRejReason text }
    }
  }
`;

export const CANCEL_ALL = /* GraphQL */ `
  mutation CancelAll($input: CancelAllOrdersInput!) {
    cancelAllOrders(input: $input) { canceledCount orderIds }
  }
`;

export const ACCOUNT = /* GraphQL */ `
  query Account($id: ID!) {
    account(id: $id) {
      id
      balances { currency total available held }
      positions { qty avgPx realizedPnl unrealizedPnl instrument { symbol } }
    }
  }
`;

export const FILLS = /* GraphQL */ `
  subscription Fills($accountId: ID!, $after: Cursor) {
    fills(accountId: $accountId, after: $after) {
      __typename
      ... on Fill { cursor execId tradeId orderId clOrdId accountId symbol side lastPx lastQty leavesQty fee maker transactTime }
      ... on StreamGap { after cursor reason }
    }
  }
`;

export interface FillEvent {
  readonly __typename: 'Fill' | 'StreamGap';
  readonly cursor: string;
  readonly execId: string;
  readonly tradeId: string;
  readonly orderId: string;
  readonly clOrdId: string | null;
  readonly accountId: string;
  readonly side: 'BUY' | 'SELL';
  readonly lastPx: string;
  readonly lastQty: string;
  readonly leavesQty: string;
  readonly fee: string;
  readonly maker: boolean;
}

export interface OrderInput {
  readonly accountId: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly ordType: string;
  readonly orderQty: string;
  readonly price?: string;
  readonly timeInForce?: string;
  readonly selfTradePrevention?: string;
  readonly clOrdId?: string;
}

export function placeOrder(url: string, token: string, input: OrderInput): Promise<GraphQLAnswer> {
  return post(url, PLACE_ORDER, { input }, token);
}
