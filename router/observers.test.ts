import type { IncomingMessage } from 'node:http';
import { createObserverCheck } from './observers.js';
import { startRouter } from './testing/start.js';

const from = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;

describe('Who may look inside', () => {
  it.each([
    ['127.0.0.1', true],
    ['10.1.2.3', true],
    ['172.16.0.1', true],
    ['172.32.0.1', false],
    ['192.168.1.1', true],
    ['::1', true],
    ['::ffff:10.0.0.1', true],
    ['::ffff:203.0.113.1', false],
    ['fd00::1', true],
    ['fe80::1%eth0', true],
    ['2001:db8::1', false],
    ['203.0.113.1', false],
    ['', false],
  ])('from %s by a private network: %s', (address, isLetIn) => {
    expect(createObserverCheck({ access: 'private', token: null }, 0)(from(address))).toBe(isLetIn);
  });

  it('is told by the client behind the proxies that are known, and nobody behind one that is not', () => {
    const relayed = from('127.0.0.1', { 'x-forwarded-for': '10.0.0.1, 203.0.113.1' });
    expect(createObserverCheck({ access: 'private', token: null }, 0)(relayed)).toBe(false);
    expect(createObserverCheck({ access: 'private', token: null }, 1)(relayed)).toBe(false);
    const inner = from('127.0.0.1', { 'x-forwarded-for': '203.0.113.1, 10.0.0.1' });
    expect(createObserverCheck({ access: 'private', token: null }, 1)(inner)).toBe(true);
    expect(
      createObserverCheck({ access: 'private', token: null }, 0)(from('127.0.0.1', { forwarded: 'for=1.2.3.4' })),
    ).toBe(false);
  });

  it('has the token, from anywhere, and no other', () => {
    const check = createObserverCheck({ access: 'none', token: 'of-the-scraper' }, 0);
    expect(check(from('203.0.113.1', { authorization: 'Bearer of-the-scraper' }))).toBe(true);
    for (const authorization of ['Bearer of-the-scrape', 'of-the-scraper', 'Bearer', '']) {
      expect(check(from('127.0.0.1', { authorization }))).toBe(false);
    }
    expect(check(from('127.0.0.1'))).toBe(false);
  });

  it('reads metrics and what is wrong; everybody else reads whether it is ready', async () => {
    const router = await startRouter({ observers: { access: 'none', token: 'of-the-scraper' } });
    const get = async (path: string, headers: Record<string, string> = {}) => {
      const response = await fetch(`${router.url}${path}`, { headers });
      return { status: response.status, text: await response.text() };
    };
    try {
      expect((await get('/metrics')).status).toBe(404);
      expect(await get('/readyz')).toEqual({ status: 200, text: '{"status":"ready"}' });
      expect((await get('/healthz')).status).toBe(200);
      const headers = { authorization: 'Bearer of-the-scraper' };
      expect((await get('/metrics', headers)).text).toMatch(/tradsys_router_sockets/);
      expect(JSON.parse((await get('/readyz', headers)).text)).toMatchObject({
        dependencies: { engine: { ready: true } },
      });
    } finally {
      await router.stop();
    }
  });

  it('has a port of their own where there is one, which serves nothing else', async () => {
    const router = await startRouter({
      observers: { access: 'none', token: null },
      observerPort: { host: '127.0.0.1', port: 0 },
    });
    const status = async (url: string) => (await fetch(url)).status;
    try {
      expect(await status(`${router.url}/metrics`)).toBe(404);
      expect(await status(`${router.observerUrl}/metrics`)).toBe(200);
      expect(await (await fetch(`${router.observerUrl}/readyz`)).json()).toMatchObject({ dependencies: {} });
      expect(await status(`${router.observerUrl}/healthz`)).toBe(200);
      for (const path of ['/', '/graphql', '/graphiql']) expect(await status(`${router.observerUrl}${path}`)).toBe(404);
    } finally {
      await router.stop();
    }
    await expect(fetch(`${router.observerUrl}/healthz`)).rejects.toThrow();
  });
});
