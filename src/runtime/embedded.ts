/**
 * The whole platform in one process on embedded parts: every role wired by direct calls.
 *
 * Order of a start: journal and database, engine (recovered), projector, venue and demo data, sessions, subgraphs, router, simulator.
 * A stop takes them down in the opposite order, so that nothing is asked of a part that is gone.
 */
import { chmod, readFile } from 'node:fs/promises';
import { createRouter } from '../../router/router.js';
import { createSimulator } from '../adapters/feeds/simulator/simulator.js';
import { FileJournal } from '../adapters/file/file-journal.js';
import { FileSnapshotStore } from '../adapters/file/file-snapshot-store.js';
import { type Database, openDatabase } from '../adapters/postgres/index.js';
import { BacktestPool, SERVED_BACKTESTS } from '../adapters/worker/backtest-pool.js';
import type { Config } from '../config/config.js';
import { type Engine, startEngine } from '../engine/engine.js';
import { createSystemClock } from '../engine/system-clock.js';
import { ForeignEventsError, type ReadModelStore } from '../ports/read-model-store.js';
import type { Tracing } from '../ports/tracing.js';
import { createProjector, type Projector } from '../read-model/projector.js';
import { createLogger, type Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import { showLatency } from '../telemetry/stage-metrics.js';
import { TraceLinks } from '../telemetry/trace-links.js';
import { tracedStore } from '../telemetry/traced-store.js';
import { makeDataDir } from './data-dir.js';
import { loadOrCreateSecret, writeDevCredentials } from './dev-credentials.js';
import { createVerifier, startIdentity } from './identity.js';
import { followLogSignal } from './log-signal.js';
import { prepareMarket } from './market.js';
import { startMetrics } from './observability.js';
import { createPlatformView } from './platform-view.js';
import { openReferences } from './references.js';
import { routerSettings } from './router-files.js';
import { schemaPath } from './schema-path.js';
import { startSessions } from './sessions.js';
import { ThreadSnapshotMaker } from './snapshots/thread-snapshot-maker.js';
import { createSubgraphs } from './subgraphs.js';
import { Teardown } from './teardown.js';

/** A started platform. */
export interface Platform {
  /** Address of the router, without a path, e.g. http://127.0.0.1:4000. */
  readonly url: string;
  /** File of the development tokens; null in production. */
  readonly credentialsPath: string | null;
  /** How long the start took. */
  readonly startedInMs: number;
  /** What is missing though the platform trades, a sentence each with the mend. */
  readonly warnings: readonly string[];
  /** Resolves when the platform can't go on; the process should stop it and end with an error. */
  readonly failed: Promise<Error>;
  /** Stops every part in order; may be called again. */
  stop(): Promise<void>;
}

/** How long a stop waits for the projector to write what is durable, before it leaves the rest to the next start. */
const PROJECTOR_DRAIN_MS = 2_000;
const CATCH_UP_MS = 15_000;
/** One thread of a small machine is left to trading. */

/**
 * Starts the platform.
 * @param tracing started before anything that it follows was loaded; null = off. Stopped with the platform
 * @throws Error in one line that names what is missing and the mend; whatever was started by then is stopped
 */
export async function startEmbedded(config: Config, tracing: Tracing | null = null): Promise<Platform> {
  const startedAt = performance.now();
  const logger = createLogger({ level: config.logLevel, role: 'embedded' });
  const log = logger('runtime');
  const teardown = new Teardown(log);
  followLogSignal(logger, teardown);
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((done) => {
    fail = done;
  });
  try {
    await makeDataDir(config.dataDir);
    const { engine, database } = await openStores(config, logger, teardown, fail);
    if (tracing !== null) teardown.add('tracing', () => tracing.stop());
    const links = new TraceLinks();
    const store = tracedStore(database.readModelStore, tracing, links);
    const projector = startProjector(engine, store, logger, teardown);
    const metrics = await startMetrics({ engine, database, projector, teardown });
    await prepareMarket(config, engine);
    await startSessions(engine, logger('sessions'), teardown);
    const served = { config, logger, teardown, engine, database, projector, metrics, tracing, links };
    const { url, credentialsPath } = await serve(served);
    if (config.simulator) {
      const simulator = createSimulator({
        engine,
        feed: engine.feed,
        seed: config.simulatorSeed,
        log: logger('simulator'),
      });
      teardown.add('simulator', () => simulator.stop());
      await simulator.start();
    }
    const startedInMs = performance.now() - startedAt;
    log('info', 'ready', { startedInMs: Math.round(startedInMs) });
    const warnings = warningsOf(database);
    return { url, credentialsPath, startedInMs, warnings, failed, stop: () => teardown.run() };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function openStores(config: Config, logger: Logger, teardown: Teardown, fail: (error: Error) => void) {
  const directory = config.dataDir;
  // The journal's lock comes first: it keeps a second process off this folder, the database's files included.
  const journal = await FileJournal.open({ directory, log: logger('journal') });
  const opening = openDatabase({
    url: config.databaseUrl,
    dataDir: directory,
    log: logger('database'),
    retention: config.retention,
  });
  const [database, engine] = await Promise.allSettled([opening, recoverEngine(config, journal, logger, fail)]);
  if (database.status === 'fulfilled') teardown.add('database', () => database.value.stop());
  if (engine.status === 'fulfilled') teardown.add('engine', () => engine.value.stop());
  if (engine.status === 'rejected') throw engine.reason;
  if (database.status === 'rejected') throw database.reason;
  return { engine: engine.value, database: database.value };
}

async function recoverEngine(config: Config, journal: FileJournal, logger: Logger, onFatal: (error: Error) => void) {
  const limits = { snapshotEveryCommands: config.snapshotEvery };
  try {
    const snapshots = await FileSnapshotStore.open({ directory: config.dataDir, log: logger('snapshots') });
    return await startEngine({
      journal,
      snapshots,
      snapshotMaker: new ThreadSnapshotMaker({
        source: (newest) => ({ kind: 'FILE', directory: config.dataDir, extent: journal.extent(newest) }),
        log: logger('snapshots'),
      }),
      clock: createSystemClock(),
      limits,
      onFatal,
      log: logger('engine'),
    });
  } catch (error) {
    await journal.close();
    throw error;
  }
}

function startProjector(engine: Engine, store: ReadModelStore, logger: Logger, teardown: Teardown): Projector {
  const projector = createProjector({ feed: engine.feed, store, log: logger('projector') });
  projector.start();
  teardown.add('projector', async () => {
    await projector.waitFor(engine.feed.lastSequence, PROJECTOR_DRAIN_MS);
    await projector.stop();
  });
  return projector;
}

interface Served {
  readonly config: Config;
  readonly logger: Logger;
  readonly teardown: Teardown;
  readonly engine: Engine;
  readonly database: Database;
  readonly projector: Projector;
  readonly metrics: Metrics;
  readonly tracing: Tracing | null;
  readonly links: TraceLinks;
}

async function serve(served: Served) {
  const { config, logger, teardown, engine, database, projector, metrics, tracing, links } = served;
  await awaitHistory(engine, database, projector);
  const secret = await signingSecret(config);
  const identity = await startIdentity(database.identities, secret, logger, teardown);
  const dependencies = {
    engine,
    feed: engine.feed,
    history: database.history,
    strategies: database.strategies,
    identity,
    audit: database.auditLog,
    backtestRunner: new BacktestPool(SERVED_BACKTESTS),
    clock: createSystemClock(),
    imported: database.importedMarketData,
    ...(await openReferences(config.referenceFeed, logger('references'))),
    log: logger('subgraphs'),
  };
  const platform = createPlatformView(async () => readiness(engine, database, projector), logger, teardown);
  showLatency(metrics.registry, platform.latency);
  const subgraphs = await createSubgraphs(dependencies, platform);
  for (const subgraph of subgraphs) {
    teardown.add(`subgraph ${subgraph.name}`, () => subgraph.stop());
    await subgraph.start();
  }
  const router = await createRouter({
    ...(await routerSettings(config, database)),
    subgraphs,
    supergraphSdl: await readFile(schemaPath('supergraph.graphql'), 'utf8'),
    verifier: createVerifier(secret, identity, config.oidc, logger('identity')),
    readiness: platform.readiness,
    latency: platform.latency,
    slowCommandMs: config.slowCommandMs,
    tracing,
    traceLinks: links,
    metrics: metrics.registry,
    log: logger('router'),
  });
  teardown.add('router', () => router.stop());
  let credentialsPath: string | null = null;
  if (config.demo) {
    credentialsPath = await writeDevCredentials(config.dataDir, secret);
    await chmod(credentialsPath, 0o600);
  }
  return { url: router.url, credentialsPath };
}

/**
 * History is whole before anybody asks for it. A database that is away or cannot keep up does not hold the start.
 * @throws ForeignEventsError when the database tells the history of another journal: it would be served as this one's
 */
async function awaitHistory(engine: Engine, database: Database, projector: Projector): Promise<void> {
  if (!database.status.ready) return;
  await projector.waitFor(engine.feed.lastSequence, CATCH_UP_MS);
  if (projector.failure instanceof ForeignEventsError) throw projector.failure;
}

async function signingSecret(config: Config): Promise<Uint8Array> {
  if (config.jwtSecret !== null) return new TextEncoder().encode(config.jwtSecret);
  return loadOrCreateSecret(config.dataDir);
}

function warningsOf({ status }: Database): string[] {
  if (status.ready) return [];
  const where = status.embedded ? 'the embedded database' : 'the database of DATABASE_URL';
  return [`${where} cannot be reached: trading goes on, and history follows once it answers; tradsys doctor says more`];
}

/** State of each dependency, as /readyz tells it. */
function readiness(engine: Engine, database: Database, projector: Projector) {
  const { state, commandSequence, eventSequence, pendingCommands } = engine.status;
  const { state: projecting, throughSequence, lag } = projector.status;
  return {
    engine: { ready: state === 'running', state, commandSequence, eventSequence, pendingCommands },
    database: { ready: database.status.ready, state: database.status.state },
    projector: { ready: projecting !== 'FAILED', state: projecting, throughSequence, lag },
  };
}
