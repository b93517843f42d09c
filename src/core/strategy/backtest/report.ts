/** What a backtest came to. Money is exact; ratios are floats. */
import { drawdown, sharpeRatio } from '../../statistics/returns.js';

/** Mean signed move of the mid behind a fill, in basis points of its price: above 0 where the fill was well timed. */
export interface Markout {
  readonly horizonS: number;
  readonly meanBps: number | null;
  readonly fills: number;
}

export interface EquityPoint {
  readonly timeUs: number;
  readonly equityUnits: number;
}

export interface BacktestReport {
  /** Final equity ÷ initial cash − 1. */
  readonly totalReturn: number;
  /** null where equity did not move or there are too few points. */
  readonly annualizedSharpe: number | null;
  readonly maxDrawdown: number;
  /** Fills of the strategy. */
  readonly tradeCount: number;
  /** Share of fills that closed quantity with a profit before fees; null where none closed any. */
  readonly winRate: number | null;
  /** Sum of price × quantity of its fills, quote units. */
  readonly turnoverUnits: bigint;
  readonly feesUnits: bigint;
  readonly finalEquityUnits: number;
  readonly equityCurve: readonly (EquityPoint & { readonly drawdown: number })[];
  readonly markouts: readonly Markout[];
  /** Refused orders of the strategy, by reason. */
  readonly rejections: Readonly<Record<string, number>>;
  /** Commands that the exchange executed. */
  readonly commands: number;
  /** Events that the exchange gave. */
  readonly events: number;
  /** State of the exchange at the end, 16 hex digits: same seed, data and code give the same. */
  readonly stateHash: string;
}

/** Most points of an equity curve; a longer one is thinned, its last point kept. */
export const MAX_CURVE_POINTS = 1_000;
const YEAR_US = 365.25 * 86_400_000_000;
export const MARKOUT_HORIZONS_S = [1, 5, 60] as const;

/** Returns the curve's own figures: return, Sharpe ratio, drawdown and the thinned curve. */
export function curveFigures(curve: readonly EquityPoint[], initialUnits: number) {
  const equity = curve.map(({ equityUnits }) => equityUnits);
  const fall = drawdown(equity);
  const returns: number[] = [];
  for (let index = 1; index < equity.length; index += 1) {
    if (equity[index - 1]! > 0) returns.push(equity[index]! / equity[index - 1]! - 1);
  }
  const spanUs = curve[curve.length - 1]!.timeUs - curve[0]!.timeUs;
  const perYear = spanUs === 0 ? 0 : (returns.length * YEAR_US) / spanUs;
  const stride = Math.ceil(curve.length / MAX_CURVE_POINTS);
  const kept = curve.map((point, index) => ({ ...point, drawdown: fall.drawdowns[index]! }));
  return {
    totalReturn: equity[equity.length - 1]! / initialUnits - 1,
    annualizedSharpe: returns.length < 2 || perYear === 0 ? null : sharpeRatio(returns, perYear),
    maxDrawdown: fall.maxDrawdown,
    equityCurve: kept.filter((_, index) => (curve.length - 1 - index) % stride === 0),
  };
}

/** Follows fills: average cost, wins, and where the mid went behind each. */
export class FillBook {
  tradeCount = 0;
  turnoverUnits = 0n;
  feesUnits = 0n;
  #wins = 0;
  #closings = 0;
  readonly #lots: number[] = [];
  readonly #cost: number[] = [];
  readonly #open: { readonly timeUs: number; readonly market: number; readonly sign: 1 | -1; readonly px: number }[][] =
    MARKOUT_HORIZONS_S.map(() => []);
  readonly #sums = MARKOUT_HORIZONS_S.map(() => ({ sum: 0, count: 0 }));

  get winRate(): number | null {
    return this.#closings === 0 ? null : this.#wins / this.#closings;
  }

  get markouts(): Markout[] {
    return MARKOUT_HORIZONS_S.map((horizonS, at) => {
      const { sum, count } = this.#sums[at]!;
      return { horizonS, meanBps: count === 0 ? null : sum / count, fills: count };
    });
  }

  fill(timeUs: number, market: number, sign: 1 | -1, px: number, lots: number, notional: number, fee: number): void {
    this.tradeCount += 1;
    this.turnoverUnits += BigInt(notional);
    this.feesUnits += BigInt(fee);
    for (const open of this.#open) open.push({ timeUs, market, sign, px });
    const held = this.#lots[market] ?? 0;
    const cost = this.#cost[market] ?? 0;
    const closed = Math.sign(held) === -sign ? Math.min(Math.abs(held), lots) : 0;
    let rest = cost;
    if (closed > 0) {
      const average = cost / held;
      this.#closings += 1;
      if ((px - average) * -sign > 0) this.#wins += 1;
      rest = cost - Math.sign(held) * closed * average;
    }
    this.#lots[market] = held + sign * lots;
    this.#cost[market] = rest + sign * (lots - closed) * px;
  }

  /** Takes the mids as they are now for every fill whose horizon has come. @param midOf null where there is none */
  settle(timeUs: number, midOf: (market: number) => number | null): void {
    for (const [at, horizonS] of MARKOUT_HORIZONS_S.entries()) {
      const open = this.#open[at]!;
      let done = 0;
      while (done < open.length && open[done]!.timeUs + horizonS * 1_000_000 <= timeUs) {
        const { market, sign, px } = open[done]!;
        const mid = midOf(market);
        done += 1;
        if (mid === null) continue;
        const sums = this.#sums[at]!;
        sums.sum += ((sign * (mid - px)) / px) * 10_000;
        sums.count += 1;
      }
      if (done > 0) open.splice(0, done);
    }
  }
}
