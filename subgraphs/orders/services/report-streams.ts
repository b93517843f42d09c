/** The open report streams of the subgraph: who may open one, how many there may be, and their end. */
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext } from '../../../src/graphql/context.js';
import { decodeStreamCursor } from '../../../src/graphql/cursor.js';
import { limitExceeded } from '../../../src/graphql/errors.js';
import type { EventFeed } from '../../../src/ports/event-feed.js';
import type { History } from '../../../src/ports/history.js';
import type { OrdersView } from '../events.js';
import type { OrderQueries } from './order-queries.js';
import { ReportStream } from './report-stream.js';

/** Most report streams of one process; each may hold up to a thousand waiting reports. */
export const MAX_REPORT_STREAMS = 10_000;

export class ReportStreams {
  readonly #open = new Set<ReportStream>();

  constructor(
    private readonly view: OrdersView,
    private readonly feed: EventFeed,
    private readonly history: History,
    private readonly queries: OrderQueries,
  ) {}

  get size(): number {
    return this.#open.size;
  }

  /** Opens a stream of the account's trades. @throws GraphQLError where the caller may not see the account */
  fills(accountId: string, after: string | null, context: RequestContext): ReportStream {
    return this.#start(accountId, after, 'TRADE', context);
  }

  /** Opens a stream of all of the account's reports. @throws GraphQLError where the caller may not see the account */
  executionReports(accountId: string, after: string | null, context: RequestContext): ReportStream {
    return this.#start(accountId, after, null, context);
  }

  endAll(): void {
    for (const stream of [...this.#open]) stream.end();
  }

  #start(accountId: string, after: string | null, execType: 'TRADE' | null, context: RequestContext): ReportStream {
    const { account } = this.queries.readableAccount(accountId, requireScope(context, 'orders:read'));
    const position = after === null ? null : decodeStreamCursor(after);
    if (this.#open.size >= MAX_REPORT_STREAMS) {
      throw limitExceeded(
        'subscription',
        MAX_REPORT_STREAMS,
        `${MAX_REPORT_STREAMS} streams are open; try again later`,
      );
    }
    const options = { account, execType, after: position };
    const stream: ReportStream = new ReportStream(this.view, this.feed, this.history, options, () => {
      this.#open.delete(stream);
    });
    this.#open.add(stream);
    return stream;
  }
}
