/** The platform in production mode as an attacker meets it, and what one needs to attack it: raw requests, tokens, sockets. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { SignJWT } from 'jose';
import WebSocket from 'ws';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from '../support/platform.js';

const SECRET = 'of-the-attacked-platform-and-nobody-else-0123456789';
const ALL_SCOPES = [
  'market:read',
  'orders:read',
  'orders:write',
  'risk:read',
  'risk:write',
  'accounts:read',
  'accounts:write',
  'strategies:write',
  'admin',
];
const TRADER_SCOPES = ['market:read', 'orders:read', 'orders:write', 'risk:read', 'accounts:read', 'strategies:write'];

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Code of the first error; null without one. */
  readonly code: string | null;
  /** `extensions.limit` of the first error. */
  readonly limit: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: answers are shaped by each attack's own document
  readonly data: any;
}

export interface Target {
  readonly platform: RunningPlatform;
  /** Origin of the platform, without a path. */
  readonly origin: string;
  readonly admin: string;
  readonly ann: string;
  readonly bob: string;
  /** A working order of ann. */
  readonly orderId: string;
  /** Sends an operation, by default from an address of its own. */
  ask(query: string, options?: AskOptions): Promise<Reply>;
  /** Sends a body as it is. */
  post(body: string | Buffer, headers?: Record<string, string>): Promise<Reply>;
  socket(options?: { headers?: Record<string, string>; protocol?: string }): WebSocket;
  /** Writes to a bare connection; returns the status line once the platform has cut it. */
  raw(text: string): Promise<string>;
  /** Lets what follows come from another address, so that one attack does not use up another's quota. */
  moveOn(): void;
  cpuSeconds(): Promise<number>;
  residentBytes(): Promise<number>;
  stop(): Promise<void>;
}

export interface AskOptions {
  readonly variables?: unknown;
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

export interface TokenOptions {
  readonly admin?: boolean;
  readonly expiresInS?: number;
  readonly issuer?: string;
  readonly secret?: Uint8Array;
  readonly header?: Record<string, unknown>;
}

export async function tokenOf(userId: string, options: TokenOptions = {}): Promise<string> {
  return new SignJWT({ scope: (options.admin === true ? ALL_SCOPES : TRADER_SCOPES).join(' ') })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...options.header })
    .setSubject(userId)
    .setIssuer(options.issuer ?? 'tradsys')
    .setAudience('tradsys')
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + (options.expiresInS ?? 3_600))
    .sign(options.secret ?? new TextEncoder().encode(SECRET));
}

export async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}

/** Resolves once the socket is acknowledged. */
export async function enter(socket: WebSocket, token?: string): Promise<void> {
  await once(socket, 'open');
  const payload = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  socket.send(JSON.stringify({ type: 'connection_init', payload }));
  await once(socket, 'message');
}

