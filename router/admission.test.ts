import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { clientAddress } from './client-address.js';
import type { RateLimits, RouterLimits } from './limits.js';
import type { Router } from './router.js';
import { signToken, startRouter } from './testing/start.js';

let router: Router | null = null;
afterEach(async () => {
  await router?.stop();
  router = null;
});

async function start(
  rates: Partial<RateLimits>,
  limits: Partial<RouterLimits> = {},
  trustedProxies = 0,
): Promise<Router> {
  router = await startRouter({ rates, limits, trustedProxies });
  return router;
}

async function post({ url }: Router, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function bearer(user: string): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await signToken(user)}` };
}

const RATE = { query: '{ taxRate }' };

describe('rates over HTTP', () => {
  it('are told with each answer, and refused with 429 and the time to wait', async () => {
    const to = await start({ queries: 2 }, { rateWindowMs: 2_000 });
    const first = await post(to, RATE);
    expect(first.headers.get('ratelimit-limit')).toBe('2');
    expect(first.headers.get('ratelimit-policy')).toBe('2;w=2');
    expect(first.headers.get('ratelimit-remaining')).toBe('1');
    expect(first.body.extensions.rateLimit).toMatchObject({ rateClass: 'queries', limit: 2, remaining: 1 });
    await post(to, RATE);
    const refused = await post(to, RATE);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.body.data).toBeUndefined();
    const { code, retryAfterMs } = refused.body.errors[0].extensions;
    expect(code).toBe('RATE_LIMITED');
    expect(retryAfterMs).toBeLessThanOrEqual(2_000);
    await new Promise((done) => setTimeout(done, retryAfterMs + 5));
    expect((await post(to, RATE)).status).toBe(200);
  });

  it('are each user’s own, and the address’s where there is none', async () => {
    const to = await start({ queries: 1 });
    for (const headers of [await bearer('ann'), await bearer('bob'), {}]) {
      expect((await post(to, RATE, headers)).status).toBe(200);
      expect((await post(to, RATE, headers)).status).toBe(429);
    }
  });

  it('count each field at the root, under whatever name', async () => {
    const to = await start({ queries: 5 });
    expect(
      (await post(to, { query: '{ a: taxRate b: taxRate c: taxRate }' })).body.extensions.rateLimit.remaining,
    ).toBe(2);
    expect((await post(to, { query: '{ a: taxRate b: taxRate c: taxRate }' })).status).toBe(429);
    expect((await post(to, { query: '{ a: taxRate b: taxRate }' })).status).toBe(200);
  });

  it('end guessing of tokens, and garbage before it is parsed', async () => {
    const to = await start({ refusals: 3 });
    expect((await post(to, RATE)).status).toBe(200);
    for (let n = 0; n < 3; n += 1) {
      expect((await post(to, RATE, { authorization: `Bearer guess${n}` })).status).toBe(401);
    }
    expect((await post(to, RATE, { authorization: 'Bearer guess' })).status).toBe(429);
    expect((await post(to, { query: '{ unseen }' })).body.errors[0].extensions).toMatchObject({
      code: 'RATE_LIMITED',
      rateClass: 'refusals',
    });
    // Documents that are known cost nothing to look up.
    expect((await post(to, RATE)).status).toBe(200);
  });

  it('tell clients behind a trusted proxy apart, and believe nobody else', async () => {
    const behind = await start({ queries: 1 }, {}, 1);
    for (const address of ['198.51.100.1', '198.51.100.2']) {
      expect((await post(behind, RATE, { 'x-forwarded-for': `203.0.113.9, ${address}` })).status).toBe(200);
      expect((await post(behind, RATE, { 'x-forwarded-for': `203.0.113.8, ${address}` })).status).toBe(429);
    }
    await behind.stop();
    const open = await start({ queries: 1 });
    expect((await post(open, RATE, { 'x-forwarded-for': '198.51.100.1' })).status).toBe(200);
    expect((await post(open, RATE, { 'x-forwarded-for': '198.51.100.2' })).status).toBe(429);
  });
});

describe('rates over WebSocket', () => {
  it('are told and refused under the operation’s id, and the socket goes on', async () => {
    const { url } = await start({ queries: 2 });
    const client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
    const ask = () =>
      new Promise<unknown>((done) => {
        client.subscribe(RATE, { next: done, error: done, complete: () => undefined });
      });
    expect(await ask()).toMatchObject({ data: { taxRate: '10%' }, extensions: { rateLimit: { remaining: 1 } } });
    await ask();
    expect(await ask()).toMatchObject([{ extensions: { code: 'RATE_LIMITED', rateClass: 'queries' } }]);
    expect(await ask()).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
    await client.dispose();
  });
});

describe('the cost of an operation', () => {
  it('is told with the answer and refused above the limit, before anything runs', async () => {
    const to = await start({}, { maxCost: 15 });
    const dear = await post(to, { query: '{ items { title } }' });
    expect(dear.body.extensions.cost).toEqual({ estimated: 10, max: 15 });
    const refused = await post(to, { query: '{ a: items { title } b: items { title } }' });
    expect(refused.body.errors[0].message).toMatch(/cost of 20; at most 15/);
    expect(refused.body.errors[0].extensions).toEqual({ code: 'LIMIT_EXCEEDED', limit: 'maxCost', max: 15, cost: 20 });
    expect(refused.body.data).toBeUndefined();
  });
});

describe('the address of a client', () => {
  const addressOf = (remoteAddress: string, forwarded?: string, proxies = 0) =>
    clientAddress({ headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } } as never, proxies);

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8:0:1:aaaa::5', '2001:db8:0:1::/64'],
    ['2001:db8::5', '2001:db8:0:0::/64'],
    ['2001:0DB8:0000:0001:1:2:3:4', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as %s', (given, expected) => {
    expect(addressOf(given)).toBe(expected);
  });

  it('is what the outermost trusted proxy saw', () => {
    expect(addressOf('10.0.0.1', 'forged, 198.51.100.7', 1)).toBe('198.51.100.7');
    expect(addressOf('10.0.0.1', 'forged, 198.51.100.7, 10.0.0.2', 2)).toBe('198.51.100.7');
    expect(addressOf('10.0.0.1', 'garbage', 1)).toBe('10.0.0.1');
    expect(addressOf('10.0.0.1', undefined, 2)).toBe('10.0.0.1');
  });
});
