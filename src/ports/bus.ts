/**
 * Messages between processes. Everything that goes over the bus can be lost, and all of it can be made again from the
 * journal: no promise rests on it.
 */

import type { TraceMark } from './tracing.js';

/** Ends a subscription or a service; may be called again. */
export type Unsubscribe = () => void;

export interface Bus {
  /** True while messages can be expected to arrive. */
  readonly connected: boolean;
  /** Longest message, bytes. */
  readonly maxMessageBytes: number;
  /** Sends a message to whoever listens now. It may be lost, and is while the bus is away. */
  publish(subject: string, message: Uint8Array): void;
  /** Takes each message of the subject; the handler must not throw. */
  subscribe(subject: string, handler: (message: Uint8Array) => void): Unsubscribe;
  /** Answers requests to the subject; a handler that rejects answers nothing. */
  serve(
    subject: string,
    handler: (request: Uint8Array, traces: readonly TraceMark[]) => Promise<Uint8Array>,
  ): Unsubscribe;
  /**
   * Asks and waits for the answer.
   * @param traces contexts of what is traced in the message, handed to who answers
   * @throws NotDeliveredError when the request certainly reached nobody
   * @throws NoAnswerError when it may have: no answer came in time, or the connection was lost meanwhile
   */
  request(subject: string, request: Uint8Array, timeoutMs: number, traces?: readonly TraceMark[]): Promise<Uint8Array>;
}

/** Kept messages under sequences, bounded by age and size: the recent past for consumers that were away for a moment. */
export interface EventLog {
  /** Last event sequence that was appended for the journal; null where none is kept. */
  lastSequence(journalId: string): Promise<number | null>;
  /**
   * Appends a message and resolves once it is kept. The same sequences again change nothing.
   * @throws Error while the log cannot be reached; the caller tries again
   */
  append(
    journalId: string,
    firstSequence: number,
    lastSequence: number,
    message: Uint8Array,
    traces?: readonly TraceMark[],
  ): Promise<void>;
  /**
   * Takes messages as they come. They may come twice or out of order, and some not at all: the consumer looks at their sequences.
   * @param durable name under which the log remembers how far this consumer came; null = from now on
   */
  consume(durable: string | null, handler: (message: Uint8Array, traces: readonly TraceMark[]) => void): Unsubscribe;
}

/** The request reached nobody and never will. */
export class NotDeliveredError extends Error {
  override readonly name = 'NotDeliveredError';
}

/** The request may have been dealt with; no answer came. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}
