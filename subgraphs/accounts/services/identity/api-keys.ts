/** API keys: made, listed, revoked, and verified with each request that carries one. */
import { randomUUID } from 'node:crypto';
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Identity, Scope } from '../../../../src/graphql/context.js';
import { badUserInput, forbidden, limitExceeded, notFound, withClientErrors } from '../../../../src/graphql/errors.js';
import type { Clock } from '../../../../src/ports/clock.js';
import { type ApiKeyRecord, type IdentityStore, MAX_API_KEYS } from '../../../../src/ports/identity-store.js';
import type { Revocations } from './revocations.js';
import { newApiKey, parseApiKey, secretMatches } from './secrets.js';

const MAX_NAME_LENGTH = 100;
const MAX_IPS = 32;
const CACHED_MS = 30_000;
const MAX_CACHED = 10_000;
const TOUCH_US = 60_000_000;

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly allowedIps: readonly string[];
  readonly expiresUs: number | null;
  readonly requiresSignature: boolean;
}

export class ApiKeys {
  readonly #cache = new Map<string, { readonly record: ApiKeyRecord; readonly untilMs: number }>();

  constructor(
    private readonly store: IdentityStore,
    private readonly revocations: Revocations,
    private readonly pepper: Uint8Array,
    private readonly clock: Clock,
  ) {}

  /** @throws GraphQLError BAD_USER_INPUT, LIMIT_EXCEEDED, FORBIDDEN */
  async create(identity: Identity, key: NewKey): Promise<{ readonly record: ApiKeyRecord; readonly secret: string }> {
    requirePerson(identity);
    const name = key.name.trim();
    if (name === '' || name.length > MAX_NAME_LENGTH)
      throw badUserInput('name', `takes 1 to ${MAX_NAME_LENGTH} characters`);
    if (key.scopes.length === 0)
      throw badUserInput('scopes', 'a key without a scope may do nothing: name at least one');
    const missing = key.scopes.find((scope) => !identity.scopes.has(scope as Scope));
    if (missing !== undefined)
      throw badUserInput('scopes', `you do not have the scope ${missing.slice(0, 40)} yourself`);
    const nowUs = this.clock.nowUs();
    if (key.expiresUs !== null && key.expiresUs <= nowUs) throw badUserInput('expiresAt', 'must lie in the future');
    checkIps(key.allowedIps);
    const own = await withClientErrors(this.store.apiKeysOf(identity.userId));
    if (own.filter(({ revokedUs }) => revokedUs === null).length >= MAX_API_KEYS) {
      throw limitExceeded('name', MAX_API_KEYS, `you have ${MAX_API_KEYS} keys: revoke one first`);
    }
    const { prefix, secretHash, text } = newApiKey(this.pepper);
    const record: ApiKeyRecord = {
      id: randomUUID(),
      userId: identity.userId,
      name,
      prefix,
      secretHash,
      scopes: [...new Set(key.scopes)],
      allowedIps: [...key.allowedIps],
      requiresSignature: key.requiresSignature,
      createdUs: nowUs,
      lastUsedUs: null,
      expiresUs: key.expiresUs,
      revokedUs: null,
    };
    await withClientErrors(this.store.createApiKey(record));
    return { record, secret: text };
  }

  list(identity: Identity): Promise<readonly ApiKeyRecord[]> {
    return withClientErrors(this.store.apiKeysOf(identity.userId));
  }

  /** @throws GraphQLError NOT_FOUND for one that is not the caller's, unless an admin calls */
  async revoke(identity: Identity, id: string): Promise<ApiKeyRecord> {
    requirePerson(identity);
    const record = await withClientErrors(this.store.apiKey(id));
    if (record === null || (record.userId !== identity.userId && !identity.scopes.has('admin'))) {
      throw notFound('API key with this id that you may use', 'id');
    }
    const revokedUs = this.clock.nowUs();
    await withClientErrors(this.store.revokeApiKey(id, revokedUs));
    this.#cache.delete(record.prefix);
    this.revocations.add(id);
    return { ...record, revokedUs };
  }

  /**
   * Returns the key's record where the text is one that counts from this address.
   * @returns null where it does not; why is not told, so that nothing can be probed
   */
  async verify(text: string, address: string): Promise<ApiKeyRecord | null> {
    const parsed = parseApiKey(text);
    if (parsed === null) return null;
    const record = await this.#find(parsed.prefix);
    if (record === null || !secretMatches(this.pepper, record.secretHash, parsed.secret)) return null;
    const nowUs = this.clock.nowUs();
    if (record.revokedUs !== null || this.revocations.has(record.id)) return null;
    if (record.expiresUs !== null && record.expiresUs <= nowUs) return null;
    if (record.allowedIps.length > 0 && !isAllowed(record.allowedIps, address)) return null;
    if ((record.lastUsedUs ?? 0) + TOUCH_US < nowUs) {
      this.#keep({ ...record, lastUsedUs: nowUs });
      await this.store.touchApiKey(record.id, nowUs);
    }
    // It may have been revoked while it was looked up: nobody would close what is let in now.
    return this.revocations.has(record.id) ? null : record;
  }

  async #find(prefix: string): Promise<ApiKeyRecord | null> {
    const cached = this.#cache.get(prefix);
    if (cached !== undefined && cached.untilMs > performance.now()) return cached.record;
    const record = await this.store.apiKeyByPrefix(prefix);
    if (record === null || !(await this.#isOwners(record))) return null;
    this.#keep(record);
    return record;
  }

  /** One made while its owner lost a scope, or was disabled, was revoked by nobody. Operators' own tokens have no user. */
  async #isOwners({ userId, scopes }: ApiKeyRecord): Promise<boolean> {
    const owner = await this.store.user(userId);
    return owner === null || (!owner.disabled && scopes.every((scope) => owner.scopes.includes(scope)));
  }

  #keep(record: ApiKeyRecord): void {
    this.#cache.delete(record.prefix);
    this.#cache.set(record.prefix, { record, untilMs: performance.now() + CACHED_MS });
    if (this.#cache.size > MAX_CACHED) this.#cache.delete(this.#cache.keys().next().value ?? record.prefix);
  }
}

/**
 * A key is for programs: it makes neither keys nor users, and ends no keys. Whoever came by an identity provider has no keys here, since
 * those would outlive what the provider says of their owner.
 * @throws GraphQLError FORBIDDEN
 */
export function requirePerson(identity: Identity): void {
  const kind = identity.credential?.kind;
  if (kind === 'API_KEY') throw forbidden('a session; an API key cannot make users, nor make or revoke keys');
  if (kind === 'EXTERNAL')
    throw forbidden('a session of this platform; users of an identity provider have no keys here');
}

function checkIps(ips: readonly string[]): void {
  if (ips.length > MAX_IPS)
    throw limitExceeded('allowedIps', MAX_IPS, `${ips.length} were given, at most ${MAX_IPS} are kept`);
  for (const ip of ips) {
    const [address = '', bits, more] = ip.split('/');
    const version = isIP(address);
    const most = version === 6 ? 128 : 32;
    const isGood =
      version !== 0 && more === undefined && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
    if (!isGood)
      throw badUserInput('allowedIps', `"${ip.slice(0, 64)}" is no IP address or network such as 203.0.113.0/24`);
  }
}

function isAllowed(ips: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const ip of ips) {
    const [net = '', bits] = ip.split('/');
    const family = isIPv6(net) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(net, family);
    else list.addSubnet(net, Number(bits), family);
  }
  // Of an IPv6 client only its /64 is told.
  const [plain = ''] = address.split('/');
  return isIP(plain) !== 0 && list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}
