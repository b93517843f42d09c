/** Which of the newest events belong to a sampled trace, so that what comes of them later joins it. Bounded: the oldest go. */
import type { TraceMark } from '../ports/tracing.js';

const MAX_MARKS = 4_096;

export class TraceLinks {
  readonly #marks: TraceMark[] = [];

  /** @param sequence last event of the command */
  add(sequence: number, traceparent: string): void {
    this.#marks.push({ at: sequence, traceparent });
    if (this.#marks.length > MAX_MARKS) this.#marks.shift();
  }

  /** Marks of events with first ≤ sequence ≤ last, oldest first. */
  between(first: number, last: number): TraceMark[] {
    return this.#marks.filter(({ at }) => at >= first && at <= last);
  }
}
