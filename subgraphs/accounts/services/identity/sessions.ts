/**
 * Sessions: a password for a short access token and a refresh token that is good for one use.
 *
 * ```
 * createSession ─> access (15 min) + refresh 1 ─refreshSession─> access + refresh 2 ─> …
 *                                    refresh 1 again: stolen ─> the whole session is revoked
 * ```
 */
import { randomUUID } from 'node:crypto';
import type { Scope } from '../../../../src/graphql/context.js';
import { SCOPES } from '../../../../src/graphql/context.js';
import { badUserInput, limitExceeded, signInRefused, withClientErrors } from '../../../../src/graphql/errors.js';
import type { Clock } from '../../../../src/ports/clock.js';
import type { IdentityStore, UserRecord } from '../../../../src/ports/identity-store.js';
import { SignInAttempts } from './attempts.js';
import type { Revocations } from './revocations.js';
import { hashPassword, passwordMatches, randomToken, sha256 } from './secrets.js';

export const ACCESS_LIFETIME_S = 900;
const REFRESH_LIFETIME_US = 30 * 86_400_000_000;
const REFRESH = /^tsr_([0-9a-f-]{36})_([A-Za-z0-9_-]{43})$/;
const NAME = /^[A-Za-z0-9._@-]{1,64}$/;
export const MIN_PASSWORD_LENGTH = 12;
const MAX_PASSWORD_LENGTH = 256;
/** Passwords that are hashed at once: each takes 19 MiB and a core for a while. */
const MAX_HASHING = 4;

/** Signs an access token of a session. */
export type IssueToken = (
  user: { readonly userId: string; readonly scopes: readonly Scope[]; readonly sessionId: string },
  lifetimeS: number,
) => Promise<string>;

export interface IssuedSession {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** End of the access token, microseconds since 1970 UTC. */
  readonly expiresAt: number;
}

export interface NewUser {
  readonly id: string;
  readonly password: string;
  readonly scopes: readonly string[];
}

export class Sessions {
  readonly #attempts = new SignInAttempts();
  #hashing = 0;
  /** Verified for names that do not exist, so that time does not tell which do. */
  readonly #nobody = hashPassword(randomToken());

  constructor(
    private readonly store: IdentityStore,
    private readonly revocations: Revocations,
    private readonly issueToken: IssueToken,
    private readonly clock: Clock,
  ) {}

  /**
   * @param address of the client, as quotas count it
   * @throws GraphQLError UNAUTHENTICATED, LIMIT_EXCEEDED after too many failures, HISTORY_UNAVAILABLE
   */
  async create(username: string, password: string, address: string): Promise<IssuedSession> {
    const nowMs = this.clock.nowUs() / 1_000;
    const wait = this.#attempts.wait(username, address, nowMs);
    if (wait !== null) {
      const minutes = Math.ceil(wait.waitMs / 60_000);
      throw limitExceeded('username', wait.limit, `too many failed sign-ins: try again in ${minutes} minutes`);
    }
    const user = NAME.test(username) ? await withClientErrors(this.store.user(username)) : null;
    const matches = await this.#verify(user?.passwordHash ?? (await this.#nobody), password);
    if (user === null || !matches || user.disabled) {
      this.#attempts.failed(username, address, nowMs);
      throw signInRefused('the user name or the password is wrong');
    }
    this.#attempts.succeeded(username, address);
    const id = randomUUID();
    const secret = randomToken();
    const nowUs = this.clock.nowUs();
    await withClientErrors(
      this.store.createSession({
        id,
        userId: user.id,
        tokenHash: sha256(secret),
        usedHashes: [],
        createdUs: nowUs,
        expiresUs: nowUs + REFRESH_LIFETIME_US,
        revokedUs: null,
      }),
    );
    // Whoever gave another password, or disabled the user, while this one was looked at has ended every session but this.
    const now = await withClientErrors(this.store.user(user.id));
    if (now === null || now.disabled || now.passwordHash !== user.passwordHash) {
      await this.#revoke(id);
      throw signInRefused('the user name or the password is wrong');
    }
    return this.#issue(now, id, secret);
  }

