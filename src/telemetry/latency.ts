/**
 * Latency of commands by stage: HDR histograms of microseconds with 3 significant digits, over the last minute, the last hour
 * and since the start, for all commands and by operation, symbol and key.
 *
 * A command costs one recording a stage and view; windows are made of generations that are merged every half minute, so
 * that nothing is paid for them between. MINUTE therefore covers 30 to 60 seconds, HOUR 30 to 60 minutes. Names are bounded:
 * what comes when a set is full counts as `other`, and names that were idle for an hour make room.
 */
import { build, type Histogram } from 'hdr-histogram-js';
import { LATENCY_STAGES, type LatencyStage, type StageTimes } from '../ports/stage-times.js';
import { ExponentialCounts } from './exponential-counts.js';

export const LATENCY_WINDOWS = ['MINUTE', 'HOUR', 'START'] as const;
export type LatencyWindow = (typeof LATENCY_WINDOWS)[number];

/** Percentiles of a stage, microseconds. */
export interface StageLatency {
  readonly stage: LatencyStage;
  readonly count: number;
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
}

/** What is asked for: all commands, or those of one name. */
export type LatencyView =
  | { readonly by: 'ALL' }
  | { readonly by: 'OPERATION' | 'SYMBOL' | 'KEY'; readonly name: string };

/** Where names beyond the bound are counted. */
export const OTHER = 'other';
/** Longest latency that is told apart, a minute; longer ones count as this. */
const MAX_US = 60_000_000;
const ROTATE_MS = 30_000;
const ROTATIONS_PER_HALF_HOUR = 60;
const IDLE_MS = 3_600_000;
const MAX_NAMES = { OPERATION: 64, SYMBOL: 200, KEY: 200 } as const;

const newHistogram = (): Histogram =>
  // It grows with what it sees, so that a name that is fast stays small.
  build({ bitBucketSize: 32, autoResize: true, lowestDiscernibleValue: 1, numberOfSignificantValueDigits: 3 });

/** One stage of one name. */
class WindowedHistogram {
  #minute = newHistogram();
  #minuteBefore = newHistogram();
  #hour = newHistogram();
  #hourBefore = newHistogram();
  readonly #start = newHistogram();

  record(us: number): void {
    this.#minute.recordValue(us);
  }

