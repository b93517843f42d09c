/** `npm run bench [-- SUITE…] [-- --json]`: measurements beside peers and limits, one table a suite. */

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { runSuite } from './suite.js';

/** Each suite is loaded when it runs: their peers are big. */
const SUITES: Readonly<Record<string, (quiet: boolean) => Promise<readonly unknown[]>>> = {
  engine: async (quiet) => {
    const { suite, upkeepSuite } = await import('./engine/suite.js');
    return [...(await runSuite(suite, quiet)), ...(await runSuite(upkeepSuite, quiet))];
  },
  streams: async (quiet) => runSuite((await import('./streams/suite.js')).suite, quiet),
  backtest: async (quiet) => runSuite((await import('./backtest/suite.js')).suite, quiet),
  gateway: async (quiet) => runSuite((await import('./gateway/suite.js')).suite, quiet),
  statistics: async (quiet) => runSuite((await import('./statistics/suite.js')).suite, quiet),
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const unknown = positionals.filter((name) => !(name in SUITES));
  if (values.help === true || unknown.length > 0) {
    process.stdout.write(`npm run bench -- [${Object.keys(SUITES).join('|')}] [--json]\n`);
    return unknown.length > 0 ? 2 : 0;
  }
  const machine = `${cpus()[0]?.model ?? 'unknown'} × ${cpus().length}, Node ${process.version}`;
  const quiet = values.json === true;
  if (!quiet) process.stdout.write(`${machine}\n`);
  const figures: Record<string, unknown> = { machine };
  for (const [name, run] of Object.entries(SUITES)) {
    if (positionals.length === 0 || positionals.includes(name)) figures[name] = await run(quiet);
  }
  if (quiet) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  return 0;
}

process.exitCode = await main();
