import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Client, type CloseCode, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Router } from './router.js';
import { priceStreams, pushPrice } from './testing/shop.js';
import { type Logged, signToken, startRouter } from './testing/start.js';

let router: Router & { logged: Logged };
const clients: Client[] = [];
const raw: WebSocket[] = [];

beforeAll(async () => {
  router = await startRouter({ limits: { connectionInitTimeoutMs: 300, maxSubscriptionsPerSocket: 3 } });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.dispose()));
  for (const socket of raw.splice(0)) socket.terminate();
});
afterAll(() => router.stop());

const socketUrl = (of: Router) => `${of.url.replace('http', 'ws')}/graphql`;

function clientOf(of: Router, connectionParams: Record<string, unknown> = {}): Client {
  const client = createClient({ url: socketUrl(of), webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });
  clients.push(client);
  return client;
}

async function first(client: Client, query: string, variables?: Record<string, unknown>): Promise<unknown> {
  for await (const result of client.iterate({ query, variables })) return result;
  return undefined;
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; waited < 200; waited += 1) {
    if (condition()) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error(`did not happen within 2 s: ${what}`);
}

/** A socket without a client library. */
function open(
  of: Router,
  options: { protocols?: string[]; headers?: Record<string, string>; path?: string; autoPong?: boolean } = {},
) {
  const url = options.path === undefined ? socketUrl(of) : `${of.url.replace('http', 'ws')}${options.path}`;
  const socket = new WebSocket(url, options.protocols ?? ['graphql-transport-ws'], {
    headers: options.headers ?? {},
    autoPong: options.autoPong ?? true,
  });
  // A refused or cut socket tells so twice; its close or refusal is what tests look at.
  socket.on('error', () => undefined);
  raw.push(socket);
  return socket;
}

async function closeOf(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return { code, reason: reason.toString() };
}

async function refusalOf(socket: WebSocket): Promise<number | undefined> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }];
  return response.statusCode;
}

async function acknowledged(socket: WebSocket, payload: object = {}): Promise<void> {
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload }));
  await once(socket, 'message');
}

const subscribe = (id: string, query: string) => JSON.stringify({ type: 'subscribe', id, payload: { query } });

