/** Sessions beside the engine that executes: in one process, or at the leading one of several. */
import { SessionScheduler } from '../calendar/session-scheduler.js';
import type { Engine } from '../engine/engine.js';
import { createSystemClock } from '../engine/system-clock.js';
import type { Log } from '../ports/log.js';
import type { Teardown } from './teardown.js';

/** Brings every instrument with a calendar to the phase that now holds, and on from there. */
export async function startSessions(engine: Engine, log: Log, teardown: Teardown): Promise<void> {
  const sessions = new SessionScheduler({ clock: createSystemClock(), engine, feed: engine.feed, log });
  teardown.add('sessions', () => sessions.stop());
  await sessions.start();
}
