/** The open report streams of the subgraph: who may open one, how many there may be, and their end. */
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext } from '../../../src/graphql/context.js';
import { decodeStreamCursor } from '../../../src/graphql/cursor.js';
import { limitExceeded } from '../../../src/graphql/errors.js';
import { checkLosslessFlow, type FlowControl } from '../../../src/graphql/flow-control.js';
import { OpenStreams } from '../../../src/graphql/push-stream.js';
import type { EventFeed } from '../../../src/ports/event-feed.js';
import type { History } from '../../../src/ports/history.js';
import type { OrdersView } from '../events.js';
import type { OrderQueries } from './order-queries.js';
import { openReportStream, type ReportStream } from './report-stream.js';

/** Most report streams of one process; each may hold up to a thousand waiting reports. */
export const MAX_REPORT_STREAMS = 10_000;

/** What a subscriber asked for. */
export interface ReportStreamRequest {
  readonly accountId: string;
  readonly after?: string | null;
  readonly flow?: FlowControl | null;
}

export class ReportStreams {
  readonly #open = new OpenStreams();

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
  fills(request: ReportStreamRequest, context: RequestContext): ReportStream {
    return this.#start(request, 'TRADE', context);
  }

  /** Opens a stream of all of the account's reports. @throws GraphQLError where the caller may not see the account */
  executionReports(request: ReportStreamRequest, context: RequestContext): ReportStream {
    return this.#start(request, null, context);
  }

  endAll(): void {
    this.#open.endAll();
  }

  #start({ accountId, after, flow }: ReportStreamRequest, execType: 'TRADE' | null, context: RequestContext) {
    const { account } = this.queries.readableAccount(accountId, requireScope(context, 'orders:read'));
    const position = after === undefined || after === null ? null : decodeStreamCursor(after);
    const bounds = checkLosslessFlow(flow ?? null);
    if (this.#open.size >= MAX_REPORT_STREAMS) {
      throw limitExceeded(
        'subscription',
        MAX_REPORT_STREAMS,
        `${MAX_REPORT_STREAMS} streams are open; try again later`,
      );
    }
    let onClose: () => void = () => undefined;
    const options = { account, execType, after: position, ...bounds, onClose: () => onClose() };
    const stream = openReportStream(this.view, this.feed, this.history, options);
    onClose = this.#open.add(stream);
    return stream;
  }
}
