/**
 * Access tokens: who calls. HS256 with the platform's secret; algorithm, issuer, audience and expiry are checked, and a
 * token that passed is kept until it expires, since a client sends the same one with each request.
 */
import { createSecretKey } from 'node:crypto';
import { type JWTPayload, errors as joseErrors, jwtVerify } from 'jose';
import { type Identity, SCOPES, type Scope } from '../src/graphql/context.js';
import { LruCache } from './lru-cache.js';

export interface VerifiedIdentity extends Identity {
  /** Present for an API key whose requests must be signed. */
  readonly signing?: { readonly id: string; readonly secret: Uint8Array };
  /** When the token ends, milliseconds since 1970 UTC. */
  readonly expiresAtMs: number;
}

export interface TokenVerifier {
  /**
   * @param address of the client, as quotas count it
   * @throws InvalidTokenError saying what is wrong with the token
   * @throws IdentityUnavailableError
   */
  verify(token: string, address: string): Promise<VerifiedIdentity>;
  /** Calls back with the id of each credential that is revoked from now on; absent where none can be. */
  onRevoked?(listener: (credentialId: string) => void): () => void;
}

/** The token proves nothing; the message is for the client. */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
}

/** Whether the token proves something cannot be told now; the message is for the client. */
export class IdentityUnavailableError extends Error {
  override readonly name = 'IdentityUnavailableError';
}

export interface TokenVerifierOptions {
  /** At least 32 bytes. */
  readonly secret: Uint8Array;
  readonly issuer: string;
  readonly audience: string;
  /** Verified tokens that are kept; 10,000 when absent. */
  readonly maxCachedTokens?: number;
}

const ALGORITHM = 'HS256';
const MIN_SECRET_BYTES = 32;
/** Longer ones are refused unread. */
export const MAX_TOKEN_LENGTH = 4_096;
const KNOWN_SCOPES: ReadonlySet<string> = new Set(SCOPES);

/** @throws RangeError when the secret is too short to sign with */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { secret, issuer, audience, maxCachedTokens = 10_000 } = options;
  if (secret.byteLength < MIN_SECRET_BYTES) {
    throw new RangeError(`the token secret has ${secret.byteLength} bytes; HS256 needs at least ${MIN_SECRET_BYTES}`);
  }
  const key = createSecretKey(secret);
  const verified = new LruCache<VerifiedIdentity>(maxCachedTokens, maxCachedTokens * MAX_TOKEN_LENGTH);
  return {
    async verify(token) {
      const known = verified.get(token);
      if (known !== undefined) {
        if (known.expiresAtMs > Date.now()) return known;
        verified.delete(token);
      }
      if (token.length > MAX_TOKEN_LENGTH) {
        throw new InvalidTokenError(`the access token is longer than ${MAX_TOKEN_LENGTH} characters`);
      }
      const identity = toIdentity(await checkedPayload(token, key, issuer, audience));
      verified.set(token, identity, token.length);
      return identity;
    },
  };
}

async function checkedPayload(
  token: string,
  key: ReturnType<typeof createSecretKey>,
  issuer: string,
  audience: string,
) {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer,
      audience,
      requiredClaims: ['sub', 'exp'],
    });
    return payload;
  } catch (error) {
    throw explain(error);
  }
}

function explain(error: unknown): unknown {
  if (error instanceof joseErrors.JWTExpired)
    return new InvalidTokenError('the access token has expired: get a new one');
  if (error instanceof joseErrors.JWTClaimValidationFailed) {
    return new InvalidTokenError(
      `the access token is not for this platform: its claim "${error.claim}" is wrong or missing`,
    );
  }
  if (error instanceof joseErrors.JOSEAlgNotAllowed)
    return new InvalidTokenError(`the access token is not signed by ${ALGORITHM}`);
  if (error instanceof joseErrors.JOSEError)
    return new InvalidTokenError('the access token is malformed or its signature is wrong');
  return error;
}

function toIdentity({ sub, exp, scope, sid }: JWTPayload): VerifiedIdentity {
  if (sub === undefined || sub === '' || exp === undefined) {
    throw new InvalidTokenError('the access token names no subject (sub) or no end (exp)');
  }
  const named = typeof scope === 'string' ? scope.split(' ') : [];
  const scopes = named.filter((name): name is Scope => KNOWN_SCOPES.has(name));
  const identity = { userId: sub, scopes: new Set(scopes), expiresAtMs: exp * 1000 };
  return typeof sid === 'string' ? { ...identity, credential: { kind: 'SESSION', id: sid } } : identity;
}

/**
 * Returns the token of an Authorization value; null where there is none.
 * @throws InvalidTokenError for another scheme than Bearer
 */
export function bearerToken(authorization: string | undefined): string | null {
  if (authorization === undefined || authorization === '') return null;
  const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (token === undefined)
    throw new InvalidTokenError('the Authorization header is not of the form "Bearer <access token>"');
  return token;
}
