/** Orders: queries, and the fields of Order that need more than the order itself. */
import { Arg, Authorized, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { OrdStatus } from '../../../src/core/values/vocabulary.js';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { OrdStatusEnum } from '../../../src/graphql/enums.js';
import { About, Paged } from '../../../src/graphql/list-size.js';
import { AT, PointInTime } from '../../../src/graphql/point-in-time.js';
import { DateTimeScalar } from '../../../src/graphql/scalars.js';
import type { OrderPreviews } from '../services/order-preview.js';
import type { OrderQueries } from '../services/order-queries.js';
import { ExecutionReportConnection } from '../types/execution-report.js';
import { PlaceOrderInput } from '../types/inputs.js';
import { Order, OrderConnection } from '../types/order.js';
import { OrderPreview, QueuePosition } from '../types/preview.js';

@Resolver(() => Order)
export class OrderResolver {
  constructor(
    private readonly queries: OrderQueries,
    private readonly previews: OrderPreviews,
  ) {}

  @Authorized<Scope>('orders:read')
  @Query(() => OrderPreview, {
    description:
      'What placing an order now would do: every rule of the check with its arithmetic, and what it would trade. ' +
      'Nothing is placed. Needs scope orders:read and an account that you may trade.',
  })
  previewOrder(
    @Arg('input', () => PlaceOrderInput, { description: 'The order.' }) input: PlaceOrderInput,
    @Ctx() context: RequestContext,
  ): Promise<OrderPreview> {
    return this.previews.preview(input, requireScope(context, 'orders:read'));
  }

  @Authorized<Scope>('orders:read')
  @Query(() => Order, {
    nullable: true,
    description: 'An order of an account of yours by its id; null where there is none. Needs scope orders:read.',
  })
  order(
    @Arg('id', () => ID, { description: 'Id that the engine gave; FIX tag 37.' }) id: string,
    @Ctx() context: RequestContext,
    @Arg('at', () => PointInTime, {
      nullable: true,
      description: `${AT} Its own fields are those of then; what it links to, its reports too, stays as it is now.`,
    })
    at: PointInTime | null,
  ): Promise<Order | null> {
    const identity = requireScope(context, 'orders:read');
    return at == null ? this.queries.order(id, identity, context) : this.queries.orderAt(id, at, identity, context);
  }

  @Authorized<Scope>('orders:read')
  @Query(() => Order, {
    nullable: true,
    description:
      "An order by the client's own id; null where there is none. The way to learn what became of an order that was not " +
      'answered. Needs scope orders:read.',
  })
  orderByClOrdId(
    @Arg('accountId', () => ID, { description: 'The account; FIX tag 1.' }) accountId: string,
    @Arg('clOrdId', () => ID, { description: "The client's own id; FIX tag 11." }) clOrdId: string,
    @Ctx() context: RequestContext,
  ): Promise<Order | null> {
    return this.queries.orderByClOrdId(accountId, clOrdId, requireScope(context, 'orders:read'));
  }

  @Authorized<Scope>('orders:read')
  @Paged(50)
  @Query(() => OrderConnection, { description: 'Orders of an account, newest first. Needs scope orders:read.' })
  orders(
    @Arg('accountId', () => ID, { description: 'The account; FIX tag 1.' }) accountId: string,
    @Ctx() context: RequestContext,
    @Arg('symbol', () => ID, {
      nullable: true,
      description: 'Only orders of this instrument; absent = all; FIX tag 55.',
    })
    symbol: string | null,
    @Arg('ordStatus', () => [OrdStatusEnum], {
      nullable: true,
      description: 'Only orders in one of these states; absent = all; FIX tag 39.',
    })
    ordStatus: OrdStatus[] | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'Most orders of the page, 1 to 500.' })
    first: number | null,
    @Arg('after', () => String, {
      nullable: true,
      description: 'endCursor of the page before; absent = from the newest.',
    })
    after: string | null,
  ): Promise<OrderConnection> {
    const filter = { accountId, symbol: symbol ?? null, ordStatus: ordStatus ?? null };
    return this.queries.orders(
      { ...filter, first: first ?? 50, after: after ?? null },
      requireScope(context, 'orders:read'),
    );
  }

  @Authorized<Scope>('orders:read')
  @Paged(50)
  @Query(() => ExecutionReportConnection, {
    description:
      "What happened to an account's orders, oldest first; the subscription of the same name goes on from its cursors. " +
      'Needs scope orders:read and an account that you may see.',
  })
  executionReports(
    @Arg('accountId', () => ID, { description: 'The account; FIX tag 1.' }) accountId: string,
    @Ctx() context: RequestContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'Most reports of the page, 1 to 500.' })
    first: number | null,
    @Arg('after', () => String, {
      nullable: true,
      description: 'endCursor of the page before; absent = from the oldest that is kept.',
    })
    after: string | null,
  ): Promise<ExecutionReportConnection> {
    const page = { accountId, first: first ?? 50, after: after ?? null };
    return this.queries.accountReports(page, requireScope(context, 'orders:read'));
  }

  @FieldResolver(() => DateTimeScalar, { description: 'Engine time of its last change; FIX tag 60.' })
  updatedAt(@Root() order: Order, @Ctx() context: RequestContext): Promise<number> {
    return this.queries.updatedUs(order.state, context);
  }

  @FieldResolver(() => QueuePosition, {
    nullable: true,
    description: 'Where it stands in the queue of its price now; null while it does not rest in the book.',
  })
  queuePosition(@Root() order: Order, @Ctx() context: RequestContext): Promise<QueuePosition | null> {
    return this.queries.queuePosition(order, context);
  }

  @About(2)
  @FieldResolver(() => [Order], {
    description:
      'The other orders of its plan, working or finished, in the order of its legs; empty for an order on its own.',
  })
  linkedOrders(@Root() order: Order, @Ctx() context: RequestContext): Promise<Order[]> {
    return this.queries.linkedOrders(order.state, context);
  }

  @Paged(50)
  @FieldResolver(() => ExecutionReportConnection, {
    name: 'executionReports',
    description: 'What happened to the order, oldest first.',
  })
  reportsOfOrder(
    @Root() order: Order,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'Most reports of the page, 1 to 500.' })
    first: number | null,
    @Arg('after', () => String, {
      nullable: true,
      description: 'endCursor of the page before; absent = from the first.',
    })
    after: string | null,
  ): Promise<ExecutionReportConnection> {
    return this.queries.executionReports(order.state, first ?? 50, after ?? null);
  }
}
