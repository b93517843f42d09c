/** Random sequences without end, compared with the reference; a failure comes back small, as text of a test. */
import fc from 'fast-check';
import { type ComparisonOptions, compareSequence, type Mismatch } from './comparison.js';
import { randomSteps, type Step } from './random-commands.js';
import { shrink } from './shrink.js';

/** Sequences that one seed gives. */
export const SEQUENCES_PER_SEED = 20;
/** Steps of a sequence. */
export const SEQUENCE_LENGTH = 200;
/** Snapshots in every third sequence, at a distance that differs by sequence. */
const SNAPSHOT_DISTANCES = [undefined, undefined, 7, undefined, undefined, 31, undefined, undefined, 111];

export interface FuzzFailure {
  /** Gives the same sequences again. */
  readonly seed: number;
  /** Which of them failed, from 0. */
  readonly sequence: number;
  readonly steps: readonly Step[];
  readonly mismatch: Mismatch;
  /** A test to be pasted, which fails until the cause is mended. */
  readonly test: string;
}

/** Returns the sequences of a seed, each of exactly `SEQUENCE_LENGTH` steps. */
export function sequencesOf(seed: number): Step[][] {
  const wanted = SEQUENCES_PER_SEED * SEQUENCE_LENGTH;
  const steps: Step[] = [];
  for (let round = 0; steps.length < wanted; round += 1) {
    const sampled = fc.sample(randomSteps(SEQUENCE_LENGTH), { seed: seed + round * 7919, numRuns: SEQUENCES_PER_SEED });
    steps.push(...sampled.flat());
  }
  return Array.from({ length: SEQUENCES_PER_SEED }, (_none, at) =>
    steps.slice(at * SEQUENCE_LENGTH, (at + 1) * SEQUENCE_LENGTH),
  );
}

/** Plays the sequences of a seed. @returns the first failure, shrunk, or null */
export function fuzzSeed(seed: number, options: ComparisonOptions = {}): FuzzFailure | null {
  for (const [sequence, steps] of sequencesOf(seed).entries()) {
    const snapshotEvery = SNAPSHOT_DISTANCES[(seed + sequence) % SNAPSHOT_DISTANCES.length];
    const used = { snapshotEvery, ...options };
    const found = compareSequence(steps, used);
    if (found !== null) return failure(seed, sequence, steps.slice(0, found.step + 1), used);
  }
  return null;
}

function failure(seed: number, sequence: number, failing: readonly Step[], options: ComparisonOptions): FuzzFailure {
  const thorough = { ...options, stateEvery: 1 };
  const steps = shrink(failing, (candidate) => compareSequence(candidate, thorough) !== null);
  const mismatch = compareSequence(steps, thorough);
  if (mismatch === null) throw new Error(`seed ${seed}, sequence ${sequence}: the failure does not repeat`);
  return { seed, sequence, steps, mismatch, test: testOf(seed, steps, mismatch, options.snapshotEvery) };
}

function testOf(seed: number, steps: readonly Step[], { what }: Mismatch, snapshotEvery: number | undefined): string {
  const how = snapshotEvery === undefined ? '' : `, { snapshotEvery: ${snapshotEvery} }`;
  return [
    `// ${what}`,
    `it('agrees with the reference exchange on what seed ${seed} found', () => {`,
    '  const steps: Step[] = [',
    ...steps.map((step) => `    ${JSON.stringify(step)},`),
    '  ];',
    `  expect(compareSequence(steps${how})).toBeNull();`,
    '});',
  ].join('\n');
}
