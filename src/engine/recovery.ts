/**
 * The state after a start: the newest good snapshot and every journaled command behind it.
 *
 * A snapshot that is damaged, of another format or inconsistent is passed over with a warning; without any the whole
 * journal is replayed. A snapshot that knows commands which the journal lacks means that the journal has lost answered
 * commands: nothing starts then.
 */
import type { ExchangeEvent } from '../core/exchange/event.js';
import type { Exchange, ExchangeOptions } from '../core/exchange/exchange.js';
import { type Journal, JournalCorruptError } from '../ports/journal.js';
import type { Log } from '../ports/log.js';
import type { SnapshotStore } from '../ports/snapshot-store.js';
import { replayGroup } from './replay.js';
import { startFromSnapshot } from './snapshot-start.js';

export interface RecoveryOptions {
  readonly journal: Journal;
  readonly snapshots: SnapshotStore;
  readonly exchange?: ExchangeOptions;
  readonly log: Log;
  /** Commands before the end from which on events are given to `onEvents`. */
  readonly recentCommands: number;
  readonly onEvents: (events: readonly ExchangeEvent[]) => void;
  /** Told from time to time how many of the commands behind the snapshot are replayed. */
  readonly onProgress?: (replayed: number, total: number) => void;
}

export interface Recovered {
  readonly exchange: Exchange;
  /** Last command of the snapshot used; 0 = none. */
  readonly snapshotCommandSequence: number;
  readonly replayedCommands: number;
  readonly durationMs: number;
}

const PROGRESS_COMMANDS = 10_000;

/** @throws JournalCorruptError when the journal can't give back every command behind the snapshot */
export async function recover(options: RecoveryOptions): Promise<Recovered> {
  const { journal, log } = options;
  const startMs = performance.now();
  const exchange = await loadNewest(options);
  const snapshotCommandSequence = exchange.commandSequence;
  const total = journal.lastSequence - snapshotCommandSequence;
  const recentFrom = journal.lastSequence - options.recentCommands;
  let replayed = 0;
  for await (const group of journal.read(snapshotCommandSequence)) {
    for (const record of replayGroup(exchange, group)) {
      if (record.sequence > recentFrom) options.onEvents(exchange.takeEvents());
      replayed += 1;
      if (replayed % PROGRESS_COMMANDS === 0) options.onProgress?.(replayed, total);
    }
  }
  if (exchange.commandSequence !== journal.lastSequence) {
    throw new JournalCorruptError(
      `the journal ends with command ${journal.lastSequence}, but only ${exchange.commandSequence} could be read back`,
    );
  }
  options.onProgress?.(replayed, total);
  const durationMs = Math.round(performance.now() - startMs);
  log('info', 'state recovered', { snapshotCommandSequence, replayedCommands: replayed, durationMs });
  return { exchange, snapshotCommandSequence, replayedCommands: replayed, durationMs };
}

async function loadNewest(options: RecoveryOptions): Promise<Exchange> {
  const infos = await options.snapshots.list();
  const newest = infos[infos.length - 1];
  if (newest !== undefined && newest.commandSequence > options.journal.lastSequence) {
    throw new JournalCorruptError(
      `the journal ends with command ${options.journal.lastSequence}, but a snapshot holds command ` +
        `${newest.commandSequence}: answered commands are missing. Put the journal back from a backup or a copy. To start ` +
        'without them, move the snapshots that are ahead out of the data folder.',
    );
  }
  return startFromSnapshot(options, () => true);
}
