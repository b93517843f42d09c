/**
 * A process that is one role. It listens first, for its health to be asked; then it waits for what it needs, says on
 * /readyz what is missing, and works once all of it is there.
 */
import type { Registry } from 'prom-client';
import { createObserverCheck } from '../../../router/observers.js';
import type { Config } from '../../config/config.js';
import type { Role } from '../../config/services.js';
import { createHttpServer, listen } from '../../graphql/subgraph-server.js';
import type { Tracing } from '../../ports/tracing.js';
import type { DependencyState } from '../../telemetry/health.js';
import { createLogger } from '../../telemetry/logger.js';
import { followLogSignal } from '../log-signal.js';
import { Teardown } from '../teardown.js';
import { startEngineRole } from './engine-role.js';
import { startProjectorRole } from './projector-role.js';
import type { RoleContext } from './role-context.js';
import { addHealth } from './role-health.js';
import { startRouterRole } from './router-role.js';
import { startSubgraphRole } from './subgraph-role.js';

export interface RunningRole {
  readonly role: Role;
  /** Resolves with its address once it works; rejects with what is wrong, in a line that names the mend. */
  readonly started: Promise<string>;
  /** Resolves when it cannot go on. */
  readonly failed: Promise<Error>;
  /** Stops in order, also while it starts; may be called again. */
  stop(): Promise<void>;
}

/** Starts the role of the configuration. */
export function startRole(config: Config, tracing: Tracing | null = null): RunningRole {
  const { services } = config;
  if (services === null) throw new RangeError('the configuration names no role');
  const logger = createLogger({ level: config.logLevel, role: services.role });
  const log = logger('runtime');
  const stopping = new AbortController();
  const teardown = new Teardown(log);
  if (tracing !== null) teardown.add('tracing', () => tracing.stop());
  followLogSignal(logger, teardown);
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((done) => {
    fail = done;
  });
  const dependencies = new Map<string, () => DependencyState>();
  const app = createHttpServer();
  let registry: Registry | null = null;
  const state = { url: '', working: false };
  const watch = addHealth(app, {
    isObserver: createObserverCheck(config.observers, config.trustedProxies),
    dependencies: () => dependencies,
    working: () => state.working,
    stopping: () => stopping.signal.aborted,
    registry: () => registry,
  });
  teardown.add('health watch', () => watch.stop());
  const context: RoleContext = {
    config,
    services,
    logger,
    teardown,
    stopping: stopping.signal,
    fail,
    dependencies,
    app,
    tracing,
    setRegistry: (given) => {
      registry = given;
    },
    listen: async () => {
      const port = await listen(app, config.host, config.port);
      state.url = `http://${config.host}:${port}`;
      log('info', 'listening', { url: state.url });
      teardown.add('server', () => app.close());
    },
  };
  const started = work(context).then(
    (url) => {
      state.working = true;
      log('info', 'ready');
      return url ?? state.url;
    },
    async (error: unknown) => {
      await teardown.run();
      throw error;
    },
  );
  started.catch(() => undefined);
  return {
    role: services.role,
    started,
    failed,
    stop: async () => {
      stopping.abort();
      await started.catch(() => undefined);
      await teardown.run();
    },
  };
}

/** @returns the address where it is not that of the health endpoints */
function work(context: RoleContext): Promise<string | undefined> {
  const { role } = context.services;
  if (role === 'router') return startRouterRole(context);
  if (role === 'engine') return startEngineRole(context).then(() => undefined);
  if (role === 'projector') return startProjectorRole(context).then(() => undefined);
  return startSubgraphRole(context, role).then(() => undefined);
}
