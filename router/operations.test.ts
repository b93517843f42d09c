import { type ExecutionResult, parse } from 'graphql';
import type { RequestContext } from '../src/graphql/context.js';
import { buildApiSchema } from './api-schema.js';
import { readCostSchema } from './cost/cost-schema.js';
import { ErrorFormatter, RequestError } from './errors.js';
import { FastPath } from './fast-path.js';
import { createGateway, type Gateway } from './gateway.js';
import { DEFAULT_LIMITS } from './limits.js';
import { type CompiledOperation, Operations } from './operations.js';
import { buildShop, priceStreams, pushPrice, type Shop } from './testing/shop.js';

const context: RequestContext = {
  identity: { userId: 'ann', scopes: new Set(['orders:read', 'orders:write']) },
  requestId: 'r-1',
};
const logged: unknown[] = [];
const formatter = new ErrorFormatter((_level, _message, fields) => logged.push(fields));

let shop: Shop;
let gateway: Gateway;
let operations: Operations;
let planned: Operations;

beforeAll(async () => {
  shop = await buildShop();
  const apiSchema = buildApiSchema(shop.supergraphSdl, shop.subgraphs);
  gateway = await createGateway(shop.supergraphSdl, shop.subgraphs);
  const costs = readCostSchema(parse(shop.supergraphSdl));
  const options = { apiSchema, costs, gateway, limits: DEFAULT_LIMITS, introspection: true };
  operations = new Operations({ ...options, fastPath: new FastPath(shop.supergraphSdl, apiSchema, shop.subgraphs) });
  planned = new Operations({ ...options, fastPath: new FastPath(shop.supergraphSdl, apiSchema, []) });
});
afterAll(() => gateway.dispose());

function routeOf({ route }: CompiledOperation): string {
  return route.kind === 'subgraph' ? route.subgraph.name : route.kind;
}

/** What a client sees; locations are left out, since the gateway's are those of its own documents. */
async function answer(by: Operations, text: string, variables?: Record<string, unknown>) {
  const result = await by.execute(by.compile(text, undefined), variables, context);
  const { data, errors } = formatter.formatResult(result as ExecutionResult, context.requestId);
  return JSON.parse(JSON.stringify({ data, errors: errors?.map(({ locations, ...error }) => error) }));
}

const CASES: readonly [string, string, string, Record<string, unknown>?][] = [
  ['lists', 'product-catalogue', '{ items { sku title price } }'],
  ['arguments and null', 'product-catalogue', '{ a: item(sku: "A") { t: title } b: item(sku: "Z") { title } }'],
  ['variables', 'product-catalogue', 'query ($s: ID!) { item(sku: $s) { __typename price } }', { s: 'B' }],
  ['a default', 'product-catalogue', 'query ($s: ID = "A") { item(sku: $s) { sku } }'],
  ['fragments', 'product-catalogue', '{ items { ...F } } fragment F on Item { sku ... on Item { title } }'],
  ['skip and include', 'product-catalogue', 'query ($y: Boolean!) { items { sku @skip(if: $y) title } }', { y: true }],
  [
    'a union',
    'sales',
    'mutation { sell(sku: "A", quantity: 2) { ... on Sale { id item { sku } } ... on Refusal { text } } }',
  ],
  ['the other member', 'sales', 'mutation { sell(sku: "A", quantity: 0) { __typename ... on Refusal { text } } }'],
  ['a stub by its key', 'sales', '{ sale(id: "1") { id quantity item { sku soldCount } } }'],
  ['a mutation', 'product-catalogue', 'mutation { reprice(sku: "A", price: "9.90") { price } }'],
  ['a masked error', 'product-catalogue', '{ broken }'],
  ['a masked error beside data', 'product-catalogue', '{ broken items { sku } }'],
  ['an error on purpose', 'product-catalogue', '{ brokenForGood }'],
  [
    'a bad variable',
    'product-catalogue',
    'mutation ($p: Decimal!) { reprice(sku: "A", price: $p) { price } }',
    { p: '1e400' },
  ],
  ['a missing variable', 'product-catalogue', 'query ($s: ID!) { item(sku: $s) { sku } }'],
];

