/**
 * Pairs trading on the spread of two cointegrated markets (Engle & Granger 1987; Gatev, Goetzmann & Rouwenhorst 2006).
 *
 * Bars of both markets with the same start are one observation (y, x). Every `reestimateBars` the relation y = a + b x is
 * estimated over the last `window` observations: by least squares with an Engle–Granger test, or by a Kalman filter whose
 * standardised forecast error is the z-score. A position is opened against a z-score beyond `entryZ`, closed within `exitZ`,
 * and closed for good until the next estimate beyond `stopZ`. Nothing is opened where the relation is refused (p-value,
 * half-life, negative hedge ratio); an open position is closed when its relation is.
 * Legging risk: both legs are sent in the same step as immediate orders; what is missing of either is chased for
 * `legTimeoutMs`, then both legs are taken back to flat.
 */
import { engleGranger } from '../../statistics/engle-granger.js';
import { KalmanRegression } from '../../statistics/kalman-regression.js';
import { StatisticsError } from '../../statistics/statistics-error.js';
import type { CandleInterval } from '../../values/vocabulary.js';
import type { Bar, Desk, Strategy, StrategyInput } from '../strategy.js';
import { TargetPosition } from '../target-position.js';

export interface PairsTradingParameters {
  readonly interval: CandleInterval;
  readonly method: 'ENGLE_GRANGER' | 'KALMAN';
  /** Observations of an estimate. */
  readonly window: number;
  readonly reestimateBars: number;
  readonly entryZ: number;
  readonly exitZ: number;
  readonly stopZ: number;
  readonly maxPValue: number;
  /** Bars; null = any. */
  readonly maxHalfLife: number | null;
  /** Base units of y. */
  readonly orderQty: number;
  readonly legTimeoutMs: number;
  readonly slippageTicks: number;
  /** Drift of the Kalman filter's coefficients. */
  readonly kalmanDelta: number;
}

interface Relation {
  readonly hedgeRatio: number;
  readonly intercept: number;
  readonly stdDev: number;
}

/** Times both legs may be taken back before the strategy gives up. */
const MAX_FAILED_ENTRIES = 5;

export class PairsTrading implements Strategy {
  readonly barInterval: CandleInterval;
  readonly warmUpBars: number;
  readonly timerUs = 250_000;
  readonly #legs = [new TargetPosition(0, 0), new TargetPosition(1, 0)] as const;
  readonly #pending: [Bar | null, Bar | null] = [null, null];
  readonly #y: number[] = [];
  readonly #x: number[] = [];
  #kalman: KalmanRegression | null = null;
  #relation: Relation | null = null;
  #barsSinceEstimate = 0;
  /** −1: short the spread, 1: long, 0: flat. */
  #direction: -1 | 0 | 1 = 0;
  #stopped = false;
  #legDeadlineUs: number | null = null;
  #failedEntries = 0;
  #adopted = false;

  constructor(private readonly parameters: PairsTradingParameters) {
    this.barInterval = parameters.interval;
    this.warmUpBars = parameters.window + 1;
    for (const leg of this.#legs) leg.slippageTicks = parameters.slippageTicks;
    this.#barsSinceEstimate = parameters.reestimateBars;
  }

  on(input: StrategyInput, desk: Desk): void {
    switch (input.type) {
      case 'BAR':
        this.#bar(input.market, input.bar, input.live, desk);
        break;
      case 'TIMER':
        this.#adopt(desk);
        this.#chase(desk);
        break;
      case 'FILL':
        this.#legs[input.market]!.filled();
        break;
      case 'REJECTED':
        this.#legs[input.market]!.refused(desk, input.reason);
        break;
      default:
        break;
    }
  }

  /**
   * After a restart a position is there before any decision: it is taken for what it is, and managed on. One leg without the
   * other is no position: the end came between the two, and it is taken back.
   */
  #adopt(desk: Desk): void {
    if (this.#adopted) return;
    this.#adopted = true;
    const [y, x] = [desk.markets[0]!.positionLots, desk.markets[1]!.positionLots];
    if (y === 0 && x === 0) return;
    if (Math.sign(y) !== -Math.sign(x)) {
      this.#close(desk, 'one leg was found without the other: it is taken back');
      return;
    }
    this.#legs[0].targetLots = y;
    this.#legs[1].targetLots = x;
    this.#direction = y > 0 ? 1 : -1;
  }

  #bar(market: number, bar: Bar, live: boolean, desk: Desk): void {
    this.#pending[market] = bar;
    const [y, x] = this.#pending;
    if (y === null || x === null || y.openTimeUs !== x.openTimeUs) return;
    const { tickSize: tickY } = desk.markets[0]!.facts;
    const { tickSize: tickX } = desk.markets[1]!.facts;
    this.#pending[0] = null;
    this.#pending[1] = null;
    const [closeY, closeX] = [y.closeTicks * tickY, x.closeTicks * tickX];
    const forecast = this.parameters.method === 'KALMAN' ? this.#filter(closeY, closeX) : null;
    this.#y.push(closeY);
    this.#x.push(closeX);
    if (this.#y.length > this.parameters.window) {
      this.#y.shift();
      this.#x.shift();
    }
    this.#barsSinceEstimate += 1;
    if (this.#barsSinceEstimate >= this.parameters.reestimateBars) this.#estimate(desk);
    if (!live) return;
    this.#adopt(desk);
    this.#decide(forecast ?? this.#zScore(closeY, closeX), desk);
  }

  #filter(y: number, x: number): number | null {
    if (this.#kalman === null) {
      // The filter's prior is one unit of slope and the price's own size of intercept.
      this.#kalman = new KalmanRegression(this.parameters.kalmanDelta, Math.max(1e-9, (y * 1e-3) ** 2), y * y + 1);
    }
    const step = this.#kalman.add(y, x);
    const isWarm = this.#y.length >= this.parameters.window;
    if (isWarm) {
      this.#relation = { hedgeRatio: step.slope, intercept: step.intercept, stdDev: step.forecastStdDev };
    }
    return isWarm ? step.forecastError / step.forecastStdDev : null;
  }

