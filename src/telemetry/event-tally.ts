/**
 * Counts what the exchange did, off its event stream: events by type, refusals by rule, the size of each book.
 *
 * Totals count from the start of the process. Memory: one entry a price level and account that trades.
 */
import type { BookLevelChanged, ExchangeEvent, ExchangeEventType, RequestRejected } from '../core/exchange/event.js';
import type { OrdRejReason, Side, TradingStatus } from '../core/values/vocabulary.js';
import type { EventBatch, EventConsumer } from '../ports/event-feed.js';

/** Request that a refusal answers. */
export type RefusedRequest = 'PlaceOrder' | RequestRejected['request'];

/** One side of a book as the public sees it. */
export interface BookSideSize {
  levels: number;
  /** Orders in these levels. */
  orders: number;
}

class InstrumentTally {
  readonly BUY: BookSideSize = { levels: 0, orders: 0 };
  readonly SELL: BookSideSize = { levels: 0, orders: 0 };
  /** Orders of each level, by price. */
  readonly #orders: Readonly<Record<Side, Map<number, number>>> = { BUY: new Map(), SELL: new Map() };

  constructor(
    readonly symbol: string,
    public status: TradingStatus,
  ) {}

  level({ side, priceTicks, qtyLots, orderCount }: BookLevelChanged): void {
    const levels = this.#orders[side];
    const before = levels.get(priceTicks) ?? 0;
    if (qtyLots === 0) levels.delete(priceTicks);
    else levels.set(priceTicks, orderCount);
    this[side].levels = levels.size;
    this[side].orders += (qtyLots === 0 ? 0 : orderCount) - before;
  }
}

export class EventTally implements EventConsumer {
  readonly eventsByType = new Map<ExchangeEventType, number>();
  /** `reason` → request → refusals. */
  readonly rejections = new Map<OrdRejReason, Map<RefusedRequest, number>>();
  #instruments: InstrumentTally[] = [];
  readonly #killed = new Set<number>();

  /** Instruments in the order of their listing. */
  get instruments(): readonly InstrumentTally[] {
    return this.#instruments;
  }

  /** Accounts whose kill switch is engaged. */
  get engagedKillSwitches(): number {
    return this.#killed.size;
  }

  reset(image: readonly ExchangeEvent[]): void {
    this.#instruments = [];
    this.#killed.clear();
    for (const event of image) this.#follow(event);
  }

  apply({ events }: EventBatch): void {
    for (const event of events) {
      this.eventsByType.set(event.type, (this.eventsByType.get(event.type) ?? 0) + 1);
      if (event.type === 'OrderRejected') this.#refuse(event.reason, 'PlaceOrder');
      else if (event.type === 'RequestRejected') this.#refuse(event.reason, event.request);
      else this.#follow(event);
    }
  }

  /** What the state is made of. */
  #follow(event: ExchangeEvent): void {
    switch (event.type) {
      case 'BookLevelChanged':
        this.#instruments[event.instrument]?.level(event);
        break;
      case 'InstrumentListed':
        this.#instruments[event.instrument] = new InstrumentTally(event.spec.symbol, event.status);
        break;
      case 'TradingStatusChanged': {
        const tally = this.#instruments[event.instrument];
        if (tally !== undefined) tally.status = event.status;
        break;
      }
      case 'KillSwitchSet':
        if (event.account === null) break;
        if (event.engaged) this.#killed.add(event.account);
        else this.#killed.delete(event.account);
        break;
    }
  }

  #refuse(reason: OrdRejReason, request: RefusedRequest): void {
    let byRequest = this.rejections.get(reason);
    if (byRequest === undefined) {
      byRequest = new Map();
      this.rejections.set(reason, byRequest);
    }
    byRequest.set(request, (byRequest.get(request) ?? 0) + 1);
  }
}