const SINGLE = CASES.map(([what, subgraph, text, variables]) => ({ what, subgraph, text, variables }));

describe('the fast path', () => {
  it.each(SINGLE)('gives the gateway’s answer: $what', async ({ subgraph, text, variables }) => {
    expect(routeOf(operations.compile(text, undefined))).toBe(subgraph);
    expect(routeOf(planned.compile(text, undefined))).toBe('gateway');
    const [fast, slow] = [await answer(operations, text, variables), await answer(planned, text, variables)];
    expect(fast).toEqual(slow);
    expect(fast.data !== undefined || fast.errors !== undefined).toBe(true);
  });

  it.each([
    ['fields of two subgraphs', '{ items { sku soldCount } }'],
    ['two subgraphs at the root', '{ items { sku } sale(id: "1") { id } }'],
    ['a field that is computed from another subgraph’s', '{ taxedItems { taxLabel } }'],
    ['a field that the subgraph only knows as external', '{ taxedItems { price } }'],
    ['a fragment that crosses', '{ sale(id: "1") { ...S } } fragment S on Sale { item { title } }'],
  ])('leaves to the gateway: %s', (_what, text) => {
    expect(routeOf(operations.compile(text, undefined))).toBe('gateway');
  });

  it('never lets a client reach the federation’s own fields', () => {
    expect(() => operations.compile('{ _service { sdl } }', undefined)).toThrow(/_service/);
    expect(() => operations.compile('{ _entities(representations: []) { __typename } }', undefined)).toThrow(
      /_entities/,
    );
  });
});

describe('the gateway', () => {
  it('joins subgraphs, with the caller in each', async () => {
    expect(await answer(operations, '{ sales { id item { title price soldCount taxLabel } } }')).toEqual({
      data: {
        sales: [
          { id: '1', item: { title: 'Apple', price: '1.10', soldCount: 3, taxLabel: '10% of 1.10' } },
          { id: '2', item: { title: 'Bread', price: '2.20', soldCount: 0, taxLabel: '10% of 2.20' } },
        ],
      },
    });
    expect(await answer(operations, '{ whoAmI taxRate }')).toEqual({ data: { whoAmI: 'ann r-1', taxRate: '10%' } });
  });

  it('keeps the order of mutations in several subgraphs', async () => {
    const text =
      'mutation { reprice(sku: "A", price: "3.00") { price } sell(sku: "A", quantity: 1) { ... on Sale { item { title } } } }';
    expect(await answer(operations, text)).toEqual({
      data: { reprice: { price: '3.00' }, sell: { item: { title: 'Apple' } } },
    });
  });

  it('tells an error of one subgraph beside the data of another, masked', async () => {
    const { data, errors } = await answer(operations, '{ broken taxRate }');
    expect(data).toEqual({ broken: null, taxRate: '10%' });
    expect(errors).toEqual([
      { message: 'Internal error', path: ['broken'], extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'r-1' } },
    ]);
    expect(JSON.stringify(logged)).toContain('SELECT secret');
  });
});

async function openStream(by: Operations, text: string): Promise<AsyncIterator<ExecutionResult>> {
  const stream = await by.subscribe(by.compile(text, undefined), undefined, context);
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
  return stream[Symbol.asyncIterator]();
}

describe('subscriptions', () => {
  it.each([
    ['one subgraph', 'subscription { prices { sku price } }', { prices: { sku: 'A', price: '1.11' } }],
    [
      'several subgraphs',
      'subscription { prices { sku soldCount taxLabel } }',
      { prices: { sku: 'A', soldCount: 3, taxLabel: '10% of 1.11' } },
    ],
    [
      'an entity of another subgraph',
      'subscription { sold { item { title } } }',
      { sold: { item: { title: 'Apple' } } },
    ],
  ])('carry every event, each with its own errors only: %s', async (_what, text, expected) => {
    const stream = await openStream(operations, text);
    const first = stream.next();
    pushPrice('A');
    pushPrice('A', 'unspeakable');
    pushPrice('A');
    expect((await first).value.data).toEqual(expected);
    const failed = await stream.next();
    expect(formatter.formatResult(failed.value, 'r').errors).toMatchObject([{ message: 'Internal error' }]);
    expect((await stream.next()).value).toEqual({ data: expected });
    await stream.return?.();
    expect(priceStreams.size).toBe(0);
  });

  it('end at the source when the subscriber leaves while waiting', async () => {
    for (const text of ['subscription { prices { sku } }', 'subscription { prices { sku soldCount } }']) {
      const stream = await openStream(operations, text);
      const waiting = stream.next();
      await new Promise((done) => setImmediate(done));
      expect(priceStreams.size).toBe(1);
      await stream.return?.();
      expect((await waiting).done).toBe(true);
      expect(priceStreams.size).toBe(0);
    }
  });
});

