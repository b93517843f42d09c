/** Identity as the subgraph and the router's door use it: sessions, API keys and users over one store. */
import type { Identity, Scope } from '../../../../src/graphql/context.js';
import { badUserInput, notFound, withClientErrors } from '../../../../src/graphql/errors.js';
import type { Clock } from '../../../../src/ports/clock.js';
import type { ApiKeyRecord, IdentityStore, UserRecord } from '../../../../src/ports/identity-store.js';
import type { Log } from '../../../../src/ports/log.js';
import type { ApiKey, CreateApiKeyPayload, SaveUserInput, User } from '../../types/identity.js';
import { ApiKeys, type NewKey, requirePerson } from './api-keys.js';
import { Revocations } from './revocations.js';
import { signingSecretOf } from './secrets.js';
import { type IssueToken, Sessions } from './sessions.js';

export interface IdentityDeps {
  readonly store: IdentityStore;
  readonly issueToken: IssueToken;
  /** Key of the hashes of API keys, at least 32 bytes. */
  readonly pepper: Uint8Array;
  /** Key of the secrets that requests are signed with. */
  readonly signingPepper: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who an API key stands for. */
export interface KeyIdentity {
  readonly id: string;
  readonly userId: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Microseconds since 1970 UTC; null = none. */
  readonly expiresUs: number | null;
  /** What its requests must be signed with; null where they need not be. */
  readonly signingSecret: Uint8Array | null;
}

export class IdentityService {
  readonly revocations: Revocations;
  readonly sessions: Sessions;
  readonly #keys: ApiKeys;

  constructor(private readonly deps: IdentityDeps) {
    const { store, issueToken, pepper, clock, log } = deps;
    this.revocations = new Revocations(store, clock, log);
    this.sessions = new Sessions(store, this.revocations, issueToken, clock);
    this.#keys = new ApiKeys(store, this.revocations, pepper, clock);
  }

  start(): Promise<void> {
    return this.revocations.start();
  }

  stop(): void {
    this.revocations.stop();
  }

  /** @returns null for a key that does not count */
  async verifyKey(text: string, address: string): Promise<KeyIdentity | null> {
    const record = await withClientErrors(this.#keys.verify(text, address));
    if (record === null) return null;
    const { id, userId, scopes, expiresUs } = record;
    const signingSecret = record.requiresSignature ? new TextEncoder().encode(this.#signingSecret(id)) : null;
    return { id, userId, scopes: new Set(scopes as readonly Scope[]), expiresUs, signingSecret };
  }

  async logout({ credential }: Identity): Promise<boolean> {
    if (credential?.kind !== 'SESSION')
      throw badUserInput('logout', 'the token is not of a session that createSession opened');
    await this.sessions.end(credential.id);
    return true;
  }

  async listKeys(identity: Identity): Promise<ApiKey[]> {
    return (await this.#keys.list(identity)).map(toApiKey);
  }

  async createKey(identity: Identity, key: NewKey): Promise<CreateApiKeyPayload> {
    const { record, secret } = await this.#keys.create(identity, key);
    const signingSecret = record.requiresSignature ? this.#signingSecret(record.id) : null;
    return { apiKey: toApiKey(record), secret, signingSecret };
  }

  #signingSecret(keyId: string): string {
    return signingSecretOf(this.deps.signingPepper, keyId);
  }

  async revokeKey(identity: Identity, id: string): Promise<ApiKey> {
    return toApiKey(await this.#keys.revoke(identity, id));
  }

  async listUsers(): Promise<User[]> {
    return (await withClientErrors(this.deps.store.users())).map(toUser);
  }

  /** @param identity null: the operator on the database */
  async saveUser(identity: Identity | null, { username, password, scopes }: SaveUserInput): Promise<User> {
    if (identity !== null && identity.credential?.kind === 'API_KEY') requirePerson(identity);
    return toUser(await this.sessions.saveUser({ id: username, password, scopes }));
  }

  /** Makes a user for the operator on the database. @returns null where the name is taken: nothing was changed */
  async addUser({ username, password, scopes }: SaveUserInput): Promise<User | null> {
    const user = await this.sessions.addUser({ id: username, password, scopes });
    return user === null ? null : toUser(user);
  }

  async disableUser(username: string): Promise<User> {
    const user = await this.sessions.disableUser(username);
    if (user === null) throw notFound('user of this name', 'username');
    return toUser(user);
  }
}

function toUser({ id, scopes, disabled, createdUs }: UserRecord): User {
  return { username: id, scopes: [...scopes], disabled, createdAt: createdUs };
}

function toApiKey(record: ApiKeyRecord): ApiKey {
  const { id, name, prefix, scopes, allowedIps, requiresSignature, createdUs, lastUsedUs, expiresUs, revokedUs } =
    record;
  return {
    id,
    name,
    prefix: `tsk_${prefix}`,
    scopes: [...scopes],
    allowedIps: [...allowedIps],
    requiresSignature,
    createdAt: createdUs,
    lastUsedAt: lastUsedUs,
    expiresAt: expiresUs,
    revokedAt: revokedUs,
  };
}
