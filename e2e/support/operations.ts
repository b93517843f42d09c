/** The operations that the scenarios share: those of schema/operations, as typed clients send them. */
import {
  AccountDocument,
  CancelAllDocument,
  CancelOrderDocument,
  FillsDocument,
  PlaceOrderDocument,
} from '../../src/client/__generated__/graphql.js';
import { type GraphQLAnswer, post } from './client.js';

export const PLACE_ORDER = PlaceOrderDocument.toString();
export const CANCEL_ORDER = CancelOrderDocument.toString();
export const CANCEL_ALL = CancelAllDocument.toString();
export const ACCOUNT = AccountDocument.toString();
export const FILLS = FillsDocument.toString();

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
