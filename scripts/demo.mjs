/**
 * `npm run demo -- <scenario>`: plays a scripted scenario on a platform of its own, over GraphQL, and tells what happens.
 *
 * The platform is built where it is stale, started in a new folder under the system's temporary one on a free port, and
 * taken down with everything that it wrote. The same scenario prints the same lines each time: no times, ids or ports.
 * `--json` prints one JSON object a line. Exit codes: 0 played, 1 something went other than the scenario says, 2 usage.
 */
import { parseArgs } from 'node:util';
import { playBreaker } from './demo/breaker.mjs';
import { startVenue } from './demo/venue.mjs';
import { build } from './lib/build.mjs';
import { paint } from './lib/terminal.mjs';

const SCENARIOS = {
  breaker: {
    play: playBreaker,
    what: 'a circuit breaker, its reopening auction, the market-wide breaker, kill switches',
  },
};

const HELP = `Usage: npm run demo -- <scenario> [--json]

Plays a scenario on a platform of its own and prints what happens.

Scenarios:
${Object.entries(SCENARIOS)
  .map(([name, { what }]) => `  ${name.padEnd(10)} ${what}`)
  .join('\n')}

Options:
  --json      print one JSON object a line
  -h, --help  print help

Colours are left out where the output is no terminal, and with NO_COLOR.`;

/** Prints the lines of a scenario: headings, what was done, what came of it. */
function createTeller(asJson) {
  const print = (kind, text, style) => {
    process.stdout.write(`${asJson ? JSON.stringify({ kind, text }) : style(text)}\n`);
  };
  return {
    title: (text) => print('title', text, (shown) => `\n${paint.bold(shown)}`),
    did: (text) => print('did', text, (shown) => `  ${shown}`),
    came: (text) => print('came', text, (shown) => `    ${paint.green('→')} ${shown}`),
    refused: (text) => print('refused', text, (shown) => `    ${paint.red('✗')} ${shown}`),
  };
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    });
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function main() {
  const { values, positionals = [], error } = readArguments();
  if (values?.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const scenario = SCENARIOS[positionals[0]];
  if (error !== undefined || scenario === undefined || positionals.length !== 1) {
    const problem =
      error ?? (positionals.length === 0 ? 'name a scenario' : `no scenario is named ${positionals.join(' ')}`);
    process.stderr.write(`error: ${problem}\n\n${HELP}\n`);
    return 2;
  }
  await build({ log: () => undefined });
  const venue = await startVenue();
  try {
    await scenario.play(venue, createTeller(values.json));
    return 0;
  } catch (failure) {
    process.stderr.write(`error: ${failure instanceof Error ? failure.message : String(failure)}\n`);
    return 1;
  } finally {
    await venue.stop();
  }
}

process.exitCode = await main();
