/**
 * Moves a position to a target by immediate orders at the opposite best price plus a tolerated slippage, so that nothing is
 * left resting. One order at a time; after a refusal it waits, and after too many in a row it gives up.
 */
import { Refusals } from './refusals.js';
import type { Desk } from './strategy.js';

export class TargetPosition {
  /** Signed lots wanted. */
  targetLots = 0;
  readonly #refusals = new Refusals();

  /**
   * @param market position of the market at the desk
   * @param slippageTicks ticks beyond the best opposite price that an order may trade at; null = at market
   */
  constructor(
    readonly market: number,
    public slippageTicks: number | null,
  ) {}

  /** Lots that are missing, signed. */
  missingLots(desk: Desk): number {
    return this.targetLots - desk.markets[this.market]!.positionLots;
  }

  /** Sends what is missing, where nothing is on its way. @param mostLots most of one order */
  pursue(desk: Desk, mostLots = Number.MAX_SAFE_INTEGER): void {
    const seat = desk.markets[this.market]!;
    const missing = this.missingLots(desk);
    if (missing === 0 || seat.orders.length > 0 || seat.status !== 'OPEN' || this.#refusals.waits(desk.timeUs)) return;
    const buys = missing > 0;
    const opposite = buys ? seat.askTicks : seat.bidTicks;
    if (opposite === null) return;
    const reach = this.slippageTicks;
    const wanted = reach === null ? null : opposite + (buys ? reach : -reach);
    const { minPriceTicks, maxPriceTicks } = seat.facts;
    const priceTicks = wanted === null ? null : Math.min(maxPriceTicks, Math.max(minPriceTicks, wanted));
    desk.place(this.market, {
      side: buys ? 'BUY' : 'SELL',
      qtyLots: Math.min(Math.abs(missing), mostLots),
      priceTicks,
      timeInForce: 'IOC',
    });
  }

  filled(): void {
    this.#refusals.clear();
  }

  /** @throws Error after MAX_REFUSALS in a row, with the last reason */
  refused(desk: Desk, reason: string): void {
    this.#refusals.add(desk.timeUs, desk.markets[this.market]!.facts.symbol, reason);
  }
}
