/** How a command reaches a running platform: its address, and whose token it shows. */
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { decodeJwt } from 'jose';
import { environmentVariable } from '../../config/environment.js';
import { CommandError, EXIT } from '../exit-codes.js';

export interface PlatformOptions {
  readonly url: string;
  readonly token?: string;
  readonly credentials?: string;
  readonly dataDir?: string;
}

/** Adds the options that every command which talks to a platform takes. @param scopes what its token needs @param users whose tokens of a credentials file serve */
export function withPlatformOptions(command: Command, scopes: string, users = 'admin token is used'): Command {
  return command
    .option('-u, --url <url>', 'GraphQL endpoint', 'http://127.0.0.1:4000/graphql')
    .option('-t, --token <token>', `access token with ${scopes}`)
    .option('-c, --credentials <file>', `credentials file of the platform; its ${users}`)
    .option('-d, --data-dir <folder>', 'data folder with dev-credentials.json (default: TRADSYS_DATA_DIR or .tradsys)');
}

/** @throws CommandError naming the argument when there is no such file */
export async function requireFile(path: string, name: string): Promise<void> {
  try {
    if ((await stat(path)).isFile()) return;
  } catch (error) {
    throw new CommandError(`${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, EXIT.USAGE);
  }
  throw new CommandError(`${name}: ${path} is not a file`, EXIT.USAGE);
}

/** Returns the token given, or that of a user of the credentials file. @throws CommandError when there is none */
export async function tokenOf(options: PlatformOptions, user: 'admin' | 'trader' = 'admin'): Promise<string> {
  if (options.token !== undefined) return options.token;
  const dataDir = options.dataDir ?? environmentVariable('TRADSYS_DATA_DIR') ?? '.tradsys';
  const path = resolve(options.credentials ?? join(dataDir, 'dev-credentials.json'));
  const mend = 'start the platform first, or name the file with --credentials, or give a --token';
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandError(`no credentials at ${path} (${(error as NodeJS.ErrnoException).code}); ${mend}`, EXIT.USAGE);
  }
  try {
    const token = (JSON.parse(text) as Partial<Record<string, { token?: unknown }>>)[user]?.token;
    if (typeof token === 'string') return token;
  } catch {
    // Told below: a file of another kind is as good as none.
  }
  throw new CommandError(`${path} holds no token of ${user}; ${mend}`, EXIT.USAGE);
}

/** User who the token is of. @throws CommandError when it is no token */
export function ownerOf(token: string): string {
  try {
    const { sub } = decodeJwt(token);
    if (sub !== undefined) return sub;
  } catch {
    // Told below.
  }
  throw new CommandError('the token is not an access token (JWT) with a subject', EXIT.USAGE);
}

/** @throws CommandError when it is no address */
export function graphqlAddress(url: string): string {
  try {
    const address = new URL(url);
    if (address.protocol === 'http:' || address.protocol === 'https:') {
      return address.pathname === '/' ? new URL('/graphql', address).href : address.href;
    }
  } catch {
    // Told below.
  }
  throw new CommandError(`--url: "${url}" is not an http or https address`, EXIT.USAGE);
}

/** Runs work that Ctrl+C or SIGTERM ends early. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    return await work(abort.signal);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}
