/** Identity put together: the service behind the accounts subgraph, and the router's door that asks it. */
import { hkdfSync } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { decodeJwt } from 'jose';
import {
  createTokenVerifier,
  IdentityUnavailableError,
  InvalidTokenError,
  type TokenVerifier,
} from '../../router/authentication.js';
import { createExternalVerifier } from '../../router/external-identity.js';
import { IdentityService } from '../../subgraphs/accounts/services/identity/identity.js';
import type { OidcConfig } from '../config/oidc.js';
import { createSystemClock } from '../engine/system-clock.js';
import type { Clock } from '../ports/clock.js';
import type { IdentityStore } from '../ports/identity-store.js';
import type { Log } from '../ports/log.js';
import { signToken, TOKEN_AUDIENCE, TOKEN_ISSUER } from './dev-credentials.js';
import type { Teardown } from './teardown.js';

const PEPPER_BYTES = 32;
/** An API key without an end is looked at again after this time on a socket. */
const KEY_SOCKET_MS = 24 * 3_600_000;
const KEY_PREFIX = 'tsk_';

/** @param secret of access tokens; the key of API keys' hashes is derived from it */
export function createIdentity(store: IdentityStore, secret: Uint8Array, clock: Clock, log: Log): IdentityService {
  const derived = (use: string) => new Uint8Array(hkdfSync('sha256', secret, '', use, PEPPER_BYTES));
  return new IdentityService({
    store,
    pepper: derived('tradsys api keys'),
    signingPepper: derived('tradsys request signing'),
    clock,
    log,
    // jose reads a number as an instant, a text as a span.
    issueToken: (user, lifetimeS) => signToken(secret, user, `${lifetimeS}s`),
  });
}

/** As `createIdentity`, following what is revoked until the teardown. */
export async function startIdentity(
  store: IdentityStore,
  secret: Uint8Array,
  logger: (module: string) => Log,
  teardown: Teardown,
): Promise<IdentityService> {
  const identity = createIdentity(store, secret, createSystemClock(), logger('identity'));
  await identity.start();
  teardown.add('identity', () => Promise.resolve(identity.stop()));
  return identity;
}

/** Takes access tokens, API keys and tokens of the identity provider; none of the first two once it is revoked. */
export function createVerifier(
  secret: Uint8Array,
  identity: IdentityService,
  oidc: OidcConfig | null,
  log: Log,
): TokenVerifier {
  const external = oidc === null ? null : createExternalVerifier({ ...oidc, log });
  const tokens = createTokenVerifier({ secret, issuer: TOKEN_ISSUER, audience: TOKEN_AUDIENCE });
  return {
    async verify(token, address) {
      if (token.startsWith(KEY_PREFIX)) {
        const key = await reached(identity.verifyKey(token, address));
        if (key === null) {
          throw new InvalidTokenError('the API key is unknown, over, revoked, or not to be used from this address');
        }
        const { id, userId, scopes, expiresUs, signingSecret } = key;
        const expiresAtMs = expiresUs === null ? Date.now() + KEY_SOCKET_MS : expiresUs / 1_000;
        const signing = signingSecret === null ? {} : { signing: { id, secret: signingSecret } };
        return { userId, scopes, expiresAtMs, credential: { kind: 'API_KEY', id }, ...signing };
      }
      if (external !== null && issuerOf(token) === oidc?.issuer) return external.verify(token, address);
      const verified = await tokens.verify(token, address);
      if (verified.credential !== undefined && identity.revocations.has(verified.credential.id)) {
        throw new InvalidTokenError('the session has ended: sign in again');
      }
      return verified;
    },
    onRevoked: (listener) => identity.revocations.onRevoked(listener),
  };
}

/** By whom the token says it was issued, which decides who verifies it and proves nothing; null for what is no token. */
function issuerOf(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null;
  } catch {
    return null;
  }
}

/** @throws IdentityUnavailableError where the database that knows does not answer */
async function reached<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof GraphQLError) || error.extensions.code !== 'HISTORY_UNAVAILABLE') throw error;
    throw new IdentityUnavailableError('API keys cannot be looked up now: send this again shortly');
  }
}
