/** Where the projector writes: one call is one atomic statement of rows and offset. */
import type { EventBatch } from './event-feed.js';

export interface ReadModelStore {
  /** Last event sequence written; 0 when empty. */
  offset(): Promise<number>;
  /**
   * Writes the batch and its offset in one statement. A batch at or below the offset changes nothing; one that
   * would leave a gap is refused.
   * @throws Error while the database cannot be reached; the caller tries again with the same batch
   */
  apply(batch: EventBatch): Promise<void>;
}
