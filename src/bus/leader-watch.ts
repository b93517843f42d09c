/** Who leads, by the signs of life that the leader gives. */
import type { Bus, Unsubscribe } from '../ports/bus.js';
import type { Log } from '../ports/log.js';
import { decodeJson, type Head } from './messages.js';
import { HEAD_SUBJECT } from './subjects.js';

/** A leader that gave no sign for so long is not asked any more. */
const SILENT_AFTER_MS = 1_500;

export class LeaderWatch {
  #head: Head | null = null;
  #seenAtMs = Number.NEGATIVE_INFINITY;
  readonly #listeners = new Set<(head: Head, isNew: boolean) => void>();
  readonly #unsubscribe: Unsubscribe;

  /** @param onForeign called when an engine of another journal leads: what this process knows is not of that one */
  constructor(
    bus: Bus,
    private readonly log: Log,
    private readonly onForeign: (error: Error) => void,
  ) {
    this.#unsubscribe = bus.subscribe(HEAD_SUBJECT, (message) => this.#take(message));
  }

  /** The leader; null while none gives signs of life. */
  get leader(): Head | null {
    return performance.now() - this.#seenAtMs <= SILENT_AFTER_MS ? this.#head : null;
  }

  /** The newest sign of life, however old. */
  get lastHead(): Head | null {
    return this.#head;
  }

  /** Calls the listener with each sign of life; `isNew` with the first of an epoch. */
  listen(listener: (head: Head, isNew: boolean) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    this.#unsubscribe();
    this.#listeners.clear();
  }

  #take(message: Uint8Array): void {
    let head: Head;
    try {
      head = decodeJson<Head>(message);
    } catch (error) {
      this.log('error', 'a sign of life cannot be read', { error: String(error) });
      return;
    }
    const before = this.#head;
    if (before !== null && head.journalId !== before.journalId) {
      this.onForeign(new Error('an engine of another journal leads now: this process starts anew'));
      return;
    }
    // A deposed leader that does not know it yet.
    if (before !== null && head.epoch < before.epoch) return;
    this.#head = head;
    this.#seenAtMs = performance.now();
    const isNew = before === null || head.epoch > before.epoch;
    if (isNew) this.log('info', 'an engine leads', { epoch: head.epoch, lastSequence: head.lastSequence });
    for (const listener of [...this.#listeners]) listener(head, isNew);
  }
}
