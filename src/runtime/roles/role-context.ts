/** What a role is given of its process. */
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Config } from '../../config/config.js';
import type { ServicesConfig } from '../../config/services.js';
import type { Tracing } from '../../ports/tracing.js';
import type { DependencyState } from '../../telemetry/health.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Teardown } from '../teardown.js';

/** What the roles share of a process. */
export interface RoleContext {
  readonly config: Config;
  readonly services: ServicesConfig;
  readonly logger: Logger;
  readonly teardown: Teardown;
  /** Aborted when the process is to stop, also while it still starts. */
  readonly stopping: AbortSignal;
  /** Ends the process: it cannot go on. */
  readonly fail: (error: Error) => void;
  /** States of what the role depends on, by name, as /readyz tells them. */
  readonly dependencies: Map<string, () => DependencyState>;
  /** Server of the health endpoints, to which a role adds its own routes before it listens. */
  readonly app: FastifyInstance;
  /** Null: nothing is traced. */
  readonly tracing: Tracing | null;
  /** What /metrics shows. */
  setRegistry(registry: Registry): void;
  /** Begins to listen on the server above. */
  listen(): Promise<void>;
}
