/** Mutations on several orders at once. */
import { Arg, Authorized, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { type BatchMode, BatchModeEnum } from '../../../src/graphql/enums.js';
import type { BatchEntry } from '../services/batch-entry.js';
import type { PlanEntry } from '../services/plan-entry.js';
import { MassQuoteInput, MassQuotePayload } from '../types/batch.js';
import { PlaceOrderInput } from '../types/inputs.js';
import { OrderPlanInput, OrderPlanPayload } from '../types/plan.js';
import { CancelOrderResult, PlaceOrderResult } from '../types/results.js';

@Resolver()
export class BatchResolver {
  constructor(
    private readonly batches: BatchEntry,
    private readonly plans: PlanEntry,
  ) {}

  @Authorized<Scope>('orders:write')
  @Mutation(() => [PlaceOrderResult], {
    description:
      'Places up to 100 orders in one step, one result each in the same order. Needs scope orders:write and accounts of yours.',
  })
  placeOrders(
    @Arg('inputs', () => [PlaceOrderInput], { description: 'The orders, 1 to 100.' }) inputs: PlaceOrderInput[],
    @Arg('mode', () => BatchModeEnum, {
      nullable: true,
      defaultValue: 'BEST_EFFORT',
      description:
        'How they depend on each other. ALL_OR_NONE: where one is refused on what the ones before it would leave, none is placed; the others are told BATCH_REJECTED.',
    })
    mode: BatchMode | null,
    @Ctx() context: RequestContext,
  ): Promise<(typeof PlaceOrderResult)[]> {
    return this.batches.placeAll(inputs, mode ?? 'BEST_EFFORT', requireScope(context, 'orders:write'), context);
  }

  @Authorized<Scope>('orders:write')
  @Mutation(() => [CancelOrderResult], {
    description:
      'Cancels up to 500 orders, those of one account in one step, one result each in the same order. Needs scope orders:write and orders of yours.',
  })
  cancelOrders(
    @Arg('orderIds', () => [ID], { description: 'The orders, 1 to 500; FIX tag 37.' }) orderIds: string[],
    @Ctx() context: RequestContext,
  ): Promise<(typeof CancelOrderResult)[]> {
    return this.batches.cancelAll(orderIds, requireScope(context, 'orders:write'), context);
  }

  @Authorized<Scope>('orders:write')
  @Mutation(() => OrderPlanPayload, {
    description:
      'Places linked orders in one step: an OCO (takeProfit, stopLoss), an OTO (entry and one exit) or a bracket. Exits ' +
      "wait, holding no funds, and work for what their entry has filled; an exit's first trade cancels what is left of " +
      'the entry. What one exit fills the other loses at once, and the end of one, by whatever cause, ends the other and ' +
      'what is left of the entry. Needs scope orders:write and an account of yours.',
  })
  placeOrderPlan(
    @Arg('input', () => OrderPlanInput, { description: 'The legs, at least two.' }) input: OrderPlanInput,
    @Arg('mode', () => BatchModeEnum, {
      nullable: true,
      defaultValue: 'ALL_OR_NONE',
      description:
        'ALL_OR_NONE: where one leg is refused, none is placed; the others are told BATCH_REJECTED. BEST_EFFORT: a refused ' +
        'exit leaves the others, a refused entry takes its exits with it.',
    })
    mode: BatchMode | null,
    @Ctx() context: RequestContext,
  ): Promise<OrderPlanPayload> {
    return this.plans.place(input, mode ?? 'ALL_OR_NONE', requireScope(context, 'orders:write'), context);
  }

  @Authorized<Scope>('orders:write')
  @Mutation(() => MassQuotePayload, {
    description:
      "Replaces an account's quotes of up to 100 symbols in one step: the former ones of these symbols leave the market " +
      'before the new ones are placed; a side keeps its place where its price stays and its quantity does not grow. ' +
      'Needs scope orders:write and an account of yours.',
  })
  massQuote(
    @Arg('input', () => MassQuoteInput, { description: 'The quotes.' }) input: MassQuoteInput,
    @Ctx() context: RequestContext,
  ): Promise<MassQuotePayload> {
    return this.batches.quote(input, requireScope(context, 'orders:write'), context);
  }
}
