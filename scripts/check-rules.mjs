/** `npm run check:rules`: Prometheus's own tool on its configuration, the rules and their unit tests. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runInherited } from './lib/process.mjs';
import { projectRoot } from './lib/project.mjs';

const CHECKS = [
  ['check', 'config', 'prometheus.yml'],
  ['check', 'rules', 'rules/tradsys.rules.yml'],
  ['test', 'rules', 'rules/tradsys.test.yml'],
];

async function main() {
  if (spawnSync('promtool', ['--version'], { stdio: 'ignore' }).status !== 0) {
    console.error('promtool is missing: apt-get install prometheus (macOS: brew install prometheus)');
    return 1;
  }
  const cwd = join(projectRoot, 'deployments/prometheus');
  for (const check of CHECKS) {
    const code = await runInherited('promtool', check, { cwd });
    if (code !== 0) return code;
  }
  return 0;
}

process.exitCode = await main();