describe('operations over WebSocket', () => {
  it('run queries, mutations and subscriptions', async () => {
    const client = clientOf(router);
    expect(await first(client, '{ taxRate }')).toMatchObject({ data: { taxRate: '10%' } });
    expect(await first(client, 'mutation { reprice(sku: "A", price: "7.00") { price } }')).toMatchObject({
      data: { reprice: { price: '7.00' } },
    });
    const prices = client.iterate({ query: 'subscription { prices { sku price soldCount } }' });
    const next = prices.next();
    await until(() => priceStreams.size === 1, 'the stream opens');
    pushPrice('A');
    expect((await next).value).toEqual({ data: { prices: { sku: 'A', price: '1.11', soldCount: 3 } } });
    await prices.return?.();
    await until(() => priceStreams.size === 0, 'the stream ends when the client leaves');
  });

  it('end their streams when the socket dies', async () => {
    const socket = open(router);
    await acknowledged(socket);
    socket.send(subscribe('a', 'subscription { prices { sku } }'));
    socket.send(subscribe('b', 'subscription { prices { sku soldCount } }'));
    await until(() => priceStreams.size === 2, 'the streams open');
    socket.terminate();
    await until(() => priceStreams.size === 0, 'the streams end');
    const metrics = await (await fetch(`${router.url}/metrics`)).text();
    expect(metrics).toMatch(/tradsys_router_subscriptions 0/);
  });

  it('tell errors masked, in results and in streams', async () => {
    const client = clientOf(router);
    expect(await first(client, '{ broken }')).toMatchObject({
      data: { broken: null },
      errors: [{ message: 'Internal error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    const prices = client.iterate({ query: 'subscription { prices { sku } }' });
    const next = prices.next();
    await until(() => priceStreams.size === 1, 'the stream opens');
    pushPrice('A', 'unspeakable');
    expect(JSON.stringify((await next).value)).not.toContain('secret');
    for (const stream of priceStreams) stream.fail(new Error('secret of the stream'));
    const failure = await prices.next().catch((error: unknown) => error);
    expect(JSON.stringify(failure)).toContain('Internal error');
    expect(JSON.stringify(failure)).not.toContain('secret');
    expect(JSON.stringify(router.logged)).toContain('secret of the stream');
  });

  it('refuse what is not valid or passes a limit by an error under its id', async () => {
    const client = clientOf(router);
    await expect(first(client, '{ nothing }')).rejects.toMatchObject([
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
    await expect(first(client, `{ ${'taxRate '.repeat(11)} }`)).rejects.toMatchObject([
      { extensions: { code: 'LIMIT_EXCEEDED', limit: 'maxRootFields' } },
    ]);
    const bad = await first(client, 'mutation ($p: Decimal!) { reprice(sku: "A", price: $p) { price } }', { p: 'x' });
    expect(bad).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  it('hold a socket to its number of subscriptions', async () => {
    const client = clientOf(router);
    const streams = Array.from({ length: 3 }, () => client.iterate({ query: 'subscription { prices { sku } }' }));
    const waiting = streams.map((stream) => stream.next());
    await until(() => priceStreams.size === 3, 'the streams open');
    await expect(first(client, 'subscription { prices { sku } }')).rejects.toMatchObject([
      { extensions: { code: 'LIMIT_EXCEEDED', limit: 'maxSubscriptionsPerSocket', max: 3 } },
    ]);
    expect(await first(client, '{ taxRate }')).toMatchObject({ data: { taxRate: '10%' } });
    await Promise.all(streams.map((stream) => stream.return?.()));
    await Promise.all(waiting);
    await until(() => priceStreams.size === 0, 'the streams end');
    const again = client.iterate({ query: 'subscription { prices { sku } }' });
    const next = again.next();
    await until(() => priceStreams.size === 1, 'a place is free again');
    await again.return?.();
    await next;
  });
});

describe('identity over WebSocket', () => {
  it('comes from connection_init in any usual form, or from the upgrade', async () => {
    const token = await signToken('ann');
    for (const parameters of [{ Authorization: `Bearer ${token}` }, { authorization: `Bearer ${token}` }, { token }]) {
      expect(JSON.stringify(await first(clientOf(router, parameters), '{ whoAmI }'))).toContain('ann ');
    }
    const socket = open(router, { headers: { authorization: `Bearer ${token}` } });
    await acknowledged(socket);
    socket.send(subscribe('1', '{ whoAmI }'));
    const [message] = (await once(socket, 'message')) as [Buffer];
    expect(message.toString()).toContain('ann ');
  });

  it('is nobody without a token, who may not subscribe to what is private', async () => {
    expect(await first(clientOf(router), 'subscription { sold { id } }')).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(priceStreams.size).toBe(0);
  });

  it('is refused with 4403 when the token proves nothing', async () => {
    for (const payload of [{ Authorization: 'Bearer x' }, { token: 7 }, { Authorization: 'Basic eA==' }]) {
      const socket = open(router);
      await once(socket, 'open');
      socket.send(JSON.stringify({ type: 'connection_init', payload }));
      expect(await closeOf(socket)).toMatchObject({ code: 4403, reason: expect.stringContaining('Forbidden: ') });
    }
  });

  it('ends with 4401 when the token expires, and its streams with it', async () => {
    const token = await signToken('ann', { expiresInMs: 2_000 });
    const socket = open(router);
    const closed = closeOf(socket);
    await acknowledged(socket, { token });
    socket.send(subscribe('1', 'subscription { sold { id } }'));
    await until(() => priceStreams.size === 1, 'the stream opens');
    expect(await closed).toMatchObject({ code: 4401, reason: expect.stringContaining('expired') });
    await until(() => priceStreams.size === 0, 'the stream ends');
  });
});

describe('sockets', () => {
  it('are closed by the protocol’s codes', async () => {
    const silent = open(router);
    expect(await closeOf(silent)).toMatchObject({ code: 4408 });
    const early = open(router);
    await once(early, 'open');
    early.send(subscribe('1', '{ taxRate }'));
    expect(await closeOf(early)).toMatchObject({ code: 4401 });
    const garbled = open(router);
    await acknowledged(garbled);
    garbled.send('{"type":');
    expect(await closeOf(garbled)).toMatchObject({ code: 4400 });
    const large = open(router);
    await acknowledged(large);
    large.send(subscribe('1', `{ taxRate } # ${'x'.repeat(100_001)}`));
    expect(await closeOf(large)).toMatchObject({ code: 1009 });
    const other = open(router, { protocols: [] });
    expect(await closeOf(other)).toMatchObject({ code: 4406 });
  });

  it('are refused to pages of foreign origins, and at other paths', async () => {
    expect(await refusalOf(open(router, { headers: { origin: 'https://evil.example' } }))).toBe(403);
    expect(await refusalOf(open(router, { path: '/elsewhere' }))).toBe(404);
    await acknowledged(open(router, { headers: { origin: 'https://desk.example.com' } }));
  });

  it('are refused beyond their number', async () => {
    const small = await startRouter({ limits: { maxSockets: 1 } });
    try {
      await acknowledged(open(small));
      expect(await refusalOf(open(small))).toBe(503);
    } finally {
      await small.stop();
    }
  });

  it('are cut when they answer no ping', async () => {
    const strict = await startRouter({ limits: { keepAliveMs: 50 } });
    try {
      const living = open(strict);
      await acknowledged(living);
      const dead = open(strict, { autoPong: false });
      await acknowledged(dead);
      expect((await closeOf(dead)).code).toBe(1006);
      expect(living.readyState).toBe(WebSocket.OPEN);
    } finally {
      await strict.stop();
    }
  });

  it('are closed when they read too slowly, while others go on', async () => {
    const bounded = await startRouter({ limits: { maxBufferedBytes: 200_000, maxSubscriptionsPerSocket: 50 } });
    try {
      const slow = open(bounded);
      await acknowledged(slow);
      for (let id = 0; id < 40; id += 1) slow.send(subscribe(`s${id}`, 'subscription { prices { sku title } }'));
      const quick = clientOf(bounded).iterate({ query: 'subscription { prices { sku } }' });
      let received = 0;
      const reading = (async () => {
        for await (const _ of quick) received += 1;
      })().catch((code: CloseCode) => code);
      await until(() => priceStreams.size === 41, 'the streams open');
      (slow as unknown as { _socket: Socket })._socket.pause();
      const title = 'x'.repeat(50_000);
      for (let round = 0; priceStreams.size > 1; round += 1) {
        if (round > 2_000) throw new Error('the slow reader is still there');
        pushPrice('A', title);
        await new Promise((done) => setTimeout(done, 2));
      }
      const before = received;
      pushPrice('A');
      await until(() => received > before, 'the quick reader goes on');
      const metrics = await (await fetch(`${bounded.url}/metrics`)).text();
      expect(metrics).toMatch(/tradsys_router_sockets 1\n/);
      await quick.return?.();
      await reading;
    } finally {
      await bounded.stop();
    }
  });

  it('are told to go away when the platform stops, after what is in flight', async () => {
    const stopping = await startRouter();
    const socket = open(stopping);
    await acknowledged(socket);
    const messages: string[] = [];
    socket.on('message', (data) => messages.push(String(data)));
    socket.send(subscribe('s', 'subscription { prices { sku } }'));
    socket.send(subscribe('q', '{ slow(ms: 300) }'));
    await until(() => priceStreams.size === 1, 'the stream opens');
    const startedAt = performance.now();
    const closed = closeOf(socket);
    await Promise.all([stopping.stop(), stopping.stop()]);
    expect((await closed).code).toBe(1001);
    expect(messages.join()).toContain('"slow":"done"');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(priceStreams.size).toBe(0);
  });

  it('do not hold up a stop when the peer is gone silent', async () => {
    const stopping = await startRouter({ limits: { drainMs: 200 } });
    const socket = connect(stopping.port, '127.0.0.1');
    const key = Buffer.alloc(16).toString('base64');
    socket.write(
      `GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`,
    );
    await once(socket, 'data');
    socket.on('error', () => undefined);
    await stopping.stop();
    socket.destroy();
  });
});
