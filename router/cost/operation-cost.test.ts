import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildASTSchema, getOperationAST, parse, validate } from 'graphql';
import { readCostSchema } from './cost-schema.js';
import { costOf, evaluate, weightOf } from './operation-cost.js';

const schemas = join(import.meta.dirname, '../../schema');
const api = buildASTSchema(parse(readFileSync(join(schemas, 'api.graphql'), 'utf8')));
const platform = readCostSchema(parse(readFileSync(join(schemas, 'supergraph.graphql'), 'utf8')));

function measure(text: string, variables?: Record<string, unknown>) {
  const document = parse(text);
  expect(validate(api, document)).toEqual([]);
  const operation = getOperationAST(document);
  if (operation === null || operation === undefined) throw new Error('no operation');
  const amount = costOf(api, platform, document, operation);
  const { weight } = weightOf(api, document, operation);
  return { cost: evaluate(amount, variables), weight: evaluate(weight, variables), fixed: typeof amount === 'number' };
}

describe('the cost of an operation', () => {
  it.each<[string, string, number]>([
    ['an object costs 1, its scalars nothing', '{ instrument(symbol: "KO") { symbol tickSize } }', 1],
    ['__typename and the schema cost nothing', '{ __typename }', 0],
    ['a list of assumed size', '{ instruments { symbol } }', 20],
    ['objects inside of a list, each time', '{ instruments { symbol ticker { bidPx } } }', 40],
    ['a page as long as it was asked for', pageOf('(first: 7)'), 1 + 1 + 7],
    ['a page without its argument: the default', pageOf(''), 1 + 1 + 50],
    [
      'a book by its depth, both sides',
      '{ instrument(symbol: "A") { orderBook(depth: 9) { bids { px } asks { px } } } }',
      20,
    ],
    ['scalars of a book’s side do not count', '{ instrument(symbol: "A") { orderBook(depth: 9) { sequence } } }', 2],
    ['a field that is selected twice, once', '{ a: instrument(symbol: "A") { ticker { bidPx } ticker { askPx } } }', 2],
    ['a field under two names, twice', '{ a: instrument(symbol: "A") { x: ticker { bidPx } y: ticker { askPx } } }', 3],
    [
      'a fragment as often as it is executed',
      'query Q { a: instrument(symbol: "A") { ...T ...T } b: instrument(symbol: "B") { ...T } } fragment T on Instrument { ticker { bidPx } }',
      4,
    ],
    [
      'of a union its dearest type',
      'mutation { cancelOrder(orderId: "1") { ... on CancelOrderSuccess { order { id } } ... on OrderRejection { text } } }',
      10 + 1 + 1,
    ],
  ])('%s', (_what, text, expected) => {
    expect(measure(text).cost).toBe(expected);
  });

  it('follows the variables where they tell how long a list gets', () => {
    const text = `query Page($n: Int = 3) ${pageOf('(first: $n)')}`;
    expect(measure(text)).toMatchObject({ cost: 5, fixed: false });
    expect(measure(text, { n: 100 }).cost).toBe(102);
    expect(measure(text, { n: 'many' }).cost).toBe(5);
    expect(measure(text, { n: -5 }).cost).toBe(2);
  });

  it('counts a batch by its items', () => {
    const text =
      'mutation Batch($inputs: [PlaceOrderInput!]!) { placeOrders(inputs: $inputs) { ... on PlaceOrderSuccess { order { id } fills { lastPx } } } }';
    expect(measure(text, { inputs: Array(100).fill({}) })).toMatchObject({ cost: 10 + 100 * (1 + 1 + 3), weight: 100 });
    expect(measure(text, { inputs: {} })).toMatchObject({ cost: 15, weight: 1 });
  });

  it('counts each field at the root as a request', () => {
    expect(measure('{ a: instrument(symbol: "A") { symbol } b: instrument(symbol: "B") { symbol } }').weight).toBe(2);
    expect(
      measure('query Q { ...Both ...Both } fragment Both on Query { instruments { symbol } __typename }').weight,
    ).toBe(2);
  });

  it('calls a document that grows without end too dear, in bounded time', () => {
    const schema = buildASTSchema(parse('type Query { a: Query, b: Query, c: Query, n: Int }'));
    const fragments = Array.from(
      { length: 60 },
      (_, n) => `fragment F${n} on Query { a { ...F${n + 1} } b { ...F${n + 1} } }`,
    );
    const document = parse(`{ ...F0 } ${fragments.join(' ')} fragment F60 on Query { n }`);
    const operation = getOperationAST(document);
    if (operation === null || operation === undefined) throw new Error('no operation');
    const startedAt = performance.now();
    const costs = { weights: new Map(), listSizes: new Map() };
    expect(evaluate(costOf(schema, costs, document, operation), undefined)).toBe(Number.POSITIVE_INFINITY);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

function pageOf(argument: string): string {
  return `{ instrument(symbol: "KO") { trades${argument} { edges { cursor node { px } } } } }`;
}
