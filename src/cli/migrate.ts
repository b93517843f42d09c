/** `tradsys migrate`: brings the database of DATABASE_URL to this version's schema, once and before the roles start. */
import { applyMigrations, MigrationError } from '../adapters/postgres/migrate.js';
import { loadDatabaseUrl } from '../config/config.js';
import { CommandError, EXIT, type ExitCode } from './exit-codes.js';
import type { Terminal } from './terminal/terminal.js';

export interface MigrateOptions {
  readonly json?: boolean;
}

export async function runMigrate({ json }: MigrateOptions, terminal: Terminal): Promise<ExitCode> {
  const url = loadDatabaseUrl();
  if (url === null) throw new CommandError('DATABASE_URL: names no database to migrate', EXIT.USAGE);
  let applied: readonly string[];
  try {
    applied = await applyMigrations(url, () => undefined);
  } catch (error) {
    if (error instanceof MigrationError) throw new CommandError(error.message);
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`the database cannot be migrated: ${reason}. Check DATABASE_URL.`);
  }
  if (json === true) terminal.print(JSON.stringify({ applied }));
  else if (applied.length === 0) terminal.print('The database is up to date.');
  else for (const name of applied) terminal.print(`applied ${name}`);
  return EXIT.DONE;
}
