/** What roles wait for: PostgreSQL, NATS and an engine that leads. Each wait backs off with jitter and ends with the process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectNats, type NatsBus, NatsRefusedError } from '../../adapters/nats/nats-bus.js';
import { type Database, openDatabase, type Upkeep } from '../../adapters/postgres/index.js';
import { checkDatabase } from '../../adapters/postgres/migrate.js';
import { LeaderWatch } from '../../bus/leader-watch.js';
import type { RoleContext } from './role-context.js';

const MIN_RETRY_MS = 100;
const MAX_RETRY_MS = 3_000;

/** The process was told to stop while it started. */
export class StartInterruptedError extends Error {
  override readonly name = 'StartInterruptedError';
}

/**
 * Tries until it succeeds, the error is final, or the process is to stop.
 * @param isFinal tells errors that no waiting mends
 */
async function untilReached<T>(
  { stopping, logger }: RoleContext,
  what: string,
  attempt: () => Promise<T>,
  isFinal: (error: unknown) => boolean,
): Promise<T> {
  const log = logger('runtime');
  for (let retryMs = MIN_RETRY_MS; ; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
    if (stopping.aborted) throw new StartInterruptedError('stopped while it started');
    try {
      return await attempt();
    } catch (error) {
      if (isFinal(error)) throw error;
      log('warn', `${what} cannot be reached, trying again`, {
        error: error instanceof Error ? error.message : String(error),
      });
    }
    await sleep(retryMs * (0.5 + Math.random() / 2), undefined, { signal: stopping }).catch(() => undefined);
  }
}

/**
 * Waits for a database of this build's schema; returns its address.
 * @throws MigrationError when it was migrated by another version, or not at all
 */
export async function awaitDatabase(context: RoleContext): Promise<string> {
  const url = context.config.databaseUrl ?? '';
  let reached = false;
  context.dependencies.set('database', () =>
    reached ? { ready: true } : { ready: false, problem: 'PostgreSQL cannot be reached' },
  );
  await untilReached(
    context,
    'PostgreSQL',
    () => checkDatabase(url),
    (error) => error instanceof Error && error.name !== 'DatabaseAwayError',
  );
  reached = true;
  return url;
}

/** Opens history (and the read model) on a database that was awaited. */
export async function openHistory(context: RoleContext, upkeep: Upkeep): Promise<Database> {
  await awaitDatabase(context);
  const database = await openDatabase({
    url: context.config.databaseUrl,
    dataDir: context.config.dataDir,
    log: context.logger('database'),
    retention: context.config.retention,
    upkeep,
  });
  context.teardown.add('database', () => database.stop());
  // Trading and live streams go on without history, so that a database which goes away later does not take a copy out of service.
  context.dependencies.set('database', () => ({
    ready: database.status.state !== 'REFUSED',
    state: database.status.state,
  }));
  return database;
}

/**
 * Waits for NATS.
 * @throws NatsRefusedError when it does not take this role
 */
export async function awaitNats(context: RoleContext): Promise<NatsBus> {
  const { nats, role } = context.services;
  if (nats === null) throw new RangeError(`the role ${role} was started without NATS_URL`);
  let bus: NatsBus | null = null;
  context.dependencies.set('nats', () =>
    bus?.connected === true ? { ready: true } : { ready: false, problem: 'NATS cannot be reached' },
  );
  const log = context.logger('nats');
  bus = await untilReached(
    context,
    'NATS',
    () => connectNats({ ...nats, role, log, onClosed: context.fail }),
    (error) => error instanceof NatsRefusedError,
  );
  const connected = bus;
  context.teardown.add('nats', () => connected.close());
  return bus;
}

/** Waits until an engine leads. */
export async function awaitLeader(context: RoleContext, bus: NatsBus): Promise<LeaderWatch> {
  const watch = new LeaderWatch(bus, context.logger('leader'), context.fail);
  context.teardown.add('leader watch', () => watch.stop());
  context.dependencies.set('engine', () => {
    const leader = watch.leader;
    return leader === null ? { ready: false, problem: 'no engine leads' } : { ready: true, epoch: leader.epoch };
  });
  await untilReached(
    context,
    'the engine',
    async () => {
      if (watch.leader === null) throw new Error('no engine leads');
    },
    () => false,
  );
  return watch;
}
