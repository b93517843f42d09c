/**
 * Orders that end with their client: sockets that are cut, clients that come back in time, a platform that is killed, and the
 * dead-man timer. What nobody asked to be canceled stays.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { post } from './support/client.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const PLACE = `mutation Place($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    ... on PlaceOrderSuccess { order { id ordStatus } }
    ... on OrderRejection { ordRejReason text }
  }
}`;
const AFTER = `mutation After($accountId: ID!, $timeoutMs: Int!) {
  cancelAllAfter(accountId: $accountId, timeoutMs: $timeoutMs) { expiresAt }
}`;

type Owner = 'trader' | 'trader2';
// biome-ignore lint/suspicious/noExplicitAny: answers are shaped by each document
type Payload = any;

/** A bare graphql-transport-ws client, which can be cut. */
class Socket {
  readonly #waiting = new Map<string, (payload: Payload) => void>();
  #count = 0;
  ack: Payload = null;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly ready: Promise<void>;

  constructor(
    readonly socket: WebSocket,
    parameters: Record<string, unknown>,
  ) {
    this.closed = new Promise((done) =>
      socket.once('close', (code, reason) => done({ code, reason: reason.toString() })),
    );
    socket.on('error', () => undefined);
    this.ready = new Promise((done) => {
      socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: parameters })));
      socket.on('message', (data) => {
        const { type, id, payload } = JSON.parse(String(data));
        if (type === 'connection_ack') {
          this.ack = payload ?? null;
          done();
        } else if (type === 'next' || type === 'error') this.#waiting.get(id)?.(payload);
      });
    });
  }

  send(query: string, variables: Record<string, unknown>): Promise<Payload> {
    this.#count += 1;
    const id = String(this.#count);
    return new Promise((done) => {
      this.#waiting.set(id, done);
      this.socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));
    });
  }
}

