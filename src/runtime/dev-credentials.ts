/**
 * Development users: a generated signing secret and one token per role, kept readable by their owner only.
 * Production never comes here.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SignJWT } from 'jose';
import type { Scope } from '../graphql/context.js';

/** Issuer and audience of the platform's own tokens. */
export const TOKEN_ISSUER = 'tradsys';
export const TOKEN_AUDIENCE = 'tradsys';

const SECRET_BYTES = 48;
const TOKEN_LIFETIME = '30d';
const OWNER_ONLY = 0o600;

const TRADER_SCOPES: readonly Scope[] = [
  'market:read',
  'orders:read',
  'orders:write',
  'risk:read',
  'accounts:read',
  'strategies:write',
];

/** Users of a development start; those with an account trade on it. */
export const DEV_USERS = {
  trader: { userId: 'trader', accountId: 'ACC-TRADER', scopes: TRADER_SCOPES },
  trader2: { userId: 'trader2', accountId: 'ACC-TRADER2', scopes: TRADER_SCOPES },
  risk: {
    userId: 'risk',
    accountId: null,
    scopes: ['market:read', 'orders:read', 'risk:read', 'risk:write', 'accounts:read'],
  },
  admin: {
    userId: 'admin',
    accountId: null,
    // Sees everything, lists instruments, opens accounts and makes users; neither trades nor sets risk.
    scopes: ['market:read', 'orders:read', 'risk:read', 'accounts:read', 'accounts:write', 'admin'],
  },
} as const satisfies Record<string, { userId: string; accountId: string | null; scopes: readonly Scope[] }>;

/** Returns the secret kept in the data directory, made at the first start. */
export async function loadOrCreateSecret(dataDir: string): Promise<Uint8Array> {
  const path = join(dataDir, 'secrets', 'jwt.key');
  try {
    return Buffer.from((await readFile(path, 'utf8')).trim(), 'base64url');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const secret = randomBytes(SECRET_BYTES);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writePrivately(path, `${secret.toString('base64url')}\n`);
  return secret;
}

/** Signs an access token of the platform (HS256). */
export async function signToken(
  secret: Uint8Array,
  user: { readonly userId: string; readonly scopes: readonly Scope[]; readonly sessionId?: string },
  lifetime: string | number = TOKEN_LIFETIME,
): Promise<string> {
  const session = user.sessionId === undefined ? {} : { sid: user.sessionId };
  return new SignJWT({ scope: user.scopes.join(' '), ...session })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(user.userId)
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(lifetime)
    .sign(secret);
}

/** Writes fresh tokens for the development users and returns the file's path. */
export async function writeDevCredentials(dataDir: string, secret: Uint8Array): Promise<string> {
  const path = join(dataDir, 'dev-credentials.json');
  const entries = await Promise.all(
    Object.entries(DEV_USERS).map(async ([name, user]) => {
      const token = await signToken(secret, user);
      return [name, user.accountId === null ? { token } : { token, accountId: user.accountId }] as const;
    }),
  );
  await writePrivately(path, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  return path;
}

async function writePrivately(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  await writeFile(temporary, text, { mode: OWNER_ONLY });
  await rename(temporary, path);
}
