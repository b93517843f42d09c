/** The stream of an account's execution reports: history, then the event feed, then live. */
import { type ExecutionReportFields, executionReportsOf } from '../../../src/core/exchange/execution-report.js';
import type { ExecType } from '../../../src/core/values/vocabulary.js';
import { encodeStreamCursor } from '../../../src/graphql/cursor.js';
import { type ResumableOptions, ResumableStream } from '../../../src/graphql/resumable-stream.js';
import type { EventFeed } from '../../../src/ports/event-feed.js';
import type { History } from '../../../src/ports/history.js';
import type { OrdersView } from '../events.js';
import { StreamGap } from '../types/execution-report.js';

export interface ReportStreamOptions extends ResumableOptions<ExecutionReportFields> {
  readonly account: number;
  /** Only reports of this type; null = all. */
  readonly execType: ExecType | null;
}

export type ReportStreamItem = ExecutionReportFields | StreamGap;
export type ReportStream = ResumableStream<ExecutionReportFields, StreamGap>;

export function openReportStream(
  view: OrdersView,
  feed: EventFeed,
  history: History,
  options: ReportStreamOptions,
): ReportStream {
  const { account, execType } = options;
  const wants = (report: ExecutionReportFields) => execType === null || report.execType === execType;
  return new ResumableStream<ExecutionReportFields, StreamGap>(
    {
      feed,
      view,
      listen: ({ item, interrupted }) =>
        view.listen(account, {
          report: (report) => {
            if (wants(report)) item(report);
          },
          interrupted,
        }),
      positionOf: (report) => report,
      itemsOf: (event) => executionReportsOf(event).filter((report) => report.account === account && wants(report)),
      fromHistory: (after, limit) => history.executionReportsOfAccount(account, after, limit, execType ?? undefined),
      gap: (after, through) =>
        new StreamGap(
          encodeStreamCursor(after.sequence, after.leg),
          encodeStreamCursor(through.sequence, through.leg),
          'The events between the two cursors are no longer kept; orders and executionReports show what became of each order.',
        ),
    },
    options,
  );
}
