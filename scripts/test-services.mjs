/**
 * `npm run test:services`: the scenarios of e2e/ on separate processes (PostgreSQL, NATS and each role), and those that only
 * separate processes have. `npm run test:faults` breaks them under load (e2e/faults/); TRADSYS_FAULTS_SEED repeats a run.
 * Other arguments go to jest.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from './lib/build.mjs';
import { runInherited } from './lib/process.mjs';
import { projectRoot } from './lib/project.mjs';

const jestBin = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin', 'jest.js');

async function main(args) {
  if (spawnSync('nats-server', ['--version'], { stdio: 'ignore' }).status !== 0) {
    console.error('nats-server is missing: apt-get install nats-server (macOS: brew install nats-server)');
    return 1;
  }
  await build({ log: (line) => console.log(line) });
  const report = process.env.TRADSYS_TEST_RESULTS;
  const project = args[0] === '--faults' ? 'faults' : 'services';
  const rest = project === 'faults' ? args.slice(1) : args;
  const flags = ['--selectProjects', project, '--runInBand'];
  if (report) flags.push('--json', `--outputFile=${join(report, `${project}.json`)}`);
  const env = {
    NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
    TRADSYS_E2E: 'services',
  };
  return runInherited(process.execPath, [jestBin, ...flags, ...rest], { cwd: projectRoot, env });
}

process.exitCode = await main(process.argv.slice(2));
