/** The operations that a replay sends; a test holds them to the committed API schema. */

export const PLACE_ORDER = /* GraphQL */ `
  mutation ReplayPlaceOrder($input: PlaceOrderInput!) {
    placeOrder(input: $input) {
      __typename
      ... on PlaceOrderSuccess { order { id } fills { tradeId lastQty } }
      ... on OrderRejection { ordRejReason }
    }
  }
`;

export const REPLACE_ORDER = /* GraphQL */ `
  mutation ReplayReplaceOrder($input: ReplaceOrderInput!) {
    replaceOrder(input: $input) {
      __typename
      ... on ReplaceOrderSuccess { order { id } fills { tradeId lastQty } }
      ... on OrderRejection { ordRejReason }
    }
  }
`;

export const CANCEL_ORDER = /* GraphQL */ `
  mutation ReplayCancelOrder($orderId: ID!) {
    cancelOrder(orderId: $orderId) {
      __typename
      ... on CancelOrderSuccess { order { id } }
      ... on OrderRejection { ordRejReason }
    }
  }
`;

export const SET_TRADING_STATUS = /* GraphQL */ `
  mutation ReplaySetTradingStatus($symbol: ID!, $status: TradingStatus!) {
    setTradingStatus(symbol: $symbol, status: $status) { symbol }
  }
`;

export const FIRST_REPORT = /* GraphQL */ `
  query ReplayFirstReport($id: ID!) { order(id: $id) { executionReports(first: 1) { edges { node { cursor } } } } }
`;

export const FILLS = /* GraphQL */ `
  subscription ReplayFills($accountId: ID!, $after: Cursor!) {
    fills(accountId: $accountId, after: $after) {
      __typename
      ... on Fill { tradeId orderId symbol }
      ... on StreamGap { reason }
    }
  }
`;

export const SYMBOLS = /* GraphQL */ `
  query ReplayInstruments { instruments { symbol } }
`;

export const CREATE_INSTRUMENT = /* GraphQL */ `
  mutation ReplayCreateInstrument($input: CreateInstrumentInput!) {
    createInstrument(input: $input) { symbol }
  }
`;

export const BALANCES = /* GraphQL */ `
  query ReplayBalances($id: ID!) { account(id: $id) { id balances { currency total } } }
`;

export const OPEN_ACCOUNT = /* GraphQL */ `
  mutation ReplayOpenAccount($input: OpenAccountInput!) { openAccount(input: $input) { id } }
`;

export const ADJUST_BALANCE = /* GraphQL */ `
  mutation ReplayAdjustBalance($input: AdjustBalanceInput!) {
    adjustBalance(input: $input) {
      __typename
      ... on AdjustBalanceRejection { text }
    }
  }
`;

export const CANCEL_ALL = /* GraphQL */ `
  mutation ReplayCancelAll($input: CancelAllOrdersInput!) { cancelAllOrders(input: $input) { canceledCount } }
`;
