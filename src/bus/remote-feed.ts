/**
 * The event stream over the bus: images from the leader, batches from the event log, and what is missing between them
 * read from the journal through the leader.
 *
 * Invariants: a consumer gets its image and then every event behind it, once and in order. A batch that comes twice or
 * out of order is recognised by its sequences; a gap, or a sign of life that tells of more events than came, starts a
 * read of what is missing. Where the past is gone, every consumer begins again with a new image.
 */

import type { ExchangeEvent } from '../core/exchange/event.js';
import { EventRing, sliceBatch } from '../engine/event-ring.js';
import type { Bus, EventLog, Unsubscribe } from '../ports/bus.js';
import { EngineUnavailableError } from '../ports/engine-client.js';
import {
  type EventBatch,
  type EventConsumer,
  type EventFeed,
  HistoryUnavailableError,
  type PastImage,
  type PointInTime,
  RewindLimitError,
} from '../ports/event-feed.js';
import type { Log } from '../ports/log.js';
import type { TraceMark } from '../ports/tracing.js';
import type { TraceLinks } from '../telemetry/trace-links.js';
import type { LeaderWatch } from './leader-watch.js';
import { decodeBatch, decodeJson, encodeJson, type Failure, type ImageAnswer, type ReadRequest } from './messages.js';
import { readsSubject } from './subjects.js';

export interface RemoteFeedOptions {
  readonly bus: Bus;
  readonly log: EventLog;
  readonly watch: LeaderWatch;
  /** Name of the event log's durable consumer; null = from now on. */
  readonly durable: string | null;
  readonly logger: Log;
  /** Where events that belong to a trace are noted; nowhere when absent. */
  readonly links?: TraceLinks;
  /** Called once when a consumer failed: its view is not what it should be, and the process starts anew. */
  readonly onFatal: (error: Error) => void;
  /** Events kept for readers of the recent past; default 50,000. */
  readonly recentEvents?: number;
  /** How long an answer of the engine is awaited; default 3 s. */
  readonly timeoutMs?: number;
}

interface Joining {
  readonly consumer: EventConsumer;
  readonly image: readonly ExchangeEvent[];
  readonly sequence: number;
  readonly resolve: (leave: () => void) => void;
}

const DEFAULT_RECENT_EVENTS = 50_000;
const DEFAULT_TIMEOUT_MS = 3_000;
/** Rebuilding the past may take a replay. */
const REWIND_TIMEOUT_MS = 20_000;
/** Batches put aside while a gap is read. */
const MAX_ASIDE_EVENTS = 20_000;
const MIN_RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;
/** Images asked for until one meets the stream. */
const MAX_IMAGES = 20;
/** Parts of one image. */
const MAX_CHUNKS = 100_000;

export class RemoteFeed implements EventFeed {
  readonly #options: RemoteFeedOptions;
  readonly #ring: EventRing;
  readonly #consumers = new Set<EventConsumer>();
  #joining: Joining[] = [];
  readonly #reaching = new Set<{ readonly sequence: number; resolve: () => void }>();
  #lastSequence = 0;
  /** Last sequence that is known to be durable, whether it has come or not. */
  #knownSequence = 0;
  #aside: EventBatch[] = [];
  #asideEvents = 0;
  #filling: Promise<void> | null = null;
  #started = false;
  #stopped = false;
  #readCount = 0;
  /** What had come when the last sign of life did. */
  #atLastHead = -1;
  readonly #ends: Unsubscribe[] = [];
  readonly counters = { batches: 0, repeated: 0, gaps: 0, images: 0 };

