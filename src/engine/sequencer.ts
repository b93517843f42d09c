/**
 * Gives every command its place and time, executes it, and answers once it is durable.
 *
 *     submit ──> queue ──turn──> gathering group ──> journal.append ──> publish events ──> answer
 *                       encode, execute        (one group under way at a time)
 *
 * Invariants
 * - Nothing leaves before the group's append has resolved: neither an answer nor an event.
 * - While one group is being synced the next one gathers and executes; it is appended as soon as the disk is free. So the
 *   exchange may be ahead of what is durable by two groups at most.
 * - A command is encoded before it is executed: what could not be replayed is refused with nothing changed.
 * - Events reach consumers before their submitters have the answer (read your own writes).
 * - Fail-stop: when the journal fails or the exchange breaks an invariant, nothing is executed or answered any more.
 *   What was being appended has an unknown outcome; what was not is certainly not executed.
 */
import type { Command } from '../core/exchange/command.js';
import type { Exchange } from '../core/exchange/exchange.js';
import type { Clock } from '../ports/clock.js';
import { type CommandOutcome, EngineUnavailableError, OutcomeUnknownError } from '../ports/engine-client.js';
import type { EventBatch } from '../ports/event-feed.js';
import type { Journal } from '../ports/journal.js';
import type { StageTimes } from '../ports/stage-times.js';
import { BucketCounts, GROUP_BOUNDS, WRITE_BOUNDS_S } from '../telemetry/bucket-counts.js';
import { ExponentialCounts } from '../telemetry/exponential-counts.js';
import { CommandGroup, type EngineStages, type Submission } from './command-group.js';
import { CommandTally } from './command-tally.js';
import { Fifo } from './fifo.js';
import type { EngineLimits } from './limits.js';

export interface SequencerOptions {
  readonly exchange: Exchange;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly limits: EngineLimits;
  /** Takes the events of a durable group. */
  readonly publish: (batch: EventBatch) => void;
  /** Called after each answered group, in a turn of its own. */
  readonly onGroup: () => void;
  /** Called once, when nothing can go on. */
  readonly onFatal: (error: Error) => void;
}

/** Running totals, for telemetry: plain numbers that only rise, unless said otherwise. */
export interface SequencerCounters {
  /** Answered commands. */
  commands: number;
  /** Refused before they were executed: queue full, stopping, not encodable. */
  refused: number;
  groups: number;
  /** Commands in the newest group (not a total). */
  lastGroupCommands: number;
  largestGroupCommands: number;
  journalBytes: number;
  /** Time that appends took, write and sync together, microseconds. */
  appendUs: number;
  /** The newest append, microseconds (not a total). */
  lastAppendUs: number;
  slowestAppendUs: number;
  /** How far the clock was behind engine time at the newest command, microseconds (not a total). */
  clockBehindUs: number;
  /** Executed commands by type and result. */
  readonly byType: CommandTally;
  /** Commands a group. */
  readonly groupCommands: BucketCounts;
  /** Seconds an append, write and sync together. */
  readonly appendSeconds: BucketCounts;
  /** Seconds of each stage of a command. */
  readonly stages: EngineStages;
}

interface DurableWaiter {
  readonly commandSequence: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Sequencer {
  readonly counters: SequencerCounters = {
    commands: 0,
    refused: 0,
    groups: 0,
    lastGroupCommands: 0,
    largestGroupCommands: 0,
    journalBytes: 0,
    appendUs: 0,
    lastAppendUs: 0,
    slowestAppendUs: 0,
    clockBehindUs: 0,
    byType: new CommandTally(),
    groupCommands: new BucketCounts(GROUP_BOUNDS),
    appendSeconds: new BucketCounts(WRITE_BOUNDS_S),
    stages: {
      execute: new ExponentialCounts(),
      journal: new ExponentialCounts(),
      answer: new ExponentialCounts(),
    },
  };
  readonly #options: SequencerOptions;
  readonly #queue = new Fifo<Submission>();
  #gathering = new CommandGroup();
  readonly #freeGroups: CommandGroup[] = [];
  #appending: CommandGroup | null = null;
  /** Settles, and never rejects, when the append under way is over. */
  #append: Promise<void> | null = null;
  #turnScheduled = false;
  #draining = false;
  #failure: Error | null = null;
  #durableSequence: number;
  #durableWaiters: DurableWaiter[] = [];

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.#durableSequence = options.exchange.commandSequence;
  }

