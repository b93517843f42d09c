/**
 * The documents of the matrix: each operation with the fewest arguments that the schema asks for, made out of the schema
 * itself, so that nothing but who asks decides. What it cannot know, the ids above all, stands in the table below.
 */
import {
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';
import { type Literals, literalOf, selectionOf } from '../support/schema-documents.js';

/** What is the trader's. */
export interface Subject {
  readonly accountId: string;
  readonly orderId: string;
  readonly clOrdId: string;
  readonly strategyId: string;
  readonly backtestId: string;
  readonly keyId: string;
  readonly username: string;
  readonly password: string;
  /** A refresh token that was not used yet. */
  readonly refreshToken: string;
}

export interface Call {
  readonly document: string;
  /** What an answer must hold, where one that leaves it out hides it. */
  readonly shows: string | null;
}

const PLAIN: Readonly<Record<string, string>> = {
  Decimal: '"1"',
  Int: '1',
  SafeInt: '1',
  Float: '1',
  Boolean: 'false',
  DateTime: '"2026-01-01T00:00:00Z"',
  JSON: '{}',
};

/** Literals by the name of the argument or input field, wherever it stands. */
const byName = (s: Subject): Readonly<Record<string, string>> => ({
  accountId: quote(s.accountId),
  orderId: quote(s.orderId),
  orderIds: `[${quote(s.orderId)}]`,
  clOrdId: quote(s.clOrdId),
  symbol: '"KO"',
  symbols: '["KO"]',
  x: '"KO"',
  y: '"PEP"',
  first: '1',
  timeoutMs: '60000',
  everySeconds: '1',
  module: '"nothing"',
});

const order = (s: Subject) =>
  `{ accountId: ${quote(s.accountId)}, symbol: "KO", side: BUY, ordType: LIMIT, orderQty: "1", price: "68.00" }`;
const strategy = (s: Subject) =>
  `{ name: "m", type: MARKET_MAKING, accountId: ${quote(s.accountId)}, symbols: ["KO"],
     parameters: { orderQty: 5, maxInventory: 100, sigma: 0.01, kappa: 50 } }`;

/** Arguments of single operations: the whole of them, without parentheses. */
const ARGUMENTS: Readonly<Record<string, (s: Subject) => string>> = {
  'Query.account': (s) => `id: ${quote(s.accountId)}`,
  'Query.order': (s) => `id: ${quote(s.orderId)}`,
  'Query.strategy': (s) => `id: ${quote(s.strategyId)}`,
  'Query.backtest': (s) => `id: ${quote(s.backtestId)}`,
  'Query.previewOrder': (s) => `input: ${order(s)}`,
  'Subscription.backtest': (s) => `id: ${quote(s.backtestId)}`,
  'Subscription.strategies': (s) => `ids: [${quote(s.strategyId)}]`,
  'Subscription.marginAlerts': (s) => `accountId: ${quote(s.accountId)}`,
  'Subscription.riskAlerts': (s) => `accountId: ${quote(s.accountId)}`,
  'Subscription.trades': () => 'symbols: ["KO"]',
  'Mutation.openAccount': () => 'input: { id: "ACC-MATRIX", name: "Of the matrix", ownerId: "trader" }',
  'Mutation.createSession': (s) => `username: ${quote(s.username)}, password: ${quote(s.password)}`,
  'Mutation.refreshSession': (s) => `refreshToken: ${quote(s.refreshToken)}`,
  'Mutation.createApiKey': () => 'name: "of the matrix", scopes: ["market:read"]',
  'Mutation.revokeApiKey': (s) => `id: ${quote(s.keyId)}`,
  'Mutation.saveUser': () => 'input: { username: "matrix", password: "correct horse battery", scopes: [] }',
  'Mutation.disableUser': () => 'username: "matrix"',
  'Mutation.setTradingStatus': () => 'symbol: "ETH-USD", status: OPEN',
  'Mutation.setTradingCalendar': () => 'symbol: "ETH-USD", calendar: null',
  'Mutation.placeOrders': (s) => `inputs: [${order(s)}]`,
  'Mutation.placeOrder': (s) => `input: ${order(s)}`,
  'Mutation.placeOrderPlan': (s) => `input: { entry: ${order(s)}, stopLoss: { accountId: ${quote(s.accountId)},
     symbol: "KO", side: SELL, ordType: STOP, orderQty: "1", stopPx: "66.00" } }`,
  'Mutation.haltTrading': () => 'symbol: "ETH-USD", reason: "matrix"',
  'Mutation.resumeTrading': () => 'symbol: "ETH-USD", reason: "matrix"',
  'Mutation.runBacktest': (s) => `input: { strategy: ${strategy(s)}, interval: M1, initialCash: "1000" }`,
  'Mutation.runBacktestGrid': (s) =>
    `input: { strategy: ${strategy(s)}, interval: M1, initialCash: "1000" }, grid: [{ parameter: "orderQty", values: ["1"] }]`,
  'Mutation.cancelBacktest': (s) => `id: ${quote(s.backtestId)}`,
  'Mutation.createStrategy': (s) => `input: ${strategy(s)}`,
  'Mutation.startStrategy': (s) => `id: ${quote(s.strategyId)}`,
  'Mutation.pauseStrategy': (s) => `id: ${quote(s.strategyId)}`,
  'Mutation.stopStrategy': (s) => `id: ${quote(s.strategyId)}`,
  'Mutation.stopStrategy flattening': (s) => `id: ${quote(s.strategyId)}, flatten: true`,
  'Mutation.deleteStrategy': (s) => `id: ${quote(s.strategyId)}`,
};

/** Selections that tell what the plain fields do not. */
const SELECTIONS: Readonly<Record<string, string>> = {
  'Mutation.placeOrderPlan': '{ legs { result { __typename ... on OrderRejection { ordRejReason } } } }',
  'Query.previewOrder': '{ accepted ordRejReason }',
  'Query.orders': '{ edges { node { id } } }',
  'Query.executionReports': '{ edges { node { orderId } } }',
  'Query.backtests': '{ edges { node { id } } }',
  'Mutation.runBacktestGrid': '{ id }',
};

/** Lists of one's own, in which what is not shown is hidden. */
const SHOWS: Readonly<Record<string, (s: Subject) => string>> = {
  'Query.accounts': (s) => s.accountId,
  'Query.apiKeys': (s) => s.keyId,
  'Query.orders': (s) => s.orderId,
  'Query.executionReports': (s) => s.orderId,
  'Query.backtests': (s) => s.backtestId,
  'Query.strategies': (s) => s.strategyId,
  'Subscription.strategies': (s) => s.strategyId,
  'Subscription.backtest': (s) => s.backtestId,
};

/** How one comes to an entity, with its fields in place of `%`. */
const ENTITIES: Readonly<Record<string, (s: Subject) => string>> = {
  Account: (s) => `{ account(id: ${quote(s.accountId)}) { % } }`,
  Instrument: () => '{ instrument(symbol: "KO") { % } }',
  Order: (s) => `{ order(id: ${quote(s.orderId)}) { % } }`,
  Position: (s) => `{ account(id: ${quote(s.accountId)}) { positions { % } } }`,
};

const quote = (text: string) => JSON.stringify(text);

/** Every root field, and every entity by its name: what the table must cover. */
export function operationsOf(schema: GraphQLSchema): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots.flatMap((root) => Object.keys(root?.getFields() ?? {}).map((name) => `${root?.name}.${name}`));
}

