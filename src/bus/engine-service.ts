/**
 * The leader's side of the bus: commands, questions and reads of the past, each under the epoch that it leads.
 *
 * A message of commands that comes twice is executed once: the second gets the first one's answer. Everything that is
 * kept for clients (answers, images, open reads) is bounded and ages.
 */
import { randomUUID } from 'node:crypto';
import type { ExchangeEvent } from '../core/exchange/event.js';
import type { Engine } from '../engine/engine.js';
import type { Bus, Unsubscribe } from '../ports/bus.js';
import { type CommandOutcome, EngineUnavailableError, OutcomeUnknownError } from '../ports/engine-client.js';
import { type EventBatch, HistoryUnavailableError, type PointInTime, RewindLimitError } from '../ports/event-feed.js';
import type { Log } from '../ports/log.js';
import { StageTimes } from '../ports/stage-times.js';
import type { TraceMark, Tracing } from '../ports/tracing.js';
import { recordEngineSpans } from '../telemetry/engine-spans.js';
import type { TraceLinks } from '../telemetry/trace-links.js';
import {
  type CommandResult,
  decodeCommands,
  decodeJson,
  encodeBatches,
  encodeJson,
  type Failure,
  type Head,
  packed,
  type QueryRequest,
  type ReadRequest,
} from './messages.js';
import { commandsSubject, HEAD_SUBJECT, queriesSubject, readsSubject } from './subjects.js';

/** Time between two signs of life. */
export const HEAD_INTERVAL_MS = 200;
/** Messages whose answers are remembered, so that a second delivery changes nothing. */
const MAX_REMEMBERED = 10_000;
/** Share of the longest message that events may take. */
const FILL = 0.6;
/** Images that are kept for those who fetch them, and how long one is new enough for the next who asks. */
const MAX_IMAGES = 4;
const IMAGE_FRESH_MS = 1_000;
/** Reads of the past that are open at once; one that nobody asks on is closed. */
const MAX_READS = 64;
const READ_IDLE_MS = 15_000;
const NO_ANSWER = Promise.resolve(new Uint8Array(0));

/** What may be asked: methods of EngineQueries. */
const QUERY_METHODS = ['preview', 'queuePositions'] as const;

export interface EngineServiceOptions {
  readonly engine: Engine;
  readonly bus: Bus;
  readonly journalId: string;
  readonly epoch: number;
  readonly log: Log;
  /** Null or absent: commands join no trace here. */
  readonly tracing?: Tracing | null;
  /** Where events of traced commands are noted. */
  readonly links?: TraceLinks;
}

interface Image {
  readonly id: string;
  readonly sequence: number;
  readonly chunks: readonly string[];
  readonly takenAtMs: number;
}

interface OpenRead {
  readonly batches: AsyncIterator<EventBatch>;
  /** First event that has not been given. */
  next: number;
  /** What was asked last, and its answer: asked again, it is the same. */
  after: number | null;
  answer: Promise<Uint8Array>;
  usedAtMs: number;
  /** Encoded parts of a batch that did not fit the last answer. */
  readonly waiting: Uint8Array[];
}

export class EngineService {
  readonly #options: EngineServiceOptions;
  readonly #unserve: Unsubscribe[];
  readonly #answers = new Map<string, Promise<Uint8Array>>();
  readonly #images: Image[] = [];
  /** Images of the past for those who fetch them. */
  readonly #pastChunks = new Map<string, readonly string[]>();
  readonly #reads = new Map<string, OpenRead>();
  readonly #timer: NodeJS.Timeout;
  readonly #maxChars: number;

