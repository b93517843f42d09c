/**
 * The engine over the bus. Commands submitted in one turn of the event loop leave as one message and are answered as one.
 *
 * What reached nobody is told as not executed; what may have reached the engine and was not answered is told as unknown.
 * A takeover ends the wait for answers of the leader before: none can be trusted to come.
 */
import type { Command, PlaceOrder } from '../core/exchange/command.js';
import type { ExchangeEvent } from '../core/exchange/event.js';
import type { OrderPreview, QueuePosition } from '../core/exchange/exchange.js';
import { type Bus, NotDeliveredError, type Unsubscribe } from '../ports/bus.js';
import {
  type CommandOutcome,
  type EngineClient,
  type EngineQueries,
  EngineUnavailableError,
  OutcomeUnknownError,
} from '../ports/engine-client.js';
import type { StageTimes } from '../ports/stage-times.js';
import type { TraceMark } from '../ports/tracing.js';
import type { LeaderWatch } from './leader-watch.js';
import { type CommandResult, CommandsWriter, decodeJson, encodeJson, type Failure, type Head } from './messages.js';
import type { RemoteFeed } from './remote-feed.js';
import { commandsSubject, queriesSubject } from './subjects.js';

export interface RemoteEngineOptions {
  readonly bus: Bus;
  readonly watch: LeaderWatch;
  /** What the views of this process follow; an answer waits until they have taken its events. */
  readonly feed: RemoteFeed;
  /** Names this process, differently at each start. */
  readonly client: string;
  /** Time after which an answer is not awaited any more; default 5 s. */
  readonly timeoutMs?: number;
  /** Commands without an answer; one more is refused. Default 20,000. */
  readonly maxPending?: number;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const DEFAULT_MAX_PENDING = 20_000;
/** How long an answer waits for the views of this process; it is as true before them. */
const REACH_WAIT_MS = 1_000;
const MAX_MESSAGE_COMMANDS = 1_024;
/** Share of the longest message that commands fill before the next message begins. */
const FILL = 0.5;

interface Waiting {
  readonly resolve: (outcome: CommandOutcome) => void;
  readonly reject: (error: Error) => void;
  readonly times: StageTimes | null;
  readonly sentMs: number;
}

const NO_LEADER = 'no engine leads at the moment; the command was not executed, send it again shortly';
const UNKNOWN =
  'no answer came from the engine; the command may or may not have been executed, ask again with the same clOrdId';

export class RemoteEngine implements EngineClient, EngineQueries {
  readonly #options: RemoteEngineOptions;
  readonly #writer = new CommandsWriter();
  #gathering: Waiting[] = [];
  #scheduled = false;
  #batch = 0;
  #pending = 0;
  #stopped = false;
  /** Waiters of messages that are under way, by the epoch that they were sent to. */
  readonly #underWay = new Map<number, Set<() => void>>();
  readonly #unlisten: Unsubscribe;

