/**
 * Execution reports and fills as clients see them. An object holds the report's record and prints a field only when it
 * is asked for.
 */
import 'reflect-metadata';
import { createUnionType, Field, ID, ObjectType } from 'type-graphql';
import type { ExecutionReportFields } from '../../../src/core/exchange/execution-report.js';
import {
  formatAvgPx,
  formatPrice,
  formatQty,
  formatQuote,
  type InstrumentTerms,
} from '../../../src/core/instrument/terms.js';
import type { ExecType, OrdRejReason, OrdStatus, Side } from '../../../src/core/values/vocabulary.js';
import { encodeStreamCursor } from '../../../src/graphql/cursor.js';
import { ExecTypeEnum, OrdRejReasonEnum, OrdStatusEnum, SideEnum } from '../../../src/graphql/enums.js';
import { PageInfo } from '../../../src/graphql/page.js';
import { CursorScalar, DateTimeScalar, DecimalScalar } from '../../../src/graphql/scalars.js';

/** A report and what its indexes stand for. */
export interface ReportSource {
  readonly report: ExecutionReportFields;
  readonly accountId: string;
  readonly terms: InstrumentTerms;
}

@ObjectType({ description: 'What happened to an order at one moment; FIX ExecutionReport, MsgType 8.' })
export class ExecutionReport {
  constructor(private readonly source: ReportSource) {}

  @Field(() => CursorScalar, { description: "Position in the account's stream, to resume just behind this report." })
  get cursor(): string {
    return encodeStreamCursor(this.source.report.sequence, this.source.report.leg);
  }

  @Field(() => ID, { description: 'Unique id of the report, the same in every answer; FIX tag 17.' })
  get execId(): string {
    return execIdOf(this.source.report);
  }

  @Field(() => ID, { description: 'The order; FIX tag 37.' })
  get orderId(): string {
    return String(this.source.report.orderId);
  }

  @Field(() => ID, {
    nullable: true,
    description: "The client's own id of the order; null where none was given; FIX tag 11.",
  })
  get clOrdId(): string | null {
    return this.source.report.clOrdId;
  }

  @Field(() => ID, { description: 'The account of the order; FIX tag 1.' })
  get accountId(): string {
    return this.source.accountId;
  }

  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  get symbol(): string {
    return this.source.terms.spec.symbol;
  }

  @Field(() => ExecTypeEnum, { description: 'What this report tells; FIX tag 150.' })
  get execType(): ExecType {
    return this.source.report.execType;
  }

  @Field(() => OrdStatusEnum, { description: 'State of the order after it; FIX tag 39.' })
  get ordStatus(): OrdStatus {
    return this.source.report.ordStatus;
  }

  @Field(() => SideEnum, { description: 'Side of the order; FIX tag 54.' })
  get side(): Side {
    return this.source.report.side;
  }

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Price of this trade, quote currency per unit; null unless TRADE; FIX tag 31.',
  })
  get lastPx(): string | null {
    return nullable(this.source.report.lastPxTicks, this.source.terms, formatPrice);
  }

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Quantity of this trade, base asset; null unless TRADE; FIX tag 32.',
  })
  get lastQty(): string | null {
    return nullable(this.source.report.lastQtyLots, this.source.terms, formatQty);
  }

  @Field(() => DecimalScalar, { description: 'Quantity filled so far, base asset; FIX tag 14.' })
  get cumQty(): string {
    return formatQty(this.source.terms, this.source.report.cumQtyLots);
  }

  @Field(() => DecimalScalar, {
    description: 'Quantity still open, base asset; 0 once the order is finished; FIX tag 151.',
  })
  get leavesQty(): string {
    return formatQty(this.source.terms, this.source.report.leavesQtyLots);
  }

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'Average price of what is filled so far, quote currency per unit; null before the first fill; FIX tag 6.',
  })
  get avgPx(): string | null {
    return formatAvgPx(this.source.terms, this.source.report.cumNotionalUnits, this.source.report.cumQtyLots);
  }

  @Field(() => OrdRejReasonEnum, {
    nullable: true,
    description: 'Why the order was refused; null unless REJECTED; FIX tag 103.',
  })
  get ordRejReason(): OrdRejReason | null {
    return this.source.report.ordRejReason;
  }

  @Field(() => String, {
    nullable: true,
    description: 'Why, in one sentence, where there is something to explain; FIX tag 58.',
  })
  get text(): string | null {
    return this.source.report.text;
  }

  @Field(() => DateTimeScalar, { description: 'Engine time of the event; FIX tag 60.' })
  get transactTime(): number {
    return this.source.report.timeUs;
  }
}

@ObjectType({ description: 'One trade as one of its two orders sees it.' })
export class Fill {
  constructor(private readonly source: ReportSource) {}

