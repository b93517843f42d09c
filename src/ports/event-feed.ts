/**
 * The event stream as consumers see it: a state image, then every batch behind it, gap-free.
 *
 * Batches are delivered only when their commands are durable, in order, and before the outcome of their
 * command is given to its submitter in the same process (read your own writes).
 */
import type { ExchangeEvent } from '../core/exchange/event.js';

/** Events of one or more commands under their first and last sequence. */
export interface EventBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly events: readonly ExchangeEvent[];
}

/** A view that follows the stream. Its methods are synchronous and must not throw. */
export interface EventConsumer {
  /**
   * Forget everything and start from this image: the exchange's state at `sequence`, told as events
   * (assets, instruments, statuses, accounts, limits, kill switches, balances, positions, book levels, and each
   * working order as OrderAccepted with its current progress). Image events carry `sequence` as their own.
   */
  reset(image: readonly ExchangeEvent[], sequence: number): void;
  /** The next batch: `batch.firstSequence` is one above the last sequence seen. */
  apply(batch: EventBatch): void;
}

export interface EventFeed {
  /** Sequence of the newest durable event. */
  readonly lastSequence: number;
  /** Gives the image and then every later batch to the consumer, until the returned function is called. */
  follow(consumer: EventConsumer): Promise<() => void>;
  /**
   * Past batches with `after` < sequence ≤ `through`, from memory or rebuilt from snapshot and journal.
   * @throws HistoryUnavailableError when the journal no longer reaches back so far
   */
  read(after: number, through: number): AsyncIterable<EventBatch>;
  /**
   * The state at a moment, rebuilt from snapshot and journal; absent where the past cannot be rebuilt.
   * @throws RewindLimitError when that would cost too much
   * @throws HistoryUnavailableError when the journal no longer reaches back so far
   * @throws EngineUnavailableError when too many ask at once
   */
  imageAt?(moment: PointInTime): Promise<PastImage>;
}

/** A moment: an event's sequence, or engine time in microseconds since 1970 UTC. */
export type PointInTime = { readonly sequence: number } | { readonly timeUs: number };

/** The state at a moment, told as an image. */
export interface PastImage {
  /** Last command and event in it, and engine time. */
  readonly commandSequence: number;
  readonly sequence: number;
  readonly timeUs: number;
  readonly events: readonly ExchangeEvent[];
}

/** A moment lies further from the snapshot before it than may be replayed. */
export class RewindLimitError extends Error {
  override readonly name = 'RewindLimitError';
  constructor(readonly maxCommands: number) {
    super(`the state at that moment is more than ${maxCommands} commands away from the snapshot before it`);
  }
}

/** Journal and snapshots no longer hold what was asked for. */
export class HistoryUnavailableError extends Error {
  override readonly name = 'HistoryUnavailableError';
  constructor(
    /** First sequence that can still be read. */
    readonly firstAvailable: number,
  ) {
    super(`events before sequence ${firstAvailable} are no longer kept`);
  }
}
