/**
 * Counts of durations in buckets whose bounds are powers of two in seconds, as Prometheus's native histograms have them
 * (schema 0), so that a scraper may convert them without loss. An observation costs a logarithm and no search.
 */
const SMALLEST_EXPONENT = -17;
const LARGEST_EXPONENT = 3;

/** From 7.6 µs to 8 s. */
export const EXPONENTIAL_BOUNDS_S: readonly number[] = Array.from(
  { length: LARGEST_EXPONENT - SMALLEST_EXPONENT + 1 },
  (_, at) => 2 ** (SMALLEST_EXPONENT + at),
);

/** The same shape as BucketCounts. */
export class ExponentialCounts {
  readonly bounds = EXPONENTIAL_BOUNDS_S;
  /** Observations up to each bound and above the bound before; the last stands for those above all bounds. */
  readonly counts = new Float64Array(EXPONENTIAL_BOUNDS_S.length + 1);
  sum = 0;
  count = 0;

  observe(seconds: number): void {
    const exponent = seconds > 0 ? Math.ceil(Math.log2(seconds)) : SMALLEST_EXPONENT;
    const at = exponent <= SMALLEST_EXPONENT ? 0 : Math.min(exponent - SMALLEST_EXPONENT, this.bounds.length);
    this.counts[at] = (this.counts[at] as number) + 1;
    this.sum += seconds;
    this.count += 1;
  }
}
