/** Mutations on orders. */
import { Arg, Authorized, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import type { OrderEntry } from '../services/order-entry.js';
import { CancelAllOrdersInput, PlaceOrderInput, ReplaceOrderInput } from '../types/inputs.js';
import { CancelAllOrdersPayload, CancelOrderResult, PlaceOrderResult, ReplaceOrderResult } from '../types/results.js';

@Resolver()
export class OrderEntryResolver {
  constructor(private readonly entry: OrderEntry) {}

  @Authorized<Scope>('orders:write')
  @Mutation(() => PlaceOrderResult, {
    description:
      'Places an order; the answer comes once it is durable. Needs scope orders:write and an account of yours.',
  })
  placeOrder(
    @Arg('input', () => PlaceOrderInput, { description: 'The order.' }) input: PlaceOrderInput,
    @Ctx() context: RequestContext,
  ): Promise<typeof PlaceOrderResult> {
    return this.entry.place(input, requireScope(context, 'orders:write'), context);
  }

  @Authorized<Scope>('orders:write')
  @Mutation(() => ReplaceOrderResult, {
    description: 'Changes quantity or price of a working order. Needs scope orders:write and an order of yours.',
  })
  replaceOrder(
    @Arg('input', () => ReplaceOrderInput, { description: 'The change.' }) input: ReplaceOrderInput,
    @Ctx() context: RequestContext,
  ): Promise<typeof ReplaceOrderResult> {
    return this.entry.replace(input, requireScope(context, 'orders:write'), context);
  }

  @Authorized<Scope>('orders:write')
  @Mutation(() => CancelOrderResult, {
    description: 'Cancels a working order. Needs scope orders:write and an order of yours.',
  })
  cancelOrder(
    @Arg('orderId', () => ID, { description: 'The order; FIX tag 37.' }) orderId: string,
    @Ctx() context: RequestContext,
  ): Promise<typeof CancelOrderResult> {
    return this.entry.cancel(orderId, requireScope(context, 'orders:write'), context);
  }

  @Authorized<Scope>('orders:write')
  @Mutation(() => CancelAllOrdersPayload, {
    description:
      'Cancels all working orders of an account in one step. Needs scope orders:write and an account of yours.',
  })
  cancelAllOrders(
    @Arg('input', () => CancelAllOrdersInput, { description: 'Which orders.' }) input: CancelAllOrdersInput,
    @Ctx() context: RequestContext,
  ): Promise<CancelAllOrdersPayload> {
    return this.entry.cancelAll(input, requireScope(context, 'orders:write'), context);
  }
}