/** Returns the call of a row; null where the schema has no such field. */
export function callOf(schema: GraphQLSchema, operation: string, subject: Subject): Call | null {
  const [path = ''] = operation.split(' ');
  const [parent = '', name = ''] = path.split('.');
  const type = schema.getType(parent);
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  if (field === undefined) return null;
  const text = callText(operation, field, subject);
  const entity = ENTITIES[parent];
  if (entity !== undefined) return { document: entity(subject).replace('%', text), shows: null };
  return { document: `${parent.toLowerCase()} { ${text} }`, shows: SHOWS[operation]?.(subject) ?? null };
}

function callText(operation: string, field: GraphQLField<unknown, unknown>, subject: Subject): string {
  const names = byName(subject);
  const literals: Literals = { named: (name) => names[name], plain: PLAIN };
  const required = field.args
    .filter((argument) => isRequiredArgument(argument))
    .map(({ name, type }) => `${name}: ${literalOf(name, type, literals)}`)
    .join(', ');
  const given = ARGUMENTS[operation]?.(subject) ?? required;
  const selection = SELECTIONS[operation] ?? selectionWithRefusal(field.type);
  return `${field.name}${given === '' ? '' : `(${given})`} ${selection}`;
}

/** As of any type; of a union also why an order was refused. */
function selectionWithRefusal(type: GraphQLOutputType): string {
  const named = getNamedType(type);
  const tellsRefusal = isUnionType(named) && named.getTypes().some((member) => member.name === 'OrderRejection');
  return tellsRefusal ? '{ __typename ... on OrderRejection { ordRejReason } }' : selectionOf(type);
}