describe('introspection', () => {
  it('shows the API and not the federation', async () => {
    const { data } = await answer(
      operations,
      '{ __schema { types { name } } __type(name: "Item") { fields { name } } }',
    );
    const names = data.__schema.types.map(({ name }: { name: string }) => name);
    expect(names).toContain('Sale');
    expect(names.filter((name: string) => /^(join__|_Entity|_Any)/.test(name))).toEqual([]);
    expect(data.__type.fields.map(({ name }: { name: string }) => name).sort()).toEqual(
      ['sku', 'title', 'price', 'soldCount', 'taxLabel'].sort(),
    );
  });
});

describe('limits', () => {
  const refusal = (text: string): { code: unknown; limit: unknown; message: string } => {
    try {
      operations.compile(text, undefined);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const [first] = error.errors;
      return { code: first?.extensions.code, limit: first?.extensions.limit, message: String(first?.message) };
    }
    throw new Error(`was not refused: ${text}`);
  };
  const deep = `{ sale(id: "1") { ${'item { '.repeat(12)} sku ${'} '.repeat(12)} } }`;

  it.each([
    ['maxTokens', `{ items { ${'sku '.repeat(1_000)} } }`],
    ['maxDepth', deep],
    [
      'maxDepth',
      '{ sale(id: "1") { ...A } } fragment A on Sale { item { ...B } } fragment B on Item { sku } '.replace(
        '{ sku }',
        `${'{ x '.repeat(9)}${'} '.repeat(9)}`,
      ),
    ],
    ['maxAliases', `{ items { ${Array.from({ length: 16 }, (_, index) => `a${index}: sku`).join(' ')} } }`],
    ['maxAliases', `{ ${'...F '.repeat(9)} } fragment F on Query { a: taxRate b: taxRate }`],
    ['maxRootFields', `{ ${'taxRate '.repeat(11)} }`],
    ['maxDirectives', `{ items { sku ${'@include(if: true) '.repeat(21)} } }`],
  ])('are told by name: %s', (limit, text) => {
    const { code, limit: told, message } = refusal(text);
    expect({ code, told }).toEqual({ code: 'LIMIT_EXCEEDED', told: limit });
    expect(message).toMatch(/\d/);
  });

  it('measures a bomb of fragments without exploding', () => {
    const fragments = Array.from(
      { length: 30 },
      (_, i) => `fragment F${i} on Item { ${`...F${i + 1} `.repeat(4)} sku }`,
    );
    const startedAt = performance.now();
    expect(refusal(`{ items { ...F0 } } ${fragments.join(' ')} fragment F30 on Item { a: sku }`).limit).toBe(
      'maxAliases',
    );
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('refuses a cycle of fragments', () => {
    expect(refusal('{ items { ...A } } fragment A on Item { ...B } fragment B on Item { ...A }')).toMatchObject({
      code: 'GRAPHQL_VALIDATION_FAILED',
    });
  });

  it('lets the standard introspection pass', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    expect(routeOf(operations.compile(getIntrospectionQuery(), undefined))).toBe('introspection');
  });

  it('keeps a bounded number of documents', () => {
    for (let index = 0; index < DEFAULT_LIMITS.maxCachedDocuments + 10; index += 1) {
      operations.compile(`{ items { sku } } # ${index}`, undefined);
    }
    expect(operations.cachedDocuments).toBe(DEFAULT_LIMITS.maxCachedDocuments);
  });
});
