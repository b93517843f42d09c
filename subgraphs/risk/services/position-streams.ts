/** The open streams of positions: the present state, then every change; or every change behind a cursor. */
import type { PositionUpdated } from '../../../src/core/exchange/event.js';
import type { AccountEntry } from '../../../src/core/exchange/reference-data.js';
import { decodeStreamCursor, encodeStreamCursor, type StreamCursor } from '../../../src/graphql/cursor.js';
import { limitExceeded, streamGap } from '../../../src/graphql/errors.js';
import { checkLosslessFlow, type FlowControl } from '../../../src/graphql/flow-control.js';
import { OpenStreams } from '../../../src/graphql/push-stream.js';
import { ResumableStream, type StreamListener } from '../../../src/graphql/resumable-stream.js';
import type { EventFeed } from '../../../src/ports/event-feed.js';
import type { RiskView } from '../events.js';

/** Most position subscriptions that this subgraph keeps open. */
export const MAX_STREAMS = 20_000;

/** A state of a position and where to resume behind it; null within the state that a stream begins with. */
export interface PositionChange {
  readonly state: PositionUpdated;
  readonly cursor: StreamCursor | null;
}

export interface PositionsRequest {
  readonly accountId: string;
  readonly after?: string | null;
  readonly flow?: FlowControl | null;
}

function changeOf(state: PositionUpdated): PositionChange {
  return { state, cursor: { sequence: state.sequence, leg: 1 } };
}

export class PositionStreams {
  readonly #open = new OpenStreams();
  readonly #listeners = new Map<number, Set<StreamListener<PositionChange>>>();

  constructor(
    private readonly view: RiskView,
    private readonly feed: EventFeed,
  ) {}

  /** Tells everybody who follows the account. */
  tell(state: PositionUpdated): void {
    const listeners = this.#listeners.get(state.account);
    if (listeners === undefined) return;
    const change = changeOf(state);
    for (const listener of listeners) listener.item(change);
  }

  /** Tells everybody that changes may have been missed. */
  interrupted(): void {
    for (const listeners of this.#listeners.values()) for (const listener of [...listeners]) listener.interrupted();
  }

  endAll(): void {
    this.#open.endAll();
  }

  /** @throws GraphQLError LIMIT_EXCEEDED or BAD_USER_INPUT naming the field */
  open({ account }: AccountEntry, { after, flow }: PositionsRequest): AsyncIterableIterator<PositionChange> {
    const position = after === undefined || after === null ? null : decodeStreamCursor(after);
    const bounds = checkLosslessFlow(flow ?? null);
    if (this.#open.size >= MAX_STREAMS) {
      const problem = `${MAX_STREAMS} position subscriptions are open; try again later`;
      throw limitExceeded('subscription', MAX_STREAMS, problem);
    }
    let onClose: () => void = () => undefined;
    const stream = new ResumableStream<PositionChange>(
      {
        feed: this.feed,
        view: this.view,
        listen: (listener) => this.#listen(account, listener),
        positionOf: ({ state }) => ({ sequence: state.sequence, leg: 1 }),
        itemsOf: (event) => (event.type === 'PositionUpdated' && event.account === account ? [changeOf(event)] : []),
        gap: (from, through) => {
          throw streamGap(
            encodeStreamCursor(from.sequence, from.leg),
            encodeStreamCursor(through.sequence, through.leg),
            'subscribe without `after`, which begins with every position as it is now',
          );
        },
      },
      { after: position, ...bounds, initial: this.#present(account), onClose: () => onClose() },
    );
    onClose = this.#open.add(stream);
    return stream;
  }

  #listen(account: number, listener: StreamListener<PositionChange>): () => void {
    const listeners = this.#listeners.get(account) ?? new Set();
    this.#listeners.set(account, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(account) === listeners) this.#listeners.delete(account);
    };
  }

  /** Every position as of now, by instrument. */
  #present(account: number): PositionChange[] {
    const states = [...this.view.account(account).positions.values()].sort((a, b) => a.instrument - b.instrument);
    const now: StreamCursor = { sequence: this.view.sequence, leg: 1 };
    return states.map((state, index) => ({ state, cursor: index === states.length - 1 ? now : null }));
  }
}
