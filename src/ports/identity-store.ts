/**
 * Who may sign in: users, the sessions that they opened, and their API keys. Secrets are kept as hashes only. What is saved
 * is durable when the promise resolves.
 */

/** A person, or a program with a password. */
export interface UserRecord {
  /** Name to sign in with, which is also the owner of accounts: 1 to 64 characters. */
  readonly id: string;
  /** argon2id in PHC form. */
  readonly passwordHash: string;
  readonly scopes: readonly string[];
  readonly disabled: boolean;
  /** Microseconds since 1970 UTC. */
  readonly createdUs: number;
}

/** A session: a chain of refresh tokens, each good for one use. */
export interface SessionRecord {
  readonly id: string;
  readonly userId: string;
  /** SHA-256 of the refresh token that is good now, hex. */
  readonly tokenHash: string;
  /** SHA-256 of those that were used: seeing one again means that it was stolen. */
  readonly usedHashes: readonly string[];
  readonly createdUs: number;
  readonly expiresUs: number;
  readonly revokedUs: number | null;
}

export interface ApiKeyRecord {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** Public beginning of the key, by which it is found. */
  readonly prefix: string;
  /** HMAC-SHA-256 of the secret under the platform's key, hex. */
  readonly secretHash: string;
  readonly scopes: readonly string[];
  /** Addresses that it may be used from; empty = any. */
  readonly allowedIps: readonly string[];
  /** Whether its requests must be signed. */
  readonly requiresSignature: boolean;
  readonly createdUs: number;
  readonly lastUsedUs: number | null;
  readonly expiresUs: number | null;
  readonly revokedUs: number | null;
}

/** Most API keys that one user may have at a time, and that are listed. */
export const MAX_API_KEYS = 100;

/** Every method may throw HistoryUnreachableError: the database cannot be reached now. */
export interface IdentityStore {
  user(id: string): Promise<UserRecord | null>;
  /** All by name, at most 1,000. */
  users(): Promise<readonly UserRecord[]>;
  saveUser(user: UserRecord): Promise<void>;
  /** Saves a user of a new name, in one statement: of two at once one succeeds. @returns false where the name is taken */
  addUser(user: UserRecord): Promise<boolean>;
  session(id: string): Promise<SessionRecord | null>;
  createSession(session: SessionRecord): Promise<void>;
  /**
   * Puts a new refresh token in the place of one, in one statement: of two that use the same token at once, one succeeds.
   * @returns false where the session is revoked, over, or its token is another one by now
   */
  rotate(id: string, fromHash: string, toHash: string, expiresUs: number, nowUs: number): Promise<boolean>;
  revokeSession(id: string, nowUs: number): Promise<void>;
  /** Ids of the user's sessions that were revoked by this. */
  revokeSessionsOf(userId: string, nowUs: number): Promise<readonly string[]>;
  apiKeyByPrefix(prefix: string): Promise<ApiKeyRecord | null>;
  apiKey(id: string): Promise<ApiKeyRecord | null>;
  /** Newest first, revoked ones behind those that are not, at most MAX_API_KEYS. */
  apiKeysOf(userId: string): Promise<readonly ApiKeyRecord[]>;
  createApiKey(key: ApiKeyRecord): Promise<void>;
  revokeApiKey(id: string, nowUs: number): Promise<void>;
  /**
   * Revokes the user's keys, however many there are.
   * @param within those with no scope but these stay; null: none stays
   * @returns ids of those that were revoked by this
   */
  revokeApiKeysOf(userId: string, within: readonly string[] | null, nowUs: number): Promise<readonly string[]>;
  touchApiKey(id: string, nowUs: number): Promise<void>;
  /** Ids of sessions and keys that were revoked at or after the time and could still be held by somebody. */
  revokedSince(sinceUs: number): Promise<readonly string[]>;
}
