/**
 * Where the embedded PostgreSQL lives: its data, its password, and a copy of the programs where one is needed.
 *
 * An ordinary user's home is <data folder>/postgres. Root hands the server to a lesser user, who often may not enter the
 * data folder (it is root's alone, or the project is); the home is then a folder under /var/tmp that the data folder
 * names in postgres-home.json. A home whose data folder no longer names it is of no use to anybody and is removed.
 */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import type { Log } from '../../../ports/log.js';
import { runningServer } from './orphan.js';
import { canEnter, EmbeddedPostgresError, type ServiceUser } from './service-user.js';

const OUTSIDE = join(sep, 'var', 'tmp');
const PREFIX = 'tradsys-';
const POINTER = 'postgres-home.json';
const OWNER = 'owner.json';

/** Returns the home of the data folder's server, made where there is none. */
export function locateHome(dataDir: string, user: ServiceUser | null, log: Log): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const inside = join(dataDir, 'postgres');
  if (user === null || (canEnter(user, dataDir) && !existsSync(join(dataDir, POINTER)))) {
    mkdirSync(inside, { recursive: true, mode: 0o700 });
    // The server's user passes through, and sees nothing but its own folder.
    if (user !== null) chmodSync(inside, 0o711);
    return inside;
  }
  const known = readPointer(dataDir);
  if (known !== null && isOurs(known)) return known;
  removeAbandoned(dataDir, log);
  return makeOutside(dataDir);
}

/** Returns the home that the data folder's server was given; null where it has none. Makes nothing. */
export function findHome(dataDir: string): string | null {
  const outside = readPointer(dataDir);
  if (outside !== null && isOurs(outside)) return outside;
  const inside = join(dataDir, 'postgres');
  return existsSync(inside) ? inside : null;
}

/**
 * Removes the home with all that is in it; the server must have stopped. Of what was in it only the journal's events come again:
 * users, keys, the audit log and what was imported do not.
 */
export function removeHome(dataDir: string): void {
  const outside = readPointer(dataDir);
  if (outside !== null && isOurs(outside)) rmSync(outside, { recursive: true, force: true });
  rmSync(join(dataDir, POINTER), { force: true });
  rmSync(join(dataDir, 'postgres'), { recursive: true, force: true });
}

function makeOutside(dataDir: string): string {
  const home = mkdtempSync(join(OUTSIDE, PREFIX));
  chmodSync(home, 0o711);
  writeFileSync(join(home, OWNER), JSON.stringify({ dataDir }), { mode: 0o600 });
  writeFileSync(join(dataDir, POINTER), JSON.stringify({ home }), { mode: 0o600 });
  return home;
}

function readPointer(dataDir: string): string | null {
  const home = readJson(join(dataDir, POINTER))?.home;
  return typeof home === 'string' && dirname(home) === OUTSIDE ? home : null;
}

/** /var/tmp is everybody's: only a folder that is ours and closed to others' writing is trusted. */
function isOurs(home: string): boolean {
  const stats = lstatSync(home, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  if (stats.isDirectory() && stats.uid === process.getuid?.() && (stats.mode & 0o022) === 0) return true;
  throw new EmbeddedPostgresError(`${home} is not a folder that only this user may write. Remove it and start again.`);
}

/** Removes homes that this data folder left behind when it was emptied, and those of temporary folders that are gone. */
function removeAbandoned(dataDir: string, log: Log): void {
  for (const name of readdirSync(OUTSIDE).filter((entry) => entry.startsWith(PREFIX))) {
    const home = join(OUTSIDE, name);
    const stats = lstatSync(home, { throwIfNoEntry: false });
    if (!stats?.isDirectory() || stats.uid !== process.getuid?.()) continue;
    const owner = readJson(join(home, OWNER))?.dataDir;
    if (typeof owner !== 'string') continue;
    const gone = owner === dataDir || (owner.startsWith(tmpdir() + sep) && !existsSync(owner));
    if (!gone || runningServer(join(home, 'data')) !== null) continue;
    rmSync(home, { recursive: true, force: true });
    log('info', 'removed the database of a data folder that is gone', { home, dataDir: owner });
  }
}

function readJson(path: string): Record<string, unknown> | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
