/** Subscriptions to alerts of one kind: of one account each, or of all. A reader that falls too far behind is closed. */
import type { AccountEntry } from '../../../src/core/exchange/reference-data.js';
import { limitExceeded } from '../../../src/graphql/errors.js';
import { OpenStreams } from '../../../src/graphql/push-stream.js';

/** Alerts that wait for a slow reader until its stream is closed. */
const MAX_WAITING_ALERTS = 1_000;

interface Listener<Alert> {
  /** null = every account. */
  readonly account: number | null;
  push(alert: Alert): void;
}

export class AlertStreams<Alert> {
  readonly #open = new OpenStreams();
  readonly #listeners = new Set<Listener<Alert>>();

  /**
   * @param kind of the alerts, as the refusal of one stream too many names them
   * @param maxStreams most subscriptions open at a time
   */
  constructor(
    private readonly kind: string,
    private readonly maxStreams: number,
  ) {}

  /** Tells whether nobody listens. */
  get isIdle(): boolean {
    return this.#listeners.size === 0;
  }

  /** Follows an account, or all. @throws GraphQLError LIMIT_EXCEEDED */
  follow(account: AccountEntry | null): AsyncIterableIterator<Alert> {
    if (this.#open.size >= this.maxStreams) {
      const problem = `${this.maxStreams} subscriptions to ${this.kind} alerts are open; try again later`;
      throw limitExceeded('subscription', this.maxStreams, problem);
    }
    const stream = this.#open.open<Alert>({
      maxBuffer: MAX_WAITING_ALERTS,
      onOverflow: 'CLOSE',
      onClose: () => this.#listeners.delete(listener),
    });
    const listener: Listener<Alert> = { account: account?.account ?? null, push: (alert) => stream.push(alert) };
    this.#listeners.add(listener);
    return stream;
  }

  /** Tells an alert to everybody who follows the account. */
  tell(account: number, alert: Alert): void {
    for (const listener of this.#listeners) {
      if (listener.account === null || listener.account === account) listener.push(alert);
    }
  }

  endAll(): void {
    this.#open.endAll();
  }
}
