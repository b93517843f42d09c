/** Makes and saves one snapshot in a thread of its own and ends with it. */
import { parentPort, workerData } from 'node:worker_threads';
import { readExtent } from '../../adapters/file/file-journal.js';
import { FileSnapshotStore } from '../../adapters/file/file-snapshot-store.js';
import { PostgresJournal } from '../../adapters/postgres/postgres-journal.js';
import { PostgresSnapshotStore } from '../../adapters/postgres/postgres-snapshot-store.js';
import { replaySnapshot, type SnapshotSources } from '../../engine/snapshot-replay.js';
import type { Log } from '../../ports/log.js';
import { SnapshotDivergedError } from '../../ports/snapshot-maker.js';
import type { SnapshotJob, SnapshotMessage } from './messages.js';

const tell = (message: SnapshotMessage) => parentPort?.postMessage(message);

const log: Log = (level, message, fields = {}) => {
  if (level === 'warn' || level === 'error') tell({ kind: 'WARNED', message, fields });
};

async function make({ source, exchange, info }: SnapshotJob): Promise<number> {
  if (source.kind === 'FILE') {
    const snapshots = await FileSnapshotStore.open({ directory: source.directory });
    const journal: SnapshotSources['journal'] = { read: (after) => readExtent(source.extent, after) };
    return replaySnapshot({ journal, snapshots, exchange, log }, info);
  }
  const { url } = source;
  const journal = await PostgresJournal.open({ url, log });
  const snapshots = new PostgresSnapshotStore({ url, log });
  try {
    return await replaySnapshot({ journal, snapshots, exchange, log }, info);
  } finally {
    await Promise.all([journal.close(), snapshots.close()]);
  }
}

try {
  tell({ kind: 'MADE', bytes: await make(workerData as SnapshotJob) });
} catch (error) {
  if (error instanceof SnapshotDivergedError) tell({ kind: 'DIVERGED', eventSequence: error.replayedEventSequence });
  else tell({ kind: 'FAILED', error: error instanceof Error ? error.message : String(error) });
}
