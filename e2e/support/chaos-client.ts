/**
 * A client with a bad network: it stops reading for a while, loses its connection in the middle of anything, comes back
 * and subscribes again, from its last cursor where the stream has one. Speaks graphql-transport-ws on a bare socket.
 */
import WebSocket from 'ws';

export interface ChaosSubscription {
  readonly query: string;
  /** Asked at each connection. */
  readonly variables: () => Record<string, unknown>;
  /** Called with the value of the one field of each result. */
  readonly next: (value: never) => void;
  /** Called before each subscribing. */
  readonly begin?: () => void;
}

export interface ChaosOptions {
  readonly url: string;
  readonly token: string | null;
  readonly random: () => number;
  readonly subscriptions: readonly ChaosSubscription[];
  /** False: a good network. */
  readonly chaos: boolean;
}

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: { data?: Record<string, never>; errors?: unknown };
}

export class ChaosClient {
  readonly #options: ChaosOptions;
  #socket: WebSocket | null = null;
  #timer: NodeJS.Timeout | null = null;
  #chaos: boolean;
  #stopped = false;
  readonly counts = { connections: 0, cuts: 0, pauses: 0, messages: 0 };
  /** What the server refused or ended a stream with, and what the handlers threw. */
  readonly failures: unknown[] = [];

  constructor(options: ChaosOptions) {
    this.#options = options;
    this.#chaos = options.chaos;
    this.#connect();
    if (options.chaos) this.#misbehave();
  }

  /** Becomes a good network for good. */
  calm(): void {
    this.#chaos = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#socket?.resume();
  }

  stop(): void {
    this.#stopped = true;
    this.calm();
    this.#socket?.terminate();
  }

  #connect(): void {
    const { url, token, subscriptions } = this.#options;
    const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws');
    this.#socket = socket;
    this.counts.connections += 1;
    socket.on('open', () => {
      const payload = token === null ? {} : { Authorization: `Bearer ${token}` };
      socket.send(JSON.stringify({ type: 'connection_init', payload }));
    });
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.type === 'connection_ack') {
        for (const [id, { query, variables, begin }] of subscriptions.entries()) {
          begin?.();
          const payload = { query, variables: variables() };
          socket.send(JSON.stringify({ type: 'subscribe', id: String(id), payload }));
        }
      }
      // What arrives after a cut was decided is lost, as on a real network.
      if (socket === this.#socket) this.#take(message);
    });
    // A cut socket tells so twice; the close is what is looked at.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#stopped || socket !== this.#socket) return;
      this.#reconnect();
    });
  }

  #take(message: Message): void {
    if (message.type === 'error') this.failures.push(message.payload);
    if (message.type !== 'next') return;
    this.counts.messages += 1;
    if (message.payload?.errors !== undefined) this.failures.push(message.payload.errors);
    const [value] = Object.values(message.payload?.data ?? {});
    const subscription = this.#options.subscriptions[Number(message.id)];
    if (value === undefined || subscription === undefined) return;
    try {
      subscription.next(value);
    } catch (error) {
      this.failures.push(error);
    }
  }

  #misbehave(): void {
    const { random } = this.#options;
    this.#timer = setTimeout(
      () => {
        if (!this.#chaos) return;
        const socket = this.#socket;
        if (socket?.readyState === WebSocket.OPEN) {
          if (random() < 0.4) {
            this.counts.cuts += 1;
            this.#socket = null;
            socket.terminate();
            this.#reconnect();
          } else {
            this.counts.pauses += 1;
            socket.pause();
            setTimeout(() => socket.resume(), random() * 1500).unref();
          }
        }
        this.#misbehave();
      },
      100 + random() * 1200,
    );
  }

  #reconnect(): void {
    setTimeout(() => {
      if (!this.#stopped) this.#connect();
    }, this.#options.random() * 200);
  }
}
