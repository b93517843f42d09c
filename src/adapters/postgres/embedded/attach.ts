/** The embedded server that another process runs on a data folder, reached rather than started. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findHome } from './home.js';
import { runningServer } from './orphan.js';
import { dataOf } from './server.js';

/** Line of postmaster.pid that holds the port. */
const PORT_LINE = 3;

/** Returns the connection string, with the password, of the server that runs on the data folder now; null where none does. */
export function runningEmbeddedUrl(dataDir: string): string | null {
  const home = findHome(dataDir);
  if (home === null || runningServer(dataOf(home)) === null) return null;
  const port = Number(readFileSync(join(dataOf(home), 'postmaster.pid'), 'utf8').split('\n')[PORT_LINE]);
  const password = readFileSync(join(home, 'password'), 'utf8').trim();
  return `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
}
