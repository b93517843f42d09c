/**
 * An account's execution reports as a stream: with a cursor first what was missed, then live, no gap and no double.
 *
 * Catching up: history gives the rows behind the cursor and the sequence that it has reached; the event feed gives the
 * rest from there. Live delivery begins while the last of it is read, so nothing falls between; every report is compared
 * with the position of the last one delivered, so nothing comes twice. A subscriber that reads too slowly for its live
 * buffer, or a view that was interrupted, goes back to catching up from that position: bounded memory, nothing lost.
 */
import { type ExecutionReportFields, executionReportsOf } from '../../../src/core/exchange/execution-report.js';
import type { ExecType } from '../../../src/core/values/vocabulary.js';
import { encodeStreamCursor, type StreamCursor } from '../../../src/graphql/cursor.js';
import { badUserInput, historyUnavailable } from '../../../src/graphql/errors.js';
import { PushStream } from '../../../src/graphql/push-stream.js';
import { EngineUnavailableError } from '../../../src/ports/engine-client.js';
import { type EventFeed, HistoryUnavailableError } from '../../../src/ports/event-feed.js';
import { type History, HistoryUnreachableError } from '../../../src/ports/history.js';
import type { OrdersView } from '../events.js';
import { StreamGap } from '../types/execution-report.js';
import { isBehind } from './order-queries.js';

/** Live reports that may wait for a subscriber before it goes back to catching up. */
export const MAX_LIVE_BUFFER = 1_000;
const HISTORY_PAGE = 500;
/** Events between position and live from which on live delivery begins. */
const NEAR_LIVE_EVENTS = 1_000;
/** Reads of the feed before live delivery begins in any case. */
const MAX_FEED_ROUNDS = 20;
/** How long a cursor from a process that is ahead of this one is waited for. */
const AHEAD_WAIT_MS = 5_000;

/** Signals inside of a live buffer that the stream has to catch up again. */
class CatchUpNeeded extends Error {}

export interface ReportStreamOptions {
  readonly account: number;
  /** Only reports of this type; null = all. */
  readonly execType: ExecType | null;
  readonly after: StreamCursor | null;
  readonly maxLiveBuffer?: number;
}

export type ReportStreamItem = ExecutionReportFields | StreamGap;

export class ReportStream implements AsyncIterableIterator<ReportStreamItem, undefined, undefined> {
  readonly #items: AsyncGenerator<ReportStreamItem, undefined, undefined>;
  /** Position up to which everything was delivered; null until the first report of a stream without cursor. */
  #position: StreamCursor | null;
  #live: PushStream<ExecutionReportFields> | null = null;
  #stopped = false;

  constructor(
    private readonly view: OrdersView,
    private readonly feed: EventFeed,
    private readonly history: History,
    private readonly options: ReportStreamOptions,
    private readonly onClose: () => void = () => {},
  ) {
    this.#position = options.after;
    // Without a cursor the stream begins now, not when its first item is asked for.
    if (options.after === null) this.#goLive();
    this.#items = this.#run();
  }

  next(): Promise<IteratorResult<ReportStreamItem, undefined>> {
    return this.#items.next();
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.end();
    await this.#items.return(undefined);
    return { value: undefined, done: true };
  }

  async throw(error: Error): Promise<IteratorReturnResult<undefined>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the stream: a waiting subscriber sees its end, and nothing is kept. */
  end(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    void this.#live?.return();
    this.onClose();
  }