describe('Orders that end with their client', () => {
  let dataDir: string;
  let platform: RunningPlatform;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    dataDir = await makeDataDir();
    platform = await startPlatform({ dataDir });
  }, 120_000);

  afterAll(async () => {
    for (const { socket } of sockets) socket.terminate();
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  async function open(owner: Owner | null, cancelOnDisconnect?: unknown): Promise<Socket> {
    const token = owner === null ? {} : { Authorization: `Bearer ${platform.credentials[owner].token}` };
    const url = platform.url.replace(/^http/, 'ws');
    const client = new Socket(new WebSocket(url, 'graphql-transport-ws'), {
      ...token,
      ...(cancelOnDisconnect === undefined ? {} : { cancelOnDisconnect }),
    });
    sockets.push(client);
    await Promise.race([client.ready, client.closed]);
    return client;
  }

  const order = (owner: Owner, over: Record<string, unknown> = {}) => ({
    accountId: platform.credentials[owner].accountId,
    symbol: 'KO',
    side: 'BUY',
    ordType: 'LIMIT',
    orderQty: '1',
    price: '69.00',
    ...over,
  });

  async function place(client: Socket, owner: Owner, over: Record<string, unknown> = {}): Promise<string> {
    const { data, errors } = await client.send(PLACE, { input: order(owner, over) });
    expect({ errors, placed: data?.placeOrder }).toMatchObject({ placed: { order: { ordStatus: 'NEW' } } });
    return data.placeOrder.order.id;
  }

  async function statusOf(owner: Owner, id: string): Promise<string> {
    const query = 'query Status($id: ID!) { order(id: $id) { ordStatus text } }';
    const { data } = await post(platform.url, query, { id }, platform.credentials[owner].token);
    return data.order.ordStatus;
  }

  async function untilCanceled(owner: Owner, id: string): Promise<number> {
    const startMs = Date.now();
    while ((await statusOf(owner, id)) !== 'CANCELED') {
      if (Date.now() - startMs > 30_000) throw new Error(`order ${id} was not canceled within 30 s`);
      await sleep(50);
    }
    return Date.now() - startMs;
  }

  it('are canceled after the grace once the socket is cut; what did not ask for it stays, another account’s too', async () => {
    const socket = await open('trader', { graceMs: 300, leaseId: 'desk' });
    expect(socket.ack).toEqual({ cancelOnDisconnect: { leaseId: 'desk', graceMs: 300 } });
    const [leased, asked] = [
      await place(socket, 'trader'),
      await place(socket, 'trader', { cancelOnDisconnect: true }),
    ];
    const kept = await place(socket, 'trader', { cancelOnDisconnect: false });
    const foreign = await place(await open('trader2'), 'trader2');
    socket.socket.terminate();
    await untilCanceled('trader', leased);
    await untilCanceled('trader', asked);
    expect(await statusOf('trader', kept)).toBe('NEW');
    expect(await statusOf('trader2', foreign)).toBe('NEW');
  }, 60_000);

  it('may be single ones of a socket, with batches and quotes', async () => {
    const socket = await open('trader');
    const kept = await place(socket, 'trader');
    const leased = await place(socket, 'trader', { cancelOnDisconnect: true });
    const { data } = await socket.send(
      `mutation Batch($inputs: [PlaceOrderInput!]!) {
        placeOrders(inputs: $inputs) { ... on PlaceOrderSuccess { order { id } } ... on OrderRejection { text } }
      }`,
      { inputs: [order('trader', { cancelOnDisconnect: true }), order('trader')] },
    );
    const [first, second] = data.placeOrders.map((result: Payload) => result.order.id);
    const quoted = await socket.send(
      `mutation Quote($input: MassQuoteInput!) {
        massQuote(input: $input) { quotes { bid { ... on PlaceOrderSuccess { order { id } } } } }
      }`,
      {
        input: {
          accountId: platform.credentials.trader.accountId,
          quoteId: 'q1',
          quotes: [{ symbol: 'MSFT', bidPx: '428.00', bidQty: '1' }],
          cancelOnDisconnect: true,
        },
      },
    );
    const quote = quoted.data.massQuote.quotes[0].bid.order.id;
    socket.socket.terminate();
    for (const id of [leased, first, quote]) await untilCanceled('trader', id);
    expect([await statusOf('trader', kept), await statusOf('trader', second)]).toEqual(['NEW', 'NEW']);
  }, 60_000);

  it('stay while the socket is open, and for whoever comes back under the same lease within the grace', async () => {
    const socket = await open('trader', { graceMs: 3_000, leaseId: 'back' });
    const id = await place(socket, 'trader');
    // Another trader's socket under the same name has nothing to do with it.
    const stranger = await open('trader2', { graceMs: 0, leaseId: 'back' });
    stranger.socket.terminate();
    socket.socket.terminate();
    const again = await open('trader', { graceMs: 3_000, leaseId: 'back' });
    // Longer than a lease lives without being renewed.
    await sleep(9_000);
    expect(await statusOf('trader', id)).toBe('NEW');
    again.socket.close(1000);
    expect(await untilCanceled('trader', id)).toBeGreaterThan(1_500);
  }, 60_000);

  it('are canceled after a kill -9 of the platform; others are kept', async () => {
    const socket = await open('trader', { graceMs: 100 });
    const leased = await place(socket, 'trader');
    const kept = await place(socket, 'trader', { cancelOnDisconnect: false });
    await platform.crash();
    platform = await startPlatform({ dataDir });
    await untilCanceled('trader', leased);
    expect(await statusOf('trader', kept)).toBe('NEW');
  }, 120_000);

  it('can’t be ones over HTTP, which has no connection to end with', async () => {
    const { token } = platform.credentials.trader;
    const input = order('trader', { cancelOnDisconnect: true });
    const { data } = await post(platform.url, PLACE, { input }, token);
    expect(data.placeOrder).toEqual({
      ordRejReason: 'INVALID_REQUEST',
      text: expect.stringMatching(/cancelOnDisconnect: .*WebSocket.*cancelAllAfter/),
    });
  });

  it.each([
    [{ graceMs: -1 }, 'graceMs'],
    [{ graceMs: 600_001 }, 'graceMs'],
    [{ graceMs: '5' }, 'graceMs'],
    [{ leaseId: 'with space' }, 'leaseId'],
    [{ leaseId: 'x'.repeat(65) }, 'leaseId'],
    [{ grace: 1 }, 'graceMs and leaseId'],
    ['yes', 'true, false'],
  ])('are refused for connection_init with %j', async (cancelOnDisconnect, named) => {
    const { code, reason } = await (await open('trader', cancelOnDisconnect)).closed;
    expect({ code, reason }).toEqual({ code: 4400, reason: expect.stringContaining(named) });
  });

  it('need somebody whose orders they are', async () => {
    expect(await (await open(null, true)).closed).toEqual({
      code: 4400,
      reason: 'cancelOnDisconnect: needs an access token',
    });
  });

  it('are those of an account under a dead-man timer that is not renewed', async () => {
    const { token, accountId } = platform.credentials.trader;
    const timer = (timeoutMs: number, as = token, of = accountId) =>
      post(platform.url, AFTER, { accountId: of, timeoutMs }, as);
    const place = async (as: Owner) =>
      (await post(platform.url, PLACE, { input: order(as) }, platform.credentials[as].token)).data.placeOrder.order.id;
    const [mine, foreign] = [await place('trader'), await place('trader2')];
    expect((await timer(60_000)).data.cancelAllAfter.expiresAt).toMatch(/Z$/);
    expect((await timer(0)).data.cancelAllAfter.expiresAt).toBeNull();
    for (let count = 0; count < 4; count += 1) {
      await timer(2_000);
      await sleep(700);
    }
    expect(await statusOf('trader', mine)).toBe('NEW');
    await untilCanceled('trader', mine);
    expect(await statusOf('trader2', foreign)).toBe('NEW');
    for (const [timeoutMs, code] of [
      [-1, 'BAD_USER_INPUT'],
      [99, 'BAD_USER_INPUT'],
      [86_400_001, 'BAD_USER_INPUT'],
    ] as const) {
      expect((await timer(timeoutMs)).errors?.[0]?.extensions?.code).toBe(code);
    }
    const stranger = platform.credentials.trader2;
    expect((await timer(1_000, stranger.token)).errors?.[0]?.extensions?.code).toBe('NOT_FOUND');
  }, 60_000);

  it('are never ended by a client that tells the platform of leases', async () => {
    const query = `mutation { renewLeases(leases: []) }`;
    const { errors } = await post(platform.url, query, {}, platform.credentials.admin.token);
    expect(errors?.[0]?.extensions?.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});
