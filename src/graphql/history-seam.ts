/**
 * The seam between history and the live stream: loads what a view needs of the past, with no trade lost or doubled.
 *
 * History is complete up to some sequence T that lags behind the stream. While it is read, live trades are put aside;
 * the trades between T and the moment at which reading began come from the event feed. So the view gets its rows and
 * every trade behind them, in order, in one synchronous step, and goes on with the live stream from there.
 * While history cannot be read, attempts go on in the background; what depends on it is not loaded until then.
 */
import type { OrdersTraded } from '../core/exchange/event.js';
import { type EventFeed, HistoryUnavailableError } from '../ports/event-feed.js';
import { HistoryUnreachableError } from '../ports/history.js';
import type { Log } from '../ports/log.js';

/** Events that are read from the feed at most; history that lags further behind is awaited instead. */
const MAX_CATCH_UP_EVENTS = 2_000_000;
/** Live trades put aside while history is read; beyond it the attempt is given up and begun again. */
const MAX_TRADES_ASIDE = 500_000;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;
/** How long a start waits for history before it goes on without. */
const START_WAIT_MS = 2_000;

export interface SeamOptions<Rows> {
  readonly feed: EventFeed;
  /** Names what is loaded, in log lines. */
  readonly what: string;
  readonly log: Log;
  /** Sequence of the last event that the view has taken. */
  readonly lastSequence: () => number;
  /** Reads the rows and the lowest sequence up to which all of them are complete. */
  readonly read: () => Promise<{ readonly rows: Rows; readonly throughSequence: number }>;
  /**
   * Takes the rows and every trade with a sequence above their throughSequence, oldest first. Rows that were complete
   * beyond it may hold some of the trades: the view compares sequences.
   * Returns false where the rows are out of date already and must be read again.
   */
  readonly finish: (rows: Rows, trades: readonly OrdersTraded[]) => boolean;
}

export class HistorySeam<Rows> {
  readonly #options: SeamOptions<Rows>;
  /** Trades put aside; null while nothing is being loaded. */
  #aside: OrdersTraded[] | null = null;
  /** Raised by each restart and stop: an attempt of another round gives up. */
  #round = 0;
  #loaded = false;
  #timer: NodeJS.Timeout | null = null;
  #wake: (() => void) | null = null;

  constructor(options: SeamOptions<Rows>) {
    this.#options = options;
  }

  /** True once the view holds the past. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Takes note of each live trade; the view calls it from its `apply`. */
  observe(trade: OrdersTraded): void {
    // One more than allowed tells the attempt that some are missing.
    if (this.#aside !== null && this.#aside.length <= MAX_TRADES_ASIDE) this.#aside.push(trade);
  }

  /**
   * Loads, and resolves when that is done or history keeps it waiting; attempts then go on in the background.
   * @throws Error when loading fails for another reason than history being out of reach
   */
  async start(): Promise<void> {
    const attempts = this.#attempts(this.#newRound());
    let timer: NodeJS.Timeout | undefined;
    const wait = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, START_WAIT_MS);
    });
    try {
      await Promise.race([attempts, wait]);
    } finally {
      clearTimeout(timer);
      // Whatever happens after the wait is logged, not lost.
      attempts.catch((error: unknown) => this.#logFailure(error));
    }
  }

  /** Loads again in the background, e.g. after the view was reset. */
  restart(): void {
    this.#attempts(this.#newRound()).catch((error: unknown) => this.#logFailure(error));
  }

  stop(): void {
    this.#newRound();
  }

  #newRound(): number {
    this.#round += 1;
    this.#aside = null;
    this.#loaded = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#wake?.();
    this.#wake = null;
    return this.#round;
  }

  async #attempts(round: number): Promise<void> {
    for (let retryMs = FIRST_RETRY_MS; round === this.#round; retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)) {
      try {
        if (await this.#attempt(round)) return;
      } catch (error) {
        if (!(error instanceof HistoryUnreachableError || error instanceof HistoryUnavailableError)) throw error;
        this.#options.log('warn', 'history cannot be loaded yet', { what: this.#options.what, retryMs });
      } finally {
        if (round === this.#round) this.#aside = null;
      }
      if (round !== this.#round) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#timer = setTimeout(resolve, retryMs);
      });
    }
  }

  /** Returns false where history lags too far behind, or the round is over. */
  async #attempt(round: number): Promise<boolean> {
    const aside: OrdersTraded[] = [];
    this.#aside = aside;
    const through = this.#options.lastSequence();
    const { rows, throughSequence } = await this.#options.read();
    if (through - throughSequence > MAX_CATCH_UP_EVENTS) {
      this.#options.log('warn', 'history lags behind the events', {
        what: this.#options.what,
        through,
        throughSequence,
      });
      return false;
    }
    const trades: OrdersTraded[] = [];
    if (throughSequence < through) {
      for await (const batch of this.#options.feed.read(throughSequence, through)) {
        if (round !== this.#round) return false;
        for (const event of batch.events) {
          if (event.type === 'OrdersTraded' && event.sequence > throughSequence && event.sequence <= through) {
            trades.push(event);
          }
        }
      }
    }
    if (round !== this.#round) return false;
    if (aside.length > MAX_TRADES_ASIDE) {
      this.#options.log('warn', 'history was read too slowly', { what: this.#options.what, limit: MAX_TRADES_ASIDE });
      return false;
    }
    for (const trade of aside) if (trade.sequence > throughSequence) trades.push(trade);
    this.#loaded = this.#options.finish(rows, trades);
    return this.#loaded;
  }

  #logFailure(error: unknown): void {
    this.#options.log('error', 'loading history failed', { what: this.#options.what, error });
  }
}
