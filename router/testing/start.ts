/** A router over the test shop on a free port, and tokens for it. */
import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Scope } from '../../src/graphql/context.js';
import { createTokenVerifier } from '../authentication.js';
import type { RouterLimits } from '../limits.js';
import { createRouter, type Router, type RouterOptions } from '../router.js';
import { buildShop } from './shop.js';

const SECRET = randomBytes(48);
const ISSUER = 'shop';
const AUDIENCE = 'shop-api';

/** What the router logged, newest last. */
export type Logged = { level: string; message: string; fields: unknown }[];

export async function startRouter(
  options: Partial<Omit<RouterOptions, 'limits'>> & { limits?: Partial<RouterLimits> } = {},
): Promise<Router & { logged: Logged }> {
  const { subgraphs, supergraphSdl } = await buildShop();
  const logged: Logged = [];
  const router = await createRouter({
    subgraphs,
    supergraphSdl,
    host: '127.0.0.1',
    port: 0,
    verifier: createTokenVerifier({ secret: SECRET, issuer: ISSUER, audience: AUDIENCE }),
    readiness: async () => ({ engine: { ready: true } }),
    allowedOrigins: ['https://desk.example.com', 'http://localhost:*'],
    graphiql: true,
    log: (level, message, fields) => logged.push({ level, message, fields }),
    ...options,
  });
  return Object.assign(router, { logged });
}

interface TokenOptions {
  readonly scopes?: readonly Scope[];
  readonly expiresInMs?: number;
  readonly issuer?: string;
  readonly audience?: string;
  readonly secret?: Uint8Array;
  readonly algorithm?: string;
}

export async function signToken(userId: string, options: TokenOptions = {}): Promise<string> {
  const { scopes = ['orders:read', 'orders:write'], expiresInMs = 60_000, algorithm = 'HS256' } = options;
  return new SignJWT({ scope: scopes.join(' ') })
    .setProtectedHeader({ alg: algorithm })
    .setSubject(userId)
    .setIssuer(options.issuer ?? ISSUER)
    .setAudience(options.audience ?? AUDIENCE)
    .setExpirationTime(Math.floor((Date.now() + expiresInMs) / 1000))
    .sign(options.secret ?? SECRET);
}
