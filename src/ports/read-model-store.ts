/** Where the projector writes: one call is one atomic statement of rows and offset. */
import type { EventBatch } from './event-feed.js';

export interface ReadModelStore {
  /** Last event sequence written; 0 when empty. */
  offset(): Promise<number>;
  /**
   * Writes the batch and its offset in one statement. A batch at or below the offset changes nothing; of one that
   * begins at or below it only the new part is written.
   * @throws SequenceGapError when the batch begins beyond the next sequence
   * @throws ForeignEventsError when the batch holds the event at the offset and it is not the one that was written
   * @throws Error while the database cannot be reached; the caller tries again with the same batch
   */
  apply(batch: EventBatch): Promise<void>;
}

/** A batch begins beyond the next sequence: what lies between must be written first. */
export class SequenceGapError extends Error {
  override readonly name = 'SequenceGapError';
  constructor(
    /** Last sequence that is written. */
    readonly offset: number,
    firstSequence: number,
  ) {
    super(`events ${offset + 1} to ${firstSequence - 1} are missing before this batch`);
  }
}

/** The read model was made from other events than these: it belongs to another journal. */
export class ForeignEventsError extends Error {
  override readonly name = 'ForeignEventsError';
}