  constructor(options: RemoteFeedOptions) {
    this.#options = options;
    this.#ring = new EventRing(options.recentEvents ?? DEFAULT_RECENT_EVENTS);
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** For telemetry. */
  get figures() {
    return { ...this.counters, lag: Math.max(0, this.#knownSequence - this.#lastSequence) };
  }

  /** Begins to take batches, from what is durable now on. A leader has been seen. */
  start(): void {
    const head = this.#options.watch.lastHead;
    if (head === null) throw new EngineUnavailableError('no engine has been seen yet');
    this.#lastSequence = head.lastSequence;
    this.#knownSequence = head.lastSequence;
    this.#started = true;
    this.#ends.push(
      this.#options.log.consume(this.#options.durable, (message, traces) => this.#take(message, traces)),
      this.#options.watch.listen(({ lastSequence }) => this.#compare(lastSequence)),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const end of this.#ends) end();
    this.#consumers.clear();
    for (const waiter of [...this.#reaching]) waiter.resolve();
    await this.#filling;
  }

  async follow(consumer: EventConsumer): Promise<() => void> {
    if (!this.#started) throw new EngineUnavailableError('the event stream has not begun');
    // While no engine answers there is nothing to give up for: whoever follows waits as long as it takes.
    for (let images = 0; images < MAX_IMAGES && !this.#stopped; ) {
      const taken = await this.#image().catch((error: unknown) => {
        if (!(error instanceof EngineUnavailableError)) throw error;
        this.#options.logger('warn', 'the engine gave no image, trying again', { error: error.message });
        return null;
      });
      if (taken === null) {
        await new Promise((resolve) => setTimeout(resolve, MAX_RETRY_MS * (0.1 + Math.random() / 10)));
        continue;
      }
      images += 1;
      const { image, sequence } = taken;
      if (sequence > this.#lastSequence) {
        const joined = new Promise<() => void>((resolve) => {
          this.#joining.push({ consumer, image, sequence, resolve });
        });
        this.#compare(sequence);
        return joined;
      }
      if (sequence === this.#lastSequence || this.#ring.find(sequence + 1) !== null) {
        consumer.reset(image, sequence);
        this.#replay(consumer, sequence);
        return this.#add(consumer);
      }
    }
    throw new EngineUnavailableError('no image of the engine meets the event stream');
  }

  /** Takes events that came with an answer: they are durable as those of the stream, and may come before them. */
  offer(batch: EventBatch): void {
    if (this.#stopped || !this.#started || this.#filling !== null) return;
    const { firstSequence, lastSequence } = batch;
    if (firstSequence > this.#lastSequence + 1 || lastSequence <= this.#lastSequence) return;
    this.#knownSequence = Math.max(this.#knownSequence, lastSequence);
    this.#deliver(sliceBatch(batch, this.#lastSequence + 1, lastSequence));
  }

  /** Resolves when every consumer has taken the event of this sequence, or the time is over. */
  reach(sequence: number, timeoutMs: number): Promise<void> {
    if (sequence <= this.#lastSequence) return Promise.resolve();
    return new Promise((resolve) => {
      const waiter = { sequence, resolve };
      const late = setTimeout(() => {
        this.#reaching.delete(waiter);
        resolve();
      }, timeoutMs);
      waiter.resolve = () => {
        clearTimeout(late);
        this.#reaching.delete(waiter);
        resolve();
      };
      this.#reaching.add(waiter);
    });
  }

  async *read(after: number, through: number): AsyncGenerator<EventBatch> {
    const end = Math.min(through, this.#lastSequence);
    let next = Math.max(0, after) + 1;
    while (next <= end) {
      const held = this.#ring.find(next);
      if (held !== null) {
        const batch = sliceBatch(held, next, end);
        next = batch.lastSequence + 1;
        yield batch;
        continue;
      }
      const id = this.#newRead();
      let isWhole = false;
      try {
        for await (const batch of this.#readRemote(id, next - 1, Math.min(end, this.#ring.firstSequence - 1))) {
          next = batch.lastSequence + 1;
          yield batch;
        }
        isWhole = true;
      } finally {
        if (!isWhole) this.#endRead(id);
      }
    }
  }

  #take(message: Uint8Array, traces: readonly TraceMark[]): void {
    if (this.#stopped) return;
    for (const { at, traceparent } of traces) this.#options.links?.add(at, traceparent);
    let batch: EventBatch;
    try {
      batch = decodeBatch(message);
    } catch (error) {
      this.#options.logger('error', 'a batch of events cannot be read; it is read from the journal', {
        error: String(error),
      });
      return;
    }
    this.counters.batches += 1;
    if (batch.lastSequence <= this.#lastSequence) {
      this.counters.repeated += 1;
      return;
    }
    this.#knownSequence = Math.max(this.#knownSequence, batch.lastSequence);
    if (this.#filling === null && batch.firstSequence <= this.#lastSequence + 1) {
      this.#deliver(sliceBatch(batch, this.#lastSequence + 1, batch.lastSequence));
      return;
    }
    if (this.#asideEvents + batch.events.length <= MAX_ASIDE_EVENTS) {
      this.#aside.push(batch);
      this.#asideEvents += batch.events.length;
    }
    this.#fill();
  }

  /** A sign of life tells of events that did not come, although a whole interval has passed. */
  #compare(durableSequence: number): void {
    const stoodStill = this.#atLastHead === this.#lastSequence;
    this.#atLastHead = this.#lastSequence;
    if (durableSequence <= this.#lastSequence) return;
    this.#knownSequence = Math.max(this.#knownSequence, durableSequence);
    if (stoodStill) this.#fill();
  }

  #fill(): void {
    if (this.#filling !== null || this.#stopped) return;
    this.counters.gaps += 1;
    this.#filling = this.#fillGap().finally(() => {
      this.#filling = null;
    });
  }

  async #fillGap(): Promise<void> {
    // One read however often it is asked for: the engine goes on with what it has begun.
    const id = this.#newRead();
    let isOpen = false;
    for (let retryMs = MIN_RETRY_MS; !this.#stopped; ) {
      try {
        this.#takeAside();
        if (this.#lastSequence >= this.#knownSequence) {
          if (isOpen) this.#endRead(id);
          return;
        }
        isOpen = true;
        for await (const batch of this.#readRemote(id, this.#lastSequence, this.#knownSequence)) {
          if (this.#stopped) return;
          if (batch.lastSequence <= this.#lastSequence) continue;
          this.#deliver(sliceBatch(batch, this.#lastSequence + 1, batch.lastSequence));
        }
        isOpen = false;
        retryMs = MIN_RETRY_MS;
      } catch (error) {
        if (error instanceof HistoryUnavailableError) await this.#beginAnew().catch(() => undefined);
        else this.#options.logger('warn', 'missing events cannot be read yet', { error: String(error), retryMs });
        // Half of the pause is chance, so that processes do not return to a weak engine together.
        await new Promise((resolve) => setTimeout(resolve, retryMs * (0.5 + Math.random() / 2)));
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
      }
    }
  }

  /** What came while the gap was read, as far as it follows without another one. */
  #takeAside(): void {
    const aside = this.#aside.sort((a, b) => a.firstSequence - b.firstSequence);
    this.#aside = [];
    this.#asideEvents = 0;
    for (const batch of aside) {
      if (batch.lastSequence <= this.#lastSequence) continue;
      if (batch.firstSequence > this.#lastSequence + 1) return;
      this.#deliver(sliceBatch(batch, this.#lastSequence + 1, batch.lastSequence));
    }
  }

  async #beginAnew(): Promise<void> {
    const { image, sequence } = await this.#image();
    if (sequence <= this.#lastSequence || this.#stopped) return;
    this.#options.logger('warn', 'the past is gone; every view begins again', { sequence });
    this.#lastSequence = sequence;
    this.#ring.clear();
    this.#guard(() => {
      for (const consumer of this.#consumers) consumer.reset(image, sequence);
    });
    this.#admit(null);
    this.#tellReached();
  }

  #tellReached(): void {
    if (this.#reaching.size === 0) return;
    for (const waiter of [...this.#reaching]) if (waiter.sequence <= this.#lastSequence) waiter.resolve();
  }

  #deliver(batch: EventBatch): void {
    this.#lastSequence = batch.lastSequence;
    this.#ring.push(batch);
    this.#guard(() => {
      for (const consumer of this.#consumers) consumer.apply(batch);
      this.#admit(batch);
    });
    this.#tellReached();
  }

  #admit(batch: EventBatch | null): void {
    if (this.#joining.length === 0) return;
    const ready = this.#joining.filter(({ sequence }) => sequence <= this.#lastSequence);
    this.#joining = this.#joining.filter(({ sequence }) => sequence > this.#lastSequence);
    for (const { consumer, image, sequence, resolve } of ready) {
      consumer.reset(image, sequence);
      if (batch !== null && sequence < batch.lastSequence)
        consumer.apply(sliceBatch(batch, sequence + 1, batch.lastSequence));
      resolve(this.#add(consumer));
    }
  }

  /** Gives what memory holds behind the sequence. */
  #replay(consumer: EventConsumer, sequence: number): void {
    for (let next = sequence + 1; next <= this.#lastSequence; ) {
      const held = this.#ring.find(next);
      if (held === null) throw new RangeError(`event ${next} is not in memory`);
      const batch = sliceBatch(held, next, held.lastSequence);
      consumer.apply(batch);
      next = batch.lastSequence + 1;
    }
  }

  #add(consumer: EventConsumer): () => void {
    this.#consumers.add(consumer);
    return () => this.#consumers.delete(consumer);
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onFatal(new Error('a consumer of events failed', { cause: error }));
    }
  }

  async imageAt(moment: PointInTime): Promise<PastImage> {
    const answer = await this.#ask<ImageAnswer>({ kind: 'PAST', moment }, REWIND_TIMEOUT_MS);
    const { sequence, commandSequence = 0, timeUs = 0 } = answer;
    return { sequence, commandSequence, timeUs, events: await this.#chunksOf(answer) };
  }

  async #image(): Promise<{ image: readonly ExchangeEvent[]; sequence: number }> {
    this.counters.images += 1;
    const answer = await this.#ask<ImageAnswer>({ kind: 'IMAGE', from: this.#lastSequence });
    return { image: await this.#chunksOf(answer), sequence: answer.sequence };
  }

  async #chunksOf({ id, chunks }: ImageAnswer): Promise<ExchangeEvent[]> {
    if (chunks > MAX_CHUNKS) throw new RangeError(`an image of ${chunks} parts`);
    const image: ExchangeEvent[] = [];
    for (let index = 0; index < chunks; index += 1) {
      const { events } = await this.#ask<{ events: string }>({ kind: 'CHUNK', id, index });
      for (const event of JSON.parse(events) as ExchangeEvent[]) image.push(event);
    }
    return image;
  }

  #newRead(): string {
    this.#readCount += 1;
    return `${this.#options.durable ?? ''}${this.#readCount}-${Math.random().toString(36).slice(2)}`;
  }

  /** Tells the engine that nobody asks on; where that does not reach it, the read ends when it was idle for long enough. */
  #endRead(id: string): void {
    this.#ask<object>({ kind: 'END', id }).catch((error: unknown) => {
      this.#options.logger('debug', 'the engine was not told of the end of a read', { error: String(error) });
    });
  }

  async *#readRemote(id: string, after: number, through: number): AsyncGenerator<EventBatch> {
    for (let position = after; position < through; ) {
      const batch = await this.#ask<EventBatch>({ kind: 'READ', id, after: position, through });
      if (batch.events.length === 0) throw new EngineUnavailableError('the engine does not know these events yet');
      if (batch.firstSequence !== position + 1)
        throw new RangeError(`events ${batch.firstSequence} follow ${position}`);
      position = batch.lastSequence;
      yield batch;
    }
  }

  async #ask<T extends object>(
    request: ReadRequest,
    timeoutMs = this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  ): Promise<T> {
    const { bus, watch } = this.#options;
    const leader = watch.leader;
    if (leader === null) throw new EngineUnavailableError('no engine leads at the moment');
    let answer: T | Failure;
    try {
      answer = decodeJson<T | Failure>(await bus.request(readsSubject(leader.epoch), encodeJson(request), timeoutMs));
    } catch (error) {
      throw new EngineUnavailableError('the engine did not answer', { cause: error });
    }
    if (!('error' in answer)) return answer;
    if (answer.error === 'LIMIT') throw new RewindLimitError(answer.maxCommands ?? 0);
    if (answer.error === 'GONE') throw new HistoryUnavailableError(answer.firstAvailable ?? 0);
    throw new EngineUnavailableError(answer.message);
  }
}
