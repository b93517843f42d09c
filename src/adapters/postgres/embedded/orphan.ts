/**
 * Servers that outlived their starter: found through postmaster.pid and stopped, never adopted, since only the exit of
 * an own child is told.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../../ports/log.js';
import { EmbeddedPostgresError } from './service-user.js';

const POLL_MS = 20;
/** Fast shutdown, then immediate (recovery at the next start), then by force; each with its patience. */
const ESCALATION: readonly [NodeJS.Signals, number][] = [
  ['SIGINT', 5000],
  ['SIGQUIT', 3000],
  ['SIGKILL', 2000],
];

interface ProcessInfo {
  readonly parent: number;
  readonly command: string;
}

/** Returns the process id of the server that runs on the data, null when none does. */
export function runningServer(data: string): number | null {
  const path = join(data, 'postmaster.pid');
  if (!existsSync(path)) return null;
  const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
  if (!Number.isInteger(pid) || pid <= 1) return null;
  // A process id is given out again: what has it now must be a server on this very data.
  return inspect(pid)?.command.includes(data) === true ? pid : null;
}

/**
 * Stops the server that a killed process left running on the data, and clears its traces.
 * @throws EmbeddedPostgresError when the server belongs to a process that is alive
 */
export async function stopOrphan(data: string, log: Log): Promise<void> {
  const pid = runningServer(data);
  if (pid !== null) {
    refuseIfOwned(pid, data);
    log('warn', 'stopping a database server that a former process left running', { pid });
    await terminate(pid);
  }
  // Left by a server that was killed; another process may have its id now, which PostgreSQL would take for the server.
  rmSync(join(data, 'postmaster.pid'), { force: true });
}

/** Stops a server, with more force as it takes longer. Resolves when it has ended. */
export async function terminate(pid: number): Promise<void> {
  for (const [signal, patienceMs] of ESCALATION) {
    if (!signalProcess(pid, signal)) return;
    const untilMs = performance.now() + patienceMs;
    while (performance.now() < untilMs) {
      if (!isAlive(pid)) return;
      await sleep(POLL_MS);
    }
  }
  throw new EmbeddedPostgresError(
    `the database server (process ${pid}) does not end. Stop it by hand and start again.`,
  );
}

function refuseIfOwned(pid: number, data: string): void {
  const parent = inspect(pid)?.parent ?? 1;
  if (parent <= 1) return;
  const owner = inspect(parent);
  if (owner === null || !owner.command.includes(basename(process.execPath))) return;
  throw new EmbeddedPostgresError(
    `${data} is in use by process ${parent}. Stop it, or start with another data folder (TRADSYS_DATA_DIR).`,
  );
}

function isAlive(pid: number): boolean {
  return signalProcess(pid, 0) && inspect(pid) !== null;
}

function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Returns parent and command line of a process; null for one that has ended, zombies included. */
function inspect(pid: number): ProcessInfo | null {
  return process.platform === 'linux' ? inspectProc(pid) : inspectByPs(pid);
}

function inspectProc(pid: number): ProcessInfo | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    return { parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}

function inspectByPs(pid: number): ProcessInfo | null {
  const { status, stdout } = spawnSync('ps', ['-o', 'ppid=,stat=,command=', '-p', String(pid)], { encoding: 'utf8' });
  const match = status === 0 ? /^\s*(\d+)\s+(\S+)\s+(.*)$/m.exec(stdout) : null;
  if (match === null || match[2]?.startsWith('Z')) return null;
  return { parent: Number(match[1]), command: match[3] ?? '' };
}
