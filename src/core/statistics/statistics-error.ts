/** Why a statistic has no answer. */
export type StatisticsProblem =
  /** A value is NaN or infinite. */
  | 'NOT_FINITE'
  /** Fewer observations than the statistic needs. */
  | 'TOO_FEW_OBSERVATIONS'
  /** All values are equal, so there is no variation to explain. */
  | 'CONSTANT_SERIES'
  /** A regressor is a linear combination of the others, or the series of each other. */
  | 'COLLINEAR'
  /** Series that belong together differ in length. */
  | 'LENGTH_MISMATCH'
  /** A parameter is outside its range. */
  | 'OUT_OF_RANGE';

/** Thrown where a statistic has no answer: it names what is wrong, never returns NaN. */
export class StatisticsError extends Error {
  override readonly name = 'StatisticsError';

  constructor(
    readonly problem: StatisticsProblem,
    message: string,
  ) {
    super(message);
  }
}
