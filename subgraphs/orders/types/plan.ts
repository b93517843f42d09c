/** Plans of linked orders: input and result. */
import 'reflect-metadata';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { Contingency, PlanLegName } from '../../../src/core/values/vocabulary.js';
import { ContingencyEnum, PlanLegEnum } from '../../../src/graphql/enums.js';
import { PlaceOrderInput } from './inputs.js';
import { type OrderRejection, PlaceOrderResult, type PlaceOrderSuccess } from './results.js';

@InputType({
  description:
    'Linked orders: takeProfit and stopLoss are an OCO, entry and one of them an OTO, all three a bracket. All are of one ' +
    'account, symbol and orderQty; the exits stand on one side, opposite to the entry, as LIMIT, STOP, STOP_LIMIT or ' +
    'TRAILING_STOP orders that are GTC, DAY or GTD.',
})
export class OrderPlanInput {
  @Field(() => PlaceOrderInput, {
    nullable: true,
    description:
      'Order whose fills put the exits to work; of any type. One that ends without a fill takes the exits with it.',
  })
  entry?: PlaceOrderInput | null;

  @Field(() => PlaceOrderInput, {
    nullable: true,
    description: 'Exit at a better price. With an entry it waits for its fills and cannot be postOnly.',
  })
  takeProfit?: PlaceOrderInput | null;

  @Field(() => PlaceOrderInput, { nullable: true, description: 'Exit at a worse price; otherwise as takeProfit.' })
  stopLoss?: PlaceOrderInput | null;
}

@ObjectType({ simpleResolvers: true, description: 'What became of one leg of a plan.' })
export class OrderPlanLegResult {
  @Field(() => PlanLegEnum, { description: 'Which leg.' })
  readonly leg: PlanLegName;

  @Field(() => PlaceOrderResult, { description: 'The order as the plan left it, or why it was refused.' })
  readonly result: PlaceOrderSuccess | OrderRejection;

  constructor(leg: PlanLegName, result: PlaceOrderSuccess | OrderRejection) {
    this.leg = leg;
    this.result = result;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What became of a plan.' })
export class OrderPlanPayload {
  @Field(() => ID, {
    nullable: true,
    description: "The plan: its first leg's id; null where nothing of it was placed.",
  })
  readonly planId: string | null;

  @Field(() => ContingencyEnum, { description: 'How the orders depend on each other; FIX tag 1385.' })
  readonly contingency: Contingency;

  @Field(() => [OrderPlanLegResult], { description: 'One result a leg: entry, take profit, stop loss.' })
  readonly legs: readonly OrderPlanLegResult[];

  constructor(planId: string | null, contingency: Contingency, legs: readonly OrderPlanLegResult[]) {
    this.planId = planId;
    this.contingency = contingency;
    this.legs = legs;
  }
}
