/** Streams of a subgraph behind a real socket: windows, errors and cut connections. */
import { type ExecutionResult, GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { sealContext } from '../src/graphql/context-seal.js';
import type { OverflowPolicy } from '../src/graphql/enums.js';
import { PushStream } from '../src/graphql/push-stream.js';
import { ReachedSequence } from '../src/graphql/reached-sequence.js';
import {
  addSubgraph,
  CONTEXT_EXTENSION,
  createHttpServer,
  GraphQLRoute,
  listen,
} from '../src/graphql/subgraph-server.js';
import { RemoteStreams, type StreamRequest, WINDOW } from './remote-streams.js';

const SECRET = 'a secret that router and subgraph share';
const MAX_BUFFER = 8;

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn > 2_000) throw new Error('never came');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('Streams of a subgraph in another process', () => {
  const ends: (() => Promise<unknown> | unknown)[] = [];
  let open: PushStream<{ n: number }>[];
  let streams: RemoteStreams;
  let cut: () => void;
  let read: unknown[];

  const number = { type: GraphQLInt, resolve: (item: { n: number }) => item.n };
  const source = (onOverflow: OverflowPolicy) => () => {
    const stream = new PushStream<{ n: number }>({ maxBuffer: MAX_BUFFER, onOverflow });
    open.push(stream);
    return stream;
  };
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { name: { type: GraphQLString } } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        all: { ...number, subscribe: source('CLOSE') },
        newest: { ...number, subscribe: source('DROP_OLDEST') },
      },
    }),
  });

  beforeEach(async () => {
    open = [];
    read = [];
    const app = createHttpServer();
    const route = new GraphQLRoute(app);
    const port = await listen(app, '127.0.0.1', 0);
    const reached = new ReachedSequence();
    reached.set(5);
    const subgraph = { name: 'numbers', schema, start: async () => undefined, stop: async () => undefined };
    const log = () => undefined;
    ends.push(() => app.close());
    ends.push(await addSubgraph({ subgraph: subgraph as never, app, secret: SECRET, route, reached, log }));
    const sockets = new Set<{ destroy(): void }>();
    app.server.on('upgrade', (_request, socket) => sockets.add(socket));
    cut = () => {
      for (const socket of sockets) socket.destroy();
    };
    streams = new RemoteStreams({
      name: 'numbers',
      url: `http://127.0.0.1:${port}/graphql`,
      onExtensions: (extensions) => read.push(extensions[CONTEXT_EXTENSION]),
      log,
    });
    ends.push(() => streams.dispose());
  });

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  function request(query: string, secret = SECRET): StreamRequest {
    const context = { identity: null, requestId: 'test' };
    const extensions = { [CONTEXT_EXTENSION]: sealContext(secret, { context, sequence: 0 }, Date.now()) };
    return { query, variables: {}, operationName: undefined, extensions };
  }

  const push = (from: number, to: number) => {
    for (let n = from; n <= to; n += 1) open[0]?.push({ n });
  };
  const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

  it('gives every result, and how far the subgraph has read, to a reader who keeps up', async () => {
    const stream = streams.subscribe(request('subscription { all }'));
    await until(() => open.length === 1);
    for (let n = 1; n <= 5 * WINDOW; n += 1) {
      push(n, n);
      expect(await stream.next()).toEqual({ value: { data: { all: n } }, done: false });
    }
    expect(new Set(read)).toEqual(new Set([5]));
    await stream.return();
    await until(() => open[0]?.closed === true);
  });

  it('holds the subgraph’s own buffer and policy against a reader who does not', async () => {
    const stream = streams.subscribe(request('subscription { newest }'));
    await until(() => open.length === 1);
    const last = 3 * WINDOW;
    for (let n = 1; n <= last; n += 1) {
      push(n, n);
      if (n % 4 === 0) await settled();
    }
    expect(stream.size).toBe(WINDOW);
    const seen: number[] = [];
    while (seen.at(-1) !== last) seen.push(((await stream.next()).value as ExecutionResult).data?.newest as number);
    expect(seen.slice(0, WINDOW)).toEqual(Array.from({ length: WINDOW }, (_, at) => at + 1));
    expect(seen.length).toBeLessThanOrEqual(WINDOW + MAX_BUFFER + 1);
  });

  it('tells what the subgraph ended the stream with, after all that came before', async () => {
    const stream = streams.subscribe(request('subscription { all }'));
    await until(() => open.length === 1);
    for (let n = 1; n <= WINDOW; n += 1) {
      push(n, n);
      if (n % 4 === 0) await settled();
    }
    push(WINDOW + 1, WINDOW + 2 * MAX_BUFFER);
    const take = async () => {
      let count = 0;
      for await (const _ of stream) count += 1;
      return count;
    };
    await expect(take()).rejects.toMatchObject({ extensions: { code: 'SLOW_CONSUMER', limit: MAX_BUFFER } });
  });

  it('ends with SUBGRAPH_UNAVAILABLE where the connection is cut, and subscribes to nothing by itself', async () => {
    const stream = streams.subscribe(request('subscription { all }'));
    await until(() => open.length === 1);
    push(1, 1);
    expect(await stream.next()).toMatchObject({ value: { data: { all: 1 } } });
    cut();
    await expect(stream.next()).rejects.toMatchObject({
      extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'numbers' },
    });
    expect(await stream.next()).toEqual({ value: undefined, done: true });
    await until(() => open[0]?.closed === true);
    expect(open.length).toBe(1);
    const again = streams.subscribe(request('subscription { all }'));
    await until(() => open.length === 2);
    await again.return();
  });

  it('a stream that is left while it is held back frees the subgraph', async () => {
    const stream = streams.subscribe(request('subscription { newest }'));
    await until(() => open.length === 1);
    for (let n = 1; n <= 2 * WINDOW; n += 1) {
      push(n, n);
      if (n % 4 === 0) await settled();
    }
    await stream.return();
    await until(() => open[0]?.closed === true);
  });

  it('an operation of a foreign router is refused by itself, beside streams that go on', async () => {
    const stream = streams.subscribe(request('subscription { all }'));
    await until(() => open.length === 1);
    const foreign = streams.subscribe(request('subscription { all }', 'another secret'));
    await expect(foreign.next()).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    push(1, 1);
    expect(await stream.next()).toMatchObject({ value: { data: { all: 1 } } });
  });
});
