import { Registry } from 'prom-client';
import { createObserverCheck, type ObserverOptions } from '../../../router/observers.js';
import { createHttpServer } from '../../graphql/subgraph-server.js';
import { addHealth } from './role-health.js';

describe('A role’s own port', () => {
  const ask = async (observers: ObserverOptions, path: string, headers: Record<string, string> = {}) => {
    const app = createHttpServer();
    const watch = addHealth(app, {
      isObserver: createObserverCheck(observers, 0),
      dependencies: () => new Map([['nats', () => ({ ready: false, problem: 'at nats://inside:4222' })]]),
      working: () => true,
      stopping: () => false,
      registry: () => new Registry(),
    });
    try {
      const response = await fetch(`${await app.listen({ host: '127.0.0.1', port: 0 })}${path}`, { headers });
      return [response.status, await response.text()] as const;
    } finally {
      await watch.stop();
      await app.close();
    }
  };
  const STRANGER = { 'x-forwarded-for': '203.0.113.9' };
  const PRIVATE = { access: 'private', token: 'of-the-scraper-only' } as const;

  it('tells a stranger whether the role is ready, and nothing of its inside', async () => {
    expect(await ask(PRIVATE, '/healthz', STRANGER)).toEqual([200, '{"status":"ok"}']);
    const [status, body] = await ask(PRIVATE, '/readyz', STRANGER);
    expect([status, JSON.parse(body)]).toEqual([503, { status: 'not ready' }]);
    expect((await ask(PRIVATE, '/metrics', STRANGER))[0]).toBe(404);
    // Nobody told of a proxy, whatever it writes.
    expect((await ask(PRIVATE, '/metrics', { 'x-forwarded-for': '127.0.0.1' }))[0]).toBe(404);
  });

  it('tells who has the token, and everybody where the operator wants so', async () => {
    const operator = { ...STRANGER, authorization: 'Bearer of-the-scraper-only' };
    expect((await ask(PRIVATE, '/metrics', operator))[0]).toBe(200);
    expect((await ask(PRIVATE, '/readyz', operator))[1]).toContain('nats://inside');
    expect((await ask({ access: 'public', token: null }, '/metrics', STRANGER))[0]).toBe(200);
  });
});
