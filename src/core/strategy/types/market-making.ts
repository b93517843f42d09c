/**
 * Market making by Avellaneda & Stoikov (2008), eqs. 29 and 30, over a rolling horizon.
 *
 * Each refresh: volatility of the mid (exponentially weighted, per √s) and the decay κ of order arrival with distance are
 * estimated from what was seen (κ = 1 ÷ mean distance of trades from the mid, the maximum-likelihood estimate of an exponential
 * law), or taken from the parameters; then the reservation price and the spread, several levels a side. Quotes are post-only,
 * never wider on the inventory's side than its limit allows, and are left where they are within the tolerance, so that they
 * keep their place in the queue. The mid is that of everybody else: its own quotes never move it. Without an estimate, or where
 * others do not quote both sides, it does not quote. A side that is refused waits; one that is refused too often in a row ends it.
 */
import type { OrdRejReason, Side } from '../../values/vocabulary.js';
import { Refusals } from '../refusals.js';
import type { Desk, DeskMarket, DeskOrder, Strategy, StrategyInput } from '../strategy.js';
import { optimalSpread, reservationPrice } from './avellaneda-stoikov.js';

export interface MarketMakingParameters {
  /** Base units quoted a level. */
  readonly orderQty: number;
  readonly gamma: number;
  readonly horizonS: number;
  readonly levels: number;
  readonly levelSpacingTicks: number;
  readonly minSpreadTicks: number;
  readonly refreshToleranceTicks: number;
  readonly refreshMs: number;
  readonly targetInventory: number;
  /** Greatest distance of the inventory from the target, base units. */
  readonly maxInventory: number;
  /** Quote currency per √s; null = estimated. */
  readonly sigma: number | null;
  /** Per quote currency; null = estimated. */
  readonly kappa: number | null;
  /** Half-life of the estimates, seconds. */
  readonly estimateHalfLifeS: number;
}

/** Observations before an estimate counts. */
const LEAST_OBSERVATIONS = 10;
/** The price has moved on the way: the next look at the market mends it. */
const MOVED: OrdRejReason = 'POST_ONLY_WOULD_TAKE';
const SIDES: readonly Side[] = ['BUY', 'SELL'];
/** Of a count of lots that is worked out in floats. */
const NOISE = 1e-9;

interface Quote {
  readonly priceTicks: number;
  readonly qtyLots: number;
}

export class MarketMaking implements Strategy {
  readonly barInterval = null;
  readonly warmUpBars = 0;
  readonly timerUs: number;
  readonly #keep: number;
  #variance = 0;
  #varianceCount = 0;
  #lastMid: number | null = null;
  #distance = 0;
  #distanceCount = 0;
  readonly #refusals: Readonly<Record<Side, Refusals>> = { BUY: new Refusals(), SELL: new Refusals() };

  constructor(private readonly parameters: MarketMakingParameters) {
    this.timerUs = parameters.refreshMs * 1_000;
    this.#keep = 0.5 ** (parameters.refreshMs / 1_000 / parameters.estimateHalfLifeS);
  }

  on(input: StrategyInput, desk: Desk): void {
    const seat = desk.markets[0]!;
    if (input.type === 'TRADE') this.#seeTrade(input.priceTicks, seat);
    else if (input.type === 'TIMER') this.#refresh(desk, seat);
    else if (input.type === 'FILL') this.#quote(desk, seat);
    else if (input.type === 'ACCEPTED') this.#refusals[input.side].clear();
    else if (input.type === 'REJECTED' && input.reason !== MOVED) {
      this.#refusals[input.side].add(desk.timeUs, seat.facts.symbol, input.reason);
    }
  }

  /** Estimated or given standard deviation of the mid, quote currency per √s; null while it is not known. */
  get sigma(): number | null {
    if (this.parameters.sigma !== null) return this.parameters.sigma;
    return this.#varianceCount < LEAST_OBSERVATIONS ? null : Math.sqrt(this.#variance);
  }

  /** Estimated or given decay of arrivals with distance, per quote currency; null while it is not known. */
  get kappa(): number | null {
    if (this.parameters.kappa !== null) return this.parameters.kappa;
    return this.#distanceCount < LEAST_OBSERVATIONS ? null : 1 / this.#distance;
  }

