/** Commands that become durable together, with what they did and who waits for it. Used again and again. */

import type { Command } from '../core/exchange/command.js';
import { encodeCommand } from '../core/exchange/command-codec.js';
import type { ExchangeEvent } from '../core/exchange/event.js';
import { ByteWriter } from '../core/values/byte-writer.js';
import type { CommandOutcome } from '../ports/engine-client.js';
import type { JournalGroup } from '../ports/journal.js';
import type { StageTimes } from '../ports/stage-times.js';
import type { ExponentialCounts } from '../telemetry/exponential-counts.js';

/** Seconds that commands spend in the engine: waiting and executed, until durable, until answered. */
export interface EngineStages {
  readonly execute: ExponentialCounts;
  readonly journal: ExponentialCounts;
  readonly answer: ExponentialCounts;
}

/** A submitted command and the two ends of its promise. Times are of the monotonic clock, milliseconds. */
export interface Submission {
  readonly command: Command;
  readonly times: StageTimes | null;
  readonly enqueuedMs: number;
  executedMs: number;
  readonly resolve: (outcome: CommandOutcome) => void;
  readonly reject: (error: Error) => void;
}

export class CommandGroup {
  readonly #writer = new ByteWriter(64 * 1024);
  #firstSequence = 0;
  readonly #submissions: Submission[] = [];
  readonly #outcomes: CommandOutcome[] = [];
  #events: ExchangeEvent[] = [];

  get count(): number {
    return this.#submissions.length;
  }

  get byteCount(): number {
    return this.#writer.position;
  }

  /** What the commands did, in order; a new array for each use, since it is handed out. */
  get events(): readonly ExchangeEvent[] {
    return this.#events;
  }

  /** Writes the command's record; `take` or `forget` must follow. @throws RangeError for what can't be written */
  encode(command: Command, sequence: number, timeUs: number): void {
    encodeCommand(this.#writer, command, sequence, timeUs);
  }

  /** Takes the command whose record was written last, with its outcome. */
  take(submission: Submission, outcome: CommandOutcome): void {
    if (this.#submissions.length === 0) this.#firstSequence = outcome.commandSequence;
    this.#submissions.push(submission);
    this.#outcomes.push(outcome);
    for (const event of outcome.events) this.#events.push(event);
  }

  /** The group as the journal takes it: a view that is valid until the group is cleared. */
  journalGroup(): JournalGroup {
    return { firstSequence: this.#firstSequence, count: this.count, bytes: this.#writer.written() };
  }

  /** Gives every submitter the outcome and makes the group ready for the next commands. */
  answer(durableMs: number, stages: EngineStages): void {
    const nowMs = performance.now();
    for (let at = 0; at < this.#submissions.length; at += 1) {
      const submission = this.#submissions[at] as Submission;
      const { times, enqueuedMs, executedMs } = submission;
      stages.execute.observe((executedMs - enqueuedMs) / 1000);
      stages.journal.observe((durableMs - executedMs) / 1000);
      stages.answer.observe((nowMs - durableMs) / 1000);
      const outcome = this.#outcomes[at] as CommandOutcome;
      if (times !== null) {
        times.executed = executedMs;
        times.durable = durableMs;
        times.commandSequence = outcome.commandSequence;
        times.lastSequence = outcome.lastSequence;
      }
      submission.resolve(outcome);
    }
    this.#clear();
  }

  /** Gives every submitter the error. */
  reject(error: Error): void {
    for (const submission of this.#submissions) submission.reject(error);
    this.#clear();
  }

  #clear(): void {
    this.#writer.reset();
    this.#submissions.length = 0;
    this.#outcomes.length = 0;
    this.#events = [];
  }
}
