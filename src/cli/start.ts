/** `tradsys start`: the platform in this process, until a signal or a fault ends it. */
import { type Config, type ConfigOverrides, loadConfig } from '../config/config.js';
import { environmentVariable, withholdVariable } from '../config/environment.js';
import type { Role } from '../config/services.js';
import type { Platform } from '../runtime/embedded.js';
import { CommandError, EXIT, type ExitCode } from './exit-codes.js';
import { listenForSignals } from './signals.js';
import { runRole } from './start-role.js';
import { formatDuration, layOut } from './terminal/table.js';
import type { Terminal } from './terminal/terminal.js';
import { openTracing } from './tracing.js';

export interface StartOptions {
  readonly port?: number;
  readonly dataDir?: string;
  /** False where --no-simulator stands. */
  readonly simulator: boolean;
  readonly logLevel?: Config['logLevel'];
  readonly json?: boolean;
  readonly role?: Role;
}

/** Time that a stop may take before the process ends anyway. */
const STOP_WITHIN_MS = 9_000;
/** Time that the process may still live after everything was stopped. */
const LINGER_MS = 2_000;

export async function runStart(options: StartOptions, terminal: Terminal): Promise<ExitCode> {
  const config = loadConfig(overridesOf(options));
  const signals = listenForSignals(terminal);
  try {
    if (config.services !== null) {
      const exitCode = await runRole(config, signals, options.json === true, terminal);
      endIfLingering(exitCode);
      return exitCode;
    }
    const platform = await startPlatform(config, terminal);
    if (options.json === true) terminal.print(JSON.stringify(readyLine(platform, config)));
    else printBanner(platform, config, terminal);
    const ending = await Promise.race([signals.first, platform.failed]);
    const failed = ending instanceof Error;
    if (failed) terminal.report(`${terminal.paintError.red('error:')} ${ending.message}`);
    else if (options.json !== true) terminal.report('Stopping …');
    const stopped = await stopInTime(platform, terminal);
    const exitCode = failed || !stopped ? EXIT.FAILED : EXIT.DONE;
    if (!failed && stopped && options.json !== true) terminal.report('Stopped; everything acknowledged is on disk.');
    endIfLingering(exitCode);
    return exitCode;
  } finally {
    signals.release();
  }
}

async function startPlatform(config: Config, terminal: Terminal): Promise<Platform> {
  // The gateway's logger reads it too, and throws at "silent".
  withholdVariable('LOG_LEVEL');
  const tracing = await openTracing(config);
  // Loaded here, since it brings every library with it: --help and doctor answer without.
  const { startEmbedded } = await import('../runtime/embedded.js');
  try {
    return await startEmbedded(config, tracing);
  } catch (error) {
    if (config.logLevel === 'debug' && error instanceof Error) terminal.report(error.stack ?? error.message);
    throw new CommandError(explainStartFailure(error));
  }
}

function explainStartFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const option = /\bport\b/.test(message) ? '--port chooses another port; ' : '';
  return `the platform did not start: ${message}\n(${option}\`tradsys doctor\` checks what it needs)`;
}

function overridesOf(options: StartOptions): ConfigOverrides {
  // People get the banner, programs the log: at info it would drown the one, and is what the other reads.
  const quiet = options.json !== true && environmentVariable('LOG_LEVEL') === null ? 'warn' : undefined;
  return {
    port: options.port,
    dataDir: options.dataDir,
    simulator: options.simulator ? undefined : false,
    logLevel: options.logLevel ?? quiet,
    role: options.role,
  };
}

/** Stops the platform; false where it took too long or failed. */
async function stopInTime(platform: Platform, terminal: Terminal): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), STOP_WITHIN_MS);
  });
  try {
    const result = await Promise.race([platform.stop().then(() => 'stopped' as const), late]);
    if (result === 'late') {
      terminal.report(`error: not stopped within ${STOP_WITHIN_MS / 1000} s; the next start recovers from the journal`);
    }
    return result === 'stopped';
  } catch (error) {
    terminal.report(`error: the stop was not complete: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** A library that keeps a handle open must not keep the process alive. */
function endIfLingering(exitCode: ExitCode): void {
  setTimeout(() => process.exit(exitCode), LINGER_MS).unref();
}

function addressesOf(platform: Platform, config: Config) {
  const { url } = platform;
  return {
    graphql: `${url}/graphql`,
    websocket: `${url.replace(/^http/, 'ws')}/graphql`,
    ...(config.graphiql ? { graphiql: `${url}/graphiql`, sandbox: `${url}/sandbox` } : {}),
    home: `${url}/`,
    health: `${url}/healthz`,
    readiness: `${url}/readyz`,
  };
}

/** What --json prints. */
function readyLine(platform: Platform, config: Config) {
  return {
    event: 'ready',
    ...addressesOf(platform, config),
    credentials: platform.credentialsPath,
    dataDir: config.dataDir,
    simulator: config.simulator,
    startedInMs: Math.round(platform.startedInMs),
    warnings: platform.warnings,
    pid: process.pid,
  };
}

function printBanner(platform: Platform, config: Config, terminal: Terminal): void {
  const { paint } = terminal;
  const addresses = addressesOf(platform, config);
  const rows: string[][] = [
    ['GraphQL', paint.cyan(addresses.graphql), `subscriptions at ${addresses.websocket}`],
    ...(addresses.graphiql === undefined
      ? []
      : [['GraphiQL', paint.cyan(addresses.graphiql), 'write and run operations']]),
    ...(addresses.sandbox === undefined
      ? []
      : [['Sandbox', paint.cyan(addresses.sandbox), 'the same in Apollo Sandbox']]),
    ['Start page', paint.cyan(addresses.home)],
    ['Health', paint.cyan(addresses.health), addresses.readiness],
    ['Data', config.dataDir],
  ];
  if (platform.credentialsPath !== null) {
    rows.push(['Credentials', platform.credentialsPath, 'tokens of trader, trader2, risk and admin']);
  }
  rows.push([
    'Market',
    config.simulator ? `simulated participants trade, seed ${config.simulatorSeed}` : 'no simulator',
  ]);
  terminal.print();
  terminal.print(
    `  ${paint.green('●')} ${paint.bold('tradsys')} is ready ${paint.dim(`(${formatDuration(platform.startedInMs)})`)}`,
  );
  terminal.print();
  for (const line of layOut(
    rows.map(([name = '', value = '', note = '']) => [paint.dim(name), value, paint.dim(note)]),
    { indent: '  ' },
  )) {
    terminal.print(line.trimEnd());
  }
  for (const warning of platform.warnings) {
    terminal.print();
    terminal.print(`  ${paint.yellow('▲')} ${warning}`);
  }
  terminal.print();
  terminal.print(paint.dim('  Try'));
  terminal.print(`  curl -s ${addresses.graphql} -H 'content-type: application/json' \\`);
  terminal.print(`    -d '{"query":"{ instruments { symbol ticker { bidPx askPx lastPx } } }"}'`);
  terminal.print();
  terminal.print(paint.dim('  Ctrl+C stops it.'));
  terminal.print();
}