export async function startTarget(environment: Record<string, string> = {}): Promise<Target> {
  const dataDir = await makeDataDir();
  const platform = await startPlatform({
    dataDir,
    environment: {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      TRADSYS_JWT_SECRET: SECRET,
      // Each attack comes from an address of its own.
      TRADSYS_TRUSTED_PROXIES: '1',
      TRADSYS_RATE_REFUSALS: '50',
      TRADSYS_RATE_MARKET_DATA: '400',
      // Slow clients are met in time.
      TRADSYS_LIMIT_HEADERS_TIMEOUT_MS: '500',
      TRADSYS_LIMIT_BODY_TIMEOUT_MS: '1000',
      TRADSYS_LIMIT_CONNECTION_INIT_TIMEOUT_MS: '500',
      ...environment,
    },
  });
  const origin = new URL(platform.url).origin;
  let address = 1;
  const own = () => ({ 'x-forwarded-for': `198.51.100.${address % 250}` });

  const post = async (body: string | Buffer, headers: Record<string, string> = {}): Promise<Reply> => {
    const response = await fetch(platform.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...own(), ...headers },
      body: typeof body === 'string' ? body : new Uint8Array(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(15_000),
    });
    return toReply(response.status, response.headers, await response.text());
  };
  const ask = (query: string, { variables, token, headers }: AskOptions = {}) =>
    post(JSON.stringify({ query, variables }), {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    });
  const figure = async (pattern: RegExp): Promise<number> => {
    const text = await (await fetch(`${origin}/metrics`)).text();
    return Number(pattern.exec(text)?.[1] ?? Number.NaN);
  };
  const users = { admin: await tokenOf('root', { admin: true }), ann: await tokenOf('ann'), bob: await tokenOf('bob') };
  const target: Omit<Target, 'orderId'> = {
    platform,
    origin,
    ...users,
    ask,
    post,
    socket: ({ headers = {}, protocol = 'graphql-transport-ws' } = {}) => {
      const protocols = protocol === '' ? [] : [protocol];
      const socket = new WebSocket(platform.url.replace('http', 'ws'), protocols, {
        headers: { ...own(), ...headers },
      });
      // A refused or cut socket tells so twice; its close is what is looked at.
      socket.on('error', () => undefined);
      return socket;
    },
    raw: async (text) => {
      const socket = connectTcp(Number(new URL(origin).port), '127.0.0.1');
      let answer = '';
      socket.on('data', (data) => {
        answer += String(data);
      });
      socket.on('error', () => undefined);
      socket.write(text);
      await once(socket, 'close');
      return answer.split('\r\n', 1)[0] ?? '';
    },
    moveOn: () => {
      address += 1;
    },
    cpuSeconds: () => figure(/^process_cpu_seconds_total(?:\{[^}]*\})? (\S+)$/m),
    residentBytes: () => figure(/^nodejs_memory_bytes\{[^}]*(?:rss|resident)[^}]*\} (\S+)$/m),
    stop: async () => {
      await platform.stop();
      await removeDataDir(dataDir);
    },
  };
  try {
    return Object.assign(target, { orderId: await prepare(ask, users) });
  } catch (error) {
    await target.stop();
    throw error;
  }
}

function toReply(status: number, headers: Headers, text: string): Reply {
  let body: { data?: unknown; errors?: { extensions?: Record<string, unknown> }[] } = {};
  try {
    body = JSON.parse(text);
  } catch {
    // A page, or nothing: told by its status.
  }
  const extensions = body.errors?.[0]?.extensions;
  const limit = typeof extensions?.limit === 'string' ? extensions.limit : null;
  return { status, headers, text, code: (extensions?.code as string) ?? null, limit, data: body.data };
}

/** Lists an instrument, opens accounts of ann and bob with money, and lets ann place an order that rests. Returns its id. */
async function prepare(ask: Target['ask'], { admin, ann }: { admin: string; ann: string }): Promise<string> {
  const by = (token: string) => async (query: string, input: object) => {
    const reply = await ask(`mutation ($input: ${query}`, { variables: { input }, token });
    if (reply.code !== null) throw new Error(reply.text);
    return reply.data;
  };
  await by(admin)('CreateInstrumentInput!) { createInstrument(input: $input) { symbol } }', {
    symbol: 'KO',
    description: 'Attacked shares',
    baseAsset: 'KO',
    quoteAsset: 'USD',
    tickSize: '0.01',
    lotSize: '1',
    referencePx: '50.00',
    minPrice: '0.01',
    maxPrice: '10000',
    minQty: '1',
    maxQty: '100000',
  });
  for (const ownerId of ['ann', 'bob']) {
    const id = `ACC-${ownerId.toUpperCase()}`;
    await by(admin)('OpenAccountInput!) { openAccount(input: $input) { id } }', { id, name: ownerId, ownerId });
    const funds = { accountId: id, currency: 'USD', amount: '1000000', transferId: `seed-${ownerId}` };
    await by(admin)('AdjustBalanceInput!) { adjustBalance(input: $input) { __typename } }', funds);
  }
  const input = {
    accountId: 'ACC-ANN',
    symbol: 'KO',
    side: 'BUY',
    ordType: 'LIMIT',
    orderQty: '10',
    price: '50.00',
    clOrdId: 'ann-1',
  };
  const placed = await by(ann)(
    'PlaceOrderInput!) { placeOrder(input: $input) { ... on PlaceOrderSuccess { order { id } } ... on OrderRejection { text } } }',
    input,
  );
  return placed.placeOrder.order.id;
}
