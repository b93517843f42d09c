/** The audit log over the started platform, and keys that sign their requests, by the very client that the documentation shows. */
import { spawn } from 'node:child_process';
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import WebSocket from 'ws';
import { connect, post } from './support/client.js';
import { type OrderInput, placeOrder } from './support/operations.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const PROJECT = resolve(import.meta.dirname, '..');
const PASSWORD = 'correct horse battery';
const LOG = `query ($filter: AuditLogFilter, $first: Int! = 50, $after: String) { auditLog(filter: $filter, first: $first, after: $after) {
  edges { cursor node { id time userId credentialKind credentialId address action arguments result requestId } }
  pageInfo { hasNextPage endCursor } } }`;

interface Entry {
  readonly action: string;
  readonly result: string;
  readonly userId: string | null;
  readonly credentialKind: string | null;
  readonly credentialId: string | null;
  readonly address: string | null;
  readonly arguments: string;
}

describe('the audit log', () => {
  let platform: RunningPlatform;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await makeDataDir();
    platform = await startPlatform({ dataDir });
  });
  afterAll(async () => {
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  const ask = (query: string, variables: Record<string, unknown> = {}, token: string | null = null) =>
    post(platform.url, query, variables, token);
  const admin = () => platform.credentials.admin.token;
  const trader = () => platform.credentials.trader;
  const read = async (filter: Record<string, unknown>): Promise<Entry[]> => {
    const { data, errors } = await ask(LOG, { filter }, admin());
    expect(errors).toBeUndefined();
    return data.auditLog.edges.map((edge: { node: Entry }) => edge.node);
  };
  /** Entries are written beside the answers. */
  const until = async (filter: Record<string, unknown>, count: number): Promise<Entry[]> => {
    for (;;) {
      const entries = await read(filter);
      if (entries.length >= count) return entries;
      await new Promise((done) => setTimeout(done, 50));
    }
  };
  const order = (change: Partial<OrderInput>): OrderInput => ({
    accountId: trader().accountId,
    symbol: 'KO',
    side: 'BUY',
    ordType: 'LIMIT',
    orderQty: '1',
    price: '68.00',
    ...change,
  });

  it('tells who did what, with what and with what result, refused mutations too', async () => {
    await placeOrder(platform.url, trader().token, order({ clOrdId: 'audited' }));
    await placeOrder(platform.url, trader().token, order({ clOrdId: 'too-dear', orderQty: '100000000' }));
    await ask('mutation { setKillSwitch(engaged: true, reason: "x") { state } }', {}, trader().token);
    await ask('mutation { disableUser(username: "trader") { username } }', {}, trader().token);
    await ask('mutation { cancelAllOrders(input: { accountId: "ACC-TRADER" }) { canceledCount } }');
    const orders = await until({ action: 'placeOrder', userId: 'trader' }, 2);
    expect(orders.map(({ result }) => result)).toEqual(['OrderRejection', 'PlaceOrderSuccess']);
    expect(orders[1]).toMatchObject({ credentialKind: 'TOKEN', address: '127.0.0.1' });
    expect(JSON.parse(orders[1]?.arguments ?? '').input).toMatchObject({ clOrdId: 'audited', price: '68.00' });
    expect(await until({ action: 'disableUser' }, 1)).toMatchObject([{ userId: 'trader', result: 'FORBIDDEN' }]);
    expect(await until({ action: 'cancelAllOrders' }, 1)).toMatchObject([{ userId: null, result: 'UNAUTHENTICATED' }]);
  });

  it('tells of mutations over WebSocket, and nothing of what only reads', async () => {
    const client = connect(platform.url, trader().token);
    const query = 'mutation { cancelOrder(orderId: "12345") { __typename } }';
    for await (const { data } of client.iterate({ query })) {
      expect(data).toEqual({ cancelOrder: { __typename: 'OrderRejection' } });
    }
    await client.dispose();
    expect(await until({ action: 'cancelOrder' }, 1)).toMatchObject([{ userId: 'trader', result: 'OrderRejection' }]);
    expect((await read({})).filter(({ action }) => action === 'auditLog')).toEqual([]);
  });

  it('holds no password, token or key', async () => {
    await ask(
      'mutation ($input: SaveUserInput!) { saveUser(input: $input) { username } }',
      { input: { username: 'secretive', password: PASSWORD, scopes: ['accounts:read'] } },
      admin(),
    );
    const signIn = await ask(
      `mutation { createSession(username: "secretive", password: "${PASSWORD}") { accessToken refreshToken } }`,
    );
    const { accessToken, refreshToken } = signIn.data.createSession;
    const made = await ask(
      'mutation { createApiKey(name: "k", scopes: ["accounts:read"]) { secret } }',
      {},
      accessToken,
    );
    await ask('mutation ($t: String!) { refreshSession(refreshToken: $t) { accessToken } }', { t: refreshToken });
    await until({ action: 'refreshSession' }, 1);
    const whole = JSON.stringify(await read({}));
    for (const secret of [PASSWORD, accessToken, refreshToken, made.data.createApiKey.secret]) {
      expect(whole).not.toContain(secret);
    }
    expect(await until({ action: 'createApiKey' }, 1)).toMatchObject([
      { userId: 'secretive', credentialKind: 'SESSION' },
    ]);
  });

  it('is the administrator’s, a page at a time, and stays over a crash', async () => {
    expect((await ask(LOG, {}, trader().token)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof ask>> = await ask(LOG, { first: 3, after }, admin());
      const { data } = page;
      seen.push(...data.auditLog.edges.map((edge: { node: { id: string } }) => edge.node.id));
      after = data.auditLog.pageInfo.hasNextPage ? data.auditLog.pageInfo.endCursor : null;
    } while (after !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual([...seen].sort((a, b) => Number(b) - Number(a)));
    await platform.crash();
    platform = await startPlatform({ dataDir });
    const { data } = await ask(LOG, { first: 500 }, admin());
    const kept = data.auditLog.edges.map((edge: { node: { id: string } }) => edge.node.id);
    expect(kept).toEqual(expect.arrayContaining(seen));
  });

  describe('of a key that signs', () => {
    let key: { secret: string; signingSecret: string; apiKey: { id: string } };
    beforeAll(async () => {
      const signIn = await ask(
        `mutation { createSession(username: "secretive", password: "${PASSWORD}") { accessToken } }`,
      );
      const made = await ask(
        `mutation { createApiKey(name: "signer", scopes: ["accounts:read"], requireSignature: true) {
          secret signingSecret apiKey { id requiresSignature } } }`,
        {},
        signIn.data.createSession.accessToken,
      );
      key = made.data.createApiKey;
    });

    const sign = (method: string, target: string, body: string) => {
      const [timestamp, nonce] = [String(Date.now()), randomUUID()];
      const text = [timestamp, nonce, method, target, createHash('sha256').update(body).digest('hex')].join('\n');
      const signature = createHmac('sha256', key.signingSecret).update(text).digest('base64url');
      return { timestamp, nonce, signature };
    };
    const send = async (body: string, signed: ReturnType<typeof sign> | null) => {
      const headers: Record<string, string> = {
        'content-type': 'application/json',
        authorization: `Bearer ${key.secret}`,
      };
      for (const [name, value] of Object.entries(signed ?? {})) headers[`x-tradsys-${name}`] = value;
      return (await fetch(platform.url, { method: 'POST', headers, body })).status;
    };

    it('takes the client of the documentation', async () => {
      const page = readFileSync(join(PROJECT, 'docs/security.md'), 'utf8');
      const example = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
      const file = join(dataDir, 'signed.mjs');
      await writeFile(file, example);
      const child = spawn(process.execPath, [file], {
        env: { TRADSYS_URL: platform.url, TRADSYS_KEY: key.secret, TRADSYS_SIGNING_SECRET: key.signingSecret },
      });
      let output = '';
      child.stdout.on('data', (chunk) => {
        output += String(chunk);
      });
      await new Promise((done) => child.once('close', done));
      await rm(file);
      expect(JSON.parse(output).data).toEqual({ accounts: [] });
    });

    it('takes each request once, as it was signed, and none without', async () => {
      const body = JSON.stringify({ query: '{ accounts { id } }' });
      const signed = sign('POST', '/graphql', body);
      expect(await send(body, null)).toBe(401);
      expect(await send(body.replace('id', 'name'), signed)).toBe(401);
      expect(await send(body, signed)).toBe(200);
      expect(await send(body, signed)).toBe(401);
      expect(await send(body, { ...sign('POST', '/graphql', body), timestamp: String(Date.now() - 60_000) })).toBe(401);
    });

    it('lets a socket in by a signed connection_init, and by no other', async () => {
      const closeOrAck = (payload: object) =>
        new Promise<number | string>((done) => {
          const socket = new WebSocket(platform.url.replace('http', 'ws'), 'graphql-transport-ws');
          socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })));
          socket.on('message', (data) => {
            done(JSON.parse(String(data)).type);
            socket.close();
          });
          socket.on('close', (code) => done(code));
        });
      const Authorization = `Bearer ${key.secret}`;
      const signed = sign('WEBSOCKET', '/graphql', '');
      expect(await closeOrAck({ Authorization })).toBe(4403);
      expect(await closeOrAck({ Authorization, ...signed })).toBe('connection_ack');
      expect(await closeOrAck({ Authorization, ...signed })).toBe(4403);
    });
  });
});
