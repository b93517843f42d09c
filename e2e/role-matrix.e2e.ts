/** Each operation of the API and each entity, by each kind of caller, against the table in role-matrix/. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import type { Client } from 'graphql-ws';
import { callOf, operationsOf, type Subject } from './role-matrix/calls.js';
import { CALLERS, type Caller, type Outcome, readTable } from './role-matrix/table.js';
import { collect, connect, post, settled } from './support/client.js';
import { placeOrder } from './support/operations.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const SCHEMAS = join(import.meta.dirname, '../schema');
const schema = buildSchema(readFileSync(join(SCHEMAS, 'api.graphql'), 'utf8'), { assumeValidSDL: true });
const rows = readTable();
const PASSWORD = 'correct horse battery';
/** What changes one order: asked for one that rests, since those before may have canceled it. */
const ON_ONE_ORDER = new Set(['Mutation.cancelOrders', 'Mutation.replaceOrder', 'Mutation.cancelOrder']);
const REFUSALS: readonly string[] = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'];

/** What came of a call; any other code is told as it is, as a faulty answer would be. */
type Told = Outcome | 'INTERNAL_SERVER_ERROR' | 'GRAPHQL_VALIDATION_FAILED';

interface CodedError {
  readonly extensions?: { readonly code?: string };
}

/** Answers of the business are answers: only a refusal, a hidden thing and a fault are something else. */
function outcomeOf(data: Record<string, unknown> | null, errors: readonly CodedError[], shows: string | null): Told {
  const codes = errors.map(({ extensions }) => extensions?.code ?? '');
  const told = codes.find((code) => REFUSALS.includes(code) || /^(INTERNAL|GRAPHQL)_/.test(code));
  if (told !== undefined) return told as Told;
  if (errors.length > 0) return 'ALLOWED';
  const text = JSON.stringify(data);
  if (/"ordRejReason":"UNKNOWN_(ACCOUNT|ORDER)"/.test(text)) return 'NOT_FOUND';
  if (Object.values(data ?? {}).every((value) => value === null)) return 'NOT_FOUND';
  return shows === null || text.includes(JSON.stringify(shows)) ? 'ALLOWED' : 'NOT_FOUND';
}

