/** Users, sessions and API keys in PostgreSQL. What must be one step is one statement. */
import {
  type ApiKeyRecord,
  type IdentityStore,
  MAX_API_KEYS,
  type SessionRecord,
  type UserRecord,
} from '../../ports/identity-store.js';
import type { Log } from '../../ports/log.js';
import type { AppApiKey, AppSession, AppUser, PrismaClient } from './__generated__/client.js';
import { createGuard, type Guard, type GuardTexts } from './connection.js';

const MAX_USERS = 1_000;
const MAX_REVOKED = 100_000;
/** Used refresh tokens that a session remembers; older ones are unknown again. */
const MAX_USED = 100;

const TEXTS: GuardTexts = {
  away: 'identities cannot be reached',
  unreachable: 'identities cannot be read or saved now; they come back with the database',
  failed: 'a statement about identities failed',
};

export class PostgresIdentityStore implements IdentityStore {
  readonly #guarded: Guard;

  constructor(
    private readonly prisma: PrismaClient,
    log: Log,
    onUnreachable: () => void,
  ) {
    this.#guarded = createGuard(TEXTS, log, onUnreachable);
  }

  user(id: string): Promise<UserRecord | null> {
    return this.#guarded(async () => userOf(await this.prisma.appUser.findUnique({ where: { id } })));
  }

