/** What every event carries. */

/** Carried by every event. */
export interface EventHeader {
  /** Position in the event stream, gap-free from 1. */
  readonly sequence: number;
  /** Sequence of the command that caused it, gap-free from 1. */
  readonly commandSequence: number;
  /** Engine time, microseconds since 1970 UTC; never runs backwards. */
  readonly timeUs: number;
}
