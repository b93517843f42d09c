/**
 * TWAP and VWAP: one parent order worked in slices over a time, by a schedule of weights (Almgren & Chriss 2000 with linear
 * cost; equal weights for TWAP, a volume profile for VWAP).
 *
 * Each slice is sent at a moment within its interval that the seed chooses, so that the schedule cannot be read from outside.
 * What the schedule has called for and is not done is sent as immediate orders at the opposite best price plus the slippage,
 * never above `participationCap` of what the market has traded since it was started last (own trades left out), where a cap is
 * set, and never beyond the limit price. What is done is its own position in the direction of the order, and the schedule is
 * that of the first start: a pause or a restart neither repeats nor prolongs the order. The strategy finishes when all is done,
 * or at the end of the time.
 */
import type { CandleInterval, Side } from '../../values/vocabulary.js';
import { Refusals } from '../refusals.js';
import { SeededRandom } from '../seeded-random.js';
import type { Desk, Strategy, StrategyInput } from '../strategy.js';

export interface ScheduledExecutionParameters {
  readonly side: Side;
  /** Base units in total. */
  readonly quantity: number;
  readonly durationS: number;
  readonly slices: number;
  /** Share of the market's volume, above 0 to 1; null = none. */
  readonly participationCap: number | null;
  /** Share of a slice's interval within which its moment is chosen, 0 to 1. */
  readonly randomisation: number;
  readonly seed: number;
  /** Worst price, quote per base; null = none. */
  readonly limitPrice: number | null;
  readonly slippageTicks: number;
  /** Relative volume of equal parts of the time; null = equal. */
  readonly profile: readonly number[] | null;
}

export class ScheduledExecution implements Strategy {
  readonly barInterval: CandleInterval | null = null;
  readonly warmUpBars = 0;
  readonly timerUs = 100_000;
  readonly #random: SeededRandom;
  #startedUs: number | null = null;
  readonly #moments: number[] = [];
  readonly #shares: number[] = [];
  #marketLots = 0;
  #ownLots = 0;
  readonly #refusals = new Refusals();

  constructor(private readonly parameters: ScheduledExecutionParameters) {
    this.#random = new SeededRandom(parameters.seed);
  }

  on(input: StrategyInput, desk: Desk): void {
    switch (input.type) {
      case 'TRADE':
        this.#marketLots += input.qtyLots;
        break;
      case 'FILL':
        this.#ownLots += input.qtyLots;
        this.#refusals.clear();
        break;
      case 'REJECTED':
        this.#refusals.add(desk.timeUs, desk.markets[0]!.facts.symbol, input.reason);
        break;
      case 'TIMER':
        if (this.#startedUs === null) this.#begin(desk);
        this.#work(desk);
        break;
      default:
        break;
    }
  }

  /** Lots done so far. */
  doneLots(desk: Desk): number {
    return desk.markets[0]!.positionLots * (this.parameters.side === 'BUY' ? 1 : -1);
  }

  #begin(desk: Desk): void {
    const { durationS, slices, randomisation } = this.parameters;
    this.#startedUs = desk.startedUs;
    this.#marketLots = 0;
    this.#ownLots = 0;
    const widthUs = (durationS * 1_000_000) / slices;
    let share = 0;
    const weights = this.#weights();
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (let slice = 0; slice < slices; slice += 1) {
      share += weights[slice]! / total;
      this.#shares.push(share);
      this.#moments.push(desk.startedUs + (slice + randomisation * this.#random.next()) * widthUs);
    }
  }

  /** The profile spread over the slices: each slice gets the weight of the part of the time that its middle lies in. */
  #weights(): number[] {
    const { slices, profile } = this.parameters;
    return Array.from({ length: slices }, (_, slice) =>
      profile === null ? 1 : profile[Math.floor(((slice + 0.5) / slices) * profile.length)]!,
    );
  }

  #work(desk: Desk): void {
    const seat = desk.markets[0]!;
    const { facts } = seat;
    const totalLots = Math.round(this.parameters.quantity / facts.lotSize);
    const done = this.doneLots(desk);
    if (totalLots - done < facts.minQtyLots) {
      desk.finish(
        done >= totalLots ? `done: ${done} lots` : `done but for less than an order: ${done} of ${totalLots} lots`,
      );
      return;
    }
    if (desk.timeUs >= this.#startedUs! + this.parameters.durationS * 1_000_000 && this.#pastLast(desk)) {
      desk.finish(`time is up: ${done} of ${totalLots} lots`);
      return;
    }
    const slices = this.#moments.findLastIndex((moment) => moment <= desk.timeUs) + 1;
    if (slices === 0 || seat.orders.length > 0 || seat.status !== 'OPEN' || this.#refusals.waits(desk.timeUs)) return;
    const dueLots = slices === this.#shares.length ? totalLots : Math.floor(totalLots * this.#shares[slices - 1]!);
    this.#send(desk, Math.min(dueLots - done, this.#allowedLots()));
  }

  /** A last slice that came due gets one interval's grace, so that the end of the time does not cut it off. */
  #pastLast(desk: Desk): boolean {
    const { durationS, slices } = this.parameters;
    return desk.timeUs >= this.#startedUs! + (durationS * 1_000_000 * (slices + 1)) / slices;
  }

  #allowedLots(): number {
    const { participationCap } = this.parameters;
    if (participationCap === null) return Number.MAX_SAFE_INTEGER;
    const others = Math.max(0, this.#marketLots - this.#ownLots);
    return Math.floor((others * participationCap) / Math.max(1e-9, 1 - participationCap)) - this.#ownLots;
  }

  #send(desk: Desk, qtyLots: number): void {
    const seat = desk.markets[0]!;
    const { side, limitPrice, slippageTicks } = this.parameters;
    const buys = side === 'BUY';
    const opposite = buys ? seat.askTicks : seat.bidTicks;
    if (qtyLots < seat.facts.minQtyLots || opposite === null) return;
    let priceTicks = opposite + (buys ? slippageTicks : -slippageTicks);
    if (limitPrice !== null) {
      const limit = limitPrice / seat.facts.tickSize;
      priceTicks = buys
        ? Math.min(priceTicks, Math.floor(limit + 1e-9))
        : Math.max(priceTicks, Math.ceil(limit - 1e-9));
      if (buys ? priceTicks < opposite : priceTicks > opposite) return;
    }
    desk.say(`slice of ${qtyLots} lots at ${priceTicks} ticks`);
    desk.place(0, { side, qtyLots, priceTicks, timeInForce: 'IOC' });
  }
}