  users(): Promise<readonly UserRecord[]> {
    return this.#guarded(async () => {
      const rows = await this.prisma.appUser.findMany({ orderBy: { id: 'asc' }, take: MAX_USERS });
      return rows.map((row) => userOf(row)!);
    });
  }

  saveUser({ id, createdUs, scopes, ...rest }: UserRecord): Promise<void> {
    return this.#guarded(async () => {
      const row = { ...rest, scopes: [...scopes], createdUs: BigInt(createdUs) };
      await this.prisma.appUser.upsert({ where: { id }, create: { id, ...row }, update: row });
    });
  }

  addUser({ createdUs, scopes, ...rest }: UserRecord): Promise<boolean> {
    return this.#guarded(async () => {
      const row = { ...rest, scopes: [...scopes], createdUs: BigInt(createdUs) };
      const { count } = await this.prisma.appUser.createMany({ data: [row], skipDuplicates: true });
      return count === 1;
    });
  }

  session(id: string): Promise<SessionRecord | null> {
    return this.#guarded(async () => sessionOf(await this.prisma.appSession.findUnique({ where: { id } })));
  }

  createSession(session: SessionRecord): Promise<void> {
    return this.#guarded(async () => {
      await this.prisma.appSession.create({
        data: {
          ...session,
          usedHashes: [...session.usedHashes],
          createdUs: BigInt(session.createdUs),
          expiresUs: BigInt(session.expiresUs),
          revokedUs: orNull(session.revokedUs),
        },
      });
    });
  }

  rotate(id: string, fromHash: string, toHash: string, expiresUs: number, nowUs: number): Promise<boolean> {
    return this.#guarded(async () => {
      const rows = await this.prisma.$executeRaw`UPDATE sessions
        SET token_hash = ${toHash}, expires_us = ${BigInt(expiresUs)},
          used_hashes = (ARRAY[${fromHash}]::text[] || used_hashes)[1:${MAX_USED}]
        WHERE id = ${id} AND token_hash = ${fromHash} AND revoked_us IS NULL AND expires_us > ${BigInt(nowUs)}`;
      return rows === 1;
    });
  }

  revokeSession(id: string, nowUs: number): Promise<void> {
    return this.#guarded(async () => {
      await this.prisma.appSession.updateMany({ where: { id, revokedUs: null }, data: { revokedUs: BigInt(nowUs) } });
    });
  }

  revokeSessionsOf(userId: string, nowUs: number): Promise<readonly string[]> {
    return this.#guarded(async () => {
      const rows = await this.prisma.$queryRaw<{ id: string }[]>`UPDATE sessions SET revoked_us = ${BigInt(nowUs)}
        WHERE user_id = ${userId} AND revoked_us IS NULL RETURNING id`;
      return rows.map(({ id }) => id);
    });
  }

  apiKeyByPrefix(prefix: string): Promise<ApiKeyRecord | null> {
    return this.#guarded(async () => keyOf(await this.prisma.appApiKey.findUnique({ where: { prefix } })));
  }

  apiKey(id: string): Promise<ApiKeyRecord | null> {
    return this.#guarded(async () => keyOf(await this.prisma.appApiKey.findUnique({ where: { id } })));
  }

  apiKeysOf(userId: string): Promise<readonly ApiKeyRecord[]> {
    return this.#guarded(async () => {
      const rows = await this.prisma.appApiKey.findMany({
        where: { userId },
        orderBy: [{ revokedUs: { sort: 'desc', nulls: 'first' } }, { createdUs: 'desc' }, { id: 'desc' }],
        take: MAX_API_KEYS,
      });
      return rows.map((row) => keyOf(row)!);
    });
  }

  createApiKey(key: ApiKeyRecord): Promise<void> {
    return this.#guarded(async () => {
      await this.prisma.appApiKey.create({
        data: {
          ...key,
          scopes: [...key.scopes],
          allowedIps: [...key.allowedIps],
          createdUs: BigInt(key.createdUs),
          lastUsedUs: orNull(key.lastUsedUs),
          expiresUs: orNull(key.expiresUs),
          revokedUs: orNull(key.revokedUs),
        },
      });
    });
  }

  revokeApiKey(id: string, nowUs: number): Promise<void> {
    return this.#guarded(async () => {
      await this.prisma.appApiKey.updateMany({ where: { id, revokedUs: null }, data: { revokedUs: BigInt(nowUs) } });
    });
  }

  revokeApiKeysOf(userId: string, within: readonly string[] | null, nowUs: number): Promise<readonly string[]> {
    return this.#guarded(async () => {
      const kept = [...(within ?? [])];
      const rows = await this.prisma.$queryRaw<{ id: string }[]>`UPDATE api_keys SET revoked_us = ${BigInt(nowUs)}
        WHERE user_id = ${userId} AND revoked_us IS NULL AND (${within === null} OR NOT scopes <@ ${kept}::text[]) RETURNING id`;
      return rows.map(({ id }) => id);
    });
  }

  touchApiKey(id: string, nowUs: number): Promise<void> {
    return this.#guarded(async () => {
      await this.prisma.appApiKey.updateMany({ where: { id }, data: { lastUsedUs: BigInt(nowUs) } });
    });
  }

  revokedSince(sinceUs: number): Promise<readonly string[]> {
    return this.#guarded(async () => {
      const since = BigInt(sinceUs);
      const rows = await this.prisma.$queryRaw<{ id: string }[]>`SELECT id FROM sessions WHERE revoked_us >= ${since}
        UNION ALL SELECT id FROM api_keys WHERE revoked_us >= ${since} LIMIT ${MAX_REVOKED}`;
      return rows.map(({ id }) => id);
    });
  }
}

const orNull = (value: number | null) => (value === null ? null : BigInt(value));
const numberOrNull = (value: bigint | null) => (value === null ? null : Number(value));

function userOf(row: AppUser | null): UserRecord | null {
  return row === null ? null : { ...row, createdUs: Number(row.createdUs) };
}

function sessionOf(row: AppSession | null): SessionRecord | null {
  if (row === null) return null;
  const [createdUs, expiresUs] = [Number(row.createdUs), Number(row.expiresUs)];
  return { ...row, createdUs, expiresUs, revokedUs: numberOrNull(row.revokedUs) };
}

function keyOf(row: AppApiKey | null): ApiKeyRecord | null {
  if (row === null) return null;
  return {
    ...row,
    createdUs: Number(row.createdUs),
    lastUsedUs: numberOrNull(row.lastUsedUs),
    expiresUs: numberOrNull(row.expiresUs),
    revokedUs: numberOrNull(row.revokedUs),
  };
}
