/**
 * Mean reversion on Bollinger bands (Bollinger 2001): with mean and standard deviation of the last `window` closes, buys below
 * mean − entryBands × σ, sells short (where allowed) above mean + entryBands × σ, closes at the mean, and gives a position up
 * beyond stopBands × σ until the close is within the entry band again.
 */
import { meanOf, standardDeviation } from '../../statistics/descriptive.js';
import { type Decision, type Direction, Directional, type DirectionalParameters } from './directional.js';

export interface MeanReversionParameters extends DirectionalParameters {
  readonly window: number;
  readonly entryBands: number;
  readonly stopBands: number;
}

export class MeanReversion extends Directional {
  #stopped = false;

  constructor(private readonly parameters: MeanReversionParameters) {
    super(parameters, parameters.window);
  }

  protected decide(closes: readonly number[], held: Direction): Decision | null {
    const deviation = standardDeviation(closes);
    if (deviation === 0) return null;
    const z = (closes[closes.length - 1]! - meanOf(closes)) / deviation;
    return { direction: this.#directionAt(z, held), reason: `close ${z.toFixed(2)} σ from the mean` };
  }

  #directionAt(z: number, held: Direction): Direction {
    const { entryBands, stopBands, allowShort } = this.parameters;
    if (Math.abs(z) < entryBands) this.#stopped = false;
    if (held !== 0) {
      if (z * held > -stopBands) return z * held >= 0 ? 0 : held;
      this.#stopped = true;
      return 0;
    }
    if (this.#stopped || Math.abs(z) < entryBands || Math.abs(z) >= stopBands) return 0;
    if (z < 0) return 1;
    return allowShort ? -1 : 0;
  }
}
