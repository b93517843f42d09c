/**
 * Sends what a shared subscription yields to one client, as `next` messages under its id.
 *
 * The text of a result is the same for every client; only the id is put in front of it. While few bytes wait for the
 * client, messages go out without waiting for each other; beyond HIGH_WATER_BYTES the pump pauses until they have left, and
 * the subscription's own bounded buffer and overflow policy take over. So a stalled reader holds no more than that.
 */
import type { WebSocket } from 'ws';
import type { SharedSubscription } from './subscription-hub.js';

/** Bytes that may wait for a client's network before its subscriptions are held back. */
export const HIGH_WATER_BYTES = 64 * 1024;

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };

/** For the protocol library it is a stream that yields nothing until its end: frames go around it. */
export class FramePump implements AsyncGenerator<never, undefined, undefined> {
  readonly #source: SharedSubscription;
  readonly #socket: WebSocket;
  readonly #prefix: string;
  #left = false;

  /** @param id of the client's operation */
  constructor(source: SharedSubscription, socket: WebSocket, id: string) {
    this.#source = source;
    this.#socket = socket;
    this.#prefix = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  }

  /** Pumps until the subscription ends, the client leaves or its socket closes; rejects as the subscription does. */
  async next(): Promise<IteratorReturnResult<undefined>> {
    const socket = this.#socket;
    while (!this.#left) {
      const { value, done } = await this.#source.next();
      if (done === true || this.#left) break;
      if (socket.readyState !== socket.OPEN) {
        await this.return();
        break;
      }
      const frame = `${this.#prefix}${value}}`;
      if (socket.bufferedAmount <= HIGH_WATER_BYTES) socket.send(frame);
      // A send fails only when the socket is gone, which the next round sees.
      else await new Promise<void>((sent) => socket.send(frame, () => sent()));
    }
    return DONE;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#left = true;
    await this.#source.return();
    return DONE;
  }

  async throw(error: unknown): Promise<IteratorReturnResult<undefined>> {
    await this.return();
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
