/** How long trading stands still while a snapshot of a large book is made beside it, on real files. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileJournal } from '../../src/adapters/file/file-journal.js';
import { FileSnapshotStore } from '../../src/adapters/file/file-snapshot-store.js';
import type { Command } from '../../src/core/exchange/command.js';
import { type Engine, startEngine } from '../../src/engine/engine.js';
import { createSystemClock } from '../../src/engine/system-clock.js';
import { ThreadSnapshotMaker } from '../../src/runtime/snapshots/thread-snapshot-maker.js';
import { restingOrder } from './large-book.js';
import { setupCommands } from './ours.js';

const WAVE = 1_000;

export interface SnapshotPause {
  /** Longest time between two turns of the event loop from the order of the snapshot to its end, milliseconds. */
  readonly pauseMs: number;
  /** The same with nothing to do, over as long a time. */
  readonly quietMs: number;
  readonly takenMs: number;
  readonly bytes: number;
}

/** Longest time between two turns of the event loop until the promise settles. */
async function longestTurn(during: Promise<unknown>): Promise<number> {
  let isOver = false;
  const over = during.finally(() => {
    isOver = true;
  });
  let longest = 0;
  let before = performance.now();
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = performance.now();
    longest = Math.max(longest, now - before);
    before = now;
  }
  await over;
  return longest;
}

async function submitAll(engine: Engine, commands: readonly Command[]): Promise<void> {
  for (let at = 0; at < commands.length; at += WAVE) {
    await Promise.all(commands.slice(at, at + WAVE).map((command) => engine.submit(command)));
  }
}

/** @throws Error when no snapshot comes of it, or it was taken in the trading thread */
export async function snapshotPause(orders: number): Promise<SnapshotPause> {
  const directory = await mkdtemp(join(tmpdir(), 'tradsys-bench-'));
  const log = () => undefined;
  const journal = await FileJournal.open({ directory });
  const engine = await startEngine({
    journal,
    snapshots: await FileSnapshotStore.open({ directory }),
    snapshotMaker: new ThreadSnapshotMaker({
      source: (newest) => ({ kind: 'FILE', directory, extent: journal.extent(newest) }),
      log,
    }),
    clock: createSystemClock(),
    limits: { snapshotEveryCommands: 0 },
    onFatal: (error) => {
      throw error;
    },
    log,
  });
  try {
    await submitAll(engine, setupCommands());
    await submitAll(
      engine,
      Array.from({ length: orders }, (_, index) => restingOrder(index, 0, 1 + (index % 1_000))),
    );
    const startedAt = performance.now();
    const pauseMs = await longestTurn(engine.snapshotNow());
    const takenMs = performance.now() - startedAt;
    const { saved, lastTakeMs, lastBytes } = engine.status.snapshots;
    if (saved !== 1 || lastTakeMs !== 0) throw new Error('the snapshot was not made beside trading');
    const quietMs = await longestTurn(new Promise((resolve) => setTimeout(resolve, takenMs)));
    return { pauseMs, quietMs, takenMs, bytes: lastBytes };
  } finally {
    await engine.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
