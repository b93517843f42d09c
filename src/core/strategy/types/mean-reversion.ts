/**
 * Mean reversion on Bollinger bands (Bollinger 2001): with mean and standard deviation of the last `window` closes, buys below
 * mean − entryBands × σ, sells short (where allowed) above mean + entryBands × σ, closes at the mean, and gives a position up
 * beyond stopBands × σ until the close is within the entry band again.
 */

import { meanOf, standardDeviation } from '../../statistics/descriptive.js';
import type { CandleInterval } from '../../values/vocabulary.js';
import type { Desk, Strategy, StrategyInput } from '../strategy.js';
import { TargetPosition } from '../target-position.js';

export interface MeanReversionParameters {
  readonly interval: CandleInterval;
  readonly window: number;
  readonly entryBands: number;
  readonly stopBands: number;
  /** Base units. */
  readonly orderQty: number;
  readonly allowShort: boolean;
  readonly slippageTicks: number;
}

export class MeanReversion implements Strategy {
  readonly barInterval: CandleInterval;
  readonly warmUpBars: number;
  readonly timerUs = 1_000_000;
  readonly #closes: number[] = [];
  readonly #position: TargetPosition;
  #decided = false;
  #stopped = false;

  constructor(private readonly parameters: MeanReversionParameters) {
    this.barInterval = parameters.interval;
    this.warmUpBars = parameters.window;
    this.#position = new TargetPosition(0, parameters.slippageTicks);
  }

  on(input: StrategyInput, desk: Desk): void {
    if (input.type === 'BAR') this.#bar(input.bar.closeTicks, input.live, desk);
    else if (input.type === 'FILL') this.#position.filled();
    else if (input.type === 'REJECTED') this.#position.refused(desk, input.reason);
    else if (input.type === 'TIMER' && this.#decided) this.#position.pursue(desk);
  }

  #bar(closeTicks: number, live: boolean, desk: Desk): void {
    const { window, entryBands, stopBands, orderQty, allowShort } = this.parameters;
    this.#closes.push(closeTicks);
    if (this.#closes.length > window) this.#closes.shift();
    if (!live || this.#closes.length < window) return;
    const deviation = standardDeviation(this.#closes);
    if (deviation === 0) return;
    const z = (closeTicks - meanOf(this.#closes)) / deviation;
    const lots = Math.round(orderQty / desk.markets[0]!.facts.lotSize);
    const held = this.#decided ? Math.sign(this.#position.targetLots) : Math.sign(desk.markets[0]!.positionLots);
    this.#decided = true;
    if (Math.abs(z) < entryBands) this.#stopped = false;
    let side = held;
    if (held !== 0 && z * held <= -stopBands) {
      side = 0;
      this.#stopped = true;
    } else if (held !== 0 && z * held >= 0) side = 0;
    else if (held === 0 && !this.#stopped && z <= -entryBands && z > -stopBands) side = 1;
    else if (held === 0 && !this.#stopped && z >= entryBands && z < stopBands && allowShort) side = -1;
    this.#position.targetLots = side * lots;
    desk.say(`close ${z.toFixed(2)} σ from the mean: ${['short', 'flat', 'long'][side + 1]}`);
    this.#position.pursue(desk);
  }
}
