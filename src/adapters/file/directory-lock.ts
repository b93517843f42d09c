/**
 * One writer a data folder: a lock file that names its holder, and a heartbeat that shows the holder is alive.
 *
 * Taken over without asking: a lock whose process is gone, judged by process id and start time (ids are used again,
 * and in a container every server is process 1) within one boot and one process namespace. A holder that can't be
 * judged so (before a reboot, another host or container on a shared volume) is watched for TAKEOVER_MS: a lock that
 * beats is in use. The holder looks at each beat whether the lock is still its own, and reports when it isn't.
 */
import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, link, open, readFile, readlink, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../ports/log.js';

const HEARTBEAT_MS = 1000;
/** How long an unjudgeable lock must stand still before it counts as left behind. */
const TAKEOVER_MS = 5000;
const RETRY_MS = 50;
/** Together longer than TAKEOVER_MS. */
const MOST_ATTEMPTS = 120;

/** Another process uses the data folder. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError';
}

interface Holder {
  readonly token: string;
  readonly pid: number;
  /** Start of the process in clock ticks since boot; '' where the system does not tell. */
  readonly startedAt: string;
  readonly bootId: string;
  readonly pidNamespace: string;
  readonly host: string;
}

export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * Locks the folder until `release` or the end of the process.
 * @param onLost called once when somebody took or removed the lock: the caller must stop writing
 * @throws DirectoryInUseError naming the process that holds it
 */
export async function lockDirectory(
  directory: string,
  onLost: (error: Error) => void,
  log: Log,
): Promise<DirectoryLock> {
  const path = join(directory, 'lock');
  const self = await describeSelf();
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const handle = await createLock(path, self);
    if (handle !== null) return hold(path, handle, onLost, log);
    const found = await readText(path);
    if (found === null) continue;
    const holder = parseHolder(found);
    if (await isInUse(path, found, holder, self, log)) throw inUse(directory, path, holder);
    if (await removeStale(path, found)) {
      log('warn', 'took over the lock of a process that is gone', { directory, pid: holder?.pid ?? null });
    } else {
      await delay(RETRY_MS);
    }
  }
  throw inUse(directory, path, parseHolder((await readText(path)) ?? ''));
}

/** Returns the open lock file, or null where there is one already. */
async function createLock(path: string, self: Holder): Promise<FileHandle | null> {
  // Written apart and linked into place: nobody ever sees half a lock.
  const draft = `${path}.${self.token}`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(self));
    await handle.sync();
    await link(draft, path);
    return handle;
  } catch (error) {
    await handle.close();
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function isInUse(path: string, found: string, holder: Holder | null, self: Holder, log: Log): Promise<boolean> {
  const comparable =
    holder !== null &&
    holder.bootId === self.bootId &&
    holder.pidNamespace === self.pidNamespace &&
    holder.host === self.host;
  if (comparable) return isAlive(holder);
  log('info', 'watching whether the holder of the lock is alive', { path, forMs: TAKEOVER_MS });
  const before = await modifiedAt(path);
  const until = performance.now() + TAKEOVER_MS;
  while (performance.now() < until) {
    await delay(HEARTBEAT_MS / 4);
    const text = await readText(path);
    if (text === null) return false;
    if (text !== found || (await modifiedAt(path)) !== before) return true;
  }
  return false;
}

async function isAlive(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return (await startOf(holder.pid)) === holder.startedAt;
}

/**
 * Removes the lock that was judged stale. Of many that judged the same lock one makes the second name for it, and only
 * that one removes it: a lock that somebody made in between is never touched.
 * @returns false when another process is about it
 */
async function removeStale(path: string, judged: string): Promise<boolean> {
  const claim = `${path}.stale`;
  try {
    await link(path, claim);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
    if (code === 'EEXIST') await removeAbandonedClaim(claim);
    return false;
  }
  try {
    if ((await readText(claim)) !== judged) return false;
    await rm(path);
    return true;
  } finally {
    await rm(claim, { force: true });
  }
}

/** A claim lasts for an instant; one that is old was left by a process that was killed in that instant. */
async function removeAbandonedClaim(claim: string): Promise<void> {
  const found = await statOf(claim);
  if (found !== null && Date.now() - found.ctimeMs > TAKEOVER_MS) await rm(claim, { force: true });
}

async function hold(
  path: string,
  handle: FileHandle,
  onLost: (error: Error) => void,
  log: Log,
): Promise<DirectoryLock> {
  // The open handle keeps the inode from being used again, so that its number tells this lock from any other.
  const { ino } = await handle.stat();
  let released = false;
  let beating: Promise<void> = Promise.resolve();
  const beat = async (): Promise<void> => {
    const found = await inodeOf(path);
    if (found === ino) {
      const now = new Date();
      await handle.utimes(now, now);
    } else if (!released) {
      clearInterval(timer);
      onLost(new DirectoryInUseError(`${path} was ${found === null ? 'removed' : 'taken over by another process'}`));
    }
  };
  const timer = setInterval(() => {
    beating = beat().catch((error: unknown) => {
      log('warn', 'the lock of the data folder could not be refreshed', { path, error: String(error) });
    });
  }, HEARTBEAT_MS);
  timer.unref();
  return {
    async release() {
      if (released) return;
      released = true;
      clearInterval(timer);
      await beating;
      if ((await inodeOf(path)) === ino) await rm(path, { force: true });
      await handle.close();
    },
  };
}

async function describeSelf(): Promise<Holder> {
  return {
    token: randomUUID(),
    pid: process.pid,
    startedAt: await startOf(process.pid),
    bootId: (await readText('/proc/sys/kernel/random/boot_id'))?.trim() ?? '',
    pidNamespace: await readlink('/proc/self/ns/pid').catch(() => ''),
    host: hostname(),
  };
}

/**
 * Start of a process: field 22 of /proc/<pid>/stat, counted behind the name, which may hold spaces and parentheses.
 * A zombie has ended and gets a start that equals none.
 */
async function startOf(pid: number): Promise<string> {
  const text = await readText(`/proc/${pid}/stat`);
  if (text === null) return '';
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : (fields[19] ?? '');
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // ESRCH: a /proc entry whose process ended while it was read.
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}

async function inodeOf(path: string): Promise<number | null> {
  return (await statOf(path))?.ino ?? null;
}

async function modifiedAt(path: string): Promise<number | null> {
  return (await statOf(path))?.mtimeMs ?? null;
}

async function statOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null;
    return typeof value?.pid === 'number' && typeof value.startedAt === 'string' ? (value as Holder) : null;
  } catch {
    return null;
  }
}

function inUse(directory: string, path: string, holder: Holder | null): DirectoryInUseError {
  const who = holder === null ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new DirectoryInUseError(
    `${directory} is in use by ${who}. Stop it, or start with another data folder. If that process is certainly gone, remove ${path}.`,
  );
}