  rotate(halfHourOver: boolean): void {
    if (halfHourOver) {
      [this.#hour, this.#hourBefore] = [this.#hourBefore, this.#hour];
      this.#hour.reset();
    }
    if (this.#minute.totalCount > 0) {
      this.#hour.add(this.#minute);
      this.#start.add(this.#minute);
    }
    [this.#minute, this.#minuteBefore] = [this.#minuteBefore, this.#minute];
    if (this.#minute.totalCount > 0) this.#minute.reset();
  }

  read(window: LatencyWindow): Histogram {
    const merged = newHistogram();
    merged.add(this.#minute);
    if (window === 'MINUTE') merged.add(this.#minuteBefore);
    else if (window === 'START') merged.add(this.#start);
    else {
      merged.add(this.#hour);
      merged.add(this.#hourBefore);
    }
    return merged;
  }
}

class NamedLatency {
  readonly stages = LATENCY_STAGES.map(() => new WindowedHistogram());
  lastMs = 0;

  /** @param spansUs microseconds of each stage, NaN where it was not passed */
  record(spansUs: Float64Array, nowMs: number): void {
    this.lastMs = nowMs;
    for (let at = 0; at < spansUs.length; at += 1) {
      const us = spansUs[at] as number;
      if (!Number.isNaN(us)) (this.stages[at] as WindowedHistogram).record(us);
    }
  }
}

class Names {
  readonly #byName = new Map<string, NamedLatency>();

  constructor(private readonly max: number) {}

  get names(): string[] {
    return [...this.#byName.keys()].sort();
  }

  find(name: string): NamedLatency | undefined {
    return this.#byName.get(name);
  }

  of(name: string): NamedLatency {
    let found = this.#byName.get(name) ?? (this.#byName.size >= this.max ? this.#byName.get(OTHER) : undefined);
    if (found === undefined) {
      found = new NamedLatency();
      this.#byName.set(this.#byName.size >= this.max ? OTHER : name, found);
    }
    return found;
  }

  rotate(nowMs: number, halfHourOver: boolean): void {
    for (const [name, named] of this.#byName) {
      if (nowMs - named.lastMs > IDLE_MS) this.#byName.delete(name);
      else for (const stage of named.stages) stage.rotate(halfHourOver);
    }
  }
}

/** Buckets for /metrics, by operation and stage. */
type StageCounts = readonly ExponentialCounts[];

export class LatencyRecorder {
  readonly #all = new NamedLatency();
  readonly #names = {
    OPERATION: new Names(MAX_NAMES.OPERATION),
    SYMBOL: new Names(MAX_NAMES.SYMBOL),
    KEY: new Names(MAX_NAMES.KEY),
  };
  readonly #counts = new Map<string, StageCounts>();
  /** Used again for each command. */
  readonly #spansUs = new Float64Array(LATENCY_STAGES.length);
  #rotations = 0;
  #rotateAtMs: number;

  /** @param nowMs monotonic, milliseconds */
  constructor(private readonly nowMs: () => number = () => performance.now()) {
    this.#rotateAtMs = nowMs() + ROTATE_MS;
  }

  /** Names that have a view of their own. */
  names(by: 'OPERATION' | 'SYMBOL' | 'KEY'): readonly string[] {
    return this.#names[by].names;
  }

  /**
   * Counts an answered command.
   * @param operation out of the schema, e.g. placeOrder
   * @param key who sent it, e.g. the id of an API key; null = nobody that is told apart
   */
  record(times: StageTimes, operation: string, key: string | null): void {
    const nowMs = this.#rotateIfDue();
    const spansUs = this.#spansUs;
    const counts = this.#countsOf(operation);
    for (let at = 0; at < LATENCY_STAGES.length; at += 1) {
      const ms = times.span(LATENCY_STAGES[at] as LatencyStage);
      // Half of a round trip may be a little off, so a stage may come out below nothing.
      spansUs[at] = Math.min(Math.max(Math.round(ms * 1000), 0), MAX_US);
      if (!Number.isNaN(ms)) counts[at]?.observe(Math.max(ms, 0) / 1000);
    }
    this.#all.record(spansUs, nowMs);
    this.#names.OPERATION.of(operation).record(spansUs, nowMs);
    if (times.symbol !== null) this.#names.SYMBOL.of(times.symbol).record(spansUs, nowMs);
    if (key !== null) this.#names.KEY.of(key).record(spansUs, nowMs);
  }

  /** Percentiles of each stage; null where the name has no view. */
  read(view: LatencyView, window: LatencyWindow): StageLatency[] | null {
    this.#rotateIfDue();
    const named = view.by === 'ALL' ? this.#all : this.#names[view.by].find(view.name);
    if (named === undefined) return null;
    return LATENCY_STAGES.map((stage, at) => toStageLatency(stage, named.stages[at] as WindowedHistogram, window));
  }

  /** Buckets since the start, by operation and stage. */
  *counts(): Generator<[operation: string, stage: LatencyStage, counts: ExponentialCounts]> {
    for (const [operation, stages] of this.#counts) {
      for (const [at, stage] of LATENCY_STAGES.entries()) yield [operation, stage, stages[at] as ExponentialCounts];
    }
  }

  #countsOf(operation: string): StageCounts {
    const name = this.#counts.has(operation) || this.#counts.size < MAX_NAMES.OPERATION ? operation : OTHER;
    let counts = this.#counts.get(name);
    if (counts === undefined) {
      counts = LATENCY_STAGES.map(() => new ExponentialCounts());
      this.#counts.set(name, counts);
    }
    return counts;
  }

  #rotateIfDue(): number {
    const nowMs = this.nowMs();
    // After a long pause an hour of rotations leaves nothing of any window but the start's.
    for (let turns = 0; nowMs >= this.#rotateAtMs && turns <= 2 * ROTATIONS_PER_HALF_HOUR; turns += 1) {
      this.#rotations += 1;
      const halfHourOver = this.#rotations % ROTATIONS_PER_HALF_HOUR === 0;
      for (const stage of this.#all.stages) stage.rotate(halfHourOver);
      for (const names of Object.values(this.#names)) names.rotate(nowMs, halfHourOver);
      this.#rotateAtMs += ROTATE_MS;
    }
    if (nowMs >= this.#rotateAtMs) this.#rotateAtMs = nowMs + ROTATE_MS;
    return nowMs;
  }
}

function toStageLatency(stage: LatencyStage, windowed: WindowedHistogram, window: LatencyWindow): StageLatency {
  const merged = windowed.read(window);
  const maxUs = merged.totalCount === 0 ? 0 : merged.maxValue;
  // A percentile is told as the end of its bucket, which may lie beyond the slowest.
  const at = (percentile: number) => (maxUs === 0 ? 0 : Math.min(merged.getValueAtPercentile(percentile), maxUs));
  return {
    stage,
    count: merged.totalCount,
    p50Us: at(50),
    p90Us: at(90),
    p99Us: at(99),
    p999Us: at(99.9),
    maxUs,
  };
}
