/**
 * What strategies share that hold one position, long, short or none, and decide about it at the close of each bar: they say
 * which side, and the position follows by immediate orders.
 */
import type { CandleInterval } from '../../values/vocabulary.js';
import type { Desk, Strategy, StrategyInput } from '../strategy.js';
import { TargetPosition } from '../target-position.js';

export interface DirectionalParameters {
  readonly interval: CandleInterval;
  /** Base units. */
  readonly orderQty: number;
  readonly allowShort: boolean;
  readonly slippageTicks: number;
}

/** −1: short, 0: flat, 1: long. */
export type Direction = -1 | 0 | 1;

export interface Decision {
  readonly direction: Direction;
  /** Why, for people. */
  readonly reason: string;
}

export abstract class Directional implements Strategy {
  readonly barInterval: CandleInterval;
  readonly timerUs = 1_000_000;
  readonly #closes: number[] = [];
  readonly #position: TargetPosition;
  #decided = false;

  /** @param warmUpBars closes that a decision is made from */
  constructor(
    private readonly terms: DirectionalParameters,
    readonly warmUpBars: number,
  ) {
    this.barInterval = terms.interval;
    this.#position = new TargetPosition(0, terms.slippageTicks);
  }

  /**
   * @param closes the last `warmUpBars` closes, ticks, oldest first
   * @param held what it holds or has last decided to hold
   * @returns null to leave things as they are
   */
  protected abstract decide(closes: readonly number[], held: Direction): Decision | null;

  on(input: StrategyInput, desk: Desk): void {
    if (input.type === 'BAR') this.#bar(input.bar.closeTicks, input.live, desk);
    else if (input.type === 'FILL') this.#position.filled();
    else if (input.type === 'REJECTED') this.#position.refused(desk, input.reason);
    else if (input.type === 'TIMER' && this.#decided) this.#position.pursue(desk);
  }

  #bar(closeTicks: number, live: boolean, desk: Desk): void {
    this.#closes.push(closeTicks);
    if (this.#closes.length > this.warmUpBars) this.#closes.shift();
    if (!live || this.#closes.length < this.warmUpBars) return;
    const { facts, positionLots } = desk.markets[0]!;
    const held = Math.sign(this.#decided ? this.#position.targetLots : positionLots) as Direction;
    const decision = this.decide(this.#closes, held);
    if (decision === null) return;
    this.#decided = true;
    this.#position.targetLots = decision.direction * Math.round(this.terms.orderQty / facts.lotSize);
    desk.say(`${decision.reason}: ${['short', 'flat', 'long'][decision.direction + 1]}`);
    this.#position.pursue(desk);
  }
}
