/**
 * Tokens of an identity provider (OpenID Connect): verified by the keys that it publishes, RS256 or EdDSA only, so that neither alg=none
 * nor a public key taken for a secret opens anything. Claims become a user and scopes as the operator configured it.
 */
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, errors as joseErrors, jwtVerify } from 'jose';
import { type Identity, SCOPES, type Scope } from '../src/graphql/context.js';
import type { Log } from '../src/ports/log.js';
import {
  IdentityUnavailableError,
  InvalidTokenError,
  MAX_TOKEN_LENGTH,
  type TokenVerifier,
  type VerifiedIdentity,
} from './authentication.js';
import { LruCache } from './lru-cache.js';
import { PublishedKeys } from './published-keys.js';

export interface ExternalIdentityOptions {
  /** As the provider writes it into `iss`. */
  readonly issuer: string;
  readonly audience: string;
  /** Where the keys are published; null: as the provider's discovery document says. */
  readonly jwksUrl: string | null;
  /** By how much the clocks may differ, s. */
  readonly clockSkewS: number;
  /** Claim that names the user. */
  readonly userClaim: string;
  /** Stands before the claim, so that the provider's names are none of this platform's users. */
  readonly userPrefix: string;
  /** Claim with the scopes or groups: a text with spaces between, or a list. */
  readonly scopeClaim: string;
  /** Scopes by the values of the claim; null: values that are names of scopes. */
  readonly scopes: Readonly<Record<string, readonly string[]>> | null;
  readonly log: Log;
  /** Milliseconds of a clock that only goes forward; the process's own when absent. */
  readonly now?: () => number;
}

const ALGORITHMS = ['RS256', 'EdDSA'];
const MAX_CACHED_TOKENS = 10_000;
const MAX_USER_LENGTH = 64;
const KNOWN_SCOPES: ReadonlySet<string> = new Set(SCOPES);

export function createExternalVerifier(options: ExternalIdentityOptions): TokenVerifier {
  const keys = new PublishedKeys(options);
  const verified = new LruCache<VerifiedIdentity>(MAX_CACHED_TOKENS, MAX_CACHED_TOKENS * MAX_TOKEN_LENGTH);
  return {
    async verify(token) {
      if (token.length > MAX_TOKEN_LENGTH) {
        throw new InvalidTokenError(`the access token is longer than ${MAX_TOKEN_LENGTH} characters`);
      }
      // A key that the provider took back takes its tokens along, those that were seen before too.
      const set = await keys.current();
      const known = verified.get(`${keys.generation}\n${token}`);
      if (known !== undefined && known.expiresAtMs > Date.now()) return known;
      const identity = toIdentity(await payloadOf(token, set, keys, options), options);
      verified.set(`${keys.generation}\n${token}`, identity, token.length);
      return identity;
    },
  };
}

async function payloadOf(
  token: string,
  known: JSONWebKeySet,
  keys: PublishedKeys,
  options: ExternalIdentityOptions,
): Promise<JWTPayload> {
  const check = async (set: JSONWebKeySet): Promise<JWTPayload> => {
    const { payload } = await jwtVerify(token, createLocalJWKSet(set), {
      algorithms: ALGORITHMS,
      issuer: options.issuer,
      audience: options.audience,
      clockTolerance: options.clockSkewS,
      requiredClaims: ['sub', 'exp', 'iat'],
    });
    return payload;
  };
  try {
    try {
      return await check(known);
    } catch (error) {
      // The provider may have changed its keys since.
      if (!(error instanceof joseErrors.JWKSNoMatchingKey)) throw error;
      const newer = await keys.newer();
      if (newer === null) throw error;
      return await check(newer);
    }
  } catch (error) {
    throw explain(error);
  }
}

function explain(error: unknown): unknown {
  if (error instanceof InvalidTokenError || error instanceof IdentityUnavailableError) return error;
  if (error instanceof joseErrors.JWTExpired)
    return new InvalidTokenError('the access token has expired: get a new one');
  if (error instanceof joseErrors.JWTClaimValidationFailed) {
    return new InvalidTokenError(
      `the access token is not for this platform: its claim "${error.claim}" is wrong or missing`,
    );
  }
  if (error instanceof joseErrors.JOSEAlgNotAllowed) {
    return new InvalidTokenError(`the access token is not signed by ${ALGORITHMS.join(' or ')}`);
  }
  if (error instanceof joseErrors.JWKSNoMatchingKey) {
    return new InvalidTokenError('the access token is signed by a key that its issuer does not publish');
  }
  if (error instanceof joseErrors.JOSEError) {
    return new InvalidTokenError('the access token is malformed or its signature is wrong');
  }
  return error;
}

function toIdentity(payload: JWTPayload, options: ExternalIdentityOptions): VerifiedIdentity {
  const name = payload[options.userClaim];
  if (typeof name !== 'string' || name === '') {
    throw new InvalidTokenError(`the access token names no user: its claim "${options.userClaim}" is no text`);
  }
  const userId = `${options.userPrefix}${name}`;
  if (userId.length > MAX_USER_LENGTH) {
    throw new InvalidTokenError(`the access token names a user of more than ${MAX_USER_LENGTH} characters`);
  }
  const credential: Identity['credential'] = { kind: 'EXTERNAL', id: payload.jti ?? userId };
  // The clocks may differ, but nothing is good for longer than it says.
  return { userId, scopes: scopesOf(payload, options), expiresAtMs: (payload.exp ?? 0) * 1_000, credential };
}

function scopesOf(payload: JWTPayload, { scopeClaim, scopes }: ExternalIdentityOptions): ReadonlySet<Scope> {
  const claim = payload[scopeClaim];
  const values = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  const granted = values.flatMap((value: unknown) => {
    if (typeof value !== 'string') return [];
    return scopes === null ? [value] : Object.hasOwn(scopes, value) ? (scopes[value] ?? []) : [];
  });
  return new Set(granted.filter((name): name is Scope => KNOWN_SCOPES.has(name)));
}
