/** `tradsys start --role …`: one role in this process, until a signal or a fault ends it. */
import type { Config } from '../config/config.js';
import { withholdVariable } from '../config/environment.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Signals } from './signals.js';
import type { Terminal } from './terminal/terminal.js';
import { openTracing } from './tracing.js';

/** Time that a stop may take before the process ends anyway. */
const STOP_WITHIN_MS = 9_000;

export async function runRole(config: Config, signals: Signals, json: boolean, terminal: Terminal): Promise<ExitCode> {
  // The gateway's logger reads it too, and throws at "silent".
  withholdVariable('LOG_LEVEL');
  const tracing = await openTracing(config);
  const { startRole } = await import('../runtime/roles/role.js');
  const role = startRole(config, tracing);
  void role.started.then((url) => announce(role.role, url, json, terminal)).catch(() => undefined);
  const couldNotStart = role.started.then(
    () => new Promise<never>(() => undefined),
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  const ending = await Promise.race([signals.first, role.failed, couldNotStart]);
  const failed = ending instanceof Error;
  if (failed) terminal.report(`${terminal.paintError.red('error:')} ${oneLine(ending)}`);
  const stopped = await withinTime(role.stop());
  if (!stopped) terminal.report(`error: not stopped within ${STOP_WITHIN_MS / 1000} s`);
  return failed || !stopped ? EXIT.FAILED : EXIT.DONE;
}

function announce(role: string, url: string, json: boolean, terminal: Terminal): void {
  terminal.print(
    json ? JSON.stringify({ event: 'ready', role, url, pid: process.pid }) : `tradsys ${role} is ready at ${url}`,
  );
}

function oneLine(error: Error): string {
  return error.message.replaceAll(/\s*\n\s*/g, ' ');
}

async function withinTime(stop: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), STOP_WITHIN_MS);
  });
  try {
    return await Promise.race([stop.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
