/** Who follows which strategies: each is told when something that is shown of one has changed, and only then. */
import { PushStream } from '../../../src/graphql/push-stream.js';
import { NO_LEDGER, type StrategyRecord } from '../../../src/ports/strategy-store.js';
import type { LiveStrategy } from './live-strategy.js';

/** A strategy as it stands, and at work where it is. */
export interface StrategyState {
  readonly record: StrategyRecord;
  readonly live: LiveStrategy | null;
}

const MAX_BUFFER = 1_000;

interface Follower {
  readonly stream: PushStream<StrategyState>;
  readonly passes: (record: StrategyRecord) => boolean;
}

export class StateStreams {
  readonly #followers = new Set<Follower>();
  /** By strategy: what was told last. */
  readonly #told = new Map<string, string>();

  follow(passes: (record: StrategyRecord) => boolean, states: readonly StrategyState[]): PushStream<StrategyState> {
    const stream: PushStream<StrategyState> = new PushStream({
      maxBuffer: MAX_BUFFER,
      onOverflow: 'CONFLATE',
      keyOf: ({ record }) => record.id,
      onClose: () => this.#followers.delete(follower),
    });
    const follower = { stream, passes };
    this.#followers.add(follower);
    for (const state of states) stream.push(state);
    return stream;
  }

  tell(state: StrategyState): void {
    const { record } = state;
    const shown = shownOf(state);
    if (this.#told.get(record.id) === shown) return;
    this.#told.set(record.id, shown);
    for (const { stream, passes } of this.#followers) if (passes(record)) stream.push(state);
  }

  forget(id: string): void {
    this.#told.delete(id);
  }

  end(): void {
    for (const { stream } of this.#followers) stream.end();
  }
}

/** Everything that people see of a strategy and that may change, as text. */
function shownOf({ record, live }: StrategyState): string {
  const { status, error, startedUs } = record;
  const { fillCount, reason, reasonUs, holdings } = live?.ledger() ?? record.ledger ?? NO_LEDGER;
  const orders = live?.runner.markets.map(({ own }) =>
    own.list.map(({ clOrdId, priceTicks, leavesLots }) => [clOrdId, priceTicks, leavesLots]),
  );
  return JSON.stringify([status, error, startedUs, fillCount, reason, reasonUs, holdings, orders ?? []]);
}