  /** @throws GraphQLError UNAUTHENTICATED; a token that was used before revokes its session */
  async refresh(refreshToken: string): Promise<IssuedSession> {
    const [, id, secret] = REFRESH.exec(refreshToken) ?? [];
    if (id === undefined || secret === undefined) throw signInRefused('the refresh token is malformed');
    const nowUs = this.clock.nowUs();
    const next = randomToken();
    const hash = sha256(secret);
    const isGood = await withClientErrors(
      this.store.rotate(id, hash, sha256(next), nowUs + REFRESH_LIFETIME_US, nowUs),
    );
    const session = await withClientErrors(this.store.session(id));
    if (!isGood || session === null) {
      if (session?.usedHashes.includes(hash)) await this.#revoke(id);
      throw signInRefused('the refresh token is not good any more: sign in again');
    }
    const user = await withClientErrors(this.store.user(session.userId));
    if (user === null || user.disabled) {
      await this.#revoke(id);
      throw signInRefused('the user may not sign in any more');
    }
    return this.#issue(user, id, next);
  }

  async end(sessionId: string): Promise<void> {
    await this.#revoke(sessionId);
  }

  /** Makes a user, or gives one another password and other scopes, which ends its sessions and those of its keys that have more. */
  async saveUser(wanted: NewUser): Promise<UserRecord> {
    const before = await withClientErrors(this.store.user(wanted.id));
    const user = await this.#newUser(wanted, before?.createdUs ?? this.clock.nowUs());
    await withClientErrors(this.store.saveUser(user));
    if (before !== null) {
      await this.#revokeAll(user.id);
      await this.#revokeKeys(user.id, user.scopes);
    }
    return user;
  }

  /** Makes a user. @returns null where the name is taken: nothing was changed */
  async addUser(wanted: NewUser): Promise<UserRecord | null> {
    const user = await this.#newUser(wanted, this.clock.nowUs());
    return (await withClientErrors(this.store.addUser(user))) ? user : null;
  }

  async #newUser({ id, password, scopes }: NewUser, createdUs: number): Promise<UserRecord> {
    if (!NAME.test(id))
      throw badUserInput('input.username', 'takes 1 to 64 of A-Z, a-z, 0-9, point, minus, underscore and @');
    if (password.length < MIN_PASSWORD_LENGTH || password.length > MAX_PASSWORD_LENGTH) {
      throw badUserInput('input.password', `takes ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters`);
    }
    const unknown = scopes.find((scope) => !(SCOPES as readonly string[]).includes(scope));
    if (unknown !== undefined)
      throw badUserInput('input.scopes', `there is no scope ${unknown.slice(0, 40)}; there are ${SCOPES.join(', ')}`);
    const passwordHash = await this.#bounded(() => hashPassword(password));
    return { id, passwordHash, scopes: [...scopes], disabled: false, createdUs };
  }

  /** @returns null where there is no such user */
  async disableUser(id: string): Promise<UserRecord | null> {
    const user = await withClientErrors(this.store.user(id));
    if (user === null) return null;
    const disabled = { ...user, disabled: true };
    await withClientErrors(this.store.saveUser(disabled));
    await this.#revokeAll(id);
    await this.#revokeKeys(id, null);
    return disabled;
  }

  /** A key may never do what its owner may not any more. @param within scopes of the keys that stay; null: none stays */
  async #revokeKeys(userId: string, within: readonly string[] | null): Promise<void> {
    const ids = await withClientErrors(this.store.revokeApiKeysOf(userId, within, this.clock.nowUs()));
    for (const id of ids) this.revocations.add(id);
  }

  async #issue(user: UserRecord, sessionId: string, secret: string): Promise<IssuedSession> {
    const scopes = user.scopes as readonly Scope[];
    const accessToken = await this.issueToken({ userId: user.id, scopes, sessionId }, ACCESS_LIFETIME_S);
    const expiresAt = this.clock.nowUs() + ACCESS_LIFETIME_S * 1_000_000;
    return { accessToken, refreshToken: `tsr_${sessionId}_${secret}`, expiresAt };
  }

  async #revoke(sessionId: string): Promise<void> {
    await withClientErrors(this.store.revokeSession(sessionId, this.clock.nowUs()));
    this.revocations.add(sessionId);
  }

  async #revokeAll(userId: string): Promise<void> {
    const ids = await withClientErrors(this.store.revokeSessionsOf(userId, this.clock.nowUs()));
    for (const id of ids) this.revocations.add(id);
  }

  #verify(hash: string, password: string): Promise<boolean> {
    if (password.length > MAX_PASSWORD_LENGTH) return Promise.resolve(false);
    return this.#bounded(() => passwordMatches(hash, password));
  }

  async #bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#hashing >= MAX_HASHING)
      throw limitExceeded('password', MAX_HASHING, 'too many sign-ins at once: try again');
    this.#hashing += 1;
    try {
      return await work();
    } finally {
      this.#hashing -= 1;
    }
  }
}