describe('the table of roles', () => {
  it('has one row for each operation and names none that is not there', () => {
    const named = rows.map(({ operation }) => operation);
    expect(named).toEqual([...new Set(named)]);
    const fields = new Set(named.map((operation) => operation.split(' ')[0]));
    expect(operationsOf(schema).filter((operation) => !fields.has(operation))).toEqual([]);
    const subject = {} as Subject;
    expect(named.filter((operation) => callOf(schema, operation, subject) === null)).toEqual([]);
  });

  it('has rows for each entity of the supergraph', () => {
    const supergraph = readFileSync(join(SCHEMAS, 'supergraph.graphql'), 'utf8');
    const entities = [...supergraph.matchAll(/^type (\w+) @join__type\(\s*graph: \w+,\s*key:/gm)].map(
      ([, name]) => name,
    );
    expect(entities.length).toBeGreaterThan(3);
    for (const entity of entities) {
      expect(rows.some(({ operation }) => operation.startsWith(`${entity}.`))).toBe(true);
    }
  });
});

describe('who may do what on the started platform', () => {
  let platform: RunningPlatform;
  let dataDir: string;
  let subject: Omit<Subject, 'refreshToken'>;
  let ordersKey: string;
  const tokens = new Map<Caller, string | null>();
  const sockets = new Map<Caller, Client>();

  const ask = async (document: string, token: string | null, variables: Record<string, unknown> = {}) => {
    const { data, errors } = await post(platform.url, document, variables, token);
    return { data, errors: errors ?? [] };
  };
  /** As `ask`, of what has no reason to be refused. */
  const done = async (document: string, token: string | null, variables: Record<string, unknown> = {}) => {
    const { data, errors } = await ask(document, token, variables);
    expect(errors).toEqual([]);
    return data;
  };

  beforeAll(async () => {
    dataDir = await makeDataDir();
    platform = await startPlatform({ dataDir });
    const { trader, trader2, risk, admin } = platform.credentials;
    const scopes = ['market:read', 'orders:read', 'orders:write', 'accounts:read', 'risk:read', 'strategies:write'];
    await done('mutation ($input: SaveUserInput!) { saveUser(input: $input) { username } }', admin.token, {
      input: { username: 'trader', password: PASSWORD, scopes },
    });
    const { accessToken } = (
      await done(`mutation { createSession(username: "trader", password: "${PASSWORD}") { accessToken } }`, null)
    ).createSession;
    const keyOf = async (scope: string) =>
      (
        await done(
          `mutation { createApiKey(name: "${scope}", scopes: ["${scope}"]) { secret apiKey { id } } }`,
          accessToken,
        )
      ).createApiKey;
    const marketKey = await keyOf('market:read');
    ordersKey = (await keyOf('orders:read')).secret;
    const spareKey = await keyOf('accounts:read');
    const entries: [Caller, string | null][] = [
      ['nobody', null],
      ['own', trader.token],
      ['foreign', trader2.token],
      ['risk', risk.token],
      ['admin', admin.token],
      ['key', marketKey.secret],
    ];
    for (const [caller, token] of entries) {
      tokens.set(caller, token);
      sockets.set(caller, connect(platform.url, token));
    }
    const strategy = { name: 'mine', type: 'MARKET_MAKING', accountId: trader.accountId, symbols: ['KO'] };
    const input = { ...strategy, parameters: { orderQty: 5, maxInventory: 100, sigma: 0.01, kappa: 50 } };
    const made = await done(
      'mutation ($input: CreateStrategyInput!) { createStrategy(input: $input) { id } }',
      trader.token,
      { input },
    );
    const tested = await done('mutation ($input: BacktestInput!) { runBacktest(input: $input) { id } }', trader.token, {
      input: { strategy: input, interval: 'M1', initialCash: '100000' },
    });
    await done(
      `mutation { setMarketCircuitBreaker(input: { symbols: ["PEP"], movePercent: "90", windowSeconds: 60,
        cooldownSeconds: 60 }) { __typename } }`,
      risk.token,
    );
    subject = {
      accountId: trader.accountId,
      orderId: await restingOrder('mine'),
      clOrdId: 'mine',
      strategyId: made.createStrategy.id,
      backtestId: tested.runBacktest.id,
      keyId: spareKey.apiKey.id,
      username: 'trader',
      password: PASSWORD,
    };
  });

  afterAll(async () => {
    await Promise.all([...sockets.values()].map((client) => client.dispose()));
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  const restingOrder = async (clOrdId: string | null): Promise<string> => {
    const { token, accountId } = platform.credentials.trader;
    const terms = { accountId, symbol: 'KO', side: 'BUY', ordType: 'LIMIT', orderQty: '1', price: '68.00' } as const;
    const { data } = await placeOrder(platform.url, token, { ...terms, ...(clOrdId === null ? {} : { clOrdId }) });
    return data.placeOrder.order.id;
  };

  const freshRefreshToken = async (): Promise<string> =>
    (await done(`mutation { createSession(username: "trader", password: "${PASSWORD}") { refreshToken } }`, null))
      .createSession.refreshToken;

  /** Where a stream is to be refused its refusal is waited for; an open one tells something, or is open behind a later question. */
  const streamed = async (caller: Caller, document: string, shows: string | null, expected: Outcome): Promise<Told> => {
    const client = sockets.get(caller)!;
    const field = /\{ (\w+)/.exec(document)?.[1] ?? '';
    const stream = collect<unknown>(client, field, document);
    const told = () => stream.failure !== undefined || stream.events.length > 0;
    try {
      if (expected === 'ALLOWED' && shows === null) await settled(client);
      else await stream.until(told, `${caller}: ${document}`);
      const { failure } = stream;
      if (failure !== undefined && !Array.isArray(failure)) throw failure;
      const data = shows === null ? { [field]: 'open' } : { [field]: stream.events[0] };
      return outcomeOf(data, (failure as CodedError[] | undefined) ?? [], shows);
    } finally {
      stream.close();
    }
  };

  it.each(rows)('$operation', async ({ operation, expected }) => {
    const told: Partial<Record<Caller, Told>> = {};
    // Whoever it belongs to comes last: what he is let do may leave nothing for the others.
    for (const caller of [...CALLERS].sort((a, b) => Number(a === 'own') - Number(b === 'own'))) {
      const refreshToken = operation === 'Mutation.refreshSession' ? await freshRefreshToken() : '';
      if (caller === 'own' && ON_ONE_ORDER.has(operation)) subject = { ...subject, orderId: await restingOrder(null) };
      const call = callOf(schema, operation, { ...subject, refreshToken });
      if (call === null) throw new Error(`${operation} is not in the schema`);
      if (operation.startsWith('Subscription.')) {
        told[caller] = await streamed(caller, call.document, call.shows, expected[caller]);
      } else {
        const { data, errors } = await ask(call.document, tokens.get(caller) ?? null);
        told[caller] = outcomeOf(data, errors, call.shows);
      }
    }
    expect(told).toEqual(expected);
  });

  it.each([
    [
      'the name and money of its account',
      (s: Subject) => `{ order(id: "${s.orderId}") { id account { name balances { total } } } }`,
    ],
    [
      'its account’s limits',
      (s: Subject) => `{ order(id: "${s.orderId}") { id account { risk { openOrderCount } } } }`,
    ],
    ['its account’s positions', (s: Subject) => `{ order(id: "${s.orderId}") { id account { positions { qty } } } }`],
    [
      'a book order by order',
      (s: Subject) => `{ order(id: "${s.orderId}") { id instrument { orderBookL3 { symbol } } } }`,
    ],
  ])('a key with orders:read alone does not get from an order to %s', async (_what, documentOf) => {
    const { errors } = await ask(documentOf({ ...subject, refreshToken: '' }), ordersKey);
    expect(errors[0]?.extensions?.code).toBe('FORBIDDEN');
  });
});
