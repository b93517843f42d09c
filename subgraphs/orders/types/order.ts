/** Orders as clients see them: the order's state, printed field by field when asked for. */
import 'reflect-metadata';
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type { OrderState } from '../../../src/core/exchange/execution-report.js';
import { formatAvgPx, formatPrice, formatQty, type InstrumentTerms } from '../../../src/core/instrument/terms.js';
import type {
  Contingency,
  OrdRejReason,
  OrdStatus,
  OrdType,
  PlanLegName,
  Side,
  TimeInForce,
} from '../../../src/core/values/vocabulary.js';
import {
  ContingencyEnum,
  OrdRejReasonEnum,
  OrdStatusEnum,
  OrdTypeEnum,
  PlanLegEnum,
  SideEnum,
  TimeInForceEnum,
} from '../../../src/graphql/enums.js';
import { PageInfo } from '../../../src/graphql/page.js';
import { DateTimeScalar, DecimalScalar } from '../../../src/graphql/scalars.js';
import { Account, Instrument } from './entities.js';

@ObjectType({
  description:
    'An order with its terms and progress. A working order has leavesQty = orderQty − cumQty, a finished one 0.',
})
@Directive('@key(fields: "id")')
export class Order {
  constructor(
    readonly state: OrderState,
    private readonly accountId: string,
    private readonly terms: InstrumentTerms,
  ) {}

  @Field(() => ID, { description: 'Id that the engine gave, digits; FIX tag 37.' })
  get id(): string {
    return String(this.state.orderId);
  }

  @Field(() => ID, {
    nullable: true,
    description: "The client's own id, unique in the account; null where none was given; FIX tag 11.",
  })
  get clOrdId(): string | null {
    return this.state.clOrdId;
  }

  @Field(() => Account, { description: 'The account that trades; FIX tag 1.' })
  get account(): Account {
    return new Account(this.accountId);
  }

  @Field(() => Instrument, { description: 'What is traded; FIX tag 55.' })
  get instrument(): Instrument {
    return new Instrument(this.terms.spec.symbol);
  }

  @Field(() => SideEnum, { description: 'Buy or sell; FIX tag 54.' })
  get side(): Side {
    return this.state.side;
  }

  @Field(() => OrdTypeEnum, { description: 'How it is priced; FIX tag 40.' })
  get ordType(): OrdType {
    return this.state.ordType;
  }

  @Field(() => TimeInForceEnum, { description: 'How long it works; FIX tag 59.' })
  get timeInForce(): TimeInForce {
    return this.state.timeInForce;
  }

  @Field(() => OrdStatusEnum, { description: 'Its state; FIX tag 39.' })
  get ordStatus(): OrdStatus {
    return this.state.ordStatus;
  }

  @Field(() => DecimalScalar, { description: 'Quantity ordered, base asset, in steps of lotSize; FIX tag 38.' })
  get orderQty(): string {
    return formatQty(this.terms, this.state.orderQtyLots);
  }

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'Limit price, quote currency per unit, in steps of tickSize; null for order types without one; FIX tag 44.',
  })
  get price(): string | null {
    return this.state.priceTicks === null ? null : formatPrice(this.terms, this.state.priceTicks);
  }

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Price that triggers a stop order; null for others; FIX tag 99.',
  })
  get stopPx(): string | null {
    return this.state.stopPxTicks === null ? null : formatPrice(this.terms, this.state.stopPxTicks);
  }

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Shown part of an iceberg order, base asset; null = all is shown; FIX tag 1138.',
  })
  get displayQty(): string | null {
    return this.state.displayQtyLots === null ? null : formatQty(this.terms, this.state.displayQtyLots);
  }

  @Field(() => DecimalScalar, { description: 'Quantity filled so far, base asset; FIX tag 14.' })
  get cumQty(): string {
    return formatQty(this.terms, this.state.cumQtyLots);
  }

  @Field(() => DecimalScalar, { description: 'Quantity still open, base asset; 0 once finished; FIX tag 151.' })
  get leavesQty(): string {
    return formatQty(this.terms, this.state.leavesQtyLots);
  }

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'Average price of what is filled, quote currency per unit, exact or rounded half to even at six decimals beyond ' +
      "the tick's; null before the first fill; FIX tag 6.",
  })
  get avgPx(): string | null {
    return formatAvgPx(this.terms, this.state.cumNotionalUnits, this.state.cumQtyLots);
  }

  @Field(() => OrdRejReasonEnum, {
    nullable: true,
    description: 'Why it was refused; null unless REJECTED; FIX tag 103.',
  })
  get ordRejReason(): OrdRejReason | null {
    return this.state.ordRejReason;
  }

  @Field(() => String, {
    nullable: true,
    description: 'Why it is in its state, in one sentence, where there is something to explain; FIX tag 58.',
  })
  get text(): string | null {
    return this.state.text;
  }

  @Field(() => ID, {
    nullable: true,
    description: "Plan that it belongs to: the id of the plan's first leg; null for an order on its own.",
  })
  get planId(): string | null {
    return this.state.planId === null ? null : String(this.state.planId);
  }

  @Field(() => ContingencyEnum, {
    nullable: true,
    description: 'How the orders of its plan depend on each other; null for an order on its own; FIX tag 1385.',
  })
  get contingency(): Contingency | null {
    return this.state.contingency;
  }

  @Field(() => PlanLegEnum, {
    nullable: true,
    description: 'Which leg of its plan it is; null for an order on its own.',
  })
  get planLeg(): PlanLegName | null {
    return this.state.planLeg;
  }

  @Field(() => DateTimeScalar, { description: 'Engine time at which it was taken in.' })
  get createdAt(): number {
    return this.state.createdUs;
  }
}

@ObjectType({ simpleResolvers: true, description: 'One order in a page.' })
export class OrderEdge {
  @Field(() => String, { description: 'Position in the list, to go on just behind it.' })
  readonly cursor: string;

  @Field(() => Order, { description: 'The order.' })
  readonly node: Order;
}

@ObjectType({ simpleResolvers: true, description: 'A page of orders, newest first.' })
export class OrderConnection {
  @Field(() => [OrderEdge], { description: 'The orders of the page.' })
  readonly edges: readonly OrderEdge[];

  @Field(() => PageInfo, { description: 'Where the page lies in the list.' })
  readonly pageInfo: PageInfo;
}
