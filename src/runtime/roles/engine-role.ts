/**
 * The role engine: one leads, the others follow the journal and take over when it is gone.
 *
 * A leader that was deposed, or whose journal failed, ends its process: whatever starts it again makes it a standby.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createSimulator } from '../../adapters/feeds/simulator/simulator.js';
import type { NatsBus } from '../../adapters/nats/nats-bus.js';
import { PostgresJournal } from '../../adapters/postgres/postgres-journal.js';
import { PostgresLease } from '../../adapters/postgres/postgres-lease.js';
import { PostgresSnapshotStore } from '../../adapters/postgres/postgres-snapshot-store.js';
import { EngineService } from '../../bus/engine-service.js';
import { createEventPublisher } from '../../bus/event-publisher.js';
import { type Engine, startEngine } from '../../engine/engine.js';
import { type Lead, Leadership } from '../../engine/leadership.js';
import { Standby } from '../../engine/standby.js';
import { createSystemClock } from '../../engine/system-clock.js';
import { JournalCorruptError } from '../../ports/journal.js';
import { EventTally } from '../../telemetry/event-tally.js';
import { createMetrics } from '../../telemetry/metrics.js';
import { TraceLinks } from '../../telemetry/trace-links.js';
import { prepareMarket } from '../market.js';
import { startSessions } from '../sessions.js';
import { ThreadSnapshotMaker } from '../snapshots/thread-snapshot-maker.js';
import { awaitDatabase, awaitNats } from './dependencies.js';
import type { RoleContext } from './role-context.js';

/** Time between two looks at the journal. */
const FOLLOW_MS = 100;
/** How long a stop waits for events that are durable and not published yet. */
const PUBLISH_DRAIN_MS = 1_000;

/** Resolves once it follows the journal; leading comes when the lease can be had. */
export async function startEngineRole(context: RoleContext): Promise<void> {
  const { config, services, logger, teardown, dependencies, stopping, fail } = context;
  const state: { engine: Engine | null; lead: Lead | null } = { engine: null, lead: null };
  const following: { standby: Standby | null } = { standby: null };
  // For comparing the copies: the last command in the state, and the hash of all of it.
  context.app.get('/state', async (_request, reply) => {
    const { engine } = state;
    if (engine !== null) return { commandSequence: engine.status.commandSequence, stateHash: await engine.stateHash() };
    if (following.standby === null) return reply.code(503).send({ problem: 'still starting' });
    return { commandSequence: following.standby.commandSequence, stateHash: following.standby.stateHash() };
  });
  await context.listen();
  const url = await awaitDatabase(context);
  const journal = await PostgresJournal.open({ url, log: logger('journal') });
  teardown.add('journal', () => journal.close());
  const snapshots = new PostgresSnapshotStore({ url, log: logger('snapshots') });
  teardown.add('snapshots', () => snapshots.close());
  const bus = await awaitNats(context);
  const limits = { snapshotEveryCommands: config.snapshotEvery };
  const standby = new Standby({ journal, snapshots, limits, log: logger('standby') });
  dependencies.set('engine', () => engineState(state.engine, state.lead, standby));
  await standby.follow();
  following.standby = standby;
  const lease = new PostgresLease({ url, log: logger('lease') });
  const leadership = new Leadership({ lease, engineId: services.engineId, log: logger('leadership') });
  teardown.add('leadership', () => leadership.stop());
  const lead = async (): Promise<void> => {
    const watching = new AbortController();
    const follower = follow(context, standby, watching.signal);
    const granted = await leadership.acquire();
    watching.abort();
    await follower;
    if (granted === null || stopping.aborted) return;
    leadership.keep(fail);
    await journal.lead(granted.epoch);
    await standby.follow();
    const engine = await startEngine({
      journal,
      snapshots,
      snapshotMaker: new ThreadSnapshotMaker({
        source: () => ({ kind: 'POSTGRES', url }),
        log: logger('snapshots'),
      }),
      clock: createSystemClock(),
      limits,
      warm: standby.warmState(),
      onFatal: fail,
      log: logger('engine'),
    });
    state.engine = engine;
    state.lead = granted;
    teardown.add('engine', () => engine.stop());
    await serve(context, engine, bus, granted);
  };
  // The stop gives up the watch before anything else, so that it does not wait for a lease.
  stopping.addEventListener('abort', () => void leadership.stop().catch(() => undefined), { once: true });
  void lead().catch((error: unknown) => fail(error instanceof Error ? error : new Error(String(error))));
}

async function serve(context: RoleContext, engine: Engine, bus: NatsBus, { epoch, journalId }: Lead): Promise<void> {
  const { config, logger, teardown, tracing } = context;
  const links = new TraceLinks();
  const publisher = createEventPublisher({
    feed: engine.feed,
    events: bus,
    journalId,
    maxMessageBytes: bus.maxMessageBytes,
    log: logger('events'),
    links: tracing === null ? null : links,
  });
  teardown.add('event publisher', async () => {
    await publisher.waitFor(engine.feed.lastSequence, PUBLISH_DRAIN_MS);
    await publisher.stop();
  });
  const tally = new EventTally();
  await engine.feed.follow(tally);
  const metrics = createMetrics({ engine: () => engine.status, tally, bus: () => bus.figures });
  teardown.add('metrics', () => metrics.stop());
  context.setRegistry(metrics.registry);
  await prepareMarket(config, engine);
  await startSessions(engine, logger('sessions'), teardown);
  const service = new EngineService({ engine, bus, journalId, epoch, log: logger('service'), tracing, links });
  teardown.add('service', () => service.stop());
  if (!config.simulator) return;
  const simulator = createSimulator({
    engine,
    feed: engine.feed,
    seed: config.simulatorSeed,
    log: logger('simulator'),
  });
  teardown.add('simulator', () => simulator.stop());
  await simulator.start();
}

/** Follows the journal until it is told otherwise; a journal that cannot give the state back ends the process. */
async function follow({ logger, fail }: RoleContext, standby: Standby, signal: AbortSignal): Promise<void> {
  const log = logger('standby');
  while (!signal.aborted) {
    await sleep(FOLLOW_MS, undefined, { signal }).catch(() => undefined);
    try {
      await standby.follow();
    } catch (error) {
      if (error instanceof JournalCorruptError) {
        fail(error);
        return;
      }
      log('warn', 'the journal cannot be read, trying again', { error: String(error) });
    }
  }
}

function engineState(engine: Engine | null, lead: Lead | null, standby: Standby) {
  if (engine === null)
    return { ready: true, state: 'standby', commandSequence: standby.commandSequence, lag: standby.lag };
  const { state, commandSequence, eventSequence, pendingCommands } = engine.status;
  return { ready: state === 'running', state, epoch: lead?.epoch, commandSequence, eventSequence, pendingCommands };
}
