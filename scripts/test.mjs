/**
 * Runs the tests: `npm test` builds and runs every tier that needs nothing installed (unit, contract, end to end on embedded parts);
 * `npm test -- unit` or `npm test -- e2e` one of them; anything else goes to jest: `npm test -- src/core -t "crosses"`.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from './lib/build.mjs';
import { runInherited } from './lib/process.mjs';
import { projectRoot } from './lib/project.mjs';

const jestBin = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin', 'jest.js');
const NODE_FLAGS = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

const TIERS = {
  unit: ['--selectProjects', 'unit'],
  // Each scenario starts whole platforms, which wait more than they work: two at a time, as the machines of CI have two processors.
  e2e: ['--selectProjects', 'e2e', '--maxWorkers=2'],
};

function jest(args) {
  // In NODE_OPTIONS as well as here, since jest's workers and child processes inherit only the environment.
  const env = { NODE_OPTIONS: [process.env.NODE_OPTIONS, ...NODE_FLAGS].filter(Boolean).join(' ') };
  return runInherited(process.execPath, [jestBin, ...args], { cwd: projectRoot, env });
}

/** CI sums the reports of all tiers; a person reads the terminal. */
function reportOf(tier) {
  const folder = process.env.TRADSYS_TEST_RESULTS;
  return folder ? ['--json', `--outputFile=${join(folder, `${tier}.json`)}`] : [];
}

async function main(args) {
  const tiers = args.filter((arg) => arg in TIERS);
  const rest = args.filter((arg) => !(arg in TIERS));
  if (tiers.length === 0 && rest.some((arg) => !arg.startsWith('-'))) return jest(rest);
  const chosen = tiers.length > 0 ? tiers : Object.keys(TIERS);
  if (chosen.includes('e2e')) await build({ log: (line) => console.log(line) });
  let failed = 0;
  for (const tier of chosen) {
    const code = await jest([...TIERS[tier], ...reportOf(tier), ...rest]);
    if (code !== 0) failed = code;
  }
  return failed;
}

process.exitCode = await main(process.argv.slice(2));
