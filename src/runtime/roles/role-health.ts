/** Health, readiness and metrics of a process that is one role. */
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { IsObserver } from '../../../router/observers.js';
import { type DependencyState, readinessAnswer } from '../../telemetry/health.js';
import { HealthWatch } from '../../telemetry/health-watch.js';

export interface Health {
  /** Who may read more than whether the role is ready. */
  readonly isObserver: IsObserver;
  readonly dependencies: () => ReadonlyMap<string, () => DependencyState>;
  readonly working: () => boolean;
  readonly stopping: () => boolean;
  readonly registry: () => Registry | null;
}

/** Serves the three; what is wrong inside and the metrics to who may look, as on the router's port. */
export function addHealth(app: FastifyInstance, health: Health): HealthWatch {
  const watch = new HealthWatch(async () => ({
    ...Object.fromEntries([...health.dependencies()].map(([name, state]) => [name, state()])),
    ...(health.working() ? {} : { start: { ready: false, problem: 'still starting' } }),
  }));
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (request, reply) => {
    const { status, body } = await readinessAnswer(() => watch.read(), health.stopping());
    return reply.code(status).send(health.isObserver(request.raw) ? body : { status: body.status });
  });
  app.get('/metrics', async (request, reply) => {
    if (!health.isObserver(request.raw)) return reply.code(404).send({ error: 'nothing here' });
    const registry = health.registry();
    if (registry === null) return reply.code(503).send('not started yet\n');
    return reply.header('content-type', registry.contentType).send(await registry.metrics());
  });
  return watch;
}
