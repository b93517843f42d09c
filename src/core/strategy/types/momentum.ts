/**
 * Time-series momentum (Moskowitz, Ooi & Pedersen 2012): long where the log return over `lookback` closed bars is above the
 * threshold, short (where allowed) below its negative, flat between; decided at each close.
 */
import { type Decision, Directional, type DirectionalParameters } from './directional.js';

export interface MomentumParameters extends DirectionalParameters {
  readonly lookback: number;
  /** Least return to act on, as a fraction. */
  readonly threshold: number;
}

export class Momentum extends Directional {
  constructor(private readonly parameters: MomentumParameters) {
    super(parameters, parameters.lookback + 1);
  }

  protected decide(closes: readonly number[]): Decision {
    const { lookback, threshold, allowShort } = this.parameters;
    const change = Math.log(closes[lookback]! / closes[0]!);
    const direction = change > threshold ? 1 : change < -threshold && allowShort ? -1 : 0;
    return { direction, reason: `return ${(change * 100).toFixed(2)} % over ${lookback} bars` };
  }
}