  /** Last command that is durable and published. */
  get durableSequence(): number {
    return this.#durableSequence;
  }

  /** Commands that were submitted and are not answered. */
  get pending(): number {
    return this.#queue.length + this.#gathering.count + (this.#appending?.count ?? 0);
  }

  /** Commands that wait to be executed. */
  get queued(): number {
    return this.#queue.length;
  }

  /**
   * Sequences, executes and journals the command.
   * @throws EngineUnavailableError when it was certainly not executed
   * @throws OutcomeUnknownError when the journal failed while it was being written
   * @throws RangeError when a field can't be written unchanged (no whole number, unknown member): not executed
   * @param times marked with what becomes of the command
   */
  submit(command: Command, times: StageTimes | null = null): Promise<CommandOutcome> {
    const refusal = this.#refusal();
    if (refusal !== null) {
      this.counters.refused += 1;
      return Promise.reject(refusal);
    }
    const enqueuedMs = performance.now();
    times?.enqueue(enqueuedMs);
    return new Promise((resolve, reject) => {
      this.#queue.push({ command, times, enqueuedMs, executedMs: enqueuedMs, resolve, reject });
      this.#scheduleTurn();
    });
  }

  /**
   * Resolves once everything executed so far is durable and published.
   * @throws EngineUnavailableError when that will never be
   */
  whenDurable(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(stopped(this.#failure));
    const commandSequence = this.#options.exchange.commandSequence;
    if (this.#durableSequence >= commandSequence) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#durableWaiters.push({ commandSequence, resolve, reject });
    });
  }

  /** Refuses new commands and resolves when every earlier one is answered. @throws EngineUnavailableError when it fails */
  async drain(): Promise<void> {
    this.#draining = true;
    do {
      await new Promise((resolve) => setImmediate(resolve));
      await this.whenDurable();
    } while (this.#queue.length > 0);
  }

  /** Resolves when no append is under way, whatever became of it. */
  async whenIdle(): Promise<void> {
    while (this.#append !== null) await this.#append;
  }

  #refusal(): EngineUnavailableError | null {
    if (this.#failure !== null) return stopped(this.#failure);
    if (this.#draining) return new EngineUnavailableError('the engine is stopping; the command was not executed');
    const limit = this.#options.limits.maxPendingCommands;
    if (this.pending < limit) return null;
    return new EngineUnavailableError(
      `${limit} commands wait for the engine, which is its limit (maxPendingCommands); the command was not executed, send it again in a moment`,
    );
  }

  /** One turn for all that was submitted in this round of the event loop, so that they share a sync. */
  #scheduleTurn(): void {
    if (this.#turnScheduled || this.#failure !== null) return;
    this.#turnScheduled = true;
    setImmediate(() => {
      this.#turnScheduled = false;
      this.#gather();
      this.#flush();
    });
  }

  #gather(): void {
    const { limits } = this.#options;
    const group = this.#gathering;
    while (this.#failure === null && group.count < limits.maxGroupCommands && group.byteCount < limits.maxGroupBytes) {
      const submission = this.#queue.shift();
      if (submission === undefined) return;
      this.#execute(group, submission);
    }
  }

  #execute(group: CommandGroup, submission: Submission): void {
    const { exchange } = this.#options;
    const sequence = exchange.commandSequence + 1;
    const timeUs = this.#nextTimeUs();
    try {
      group.encode(submission.command, sequence, timeUs);
    } catch (error) {
      this.counters.refused += 1;
      submission.reject(error as Error);
      return;
    }
    try {
      exchange.apply(submission.command, timeUs);
      if (exchange.commandSequence !== sequence) {
        throw new RangeError(`the exchange counts ${exchange.commandSequence} commands after command ${sequence}`);
      }
      const events = exchange.takeEvents();
      submission.executedMs = performance.now();
      this.counters.byType.count(submission.command.type, events);
      const lastSequence = exchange.eventSequence;
      group.take(submission, { commandSequence: sequence, lastSequence, timeUs, events });
    } catch (error) {
      submission.reject(stopped(error as Error));
      this.fail(error as Error);
    }
  }

  /** Engine time never runs backwards: it stands still while the clock is behind it. */
  #nextTimeUs(): number {
    const now = this.#options.clock.nowUs();
    const last = this.#options.exchange.timeUs;
    this.counters.clockBehindUs = last > now ? last - now : 0;
    return Math.max(last, now);
  }

  #flush(): void {
    if (this.#appending !== null || this.#gathering.count === 0 || this.#failure !== null) return;
    const group = this.#gathering;
    this.#appending = group;
    this.#gathering = this.#freeGroups.pop() ?? new CommandGroup();
    const journalGroup = group.journalGroup();
    const startMs = performance.now();
    this.#append = this.#options.journal.append(journalGroup).then(
      () => this.#onDurable(group, startMs),
      (error: unknown) => this.#onAppendFailed(group, error as Error),
    );
  }

