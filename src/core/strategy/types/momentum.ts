/**
 * Time-series momentum (Moskowitz, Ooi & Pedersen 2012): long where the log return over `lookback` closed bars is above the
 * threshold, short (where allowed) below its negative, flat between; decided at each close.
 */
import type { CandleInterval } from '../../values/vocabulary.js';
import type { Desk, Strategy, StrategyInput } from '../strategy.js';
import { TargetPosition } from '../target-position.js';

export interface MomentumParameters {
  readonly interval: CandleInterval;
  readonly lookback: number;
  /** Least return to act on, as a fraction. */
  readonly threshold: number;
  /** Base units. */
  readonly orderQty: number;
  readonly allowShort: boolean;
  readonly slippageTicks: number;
}

export class Momentum implements Strategy {
  readonly barInterval: CandleInterval;
  readonly warmUpBars: number;
  readonly timerUs = 1_000_000;
  readonly #closes: number[] = [];
  readonly #position: TargetPosition;
  #decided = false;

  constructor(private readonly parameters: MomentumParameters) {
    this.barInterval = parameters.interval;
    this.warmUpBars = parameters.lookback + 1;
    this.#position = new TargetPosition(0, parameters.slippageTicks);
  }

  on(input: StrategyInput, desk: Desk): void {
    if (input.type === 'BAR') this.#bar(input.bar.closeTicks, input.live, desk);
    else if (input.type === 'FILL') this.#position.filled();
    else if (input.type === 'REJECTED') this.#position.refused(desk, input.reason);
    else if (input.type === 'TIMER' && this.#decided) this.#position.pursue(desk);
  }

  #bar(closeTicks: number, live: boolean, desk: Desk): void {
    const { lookback, threshold, orderQty, allowShort } = this.parameters;
    this.#closes.push(closeTicks);
    if (this.#closes.length > lookback + 1) this.#closes.shift();
    if (!live || this.#closes.length <= lookback) return;
    const change = Math.log(closeTicks / this.#closes[0]!);
    const lots = Math.round(orderQty / desk.markets[0]!.facts.lotSize);
    const side = change > threshold ? 1 : change < -threshold && allowShort ? -1 : 0;
    this.#decided = true;
    this.#position.targetLots = side * lots;
    desk.say(`return ${(change * 100).toFixed(2)} % over ${lookback} bars: ${['short', 'flat', 'long'][side + 1]}`);
    this.#position.pursue(desk);
  }
}
