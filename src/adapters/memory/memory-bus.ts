/**
 * The bus in one process, for tests and the simulation: messages are copied as bytes and handed over in a later turn,
 * through a network that may delay, lose, repeat or reorder them.
 */
import { type Bus, type EventLog, NoAnswerError, NotDeliveredError, type Unsubscribe } from '../../ports/bus.js';
import type { TraceMark } from '../../ports/tracing.js';

/** What carries a message: calls `arrive` later, never at once; perhaps twice, perhaps not at all. */
export type Network = (from: string, to: string, arrive: () => void) => void;

type Traces = readonly TraceMark[];
type Handler = (message: Uint8Array, traces: Traces) => void;
type Service = (request: Uint8Array, traces: Traces) => Promise<Uint8Array>;

interface Kept {
  readonly journalId: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly message: Uint8Array;
}

const MAX_MESSAGE_BYTES = 1_048_576;
/** Messages that the log keeps. */
const MAX_KEPT = 1_000;

const NEXT_TURN: Network = (_from, _to, arrive) => {
  setImmediate(arrive);
};

/** What all endpoints share. */
export class MemoryBroker {
  /** False: nobody is connected. */
  up = true;
  readonly network: Network;
  readonly handlers = new Map<string, Set<{ readonly node: string; readonly handle: Handler }>>();
  readonly services = new Map<string, { readonly node: string; readonly serve: Service }>();
  kept: Kept[] = [];

  constructor(network: Network = NEXT_TURN) {
    this.network = network;
  }

  /** Forgets everything that the log keeps. */
  wipe(): void {
    this.kept = [];
  }
}

/** One process's connection. */
export class MemoryBus implements Bus, EventLog {
  readonly maxMessageBytes: number = MAX_MESSAGE_BYTES;
  readonly #ends = new Set<Unsubscribe>();

  constructor(
    private readonly broker: MemoryBroker,
    readonly node: string,
  ) {}

  get connected(): boolean {
    return this.broker.up;
  }

  publish(subject: string, message: Uint8Array, traces: Traces = []): void {
    if (!this.broker.up) return;
    const copy = message.slice();
    for (const subscriber of this.broker.handlers.get(subject) ?? []) {
      this.broker.network(this.node, subscriber.node, () => {
        if (this.broker.handlers.get(subject)?.has(subscriber) === true) subscriber.handle(copy, traces);
      });
    }
  }

  subscribe(subject: string, handle: Handler): Unsubscribe {
    const subscriber = { node: this.node, handle };
    const known = this.broker.handlers.get(subject);
    if (known === undefined) this.broker.handlers.set(subject, new Set([subscriber]));
    else known.add(subscriber);
    return this.#ending(() => this.broker.handlers.get(subject)?.delete(subscriber));
  }

  serve(subject: string, serve: Service): Unsubscribe {
    const service = { node: this.node, serve };
    this.broker.services.set(subject, service);
    return this.#ending(() => {
      if (this.broker.services.get(subject) === service) this.broker.services.delete(subject);
    });
  }

  request(subject: string, request: Uint8Array, timeoutMs: number, traces: Traces = []): Promise<Uint8Array> {
    const service = this.broker.services.get(subject);
    if (!this.broker.up || service === undefined)
      return Promise.reject(new NotDeliveredError(`nobody serves ${subject}`));
    const copy = request.slice();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new NoAnswerError(`no answer from ${subject}`)), timeoutMs);
      const answer = (bytes: Uint8Array): void => {
        const reply = bytes.slice();
        this.broker.network(service.node, this.node, () => {
          clearTimeout(timer);
          resolve(reply);
        });
      };
      this.broker.network(this.node, service.node, () => {
        if (this.broker.services.get(subject) !== service) return;
        // A handler that rejects answers nothing.
        service.serve(copy, traces).then(answer, () => undefined);
      });
    });
  }

  async lastSequence(journalId: string): Promise<number | null> {
    await this.#roundTrip();
    const last = this.broker.kept.at(-1);
    return last?.journalId === journalId ? last.lastSequence : null;
  }

  async append(
    journalId: string,
    firstSequence: number,
    lastSequence: number,
    message: Uint8Array,
    traces: Traces = [],
  ): Promise<void> {
    await this.#roundTrip();
    const isKept = this.broker.kept.some(
      (kept) =>
        kept.journalId === journalId && kept.firstSequence === firstSequence && kept.lastSequence === lastSequence,
    );
    if (isKept) return;
    this.broker.kept.push({ journalId, firstSequence, lastSequence, message: message.slice() });
    if (this.broker.kept.length > MAX_KEPT) this.broker.kept.shift();
    this.publish(LOG_SUBJECT, message, traces);
  }

  consume(_durable: string | null, handler: Handler): Unsubscribe {
    return this.subscribe(LOG_SUBJECT, handler);
  }

  /** Ends every subscription and service of a process, as its death does. */
  static forget(broker: MemoryBroker, node: string): void {
    for (const subscribers of broker.handlers.values()) {
      for (const subscriber of subscribers) if (subscriber.node === node) subscribers.delete(subscriber);
    }
    for (const [subject, service] of broker.services) if (service.node === node) broker.services.delete(subject);
  }

  #roundTrip(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.broker.up) {
        reject(new NotDeliveredError('the bus is away'));
        return;
      }
      const timer = setTimeout(() => reject(new NoAnswerError('the log did not answer')), LOG_TIMEOUT_MS);
      this.broker.network(this.node, 'log', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #ending(end: () => void): Unsubscribe {
    const once = (): void => {
      this.#ends.delete(once);
      end();
    };
    this.#ends.add(once);
    return once;
  }
}

const LOG_TIMEOUT_MS = 500;
const LOG_SUBJECT = '(event log)';