  #onDurable(group: CommandGroup, startMs: number): void {
    const durableMs = performance.now();
    this.#count(group, Math.round((durableMs - startMs) * 1000));
    this.#appending = null;
    this.#append = null;
    // The disk first: it works while events and answers go out.
    this.#flush();
    this.#publish(group);
    this.#durableSequence += group.count;
    group.answer(durableMs, this.counters.stages);
    this.#freeGroups.push(group);
    this.#settleWaiters();
    if (this.#queue.length > 0) this.#scheduleTurn();
    setImmediate(this.#options.onGroup);
  }

  #publish(group: CommandGroup): void {
    const events = group.events;
    const first = events[0];
    const last = events[events.length - 1];
    if (first === undefined || last === undefined) return;
    try {
      this.#options.publish({ firstSequence: first.sequence, lastSequence: last.sequence, events });
    } catch (error) {
      this.fail(error as Error);
    }
  }

  #onAppendFailed(group: CommandGroup, error: Error): void {
    this.#appending = null;
    this.#append = null;
    group.reject(
      new OutcomeUnknownError(
        'the journal failed while the command was being written; it may or may not have been executed, ask again with the same clOrdId',
      ),
    );
    this.fail(error);
  }

  /** Ends everything: nothing is executed or answered any more. The first reason counts. */
  fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    const refusal = stopped(error);
    // None of these was given to the journal: after a restart they have never been.
    this.#gathering.reject(refusal);
    for (let waiting = this.#queue.shift(); waiting !== undefined; waiting = this.#queue.shift())
      waiting.reject(refusal);
    for (const waiter of this.#durableWaiters.splice(0)) waiter.reject(refusal);
    this.#options.onFatal(error);
  }

  #settleWaiters(): void {
    if (this.#durableWaiters.length === 0) return;
    const waiters = this.#durableWaiters;
    this.#durableWaiters = waiters.filter((waiter) => waiter.commandSequence > this.#durableSequence);
    for (const waiter of waiters) if (waiter.commandSequence <= this.#durableSequence) waiter.resolve();
  }

  #count(group: CommandGroup, appendUs: number): void {
    const { counters } = this;
    counters.commands += group.count;
    counters.groups += 1;
    counters.lastGroupCommands = group.count;
    counters.largestGroupCommands = Math.max(counters.largestGroupCommands, group.count);
    counters.journalBytes += group.byteCount;
    counters.appendUs += appendUs;
    counters.lastAppendUs = appendUs;
    counters.slowestAppendUs = Math.max(counters.slowestAppendUs, appendUs);
    counters.groupCommands.observe(group.count);
    counters.appendSeconds.observe(appendUs / 1e6);
  }
}

/** The refusal after a failure. The cause goes to the log, not to clients. */
function stopped(cause: Error): EngineUnavailableError {
  return new EngineUnavailableError('the engine has stopped after a failure; the command was not executed', { cause });
}