  #seeTrade(priceTicks: number, seat: DeskMarket): void {
    const mid = this.#lastMid;
    if (mid === null) return;
    // Half a tick at least: a trade at the mid of a coarse grid would say that arrivals never decay.
    const distance = Math.max(Math.abs(priceTicks - mid), 0.5) * seat.facts.tickSize;
    const weight = this.#distanceCount < LEAST_OBSERVATIONS ? 1 / (this.#distanceCount + 1) : 0.02;
    this.#distance += weight * (distance - this.#distance);
    this.#distanceCount += 1;
  }

  #refresh(desk: Desk, seat: DeskMarket): void {
    const mid = midOf(seat);
    if (mid !== null && this.#lastMid !== null) {
      const change = (mid - this.#lastMid) * seat.facts.tickSize;
      const perSecond = (change * change) / (this.parameters.refreshMs / 1_000);
      const weight = this.#varianceCount < LEAST_OBSERVATIONS ? 1 / (this.#varianceCount + 1) : 1 - this.#keep;
      this.#variance += weight * (perSecond - this.#variance);
      this.#varianceCount += 1;
    }
    this.#lastMid = mid;
    this.#quote(desk, seat);
  }

  #quote(desk: Desk, seat: DeskMarket): void {
    const mid = midOf(seat);
    const { sigma, kappa } = this;
    if (mid === null || sigma === null || kappa === null || seat.status !== 'OPEN') {
      for (const order of seat.orders) desk.cancel(0, order);
      return;
    }
    const { parameters } = this;
    const { tickSize, lotSize } = seat.facts;
    const inventory = seat.positionLots * lotSize - parameters.targetInventory;
    const center = reservationPrice(mid * tickSize, inventory, parameters.gamma, sigma, parameters.horizonS) / tickSize;
    const spread = optimalSpread(parameters.gamma, sigma, parameters.horizonS, kappa) / tickSize;
    const half = Math.max(spread, parameters.minSpreadTicks) / 2;
    for (const side of SIDES) {
      const first = side === 'BUY' ? center - half : center + half;
      const roomLots = this.#roomLots(seat, side, inventory);
      this.#move(desk, seat, side, this.#quotes(seat, side, first, roomLots), roomLots);
    }
    const spreadTicks = (2 * half).toFixed(1);
    desk.say(`reservation ${center.toFixed(1)} ticks, spread ${spreadTicks} ticks, inventory ${inventory}`);
  }

  /** Lots of one side that may work at once, so that the inventory keeps to its limit when all of them fill. */
  #roomLots(seat: DeskMarket, side: Side, inventory: number): number {
    const room = this.parameters.maxInventory + (side === 'BUY' ? -inventory : inventory);
    return Math.floor(room / seat.facts.lotSize + NOISE);
  }

  #quotes(seat: DeskMarket, side: Side, first: number, roomLots: number): Quote[] {
    const { levels, levelSpacingTicks } = this.parameters;
    const { minPriceTicks, maxPriceTicks, minQtyLots } = seat.facts;
    const buys = side === 'BUY';
    let room = roomLots;
    const quotes: Quote[] = [];
    for (let level = 0; level < levels && room >= minQtyLots; level += 1) {
      const wanted = buys
        ? Math.floor(first - level * levelSpacingTicks)
        : Math.ceil(first + level * levelSpacingTicks);
      const priceTicks = buys ? Math.min(wanted, seat.askTicks! - 1) : Math.max(wanted, seat.bidTicks! + 1);
      if (priceTicks < minPriceTicks || priceTicks > maxPriceTicks) break;
      const qtyLots = Math.min(room, this.#orderLots(seat));
      if (quotes.some((quote) => quote.priceTicks === priceTicks)) continue;
      quotes.push({ priceTicks, qtyLots });
      room -= qtyLots;
    }
    return quotes;
  }

  /**
   * Brings one side's orders to the quotes, best first; what is near enough stays. An order is placed or made larger only by
   * what the limit leaves beside all that works and all that is on its way; where that is too little, the orders behind it
   * give back what is beyond their quote first.
   */
  #move(desk: Desk, seat: DeskMarket, side: Side, quotes: readonly Quote[], roomLots: number): void {
    const waits = this.#refusals[side].waits(desk.timeUs);
    const sign = side === 'BUY' ? -1 : 1;
    const orders = seat.orders
      .filter((order) => order.side === side)
      .sort((a, b) => sign * ((a.priceTicks ?? 0) - (b.priceTicks ?? 0)));
    let spare = orders.reduce((left, order) => left - this.#mostLots(seat, order), roomLots);
    let isShort = false;
    for (let rank = 0; rank < Math.max(orders.length, quotes.length); rank += 1) {
      const quote = quotes[rank];
      const order = orders[rank];
      if (quote === undefined) desk.cancel(0, order!);
      else if (waits) continue;
      else {
        const before = order?.leavesLots ?? 0;
        const qtyLots = Math.min(quote.qtyLots, before + Math.max(0, spare));
        const isTooLarge = isShort && before > qtyLots;
        isShort ||= qtyLots < quote.qtyLots;
        if (order === undefined) this.#place(desk, seat, side, { ...quote, qtyLots });
        else if (order.settled && (isTooLarge || this.#isOff(order, { ...quote, qtyLots }))) {
          desk.replace(0, order, this.#isAway(order, quote) ? quote.priceTicks : order.priceTicks!, qtyLots);
        } else continue;
        spare -= Math.max(0, qtyLots - before);
      }
    }
  }

  #place(desk: Desk, seat: DeskMarket, side: Side, { priceTicks, qtyLots }: Quote): void {
    if (qtyLots < seat.facts.minQtyLots) return;
    desk.place(0, { side, qtyLots, priceTicks, timeInForce: 'GTC', postOnly: true });
  }

  /** Most lots that an order works, or comes to once what is on its way has arrived. */
  #mostLots(seat: DeskMarket, { settled, leavesLots }: DeskOrder): number {
    return settled ? leavesLots : Math.max(leavesLots, this.#orderLots(seat));
  }

  #orderLots({ facts }: DeskMarket): number {
    return Math.round(this.parameters.orderQty / facts.lotSize);
  }

  #isOff(order: DeskOrder, quote: Quote): boolean {
    return this.#isAway(order, quote) || order.leavesLots < quote.qtyLots / 2;
  }

  #isAway(order: DeskOrder, quote: Quote): boolean {
    return Math.abs((order.priceTicks ?? 0) - quote.priceTicks) > this.parameters.refreshToleranceTicks;
  }
}

/** Mid of everybody else, ticks. */
function midOf(seat: DeskMarket): number | null {
  const [bid, ask] = [seat.othersBestTicks('BUY'), seat.othersBestTicks('SELL')];
  return bid === null || ask === null ? null : (bid + ask) / 2;
}
