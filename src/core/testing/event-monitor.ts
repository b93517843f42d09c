/**
 * What must hold over the stream of events, followed from the first one: what a consumer could prove from events alone.
 *
 * Quantities add up, every trade in continuous trading is at the best price that rests and every trade of an uncross at
 * its one price, and all within both limits, nobody trades with himself
 * who asked not to, money, lots and fees are conserved in every command, and the public book shows no hidden lot.
 */
import type {
  BookLevelChanged,
  ExchangeEvent,
  InstrumentListed,
  OrderEvent,
  OrderFields,
  OrdersTraded,
  TradeLeg,
  TradingStatusChanged,
} from '../exchange/event.js';
import type { Side } from '../values/vocabulary.js';
import { must } from './must.js';

interface Followed {
  fields: OrderFields;
  cum: number;
  leaves: number;
  /** False for a stop that waits for its trigger, an order that waits for the closing auction, an exit that waits for its entry. */
  active: boolean;
  /** False for an exit that waits for its entry. */
  released: boolean;
}

const VENUE = 0;
const isStop = ({ ordType }: OrderFields): boolean => !['LIMIT', 'MARKET'].includes(ordType);
/** An exit that waits for its entry at first. */
const isExit = ({ planLeg, contingency }: OrderFields): boolean =>
  planLeg !== null && planLeg !== 'ENTRY' && contingency !== 'OCO';

export class EventMonitor {
  readonly #orders = new Map<number, Followed>();
  readonly #instruments = new Map<number, InstrumentListed>();
  readonly #phases = new Map<number, Pick<TradingStatusChanged, 'status' | 'auction'>>();
  readonly #assets = new Map<string, number>();
  /** Last values told, by `account/asset` or `account/instrument`. */
  readonly #totals = new Map<string, number>();
  readonly #lots = new Map<string, number>();
  readonly #fees = new Map<string, number>();
  /** Prices in the public book, by `instrument/side`. */
  readonly #prices = new Map<string, Set<number>>();
  /** Margin accounts. */
  readonly #debtors = new Set<number>();
  #sequence = 0;

  /** Follows the events of one command. @throws Error naming the first broken invariant */
  follow(events: readonly ExchangeEvent[]): void {
    for (const event of events) this.#followOne(event);
    this.#checkMoney(events);
    this.#checkPositions(events);
    for (const event of events) if (event.type === 'BookLevelChanged') this.#checkLevel(event);
    this.#checkUncrosses(events);
    for (const [instrument, { status }] of this.#phases) if (status === 'OPEN') this.#checkSpread(instrument);
  }

  #followOne(event: ExchangeEvent): void {
    this.#sequence += 1;
    must(event.sequence === this.#sequence, `sequence ${event.sequence} follows ${this.#sequence - 1}`);
    switch (event.type) {
      case 'AssetRegistered':
        this.#assets.set(event.code, event.asset);
        break;
      case 'InstrumentListed':
        this.#instruments.set(event.instrument, event);
        this.#phases.set(event.instrument, { status: event.status, auction: null });
        break;
      case 'AccountOpened':
        if (event.kind === 'MARGIN') this.#debtors.add(event.account);
        break;
      case 'TradingStatusChanged':
        this.#phase(event);
        break;
      case 'OrdersTraded':
        this.#trade(event);
        break;
      case 'OrderAccepted':
      case 'OrderRejected':
      case 'OrderCanceled':
      case 'OrderExpired':
      case 'OrderReplaced':
      case 'OrderRestated':
      case 'OrderTriggered':
        this.#order(event);
        break;
      default:
    }
  }

  #phase({ instrument, status, auction }: TradingStatusChanged): void {
    this.#phases.set(instrument, { status, auction });
    for (const order of this.#orders.values()) {
      const { fields } = order;
      if (fields.instrument === instrument && fields.timeInForce === 'AT_THE_CLOSE')
        order.active = auction === 'CLOSING';
    }
  }

