/** Checks of the machine: Node, port, data folder, disk and memory. */
import { lstat, mkdtemp, rmdir, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { formatBytes } from '../terminal/table.js';
import type { Check } from './check.js';

/** Oldest Node that the platform runs on, as in package.json. */
const LEAST_NODE: readonly [major: number, minor: number] = [20, 19];
const MIB = 1024 * 1024;
/** The journal stops the platform when the disk is full, so a warning comes early. */
const LEAST_DISK_BYTES = 500 * MIB;
const AMPLE_DISK_BYTES = 5 * 1024 * MIB;
const LEAST_MEMORY_BYTES = 512 * MIB;
const AMPLE_MEMORY_BYTES = 1536 * MIB;
const HEALTH_WITHIN_MS = 2_000;

/** @param version as in process.versions.node */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  const enough = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  return {
    name: 'Node',
    status: enough ? 'ok' : 'missing',
    found: `version ${version}`,
    mend: enough ? null : `install Node ${leastMajor}.${leastMinor} or newer: https://nodejs.org`,
  };
}

export async function checkPort(host: string, port: number): Promise<Check> {
  const name = 'Port';
  if (port === 0) return { name, status: 'ok', found: 'any free port is chosen at the start', mend: null };
  const code = await tryToListen(host, port);
  const where = `${host}:${port}`;
  if (code === null) return { name, status: 'ok', found: `${where} is free`, mend: null };
  if (code === 'EADDRINUSE' && (await answersAsPlatform(host, port))) {
    const mend = 'nothing to do, unless a second platform is wanted: give it another --port and --data-dir';
    return { name, status: 'warn', found: `a platform is running at ${where}`, mend };
  }
  if (code === 'EADDRINUSE') {
    const mend = `stop what listens on port ${port}, or choose another with --port or PORT`;
    return { name, status: 'missing', found: `${where} is in use by another program`, mend };
  }
  const mend =
    code === 'EACCES'
      ? 'choose a port above 1023, or allow the program to use lower ones'
      : 'set HOST to an address of this machine, e.g. 127.0.0.1';
  return { name, status: 'missing', found: `${where} cannot be used: ${code}`, mend };
}

export async function checkDataFolder(folder: string): Promise<Check> {
  const name = 'Data folder';
  const mend = 'choose a folder that you may write with --data-dir or TRADSYS_DATA_DIR, or change its owner';
  const existing = await nearestExisting(folder);
  const found = existing === folder ? folder : `${folder} (made at the first start)`;
  try {
    if (!(await stat(existing)).isDirectory()) {
      return { name, status: 'missing', found: `${existing} is not a folder`, mend };
    }
    // Only a write tells about read-only mounts, quotas and file systems that are none: root may write anywhere on paper.
    await rmdir(await mkdtemp(join(existing, '.tradsys-probe-')));
    return { name, status: 'ok', found, mend: null };
  } catch (error) {
    return { name, status: 'missing', found: `${existing} cannot be written: ${codeOf(error)}`, mend };
  }
}

export async function checkDiskSpace(folder: string): Promise<Check> {
  const name = 'Disk space';
  const free = await freeBytes(await nearestExisting(folder));
  if (typeof free === 'string') {
    return { name, status: 'missing', found: `unknown: ${free}`, mend: 'choose another folder with --data-dir' };
  }
  const found = `${formatBytes(free)} free`;
  if (free >= AMPLE_DISK_BYTES) return { name, status: 'ok', found, mend: null };
  const mend = `free some space, or choose a larger disk with --data-dir; the journal grows by about 100 bytes a command`;
  return { name, status: free >= LEAST_DISK_BYTES ? 'warn' : 'missing', found, mend };
}

/** Returns the bytes that may be written there, or the code of what hinders. */
async function freeBytes(path: string): Promise<number | string> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    return codeOf(error);
  }
}

export function checkMemory(): Check {
  const name = 'Memory';
  const limit = process.constrainedMemory();
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  const available = Math.min(total, freeMemory());
  const found = `${formatBytes(available)} available of ${formatBytes(total)}`;
  if (available >= AMPLE_MEMORY_BYTES) return { name, status: 'ok', found, mend: null };
  const mend = `close other programs or raise the memory limit to ${formatBytes(AMPLE_MEMORY_BYTES)} or more`;
  return { name, status: available >= LEAST_MEMORY_BYTES ? 'warn' : 'missing', found, mend };
}

function freeMemory(): number {
  // Node 20.13 and newer count what the system can take back from its caches.
  const { availableMemory } = process as { availableMemory?: () => number };
  return availableMemory?.call(process) ?? freemem();
}

/** Returns null where listening works, else the error's code. */
function tryToListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(codeOf(error)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

async function answersAsPlatform(host: string, port: number): Promise<boolean> {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host;
  try {
    const answer = await fetch(`http://${reachable}:${port}/healthz`, {
      signal: AbortSignal.timeout(HEALTH_WITHIN_MS),
    });
    await answer.text();
    return answer.ok;
  } catch {
    // Whatever listens there does not speak HTTP, or not like a platform.
    return false;
  }
}

/** Returns the folder, or what there is of its path; a link to nowhere is there. */
async function nearestExisting(folder: string): Promise<string> {
  for (let path = folder; ; path = dirname(path)) {
    try {
      await lstat(path);
      return path;
    } catch (error) {
      if (path === dirname(path) || !['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return path;
    }
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
