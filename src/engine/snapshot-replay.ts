/**
 * The state after a command, worked out anew: the newest snapshot at or before it that can be used and the journal behind
 * that. What makes snapshots without a pause runs this beside the engine, in a thread of its own.
 */
import type { Exchange, ExchangeOptions } from '../core/exchange/exchange.js';
import { type Journal, JournalCorruptError } from '../ports/journal.js';
import type { Log } from '../ports/log.js';
import { SnapshotDivergedError } from '../ports/snapshot-maker.js';
import type { SnapshotInfo, SnapshotStore } from '../ports/snapshot-store.js';
import { replayGroup } from './replay.js';
import { startFromSnapshot } from './snapshot-start.js';

export interface SnapshotSources {
  readonly journal: Pick<Journal, 'read'>;
  readonly snapshots: SnapshotStore;
  readonly exchange?: ExchangeOptions;
  readonly log: Log;
}

/**
 * Saves the snapshot of the state after a command and returns its size in bytes.
 * @throws JournalCorruptError when the journal can't give it back
 * @throws SnapshotDivergedError when it gives back another one
 */
export async function replaySnapshot(sources: SnapshotSources, info: SnapshotInfo): Promise<number> {
  const through = info.commandSequence;
  const exchange = await startFromSnapshot(sources, ({ commandSequence }) => commandSequence <= through);
  if (exchange.commandSequence < through) await replayThrough(exchange, sources.journal, through);
  if (exchange.eventSequence !== info.eventSequence) throw new SnapshotDivergedError(info, exchange.eventSequence);
  const bytes = exchange.snapshot();
  await sources.snapshots.save(info, bytes);
  return bytes.byteLength;
}

async function replayThrough(exchange: Exchange, journal: Pick<Journal, 'read'>, through: number): Promise<void> {
  for await (const group of journal.read(exchange.commandSequence)) {
    for (const { sequence } of replayGroup(exchange, group)) if (sequence === through) return;
  }
  throw new JournalCorruptError(
    `the journal should hold command ${through}, but ends with command ${exchange.commandSequence}`,
  );
}