  constructor(options: EngineServiceOptions) {
    const { bus, epoch } = options;
    this.#options = options;
    this.#maxChars = Math.floor(bus.maxMessageBytes * FILL);
    this.#unserve = [
      bus.serve(commandsSubject(epoch), (request, traces) => this.#execute(request, traces)),
      bus.serve(queriesSubject(epoch), (request) => this.#answer(() => this.#query(request))),
      bus.serve(readsSubject(epoch), (request) => this.#read(request)),
    ];
    this.#timer = setInterval(() => this.#tick(), HEAD_INTERVAL_MS);
    this.#tick();
  }

  /** Takes nothing new. */
  stop(): void {
    clearInterval(this.#timer);
    for (const unserve of this.#unserve) unserve();
    for (const [id, read] of this.#reads) this.#closeRead(id, read);
  }

  #tick(): void {
    const { engine, bus, journalId, epoch } = this.#options;
    const { state, commandSequence, eventSequence: lastSequence } = engine.status;
    const nowMs = performance.now();
    for (const [id, read] of this.#reads) if (nowMs - read.usedAtMs > READ_IDLE_MS) this.#closeRead(id, read);
    if (state !== 'running') return;
    bus.publish(HEAD_SUBJECT, encodeJson({ journalId, epoch, commandSequence, lastSequence } satisfies Head));
  }

  #execute(request: Uint8Array, traces: readonly TraceMark[]): Promise<Uint8Array> {
    const { client, batch, commands } = decodeCommands(request);
    const key = `${client}/${batch}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const { engine, tracing = null, links } = this.#options;
    const cameMs = performance.now();
    const answer = Promise.all(
      commands.map((command, index) => {
        const times = new StageTimes();
        if (tracing !== null) times.traceparent = traces.find(({ at }) => at === index)?.traceparent ?? null;
        const told = ({ commandSequence, lastSequence, timeUs, events }: CommandOutcome): CommandResult => {
          if (tracing !== null && links !== undefined) recordEngineSpans(tracing, times, links);
          return {
            commandSequence,
            lastSequence,
            timeUs,
            eventCount: events.length,
            events,
            spans: times.spansSince(cameMs, performance.now()),
          };
        };
        return engine.submit(command, times).then(told, (error: unknown): CommandResult => toFailure(error));
      }),
    ).then((results) => this.#encodeResults(results));
    this.#answers.set(key, answer);
    if (this.#answers.size > MAX_REMEMBERED) {
      const [oldest] = this.#answers.keys();
      if (oldest !== undefined) this.#answers.delete(oldest);
    }
    return answer;
  }

  /** Where the events are too many for a message, the client reads them. */
  #encodeResults(results: readonly CommandResult[]): Uint8Array {
    const whole = encodeJson(results);
    if (whole.byteLength <= this.#options.bus.maxMessageBytes) return whole;
    return encodeJson(results.map((result) => ('error' in result ? result : { ...result, events: null })));
  }

  async #query(request: Uint8Array): Promise<Uint8Array> {
    const { method, arguments: given } = decodeJson<QueryRequest>(request);
    const known = QUERY_METHODS.find((name) => name === method);
    if (known === undefined) throw new RangeError(`the engine has no question ${method}`);
    const ask = this.#options.engine[known] as (...given: unknown[]) => Promise<unknown>;
    return encodeJson({ value: await ask.apply(this.#options.engine, [...given]) });
  }

  #read(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#answer(() => {
      const request = decodeJson<ReadRequest>(bytes);
      if (request.kind === 'IMAGE') return this.#image(request.from);
      if (request.kind === 'PAST') return this.#pastImage(request.moment);
      if (request.kind === 'CHUNK') return Promise.resolve(this.#chunk(request.id, request.index));
      if (request.kind === 'END') return this.#end(request.id);
      return this.#past(request.id, request.after, request.through);
    });
  }

  async #answer(work: () => Promise<Uint8Array>): Promise<Uint8Array> {
    try {
      return await work();
    } catch (error) {
      const failure = toFailure(error);
      if (failure.error === 'FAILED') this.#options.log('error', 'a request failed', { error: String(error) });
      return encodeJson(failure);
    }
  }

  async #image(from: number): Promise<Uint8Array> {
    const newest = this.#images.at(-1);
    const fresh =
      newest !== undefined && newest.sequence >= from && performance.now() - newest.takenAtMs <= IMAGE_FRESH_MS;
    const { id, sequence, chunks } = fresh ? newest : await this.#takeImage();
    return encodeJson({ id, sequence, chunks: chunks.length });
  }

  async #pastImage(moment: PointInTime): Promise<Uint8Array> {
    const { engine } = this.#options;
    const past = await engine.feed.imageAt?.(moment);
    if (past === undefined) throw new EngineUnavailableError('this engine cannot tell its past');
    const { commandSequence, sequence, timeUs } = past;
    const id = `past/${sequence}`;
    const chunks = this.#pastChunks.get(id) ?? this.#chunksOf(past.events);
    this.#pastChunks.delete(id);
    this.#pastChunks.set(id, chunks);
    const [oldest] = this.#pastChunks.keys();
    if (this.#pastChunks.size > MAX_IMAGES && oldest !== undefined) this.#pastChunks.delete(oldest);
    return encodeJson({ id, sequence, chunks: chunks.length, commandSequence, timeUs });
  }

  #chunksOf(events: readonly ExchangeEvent[]): string[] {
    return [...packed(events, this.#maxChars)].map(({ texts }) => `[${texts.join(',')}]`);
  }

  async #takeImage(): Promise<Image> {
    const taken: Image[] = [];
    const unfollow = await this.#options.engine.feed.follow({
      reset: (events, sequence) => {
        taken.push({ id: randomUUID(), sequence, chunks: this.#chunksOf(events), takenAtMs: performance.now() });
      },
      apply: () => undefined,
    });
    unfollow();
    const image = taken[0];
    if (image === undefined) throw new EngineUnavailableError('the engine gave no image');
    this.#images.push(image);
    if (this.#images.length > MAX_IMAGES) this.#images.shift();
    return image;
  }

  #chunk(id: string, index: number): Uint8Array {
    const chunks = this.#images.find((image) => image.id === id)?.chunks ?? this.#pastChunks.get(id);
    const chunk = chunks?.[index];
    if (chunk === undefined) throw new EngineUnavailableError('this image is no longer kept; ask for another');
    return encodeJson({ events: chunk });
  }

  /**
   * Gives the next part behind `after`. The replay behind it stays open, since beginning anew may cost the whole journal. Who
   * asks again because no answer came waits for the same one: each read has a turn to rebuild the past, and a reader that
   * took a further one with every attempt would wait for itself.
   */
  #past(id: string, after: number, through: number): Promise<Uint8Array> {
    let read = this.#reads.get(id);
    if (read === undefined || (read.after !== after && read.next !== after + 1)) {
      if (read !== undefined) this.#closeRead(id, read);
      read = this.#openRead(id, after, through);
    }
    read.usedAtMs = performance.now();
    if (read.after !== after) {
      read.after = after;
      read.answer = this.#partOf(id, read, through);
    }
    return read.answer;
  }

  #openRead(id: string, after: number, through: number): OpenRead {
    if (this.#reads.size >= MAX_READS) {
      throw new EngineUnavailableError(
        `${MAX_READS} reads of past events are open, which is the limit; try again later`,
      );
    }
    const batches = this.#options.engine.feed.read(after, through)[Symbol.asyncIterator]();
    const read = { batches, next: after + 1, after: null, answer: NO_ANSWER, usedAtMs: 0, waiting: [] };
    this.#reads.set(id, read);
    return read;
  }

  async #partOf(id: string, read: OpenRead, through: number): Promise<Uint8Array> {
    const { next } = read;
    try {
      const part = await this.#nextPart(read);
      if (part === null || read.next > through) this.#closeRead(id, read);
      return part ?? encodeJson({ firstSequence: next, lastSequence: next - 1, events: [] });
    } catch (error) {
      this.#closeRead(id, read);
      throw error;
    }
  }

  async #end(id: string): Promise<Uint8Array> {
    const read = this.#reads.get(id);
    if (read !== undefined) this.#closeRead(id, read);
    return encodeJson({});
  }

  async #nextPart(read: OpenRead): Promise<Uint8Array | null> {
    if (read.waiting.length === 0) {
      const { value, done } = await read.batches.next();
      if (done === true) return null;
      for (const { bytes } of encodeBatches(value, this.#maxChars)) read.waiting.push(bytes);
    }
    const part = read.waiting.shift() ?? null;
    if (part !== null) read.next = decodeJson<{ lastSequence: number }>(part).lastSequence + 1;
    return part;
  }

  #closeRead(id: string, read: OpenRead): void {
    if (this.#reads.get(id) === read) this.#reads.delete(id);
    read.batches.return?.().catch((error: unknown) => {
      this.#options.log('debug', 'a read of past events ended with a failure', { error: String(error) });
    });
  }
}

function toFailure(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof EngineUnavailableError) return { error: 'UNAVAILABLE', message };
  if (error instanceof OutcomeUnknownError) return { error: 'UNKNOWN', message };
  if (error instanceof HistoryUnavailableError) return { error: 'GONE', message, firstAvailable: error.firstAvailable };
  if (error instanceof RewindLimitError) return { error: 'LIMIT', message, maxCommands: error.maxCommands };
  if (error instanceof RangeError) return { error: 'RANGE', message };
  return { error: 'FAILED', message: 'the engine could not answer' };
}
