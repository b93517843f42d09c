/** Results of the mutations: what was done, or a typed refusal. */
import 'reflect-metadata';
import { createUnionType, Field, ID, Int, ObjectType } from 'type-graphql';
import type { OrdRejReason } from '../../../src/core/values/vocabulary.js';
import { OrdRejReasonEnum } from '../../../src/graphql/enums.js';
import { About } from '../../../src/graphql/list-size.js';
import { RiskCheck } from '../../../src/graphql/risk-check.js';
import { Fill } from './execution-report.js';
import { Order } from './order.js';

@ObjectType({ simpleResolvers: true, description: 'The order was accepted and, as far as the book allowed, filled.' })
export class PlaceOrderSuccess {
  @Field(() => Order, { description: 'The order; where duplicate is true, as it stands now.' })
  readonly order: Order;

  @About(3)
  @Field(() => [Fill], { description: 'What it traded at once, in order.' })
  readonly fills: readonly Fill[];

  @Field(() => Boolean, { description: 'True where clOrdId was seen before and this is the first result again.' })
  readonly duplicate: boolean;

  constructor(order: Order, fills: readonly Fill[], duplicate: boolean) {
    this.order = order;
    this.fills = fills;
    this.duplicate = duplicate;
  }
}

@ObjectType({ simpleResolvers: true, description: 'The order or the request on it was refused; nothing changed.' })
export class OrderRejection {
  @Field(() => OrdRejReasonEnum, { description: 'Why; FIX tag 103.' })
  readonly ordRejReason: OrdRejReason;

  @Field(() => String, { description: 'Which field and which limit, in a sentence to act upon; FIX tag 58.' })
  readonly text: string;

  @Field(() => Order, {
    nullable: true,
    description:
      'The order: REJECTED where the engine refused a new one, as it stands where a request on it was refused, null where nothing reached the engine.',
  })
  readonly order: Order | null;

  @Field(() => [RiskCheck], {
    description: 'The rule that refused, with its arithmetic; empty where no risk rule did.',
  })
  readonly riskChecks: readonly RiskCheck[];

  constructor(
    ordRejReason: OrdRejReason,
    text: string,
    order: Order | null = null,
    riskChecks: readonly RiskCheck[] = [],
  ) {
    this.ordRejReason = ordRejReason;
    this.text = text;
    this.order = order;
    this.riskChecks = riskChecks;
  }
}

export const PlaceOrderResult = createUnionType({
  name: 'PlaceOrderResult',
  description: 'What became of a new order.',
  types: () => [PlaceOrderSuccess, OrderRejection] as const,
});

@ObjectType({ simpleResolvers: true, description: 'The order was changed and, where its new price allowed, filled.' })
export class ReplaceOrderSuccess {
  @Field(() => Order, { description: 'The order with its new terms.' })
  readonly order: Order;

  @About(3)
  @Field(() => [Fill], { description: 'What it traded at once, in order.' })
  readonly fills: readonly Fill[];

  @Field(() => Boolean, { description: 'True where time priority was kept: only the quantity went down.' })
  readonly priorityKept: boolean;

  constructor(order: Order, fills: readonly Fill[], priorityKept: boolean) {
    this.order = order;
    this.fills = fills;
    this.priorityKept = priorityKept;
  }
}

export const ReplaceOrderResult = createUnionType({
  name: 'ReplaceOrderResult',
  description: 'What became of a change.',
  types: () => [ReplaceOrderSuccess, OrderRejection] as const,
});

@ObjectType({ simpleResolvers: true, description: 'The order was canceled.' })
export class CancelOrderSuccess {
  @Field(() => Order, { description: 'The order, finished: leavesQty is 0 and cumQty what was filled before.' })
  readonly order: Order;

  constructor(order: Order) {
    this.order = order;
  }
}

export const CancelOrderResult = createUnionType({
  name: 'CancelOrderResult',
  description: 'What became of a cancel.',
  types: () => [CancelOrderSuccess, OrderRejection] as const,
});

@ObjectType({
  simpleResolvers: true,
  description: 'What a cancel of all orders did; FIX OrderMassCancelReport, MsgType r.',
})
export class CancelAllOrdersPayload {
  @Field(() => Int, { description: 'How many orders were canceled; FIX tag 533.' })
  readonly canceledCount: number;

  @Field(() => [ID], { description: 'The orders that were canceled.' })
  readonly orderIds: readonly string[];

  constructor(canceledCount: number, orderIds: readonly string[]) {
    this.canceledCount = canceledCount;
    this.orderIds = orderIds;
  }
}
