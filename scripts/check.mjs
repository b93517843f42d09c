/**
 * `npm run check`: everything that can be said about the repo without running the product, in the order of cheapest first.
 * `--json` prints one document instead of the table; `--fix` lets Biome mend what it safely can first. Exit code 1 when a check fails.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generatePrismaClientIfStale } from './lib/prisma.mjs';
import { run } from './lib/process.mjs';
import { binOf, projectRoot } from './lib/project.mjs';
import { paint } from './lib/terminal.mjs';

const CODE_FOLDERS = ['src', 'subgraphs', 'router', 'prisma', 'bench', 'e2e', 'scripts', 'bin'];

const node = (script, ...args) =>
  run(process.execPath, [script, ...args], { cwd: projectRoot, env: { NO_COLOR: '1' } });
const present = (names) => names.filter((name) => existsSync(join(projectRoot, name)));

async function formatAndLint() {
  const { code, output } = await node(
    binOf('@biomejs/biome', 'biome'),
    'check',
    '--error-on-warnings',
    '--max-diagnostics=200',
    '.',
  );
  return { ok: code === 0, detail: /Checked (\d+ files)/.exec(output)?.[1] ?? '', output };
}

/** A cruiser that can't read TypeScript reports no module and exits 0, hence the count. */
async function boundaries() {
  const { code, output } = await node(
    binOf('dependency-cruiser', 'depcruise'),
    ...present(CODE_FOLDERS),
    '--output-type',
    'json',
  );
  let summary;
  try {
    ({ summary } = JSON.parse(output));
  } catch {
    return { ok: false, detail: `exit code ${code}`, output };
  }
  const broken = summary.violations.map(({ rule, from, to, cycle, comment }) => {
    const path = cycle ? [from, ...cycle.map(({ name }) => name ?? '')].join(' → ') : `${from} → ${to}`;
    return `${rule.name}: ${path}${comment ? `\n  ${comment}` : ''}`;
  });
  if (summary.totalCruised === 0) broken.push('No module was read: dependency-cruiser could not parse the sources.');
  const detail = `${summary.totalCruised} modules, ${summary.totalDependenciesCruised} imports`;
  return { ok: code === 0 && broken.length === 0, detail, output: broken.join('\n') };
}

async function types(project) {
  const { code, output } = await node(
    binOf('typescript', 'tsc'),
    '--project',
    project,
    '--noEmit',
    '--pretty',
    'false',
  );
  const errors = output.match(/error TS\d+/g)?.length ?? 0;
  return { ok: code === 0, detail: errors > 0 ? `${errors} errors` : '', output };
}

async function unused() {
  const { code, output } = await node(binOf('knip', 'knip'), '--no-progress');
  return { ok: code === 0, detail: '', output };
}

async function schemaDrift() {
  const { code, output } = await node(join(projectRoot, 'scripts', 'schema.mjs'), '--check');
  return { ok: code === 0, detail: '', output };
}

const CHECKS = [
  { name: 'format and lint', what: 'biome', run: formatAndLint },
  { name: 'import boundaries', what: 'dependency-cruiser', run: boundaries },
  { name: 'schema drift', what: 'schema/', run: schemaDrift },
  { name: 'types', what: 'tsc', run: () => types('tsconfig.json') },
  { name: 'types of the core', what: 'tsc, no host', run: () => types('src/core/tsconfig.json') },
  { name: 'unused code', what: 'knip', run: unused },
];

async function timed({ name, what, run: perform }) {
  const startedMs = performance.now();
  const result = await perform();
  return { name, what, ...result, seconds: (performance.now() - startedMs) / 1000 };
}

function printResult({ name, what, ok, detail, output, seconds }) {
  const mark = ok ? paint.green('ok  ') : paint.red('FAIL');
  console.log(
    `${mark} ${name.padEnd(20)} ${paint.dim(what.padEnd(20))} ${seconds.toFixed(1).padStart(5)} s  ${detail}`,
  );
  if (!ok) console.log(`${output.trim().replaceAll(/^/gm, '     ')}\n`);
}

async function main() {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, fix: { type: 'boolean' } } });
  if (values.fix) await node(binOf('@biomejs/biome', 'biome'), 'check', '--write', '.');
  await generatePrismaClientIfStale();
  const results = [];
  for (const check of CHECKS) {
    const result = await timed(check);
    results.push(result);
    if (!values.json) printResult(result);
  }
  const failed = results.filter(({ ok }) => !ok).length;
  if (values.json) console.log(JSON.stringify({ ok: failed === 0, checks: results }, null, 2));
  else
    console.log(
      failed === 0
        ? paint.green(`\n${results.length} checks passed`)
        : paint.red(`\n${failed} of ${results.length} checks failed`),
    );
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
