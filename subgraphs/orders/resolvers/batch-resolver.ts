/** Mutations on several orders at once. */
import { Arg, Authorized, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { type BatchMode, BatchModeEnum } from '../../../src/graphql/enums.js';
import type { BatchEntry } from '../services/batch-entry.js';
import { MassQuoteInput, MassQuotePayload } from '../types/batch.js';
import { PlaceOrderInput } from '../types/inputs.js';
import { CancelOrderResult, PlaceOrderResult } from '../types/results.js';

@Resolver()
export class BatchResolver {
  constructor(private readonly batches: BatchEntry) {}

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
