/** Subscriptions to an account's fills and execution reports. */
import { Arg, Authorized, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { FlowControl, LOSSLESS_FLOW } from '../../../src/graphql/flow-control.js';
import { CursorScalar } from '../../../src/graphql/scalars.js';
import type { OrderNodes } from '../services/order-nodes.js';
import type { ReportStreamItem } from '../services/report-stream.js';
import type { ReportStreamRequest, ReportStreams } from '../services/report-streams.js';
import { ExecutionReportEvent, FillEvent, StreamGap } from '../types/execution-report.js';

const RESUME =
  ' With `after` first what came behind that cursor, then live, no gap and no double. ' +
  'Needs scope orders:read and an account that you may see.';
const AFTER = 'Cursor of the last event that was received; absent = only what happens from now on.';

/** type-graphql gives `subscribe` no resolver instance, so the class is made around its services. */
export function createReportSubscriptions(streams: ReportStreams, nodes: OrderNodes) {
  @Resolver()
  class ReportSubscriptions {
    @Authorized<Scope>('orders:read')
    @Subscription(() => FillEvent, {
      description: `Trades of an account, from both sides of the book.${RESUME}`,
      subscribe: ({ args, context }) =>
        streams.fills(args as unknown as ReportStreamRequest, context as RequestContext),
    })
    fills(
      @Root() item: ReportStreamItem,
      @Arg('accountId', () => ID, { description: 'The account; FIX tag 1.' }) _accountId: string,
      @Arg('after', () => CursorScalar, { nullable: true, description: AFTER }) _after: string | null,
      @Arg('flow', () => FlowControl, { nullable: true, description: LOSSLESS_FLOW }) _flow: FlowControl | null,
    ): typeof FillEvent {
      return item instanceof StreamGap ? item : nodes.fill(item);
    }

    @Authorized<Scope>('orders:read')
    @Subscription(() => ExecutionReportEvent, {
      description: `Everything that happens to an account's orders.${RESUME}`,
      subscribe: ({ args, context }) =>
        streams.executionReports(args as unknown as ReportStreamRequest, context as RequestContext),
    })
    executionReports(
      @Root() item: ReportStreamItem,
      @Arg('accountId', () => ID, { description: 'The account; FIX tag 1.' }) _accountId: string,
      @Arg('after', () => CursorScalar, { nullable: true, description: AFTER }) _after: string | null,
      @Arg('flow', () => FlowControl, { nullable: true, description: LOSSLESS_FLOW }) _flow: FlowControl | null,
    ): typeof ExecutionReportEvent {
      return item instanceof StreamGap ? item : nodes.report(item);
    }
  }
  return ReportSubscriptions;
}
