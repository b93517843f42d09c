/** `npm run fuzz`: plays random sequences in exchange and reference until the time is up or one of them fails. */
import { parseArgs } from 'node:util';
import { type FuzzFailure, fuzzSeed, SEQUENCE_LENGTH, SEQUENCES_PER_SEED } from './fuzz.js';

const HELP = `npm run fuzz -- [--minutes N | --sequences N] [--seed S] [--state-every N] [--json]

Plays random command sequences in the exchange and in the naive reference exchange and compares events and state
after each command, under all invariants. Ends at the first failure, which it prints as a small test to be pasted.

  --minutes N      how long, 0.01 to 10080; 1 when neither is given
  --sequences N    how many sequences of ${SEQUENCE_LENGTH} commands instead, rounded up to ${SEQUENCES_PER_SEED}s
  --seed S         whole number to begin with, counted up every ${SEQUENCES_PER_SEED} sequences; by the clock when left out
  --state-every N  compare the whole state after every N commands only; 1 when left out, events after each in any case
  --json           print one JSON document at the end instead of lines

Exit code 0: no failure; 1: a failure was found; 2: an option is wrong.
`;
const PROGRESS_EVERY_MS = 5000;

interface Wanted {
  readonly untilMs: number;
  readonly sequences: number;
  readonly seed: number;
  readonly stateEvery: number;
  readonly json: boolean;
}

class UsageError extends Error {}

function numberOf(
  text: string | undefined,
  name: string,
  low: number,
  high: number,
  whole: boolean,
): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= low && value <= high && (!whole || Number.isInteger(value))) return value;
  throw new UsageError(`--${name} is ${whole ? 'a whole number' : 'a number'} from ${low} to ${high}, not "${text}"`);
}

function wantedOf(args: readonly string[]): Wanted | 'help' {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: text, sequences: text, seed: text, 'state-every': text, json: flag, help: flag },
  });
  if (values.help === true) return 'help';
  const minutes = numberOf(values.minutes, 'minutes', 0.01, 10_080, false);
  const sequences = numberOf(values.sequences, 'sequences', 1, 1e9, true);
  if (minutes !== undefined && sequences !== undefined) throw new UsageError('give --minutes or --sequences, not both');
  return {
    untilMs: sequences === undefined ? performance.now() + (minutes ?? 1) * 60_000 : Number.POSITIVE_INFINITY,
    sequences: sequences ?? Number.POSITIVE_INFINITY,
    seed: numberOf(values.seed, 'seed', 0, 2 ** 31, true) ?? Date.now() % 2 ** 31,
    stateEvery: numberOf(values['state-every'], 'state-every', 1, SEQUENCE_LENGTH, true) ?? 1,
    json: values.json === true,
  };
}

function main(args: readonly string[]): number {
  let wanted: Wanted | 'help';
  try {
    wanted = wantedOf(args);
  } catch (error) {
    const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
    if (!isUsage) throw error;
    process.stderr.write(`${error.message}\nnpm run fuzz -- --help tells the options\n`);
    return 2;
  }
  if (wanted === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  return run(wanted);
}

function run({ untilMs, sequences, seed: firstSeed, stateEvery, json }: Wanted): number {
  const startedMs = performance.now();
  let toldMs = startedMs;
  let [seed, played] = [firstSeed, 0];
  let failure: FuzzFailure | null = null;
  const progress = () => {
    const seconds = (performance.now() - startedMs) / 1000;
    const rate = (played / seconds).toFixed(1);
    return `${played} sequences, ${played * SEQUENCE_LENGTH} commands, ${rate} sequences/s, seeds ${firstSeed} to ${seed - 1}`;
  };
  if (!json) process.stdout.write(`from seed ${firstSeed}\n`);
  while (failure === null && played < sequences && (played === 0 || performance.now() < untilMs)) {
    failure = fuzzSeed(seed, { stateEvery });
    seed += 1;
    played += failure === null ? SEQUENCES_PER_SEED : failure.sequence + 1;
    if (json || performance.now() - toldMs < PROGRESS_EVERY_MS) continue;
    toldMs = performance.now();
    process.stdout.write(`${progress()}\n`);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const commands = played * SEQUENCE_LENGTH;
  if (json) process.stdout.write(`${JSON.stringify({ firstSeed, sequences: played, commands, seconds, failure })}\n`);
  else process.stdout.write(`${progress()}\n${failure === null ? 'no failure\n' : told(failure)}`);
  return failure === null ? 0 : 1;
}

function told({ seed, sequence, mismatch, test }: FuzzFailure): string {
  return [
    `FAILED with seed ${seed}, sequence ${sequence}: ${mismatch.what}`,
    `again: npm run fuzz -- --seed ${seed} --sequences ${SEQUENCES_PER_SEED}`,
    `as a test for src/core/exchange/oracles/found.test.ts:\n\n${test}\n`,
  ].join('\n');
}

process.exitCode = main(process.argv.slice(2));
