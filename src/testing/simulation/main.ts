/** `npm run simulate`: runs seeds through the simulated world until one of them finds that a promise does not hold. */
import { parseArgs } from 'node:util';
import { type RunResult, World } from './world.js';

const HELP = `npm run simulate -- [--seed S] [--seeds COUNT] [--steps N] [--ignore-sync] [--json]

Runs engine, journal, bus, projector and two clients in this process on a simulated clock, network and disk, which a seed drives
through orders, kills, power cuts with torn writes, partitions, late, lost and repeated messages, failing syncs and a full disk. After
each fault, everything acknowledged must be there once, sums conserved, views and read model equal to a replay, and so the state.

  --seed S       whole number from 1; by the clock when left out
  --seeds COUNT  how many seeds, counted up from the first; 1 when left out
  --steps N      steps of each, 1 to 100000; 120 when left out
  --ignore-sync  a disk that tells syncs as done and does none: to see the simulation fail
  --json         print one JSON document at the end instead of lines

Exit code 0: all promises held; 1: one did not, and the line says how to repeat it; 2: an option is wrong.
`;
const DEFAULT_STEPS = 120;
const BAR_WIDTH = 30;

class UsageError extends Error {}

function numberOf(text: string | undefined, name: string, high: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= high) return value;
  throw new UsageError(`--${name} is a whole number from 1 to ${high}, not "${text}"`);
}

async function main(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  let values: {
    seed?: string;
    seeds?: string;
    steps?: string;
    'ignore-sync'?: boolean;
    json?: boolean;
    help?: boolean;
  };
  let wanted: { seed: number; seeds: number; steps: number };
  try {
    const options = { seed: text, seeds: text, steps: text, 'ignore-sync': flag, json: flag, help: flag };
    ({ values } = parseArgs({ args: [...args], options }));
    wanted = {
      seed: numberOf(values.seed, 'seed', 2 ** 31 - 1) ?? 1 + (Date.now() % 1_000_000),
      seeds: numberOf(values.seeds, 'seeds', 1_000_000) ?? 1,
      steps: numberOf(values.steps, 'steps', 100_000) ?? DEFAULT_STEPS,
    };
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof TypeError && 'code' in error)) throw error;
    process.stderr.write(`${error.message}\nnpm run simulate -- --help tells the options\n`);
    return 2;
  }
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const results: RunResult[] = [];
  for (let at = 0; at < wanted.seeds; at += 1) {
    const options = { seed: wanted.seed + at, steps: wanted.steps, ignoresSync: values['ignore-sync'] === true };
    const result = await new World(options).run();
    results.push(result);
    if (values.json !== true) show(result, at + 1, wanted.seeds);
    if (result.violation !== null) break;
  }
  const failed = results.find(({ violation }) => violation !== null);
  if (values.json === true) process.stdout.write(`${JSON.stringify({ ok: failed === undefined, results })}\n`);
  else if (failed === undefined) process.stdout.write(`${results.length} seeds held.\n`);
  return failed === undefined ? 0 : 1;
}

function show(
  { seed, steps, violation, atStep, traceHash, happenings, commands, answered, faults }: RunResult,
  done: number,
  all: number,
): void {
  const told = Object.entries(faults).map(([name, count]) => `${count} ${name}`);
  if (violation !== null) {
    process.stdout.write(
      `seed ${seed}, step ${atStep}: ${violation}\nAgain: npm run simulate -- --seed ${seed} --steps ${steps}\n`,
    );
  } else if (!process.stderr.isTTY || all === 1) {
    process.stdout.write(
      `seed ${seed}: ${happenings} happenings, ${answered} of ${commands} commands answered, ${told.join(', ')}; trace ${traceHash}\n`,
    );
  } else {
    const filled = Math.round((done / all) * BAR_WIDTH);
    process.stderr.write(
      `\r[${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}] ${done} of ${all}${done === all ? '\n' : ''}`,
    );
  }
}

process.exitCode = await main(process.argv.slice(2));