  #order(event: OrderEvent): void {
    const { orderId, ordStatus, orderQtyLots: all, cumQtyLots: cum, leavesQtyLots: leaves } = event;
    const told = `${event.type} of order ${orderId}: ${cum} + ${leaves} of ${all}, ${ordStatus}`;
    const before = this.#orders.get(orderId);
    if (ordStatus === 'NEW' || ordStatus === 'PARTIALLY_FILLED') {
      must(leaves > 0 && cum >= 0 && cum + leaves === all, told);
      must(cum > 0 === (ordStatus === 'PARTIALLY_FILLED'), told);
      must((event.type === 'OrderAccepted') === (before === undefined), `${told}: accepted twice or never`);
      must(cum === (before?.cum ?? 0), `${told}: it was filled ${before?.cum}`);
      const isRelease = event.type === 'OrderRestated' && event.reason === 'LINKED_ORDER';
      const held = isExit(event) && !(before?.released === true || isRelease);
      const begins = event.type === 'OrderTriggered' || this.#isActiveAtOnce(event);
      const active = before?.active === true || (begins && !held);
      this.#orders.set(orderId, { fields: event, cum, leaves, active, released: !held });
    } else {
      must(leaves === 0, told);
      must(event.type === 'OrderRejected' || before !== undefined, `${told}: it ended without having worked`);
      this.#orders.delete(orderId);
    }
  }

  #trade(event: OrdersTraded): void {
    const { instrument, priceTicks: price, qtyLots: lots, aggressorSide, takerSide } = event;
    must(lots > 0, `trade ${event.tradeId} of ${lots} lots`);
    const maker = this.#leg(event, event.maker);
    const taker = this.#leg(event, event.taker);
    must(taker.fields.side === takerSide && maker.fields.side !== takerSide, `trade ${event.tradeId}: sides`);
    if (maker.fields.account === taker.fields.account) {
      const modes = [taker, ...(aggressorSide === 'NONE' ? [maker] : [])].map((leg) => leg.fields.selfTradePrevention);
      must(
        modes.includes('NONE'),
        `trade ${event.tradeId}: account ${taker.fields.account} trades with itself under ${modes}`,
      );
    }
    if (aggressorSide === 'NONE') {
      must(this.#phases.get(instrument)?.status !== 'OPEN', `trade ${event.tradeId}: uncrossed while open`);
      this.#forget(event);
      return;
    }
    must(this.#phases.get(instrument)?.status === 'OPEN', `trade ${event.tradeId} while not open`);
    must(
      maker.fields.priceTicks === price,
      `trade ${event.tradeId} at ${price}, the maker asks ${maker.fields.priceTicks}`,
    );
    for (const { fields, active, leaves } of this.#orders.values()) {
      if (fields.instrument !== instrument || fields.side === takerSide || !active || leaves === 0) continue;
      if (fields.priceTicks === null) continue;
      const distance = takerSide === 'BUY' ? price - fields.priceTicks : fields.priceTicks - price;
      must(distance <= 0, `trade ${event.tradeId} at ${price} passes order ${fields.orderId} at ${fields.priceTicks}`);
    }
    this.#forget(event);
  }

  #forget({ maker, taker }: OrdersTraded): void {
    for (const { orderId } of [maker, taker]) if (this.#orders.get(orderId)?.leaves === 0) this.#orders.delete(orderId);
  }

  #isActiveAtOnce(fields: OrderFields): boolean {
    if (fields.timeInForce === 'AT_THE_CLOSE') return this.#phases.get(fields.instrument)?.auction === 'CLOSING';
    return !isStop(fields);
  }

  /** The trades of an uncross have one price, and their lots are what the auction's end tells. */
  #checkUncrosses(events: readonly ExchangeEvent[]): void {
    const trades = events.filter((event) => event.type === 'OrdersTraded' && event.aggressorSide === 'NONE');
    for (const end of events) {
      if (end.type !== 'AuctionEnded') continue;
      let lots = 0;
      for (const trade of trades) {
        if (trade.type !== 'OrdersTraded' || trade.instrument !== end.instrument) continue;
        must(
          trade.priceTicks === end.priceTicks,
          `trade ${trade.tradeId}: ${trade.priceTicks} in an uncross at ${end.priceTicks}`,
        );
        lots += trade.qtyLots;
      }
      must(lots === end.qtyLots, `an uncross of ${end.qtyLots} lots traded ${lots}`);
      // An opening auction that ends with the session is called off: what gathered waits, crossed, for the next uncross,
      // which precedes every OPEN. Exits that follow what the uncross filled come after it, and wait likewise.
      const isCalledOff = end.auction === 'OPENING' && this.#phases.get(end.instrument)?.status === 'CLOSED';
      // A stop that the open released may have tripped a breaker: then the rest gathers already for the next auction.
      const isHalted = this.#phases.get(end.instrument)?.status === 'HALTED';
      if (!isCalledOff && !isHalted) this.#checkUncrossed(end.instrument, followersIn(events));
    }
    const hasEnd = events.some(({ type }) => type === 'AuctionEnded');
    must(trades.length === 0 || hasEnd, 'trades of an uncross without its end');
  }

  #leg({ tradeId, qtyLots, priceTicks, takerSide }: OrdersTraded, leg: TradeLeg): Followed {
    const order = this.#orders.get(leg.orderId);
    if (order === undefined)
      throw new Error(`invariant broken: trade ${tradeId} of order ${leg.orderId}, which does not work`);
    order.cum += qtyLots;
    order.leaves -= qtyLots;
    const told = `trade ${tradeId}, order ${leg.orderId}: ${leg.cumQtyLots} + ${leg.leavesQtyLots}, ${leg.ordStatus}`;
    must(leg.cumQtyLots === order.cum && leg.leavesQtyLots === order.leaves && order.leaves >= 0, told);
    must(leg.ordStatus === (order.leaves === 0 ? 'FILLED' : 'PARTIALLY_FILLED'), told);
    const { side, priceTicks: limit } = order.fields;
    const within = limit === null || (side === 'BUY' ? priceTicks <= limit : priceTicks >= limit);
    must(within, `${told}: ${side} ${limit} traded at ${priceTicks} against ${takerSide}`);
    return order;
  }

  /** Balances change by what was put in or taken out, and the venue's by the fees. */
  #checkMoney(events: readonly ExchangeEvent[]): void {
    const owed = new Map<number, number>();
    const venueOwed = new Map<number, number>();
    let venueActs = false;
    for (const event of events) {
      if (event.type === 'BalanceAdjusted' && !event.duplicate) {
        add(owed, event.asset, -event.amountUnits);
        venueActs ||= event.account === VENUE;
      } else if (event.type === 'OrdersTraded') {
        const quote = this.#assets.get(this.#instruments.get(event.instrument)?.spec.quoteAsset ?? '') ?? -1;
        add(venueOwed, quote, -(event.maker.feeUnits + event.taker.feeUnits));
        venueActs ||= event.maker.account === VENUE || event.taker.account === VENUE;
      }
    }
    for (const event of events) {
      if (event.type !== 'BalanceUpdated') continue;
      must(
        event.heldUnits >= 0 && (event.heldUnits <= event.totalUnits || this.#debtors.has(event.account)),
        `held ${event.heldUnits} of ${event.totalUnits}`,
      );
      const change = replace(this.#totals, `${event.account}/${event.asset}`, event.totalUnits);
      add(owed, event.asset, change);
      if (event.account === VENUE) add(venueOwed, event.asset, change);
    }
    for (const [asset, units] of owed) must(units === 0, `asset ${asset}: ${units} units came from nowhere`);
    if (venueActs) return;
    for (const [asset, units] of venueOwed)
      must(units === 0, `asset ${asset}: the venue has ${units} more than the fees`);
  }

  /** Lots change hands, and positions show the fees of their trades; a transfer brings lots from outside. */
  #checkPositions(events: readonly ExchangeEvent[]): void {
    const lots = new Map<number, number>();
    const fees = new Map<number, number>();
    for (const event of events) {
      if (event.type === 'OrdersTraded') add(fees, event.instrument, -(event.maker.feeUnits + event.taker.feeUnits));
      if (event.type !== 'PositionUpdated') continue;
      const key = `${event.account}/${event.instrument}`;
      add(lots, event.instrument, replace(this.#lots, key, event.qtyLots));
      add(fees, event.instrument, replace(this.#fees, key, event.feesUnits));
      must(event.qtyLots !== 0 || event.costUnits === 0, 'a flat position has a cost');
    }
    for (const [instrument, units] of fees) must(units === 0, `instrument ${instrument}: fees differ by ${units}`);
    if (events.some((event) => event.type === 'BalanceAdjusted')) return;
    for (const [instrument, qty] of lots) must(qty === 0, `instrument ${instrument}: ${qty} lots came from nowhere`);
  }

  #checkLevel({ instrument, side, priceTicks, qtyLots, orderCount }: BookLevelChanged): void {
    let [count, mayShow] = [0, 0];
    for (const { fields, active, leaves } of this.#orders.values()) {
      if (!active || fields.instrument !== instrument || fields.side !== side || fields.priceTicks !== priceTicks)
        continue;
      count += 1;
      mayShow += Math.min(leaves, fields.displayQtyLots ?? leaves);
    }
    const prices = this.#pricesOf(instrument, side);
    if (qtyLots > 0) prices.add(priceTicks);
    else prices.delete(priceTicks);
    const told = `${side} ${priceTicks}: the book shows ${qtyLots} in ${orderCount} orders`;
    must(orderCount === count && qtyLots >= count && qtyLots <= mayShow, `${told}, ${count} may show ${mayShow}`);
  }

  #checkSpread(instrument: number): void {
    const bid = Math.max(...this.#pricesOf(instrument, 'BUY'));
    const ask = Math.min(...this.#pricesOf(instrument, 'SELL'));
    must(bid < ask, `book ${instrument} is crossed at rest: ${bid} and ${ask}`);
  }

  /** As checkSpread, for what took part in an uncross. */
  #checkUncrossed(instrument: number, except: ReadonlySet<number>): void {
    const best = { BUY: Number.NEGATIVE_INFINITY, SELL: Number.POSITIVE_INFINITY };
    for (const [orderId, { fields, active }] of this.#orders) {
      const { side, priceTicks: price } = fields;
      if (!active || fields.instrument !== instrument || price === null || except.has(orderId)) continue;
      best[side] = side === 'BUY' ? Math.max(best.BUY, price) : Math.min(best.SELL, price);
    }
    must(best.BUY < best.SELL, `what uncrossed in ${instrument} still crosses: ${best.BUY} and ${best.SELL}`);
  }

  #pricesOf(instrument: number, side: Side): Set<number> {
    const key = `${instrument}/${side}`;
    const found = this.#prices.get(key) ?? new Set();
    this.#prices.set(key, found);
    return found;
  }
}

/** Exits that followed a fill in the command. */
function followersIn(events: readonly ExchangeEvent[]): ReadonlySet<number> {
  return new Set(
    events.flatMap((event) =>
      event.type === 'OrderRestated' && event.reason === 'LINKED_ORDER' && isExit(event) ? [event.orderId] : [],
    ),
  );
}

function add(sums: Map<number, number>, key: number, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount);
}

/** Stores a value and returns by how much it changed. */
function replace(values: Map<string, number>, key: string, value: number): number {
  const change = value - (values.get(key) ?? 0);
  values.set(key, value);
  return change;
}
