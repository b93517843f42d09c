/** The user that the embedded PostgreSQL runs as: PostgreSQL refuses to run as root, so root hands it to a lesser one. */
import { spawnSync } from 'node:child_process';

/** Users tried in this order; `nobody` exists nearly everywhere. */
const CANDIDATES = ['postgres', 'nobody'];

export interface ServiceUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The embedded PostgreSQL cannot run here; the message says why and what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/**
 * Returns the user to run as, or null where the present one will do.
 * @throws EmbeddedPostgresError when this is root and there is no lesser user
 */
export function findServiceUser(): ServiceUser | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of CANDIDATES) {
    const uid = idOf('-u', name);
    const gid = idOf('-g', name);
    if (uid !== null && gid !== null && uid !== 0) return { name, uid, gid };
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody". Start as an ordinary user, or set DATABASE_URL.`,
  );
}

function idOf(flag: '-u' | '-g', name: string): number | null {
  const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
  const id = status === 0 ? Number.parseInt(stdout, 10) : Number.NaN;
  return Number.isInteger(id) ? id : null;
}

/** Tells whether the user may pass through the folder and all above it, by asking the system as that user. */
export function canEnter(user: ServiceUser, directory: string): boolean {
  return spawnSync('test', ['-x', directory], { uid: user.uid, gid: user.gid, cwd: '/', stdio: 'ignore' }).status === 0;
}
