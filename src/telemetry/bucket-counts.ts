/** Counts of observations by size, as a Prometheus histogram tells them; plain numbers, so that hot code may keep one. */
export class BucketCounts {
  /** Observations up to each bound and above the bound before; the last stands for those above all bounds. */
  readonly counts: Float64Array;
  sum = 0;
  count = 0;

  /** @param bounds upper bounds, rising, each included in its bucket */
  constructor(readonly bounds: readonly number[]) {
    if (bounds.some((bound, at) => at > 0 && bound <= (bounds[at - 1] as number))) {
      throw new RangeError(`the bounds of a histogram must rise: ${bounds.join(', ')}`);
    }
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Counts one observation. Complexity: O(bounds), the small ones first. */
  observe(value: number): void {
    const { bounds } = this;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] as number)) at += 1;
    this.counts[at] = (this.counts[at] as number) + 1;
    this.sum += value;
    this.count += 1;
  }
}

/** Commands of a group, or anything else that is counted in powers of two. */
export const GROUP_BOUNDS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const;

/** Seconds of a write to the disk or the network: from a tenth of a millisecond, √10 apart or closer. */
export const WRITE_BOUNDS_S = [
  0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5,
] as const;