  #zScore(y: number, x: number): number | null {
    const relation = this.#relation;
    if (relation === null) return null;
    return (y - relation.intercept - relation.hedgeRatio * x) / relation.stdDev;
  }

  #estimate(desk: Desk): void {
    if (this.#y.length < this.parameters.window) return;
    this.#barsSinceEstimate = 0;
    this.#stopped = false;
    if (this.parameters.method === 'KALMAN') return;
    const { maxPValue, maxHalfLife } = this.parameters;
    this.#relation = null;
    try {
      const test = engleGranger(this.#y, this.#x);
      const reverts = test.halfLife !== null && (maxHalfLife === null || test.halfLife <= maxHalfLife);
      const verdict = `p ${test.pValue.toFixed(3)}, half-life ${test.halfLife?.toFixed(1) ?? 'none'}`;
      if (test.pValue > maxPValue || !reverts || test.hedgeRatio <= 0) {
        desk.say(`no relation: ${verdict}`);
        return;
      }
      desk.say(`relation: hedge ratio ${test.hedgeRatio.toFixed(4)}, ${verdict}`);
      this.#relation = { hedgeRatio: test.hedgeRatio, intercept: test.intercept, stdDev: test.residualStdDev };
    } catch (error) {
      if (!(error instanceof StatisticsError)) throw error;
      desk.say(`no estimate: ${error.message}`);
    }
  }

  #decide(zScore: number | null, desk: Desk): void {
    const { entryZ, exitZ, stopZ } = this.parameters;
    if (this.#direction !== 0) {
      if (zScore === null || this.#relation === null) this.#close(desk, 'the relation is gone');
      else if (Math.abs(zScore) >= stopZ && Math.sign(zScore) !== this.#direction) {
        this.#stopped = true;
        this.#close(desk, `stop at z ${zScore.toFixed(2)}`);
      } else if (zScore * -this.#direction <= exitZ) this.#close(desk, `exit at z ${zScore.toFixed(2)}`);
    } else if (zScore !== null && this.#relation !== null && !this.#stopped) {
      if (Math.abs(zScore) >= entryZ && Math.abs(zScore) < stopZ) this.#open(zScore > 0 ? -1 : 1, zScore, desk);
    }
    this.#chase(desk);
  }

  #open(direction: -1 | 1, zScore: number, desk: Desk): void {
    const [y, x] = [desk.markets[0]!.facts, desk.markets[1]!.facts];
    const lotsY = Math.round(this.parameters.orderQty / y.lotSize);
    const lotsX = Math.round((this.parameters.orderQty * this.#relation!.hedgeRatio) / x.lotSize);
    if (lotsY < 1 || lotsX < 1) {
      desk.say(`orderQty is too small: ${lotsY} lots against ${lotsX} lots`);
      return;
    }
    this.#direction = direction;
    this.#legs[0].targetLots = direction * lotsY;
    this.#legs[1].targetLots = -direction * lotsX;
    this.#legDeadlineUs = desk.timeUs + this.parameters.legTimeoutMs * 1_000;
    desk.say(`${direction > 0 ? 'buy' : 'sell'} the spread at z ${zScore.toFixed(2)}`);
  }

  #close(desk: Desk, why: string): void {
    this.#direction = 0;
    for (const leg of this.#legs) leg.targetLots = 0;
    this.#legDeadlineUs = null;
    desk.say(why);
  }

  #chase(desk: Desk): void {
    const missing = this.#legs.some((leg) => leg.missingLots(desk) !== 0);
    if (!missing) {
      if (this.#legDeadlineUs !== null) this.#failedEntries = 0;
      this.#legDeadlineUs = null;
    } else if (this.#legDeadlineUs !== null && desk.timeUs >= this.#legDeadlineUs) {
      this.#failedEntries += 1;
      this.#close(desk, 'a leg did not fill in time: both are taken back');
      if (this.#failedEntries >= MAX_FAILED_ENTRIES) throw new Error(`${MAX_FAILED_ENTRIES} entries in a row failed`);
    }
    for (const leg of this.#legs) leg.pursue(desk);
  }
}