  @Field(() => CursorScalar, { description: "Position in the account's stream, to resume just behind this fill." })
  get cursor(): string {
    return encodeStreamCursor(this.source.report.sequence, this.source.report.leg);
  }

  @Field(() => ID, { description: 'Unique id of the execution report that tells this fill; FIX tag 17.' })
  get execId(): string {
    return execIdOf(this.source.report);
  }

  @Field(() => ID, { description: 'The trade, the same for both of its orders; FIX tag 1003.' })
  get tradeId(): string {
    return String(this.source.report.tradeId);
  }

  @Field(() => ID, { description: 'The order; FIX tag 37.' })
  get orderId(): string {
    return String(this.source.report.orderId);
  }

  @Field(() => ID, {
    nullable: true,
    description: "The client's own id of the order; null where none was given; FIX tag 11.",
  })
  get clOrdId(): string | null {
    return this.source.report.clOrdId;
  }

  @Field(() => ID, { description: 'The account of the order; FIX tag 1.' })
  get accountId(): string {
    return this.source.accountId;
  }

  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  get symbol(): string {
    return this.source.terms.spec.symbol;
  }

  @Field(() => SideEnum, { description: 'Side of the order; FIX tag 54.' })
  get side(): Side {
    return this.source.report.side;
  }

  @Field(() => DecimalScalar, { description: 'Price of the trade, quote currency per unit; FIX tag 31.' })
  get lastPx(): string {
    return formatPrice(this.source.terms, told(this.source.report.lastPxTicks));
  }

  @Field(() => DecimalScalar, { description: 'Quantity of the trade, base asset; FIX tag 32.' })
  get lastQty(): string {
    return formatQty(this.source.terms, told(this.source.report.lastQtyLots));
  }

  @Field(() => DecimalScalar, { description: 'Quantity of the order still open after it, base asset; FIX tag 151.' })
  get leavesQty(): string {
    return formatQty(this.source.terms, this.source.report.leavesQtyLots);
  }

  @Field(() => DecimalScalar, {
    description: 'Fee of this side of the trade, quote currency; negative is a rebate; FIX tag 137.',
  })
  get fee(): string {
    return formatQuote(this.source.terms, told(this.source.report.feeUnits));
  }

  @Field(() => Boolean, { description: 'True where the order rested and the other side came to it; FIX tag 851.' })
  get maker(): boolean {
    return this.source.report.maker === true;
  }

  @Field(() => DateTimeScalar, { description: 'Engine time of the trade; FIX tag 60.' })
  get transactTime(): number {
    return this.source.report.timeUs;
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'Sent in place of the events between two cursors when they can no longer be delivered; never silent.',
})
export class StreamGap {
  @Field(() => CursorScalar, {
    nullable: true,
    description: 'Cursor behind which events are missing, as it was given.',
  })
  readonly after: string | null;

  @Field(() => CursorScalar, { description: 'Cursor of the last missing event: the stream goes on just behind it.' })
  readonly cursor: string;

  @Field(() => String, { description: 'Why they are missing, in one sentence.' })
  readonly reason: string;

  constructor(after: string | null, cursor: string, reason: string) {
    this.after = after;
    this.cursor = cursor;
    this.reason = reason;
  }
}

export const FillEvent = createUnionType({
  name: 'FillEvent',
  description: "What a subscription to an account's fills delivers.",
  types: () => [Fill, StreamGap] as const,
});

export const ExecutionReportEvent = createUnionType({
  name: 'ExecutionReportEvent',
  description: "What a subscription to an account's execution reports delivers.",
  types: () => [ExecutionReport, StreamGap] as const,
});

@ObjectType({ simpleResolvers: true, description: 'One execution report in a page.' })
export class ExecutionReportEdge {
  @Field(() => String, { description: 'Position in the list, to go on just behind it.' })
  readonly cursor: string;

  @Field(() => ExecutionReport, { description: 'The execution report.' })
  readonly node: ExecutionReport;
}

@ObjectType({ simpleResolvers: true, description: 'A page of execution reports, oldest first.' })
export class ExecutionReportConnection {
  @Field(() => [ExecutionReportEdge], { description: 'The reports of the page.' })
  readonly edges: readonly ExecutionReportEdge[];

  @Field(() => PageInfo, { description: 'Where the page lies in the list.' })
  readonly pageInfo: PageInfo;
}

function execIdOf(report: ExecutionReportFields): string {
  return `${report.sequence}-${report.leg}`;
}

function nullable(
  value: number | null,
  terms: InstrumentTerms,
  print: (terms: InstrumentTerms, value: number) => string,
): string | null {
  return value === null ? null : print(terms, value);
}

/** Values that every TRADE report has. */
function told(value: number | null): number {
  if (value === null) throw new TypeError('a fill was made of a report that is no trade');
  return value;
}
