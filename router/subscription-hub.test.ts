import {
  type ExecutionResult,
  GraphQLError,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  OperationTypeNode,
  parse,
} from 'graphql';
import type { RequestContext } from '../src/graphql/context.js';
import { PushStream } from '../src/graphql/push-stream.js';
import type { CompiledOperation } from './operations.js';
import { type SharedSubscription, SubscriptionHub } from './subscription-hub.js';

interface Price {
  readonly symbol: string;
  readonly px: number;
}

const ALICE: RequestContext = { identity: { userId: 'alice', scopes: new Set(['admin']) }, requestId: 'a' };
const NOBODY: RequestContext = { identity: null, requestId: 'n' };

describe('the subscription hub', () => {
  let streams: Set<PushStream<Price>>;
  let resolved: number;
  let schema: GraphQLSchema;
  let hub: SubscriptionHub;

  beforeEach(() => {
    streams = new Set();
    resolved = 0;
    const open = () => {
      const stream: PushStream<Price> = new PushStream<Price>({
        maxBuffer: 2,
        onOverflow: 'DROP_OLDEST',
        onClose: () => streams.delete(stream),
      });
      streams.add(stream);
      return stream;
    };
    const priceType = new GraphQLObjectType({
      name: 'Price',
      fields: {
        symbol: { type: GraphQLString },
        px: { type: GraphQLInt },
        viewer: {
          type: GraphQLString,
          resolve: (_price, _args, context: RequestContext) => context.identity?.userId ?? 'nobody',
        },
      },
    });
    const args = { symbol: { type: new GraphQLNonNull(GraphQLString) } };
    const subscribeTo = (_root: unknown, { symbol }: { symbol: string }) => {
      if (symbol === 'NONE') throw new GraphQLError('there is none', { extensions: { code: 'NOT_FOUND' } });
      return open();
    };
    schema = new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: { ok: { type: GraphQLString } } }),
      subscription: new GraphQLObjectType({
        name: 'Subscription',
        fields: {
          prices: {
            type: priceType,
            args,
            extensions: { shared: true },
            subscribe: subscribeTo,
            resolve: (price: Price) => {
              resolved += 1;
              return price;
            },
          },
          privatePrices: { type: priceType, args, subscribe: subscribeTo, resolve: (price: Price) => price },
        },
      }),
    });
    hub = new SubscriptionHub((result) => result as never);
  });

  function compile(text: string): CompiledOperation {
    const document = parse(text);
    const definition = document.definitions.find((each) => each.kind === 'OperationDefinition');
    if (definition?.kind !== 'OperationDefinition') throw new Error('no operation');
    return {
      document,
      definition,
      type: OperationTypeNode.SUBSCRIPTION,
      operationName: undefined,
      route: { kind: 'subgraph', subgraph: { name: 'prices', schema } },
      cost: 1,
      weight: 1,
      rateClass: 'queries',
      mutationFields: [],
    };
  }

  async function open(operation: CompiledOperation, symbol: string, context = NOBODY): Promise<SharedSubscription> {
    const opened = await hub.open(operation, { symbol }, context);
    if (!('next' in opened)) throw new Error(JSON.stringify(opened));
    return opened;
  }

  const publish = (price: Price) => {
    for (const stream of streams) stream.push(price);
  };
  const PRICES = 'subscription ($symbol: String!) { prices(symbol: $symbol) { symbol px } }';

  it('executes an event once for all subscribers of one document and the same variables', async () => {
    const operation = compile(PRICES);
    const members = await Promise.all(Array.from({ length: 50 }, () => open(operation, 'KO')));
    const other = await open(operation, 'PEP');
    for (let px = 1; px <= 3; px += 1) {
      publish({ symbol: 'KO', px });
      const texts = await Promise.all(members.map(async (member) => (await member.next()).value));
      expect(new Set(texts)).toEqual(new Set([`{"data":{"prices":{"symbol":"KO","px":${px}}}}`]));
      expect((await other.next()).done).toBe(false);
    }
    expect(resolved).toBe(6);
    expect(hub.executions).toBe(6);
    await Promise.all([...members, other].map((member) => member.return()));
    expect(streams.size).toBe(0);
  });

  it('lets each subscriber read at its own pace out of a bounded buffer', async () => {
    const operation = compile(PRICES);
    const [fast, slow] = [await open(operation, 'KO'), await open(operation, 'KO')];
    const seen: unknown[] = [];
    for (let px = 1; px <= 5; px += 1) {
      publish({ symbol: 'KO', px });
      seen.push((await fast.next()).value);
    }
    expect(seen).toHaveLength(5);
    expect([(await slow.next()).value, (await slow.next()).value]).toEqual(seen.slice(3));
    expect(hub.executions).toBe(5);
  });

  it.each([
    ['a field that was not declared shareable', 'subscription { privatePrices(symbol: "KO") { px } }', false],
    ['a field whose resolver may look at the caller', 'subscription { prices(symbol: "KO") { px viewer } }', false],
    [
      'the same behind a fragment',
      'subscription { prices(symbol: "KO") { ...f } } fragment f on Price { viewer }',
      false,
    ],
    ['plain fields', 'subscription { prices(symbol: "KO") { __typename px } }', true],
    [
      'plain fields behind fragments',
      'subscription { prices(symbol: "KO") { ... { px } ...f } } fragment f on Price { symbol }',
      true,
    ],
  ])('decides on %s', (_what, text, shares) => {
    expect(hub.shares(compile(text))).toBe(shares);
  });

  it('does not share what the gateway plans', () => {
    expect(hub.shares({ ...compile(PRICES), route: { kind: 'gateway' } })).toBe(false);
  });

  it('executes as nobody, whoever subscribes', async () => {
    const stream = await open(compile(PRICES), 'KO', ALICE);
    publish({ symbol: 'KO', px: 1 });
    expect((await stream.next()).value).toBe('{"data":{"prices":{"symbol":"KO","px":1}}}');
  });

  it('refuses as the stream does, and tells the end of a stream and its failure to each subscriber', async () => {
    const operation = compile(PRICES);
    const refused = (await hub.open(operation, { symbol: 'NONE' }, NOBODY)) as ExecutionResult;
    expect(refused.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    const [ended, failed] = [await open(operation, 'KO'), await open(operation, 'KO')];
    const [first, second] = [...streams];
    first?.end();
    second?.fail(new GraphQLError('too slow'));
    expect(await ended.next()).toEqual({ value: undefined, done: true });
    await expect(failed.next()).rejects.toThrow('too slow');
    const waiting = await open(operation, 'KO');
    const next = waiting.next();
    await waiting.return();
    expect(await next).toEqual({ value: undefined, done: true });
  });
});