  constructor(options: RemoteEngineOptions) {
    this.#options = options;
    this.#unlisten = options.watch.listen((head, isNew) => {
      if (isNew) this.#giveUpBefore(head.epoch);
    });
  }

  /** Commands that wait for an answer. */
  get pending(): number {
    return this.#pending;
  }

  submit(command: Command, times: StageTimes | null = null): Promise<CommandOutcome> {
    const refusal = this.#refusal();
    if (refusal !== null) return Promise.reject(new EngineUnavailableError(refusal));
    if (this.#isFull) this.#flush();
    if (this.#gathering.length === 0) {
      this.#batch += 1;
      this.#writer.begin(this.#options.client, this.#batch);
    }
    try {
      this.#writer.add(command);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    this.#pending += 1;
    return new Promise((resolve, reject) => {
      this.#gathering.push({ resolve, reject, times, sentMs: performance.now() });
      this.#schedule();
    });
  }

  preview(command: PlaceOrder): Promise<OrderPreview> {
    return this.#ask('preview', [command]);
  }

  queuePositions(orderIds: readonly number[]): Promise<readonly (QueuePosition | null)[]> {
    return this.#ask('queuePositions', [orderIds]);
  }

  /** Refuses what comes and lets those who wait know that nobody will answer. */
  stop(): void {
    this.#stopped = true;
    this.#unlisten();
    this.#flush();
    this.#giveUpBefore(Number.POSITIVE_INFINITY);
  }

  get #isFull(): boolean {
    return (
      this.#gathering.length >= MAX_MESSAGE_COMMANDS ||
      (this.#gathering.length > 0 && this.#writer.byteCount > this.#options.bus.maxMessageBytes * FILL)
    );
  }

  #refusal(): string | null {
    const { bus, watch, maxPending = DEFAULT_MAX_PENDING } = this.#options;
    if (this.#stopped) return 'this process is stopping; the command was not executed';
    if (!bus.connected || watch.leader === null) return NO_LEADER;
    if (this.#pending < maxPending) return null;
    return `${maxPending} commands wait for the engine, which is the limit; the command was not executed, send it again in a moment`;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#gathering.length === 0) return;
    const waiting = this.#gathering;
    this.#gathering = [];
    const message = this.#writer.finish();
    const leader = this.#options.watch.leader;
    if (leader === null) {
      this.#settle(waiting, () => new EngineUnavailableError(NO_LEADER));
      return;
    }
    void this.#send(leader, message, waiting);
  }

  async #send(leader: Head, message: Uint8Array, waiting: readonly Waiting[]): Promise<void> {
    const { bus, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const { promise: givenUp, giveUp } = this.#enlist(leader.epoch);
    try {
      const request = bus.request(commandsSubject(leader.epoch), message, timeoutMs, tracesOf(waiting));
      // The loser of the race may fail later, which is nobody's business any more.
      request.catch(() => undefined);
      const answer = await Promise.race([request, givenUp]);
      const results = decodeJson<readonly CommandResult[]>(answer);
      this.#pending -= waiting.length;
      for (const [at, waiter] of waiting.entries()) this.#resolve(waiter, results[at]);
    } catch (error) {
      const notDelivered = error instanceof NotDeliveredError;
      this.#settle(waiting, () =>
        notDelivered ? new EngineUnavailableError(NO_LEADER) : new OutcomeUnknownError(UNKNOWN, { cause: error }),
      );
    } finally {
      this.#underWay.get(leader.epoch)?.delete(giveUp);
    }
  }

  #enlist(epoch: number): { promise: Promise<never>; giveUp: () => void } {
    let giveUp: () => void = () => undefined;
    const promise = new Promise<never>((_, reject) => {
      giveUp = () => reject(new OutcomeUnknownError(UNKNOWN));
    });
    promise.catch(() => undefined);
    const known = this.#underWay.get(epoch);
    if (known === undefined) this.#underWay.set(epoch, new Set([giveUp]));
    else known.add(giveUp);
    return { promise, giveUp };
  }

  #giveUpBefore(epoch: number): void {
    for (const [old, waiters] of this.#underWay) {
      if (old >= epoch) continue;
      for (const giveUp of waiters) giveUp();
      this.#underWay.delete(old);
    }
  }

  #resolve(waiter: Waiting, result: CommandResult | undefined): void {
    if (waiter.times !== null && result !== undefined && 'spans' in result && result.spans !== undefined)
      waiter.times.adopt(result.spans, waiter.sentMs, performance.now());
    if (result === undefined) waiter.reject(new OutcomeUnknownError(UNKNOWN));
    else if ('error' in result) waiter.reject(errorOf(result));
    else if (result.events !== null) {
      const { commandSequence, lastSequence, timeUs, events } = result;
      const outcome = { commandSequence, lastSequence, timeUs, events };
      const { feed } = this.#options;
      if (events.length > 0) feed.offer({ firstSequence: lastSequence - events.length + 1, lastSequence, events });
      if (feed.lastSequence >= lastSequence) waiter.resolve(outcome);
      else void feed.reach(lastSequence, REACH_WAIT_MS).then(() => waiter.resolve(outcome));
    } else {
      this.#readEvents(result).then(
        (events) => waiter.resolve({ ...result, events }),
        (error: unknown) => waiter.reject(new OutcomeUnknownError(UNKNOWN, { cause: error })),
      );
    }
  }

  async #readEvents(result: { lastSequence: number; eventCount: number }): Promise<ExchangeEvent[]> {
    const events: ExchangeEvent[] = [];
    const { lastSequence, eventCount } = result;
    await this.#options.feed.reach(lastSequence, REACH_WAIT_MS);
    for await (const batch of this.#options.feed.read(lastSequence - eventCount, lastSequence)) {
      for (const event of batch.events) events.push(event);
    }
    if (events.length !== eventCount) throw new RangeError(`${events.length} of ${eventCount} events could be read`);
    return events;
  }

  #settle(waiting: readonly Waiting[], error: () => Error): void {
    this.#pending -= waiting.length;
    for (const waiter of waiting) waiter.reject(error());
  }

  async #ask<T>(method: string, given: readonly unknown[]): Promise<T> {
    const { bus, watch, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const leader = watch.leader;
    if (leader === null) throw new EngineUnavailableError('no engine leads at the moment; ask again shortly');
    let answer: { readonly value: T } | Failure;
    try {
      answer = decodeJson(
        await bus.request(queriesSubject(leader.epoch), encodeJson({ method, arguments: given }), timeoutMs),
      );
    } catch (error) {
      throw new EngineUnavailableError('the engine did not answer; ask again shortly', { cause: error });
    }
    if ('error' in answer) throw errorOf(answer);
    return answer.value;
  }
}

/** Contexts of the commands that are traced, by their place in the message. */
function tracesOf(waiting: readonly Waiting[]): TraceMark[] {
  const traces: TraceMark[] = [];
  for (const [at, { times }] of waiting.entries()) {
    if (times !== null && times.traceparent !== null) traces.push({ at, traceparent: times.traceparent });
  }
  return traces;
}

function errorOf({ error, message }: { readonly error: string; readonly message: string }): Error {
  if (error === 'UNAVAILABLE') return new EngineUnavailableError(message);
  if (error === 'RANGE') return new RangeError(message);
  return new OutcomeUnknownError(message);
}
