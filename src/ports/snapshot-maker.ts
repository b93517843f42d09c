/** Makes the snapshot of a durable command apart from the trading thread, so that trading does not pause for it. */
import type { SnapshotInfo } from './snapshot-store.js';

export interface SnapshotMaker {
  /**
   * Works the state after a command out anew from an earlier snapshot and the journal, and saves it where the engine's
   * snapshots lie.
   * @param info the command, which the journal holds durably, and the event that trading ended it with
   * @param newest last command of the newest snapshot, where reading the journal will begin; 0 = none
   * @returns the snapshot's size in bytes
   * @throws SnapshotDivergedError when the journal ends that command with another event; nothing is saved
   * @throws Error when it can't be made, or when `signal` aborts
   */
  make(info: SnapshotInfo, newest: number, signal: AbortSignal): Promise<number>;
}

/** Replaying the journal ended otherwise than trading did: what was answered can't be given back. */
export class SnapshotDivergedError extends Error {
  override readonly name = 'SnapshotDivergedError';

  constructor(
    info: SnapshotInfo,
    readonly replayedEventSequence: number,
  ) {
    super(
      `replaying the journal through command ${info.commandSequence} ends with event ${replayedEventSequence}, trading ended with event ${info.eventSequence}`,
    );
  }
}