  async *#run(): AsyncGenerator<ReportStreamItem, undefined, undefined> {
    try {
      while (!this.#stopped) {
        if (this.#live === null) yield* this.#catchUp(this.#position ?? { sequence: this.view.sequence, leg: 1 });
        if (!this.#stopped) yield* this.#deliverLive();
      }
      return undefined;
    } finally {
      this.end();
    }
  }

  #goLive(): PushStream<ExecutionReportFields> {
    const { account, execType, maxLiveBuffer = MAX_LIVE_BUFFER } = this.options;
    if (this.#position === null) this.#position = { sequence: this.view.sequence, leg: 1 };
    const live: PushStream<ExecutionReportFields> = new PushStream({
      maxBuffer: maxLiveBuffer,
      onOverflow: 'CLOSE',
      onClose: () => unlisten(),
    });
    const unlisten = this.view.listen(account, {
      report: (report) => {
        if (execType === null || report.execType === execType) live.push(report);
      },
      interrupted: () => live.fail(new CatchUpNeeded()),
    });
    this.#live = live;
    return live;
  }

  async *#deliverLive(): AsyncGenerator<ReportStreamItem, undefined, undefined> {
    const live = this.#live;
    if (live === null) return undefined;
    try {
      for (;;) {
        const { value, done } = await live.next();
        if (done === true) return undefined;
        if (this.#advance(value)) yield value;
      }
    } catch {
      // Overflow or interruption: both are mended by catching up from the last position.
      return undefined;
    } finally {
      void live.return();
      this.#live = null;
    }
  }

  async *#catchUp(from: StreamCursor): AsyncGenerator<ReportStreamItem, undefined, undefined> {
    this.#position = from;
    if (!(await this.view.whenReached(from.sequence, AHEAD_WAIT_MS)) && !this.#stopped) {
      throw badUserInput('after', 'lies ahead of every event so far; it is not of this platform');
    }
    const reachable = yield* this.#fromHistory();
    for (let round = 0; !this.#stopped && round < MAX_FEED_ROUNDS; round += 1) {
      if (this.view.sequence - this.#at.sequence <= NEAR_LIVE_EVENTS) break;
      yield* this.#fromFeed(this.view.sequence, reachable);
    }
    if (this.#stopped) return undefined;
    this.#goLive();
    yield* this.#fromFeed(this.view.sequence, reachable);
    return undefined;
  }

  get #at(): StreamCursor {
    return this.#position ?? { sequence: 0, leg: 0 };
  }

  /** Takes note of a report that is about to be delivered. Returns false where it was delivered before. */
  #advance(report: ExecutionReportFields): boolean {
    if (!isBehind(report, this.#at)) return false;
    this.#position = { sequence: report.sequence, leg: report.leg };
    return true;
  }

  /** Notes that there is nothing more to deliver up to and including the sequence. */
  #passed(sequence: number): void {
    const through: StreamCursor = { sequence, leg: 1 };
    if (isBehind(through, this.#at)) this.#position = through;
  }

  /** Delivers what history holds. Returns false where it cannot be reached. */
  async *#fromHistory(): AsyncGenerator<ReportStreamItem, boolean, undefined> {
    const { account, execType } = this.options;
    try {
      while (!this.#stopped) {
        const page = await this.history.executionReportsOfAccount(
          account,
          this.#at,
          HISTORY_PAGE,
          execType ?? undefined,
        );
        for (const report of page.records) if (this.#advance(report)) yield report;
        if (page.records.length < HISTORY_PAGE) {
          this.#passed(page.throughSequence);
          break;
        }
      }
      return true;
    } catch (error) {
      if (error instanceof HistoryUnreachableError) return false;
      throw error;
    }
  }

  /** Delivers from the event feed what stands behind the position, through the given sequence. */
  async *#fromFeed(through: number, historyReachable: boolean): AsyncGenerator<ReportStreamItem, undefined, undefined> {
    try {
      yield* this.#readFeed(through);
    } catch (error) {
      // Too many readers of the past, or an engine that stops: nothing is delivered wrongly, and asking again helps.
      if (error instanceof EngineUnavailableError) throw historyUnavailable();
      if (!(error instanceof HistoryUnavailableError)) throw error;
      // The database will be back with what the journal no longer holds: an error now loses nothing, a gap would.
      if (!historyReachable) throw historyUnavailable();
      yield* this.#acrossGap(error.firstAvailable, through);
    }
  }

  async *#readFeed(through: number): AsyncGenerator<ReportStreamItem, undefined, undefined> {
    const at = this.#at;
    const after = at.leg === 1 ? at.sequence : Math.max(at.sequence - 1, 0);
    if (after >= through) return undefined;
    for await (const batch of this.feed.read(after, through)) {
      for (const event of batch.events) {
        if (event.sequence > through) break;
        for (const report of executionReportsOf(event)) {
          if (this.#wants(report) && this.#advance(report)) yield report;
        }
      }
      if (this.#stopped) return undefined;
    }
    this.#passed(through);
    return undefined;
  }

  /** History may have taken in meanwhile what the journal let go of; only what neither holds is told as a gap. */
  async *#acrossGap(firstAvailable: number, through: number): AsyncGenerator<ReportStreamItem, undefined, undefined> {
    if (!(yield* this.#fromHistory())) throw historyUnavailable();
    const last: StreamCursor = { sequence: firstAvailable - 1, leg: 1 };
    if (isBehind(last, this.#at)) {
      const { sequence, leg } = this.#at;
      this.#position = last;
      yield new StreamGap(
        encodeStreamCursor(sequence, leg),
        encodeStreamCursor(last.sequence, last.leg),
        'The events between the two cursors are no longer kept; orders and executionReports show what became of each order.',
      );
    }
    yield* this.#readFeed(through);
    return undefined;
  }

  #wants(report: ExecutionReportFields): boolean {
    const { account, execType } = this.options;
    return report.account === account && (execType === null || report.execType === execType);
  }
}
