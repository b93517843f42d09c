/** The role router: the port that clients know, in front of subgraphs in other processes. */
import { chmod, readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { getOperationAST, OperationTypeNode } from 'graphql';
import { createRemoteSubgraph, ReadSequence, type RemoteSubgraph } from '../../../router/remote-subgraph.js';
import { createRouter } from '../../../router/router.js';
import { createPlatformSubgraph } from '../../../subgraphs/platform/subgraph.js';
import { SUBGRAPH_ROLES, type SubgraphRole } from '../../config/services.js';
import type { DependencyState } from '../../telemetry/health.js';
import { createMetrics } from '../../telemetry/metrics.js';
import { showLatency } from '../../telemetry/stage-metrics.js';
import { makeDataDir } from '../data-dir.js';
import { writeDevCredentials } from '../dev-credentials.js';
import { createVerifier, startIdentity } from '../identity.js';
import { createPlatformView } from '../platform-view.js';
import { routerSettings } from '../router-files.js';
import { schemaPath } from '../schema-path.js';
import { openHistory } from './dependencies.js';
import type { RoleContext } from './role-context.js';

const PROBE_MS = 1_000;
const PROBE_TIMEOUT_MS = 2_000;

/** @returns the router's address: it serves health and metrics, too */
export async function startRouterRole(context: RoleContext): Promise<string> {
  const { config, logger, teardown } = context;
  const subgraphs = await connectSubgraphs(context);
  const probes = subgraphs.map(
    ({ name }) => new SubgraphProbe(name, context.services.subgraphUrls[name as SubgraphRole]),
  );
  for (const probe of probes) teardown.add(`probe of ${probe.name}`, () => probe.stop());
  await Promise.all(probes.map((probe) => probe.look()));
  const secret = new TextEncoder().encode(config.jwtSecret ?? '');
  const database = await openHistory(context, 'SHARE');
  const identity = await startIdentity(database.identities, secret, logger, teardown);
  // Before the router says that it is ready: who waits for that reads them next.
  if (config.demo) {
    await makeDataDir(config.dataDir);
    await chmod(await writeDevCredentials(config.dataDir, secret), 0o600);
  }
  const metrics = createMetrics({ database: () => ({ ready: database.status.ready, pools: database.pools }) });
  teardown.add('metrics', () => metrics.stop());
  const platform = createPlatformView(
    async () => Object.fromEntries(probes.map((probe) => [probe.name, probe.state])),
    logger,
    teardown,
  );
  showLatency(metrics.registry, platform.latency);
  const own = await createPlatformSubgraph(platform);
  teardown.add('subgraph platform', () => own.stop());
  const router = await createRouter({
    ...(await routerSettings(config, database)),
    subgraphs: [
      ...subgraphs.map((subgraph) =>
        subgraph.name === 'accounts' ? noticingRevocations(subgraph, () => identity.revocations.refresh()) : subgraph,
      ),
      own,
    ],
    latency: platform.latency,
    slowCommandMs: config.slowCommandMs,
    tracing: context.tracing,
    supergraphSdl: await readFile(schemaPath('supergraph.graphql'), 'utf8'),
    verifier: createVerifier(secret, identity, config.oidc, logger('identity')),
    readiness: platform.readiness,
    metrics: metrics.registry,
    log: logger('router'),
  });
  teardown.add('router', () => router.stop());
  return router.url;
}

/** What a mutation of accounts revoked is known here before its answer goes out; other routers learn of it within seconds. */
function noticingRevocations(subgraph: RemoteSubgraph, refresh: () => Promise<void>): RemoteSubgraph {
  return {
    ...subgraph,
    execute: async (operation) => {
      const result = await subgraph.execute(operation);
      const type = getOperationAST(operation.document, operation.operationName)?.operation;
      if (type === OperationTypeNode.MUTATION) await refresh();
      return result;
    },
  };
}

/** One for each subgraph of the committed contract. */
async function connectSubgraphs({ config, services, logger, teardown }: RoleContext): Promise<RemoteSubgraph[]> {
  const read = new ReadSequence();
  // The one of the platform runs in this process.
  const files = (await readdir(schemaPath('subgraphs'))).filter(
    (file) => file.endsWith('.graphql') && file !== 'platform.graphql',
  );
  return Promise.all(
    files.map(async (file) => {
      const name = basename(file, '.graphql');
      const role = SUBGRAPH_ROLES.find((known) => known === name);
      if (role === undefined) throw new Error(`schema/subgraphs/${file} is of no role that this version knows`);
      const subgraph = await createRemoteSubgraph({
        name,
        sdl: await readFile(schemaPath(`subgraphs/${file}`), 'utf8'),
        url: services.subgraphUrls[role],
        secret: services.internalSecret,
        read,
        timeoutMs: config.limits.requestTimeoutMs,
        log: logger('subgraphs'),
      });
      teardown.add(`connection to ${name}`, () => subgraph.dispose());
      return subgraph;
    }),
  );
}

/** Asks a subgraph from time to time whether it is ready. */
class SubgraphProbe {
  state: DependencyState = { ready: false, problem: 'not asked yet' };
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    readonly name: string,
    private readonly url: string,
  ) {}

  async look(): Promise<void> {
    this.state = await this.#ask();
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.look(), PROBE_MS);
    this.#timer.unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<DependencyState> {
    try {
      const response = await fetch(new URL('/readyz', this.url), { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
      const body = (await response.json()) as { status?: unknown };
      return response.ok ? { ready: true } : { ready: false, problem: `the subgraph is ${String(body.status)}` };
    } catch {
      return { ready: false, problem: 'the subgraph cannot be reached' };
    }
  }
}
