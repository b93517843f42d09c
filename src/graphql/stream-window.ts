/**
 * Windows of streams between router and subgraph. All streams of a router come over one WebSocket, which a single slow
 * reader must not hold up: a router says with connection_init how many results of a stream may be under way, and with
 * pong messages (which the protocol lets either side send unasked) how many it has taken since.
 */

/** In the payload of connection_init: results of each stream that may be under way. */
export const WINDOW_PARAMETER = 'window';
const MAX_WINDOW = 10_000;

interface Grant {
  readonly stream: string;
  readonly count: number;
}

/** @returns payload of a pong that lets the subgraph send so many more results of a stream */
export function grantOf(stream: string, count: number): { readonly grant: Grant } {
  return { grant: { stream, count } };
}

/** Streams of one connection, as the subgraph counts them. */
export class StreamWindows {
  readonly #window: number;
  readonly #left = new Map<string, number>();
  readonly #waiting = new Map<string, () => void>();
  #closed = false;

  /** @param parameters payload of connection_init; without a window nothing is held back */
  constructor(parameters: Readonly<Record<string, unknown>> | undefined) {
    const given = parameters?.[WINDOW_PARAMETER];
    const valid = typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= MAX_WINDOW;
    this.#window = valid ? given : Number.POSITIVE_INFINITY;
  }

  /** Resolves when one more result of the stream may be sent, or nobody is there to take it. */
  async take(stream: string): Promise<void> {
    if (this.#closed) return;
    const left = this.#left.get(stream) ?? this.#window;
    this.#left.set(stream, left - 1);
    if (left > 0) return;
    await new Promise<void>((resolve) => this.#waiting.set(stream, resolve));
  }

  /** Takes the payload of a pong; another one's is none of ours. */
  grant(payload: Readonly<Record<string, unknown>> | undefined): void {
    const { stream, count } = (payload?.grant ?? {}) as Partial<Grant>;
    if (typeof stream !== 'string' || !Number.isSafeInteger(count) || (count as number) < 1) return;
    const left = this.#left.get(stream);
    if (left === undefined) return;
    const now = left + (count as number);
    this.#left.set(stream, now);
    if (now < 0) return;
    this.#waiting.get(stream)?.();
    this.#waiting.delete(stream);
  }

  /** The stream has ended. */
  forget(stream: string): void {
    this.#left.delete(stream);
    this.#waiting.get(stream)?.();
    this.#waiting.delete(stream);
  }

  /** The connection has ended: nothing waits for it any more. */
  close(): void {
    this.#closed = true;
    for (const stream of [...this.#waiting.keys()]) this.forget(stream);
    this.#left.clear();
  }
}
