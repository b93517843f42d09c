/** The audit log in PostgreSQL, where a trigger refuses whatever is not an addition. */
import type pg from 'pg';
import type { AuditEntry, AuditFilter, AuditRecord, AuditStore, CredentialKind } from '../../ports/audit-store.js';
import type { Log } from '../../ports/log.js';
import { createGuard, type Guard, type GuardTexts } from './connection.js';
import { storableText } from './storable.js';

const TEXTS: GuardTexts = {
  away: 'the audit log cannot be reached',
  unreachable: 'the audit log cannot be read or written now; it comes back with the database',
  failed: 'a statement about the audit log failed',
};

const APPEND = `
  INSERT INTO audit_log (entry, time_us, request_id, user_id, credential_kind, credential_id, address, action, arguments, result)
  SELECT * FROM unnest(
    $1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[]
  )
  ON CONFLICT (entry) DO NOTHING`;

interface AuditRow {
  readonly id: string;
  readonly entry: string;
  readonly time_us: string;
  readonly request_id: string;
  readonly user_id: string | null;
  readonly credential_kind: string | null;
  readonly credential_id: string | null;
  readonly address: string | null;
  readonly action: string;
  readonly arguments: string;
  readonly result: string;
}

export class PostgresAuditStore implements AuditStore {
  readonly #guarded: Guard;

  constructor(
    private readonly pool: pg.Pool,
    log: Log,
    onUnreachable: () => void,
  ) {
    this.#guarded = createGuard(TEXTS, log, onUnreachable);
  }

  append(entries: readonly AuditEntry[]): Promise<void> {
    return this.#guarded(async () => {
      const column = (of: (entry: AuditEntry) => string | null) =>
        entries.map((entry) => {
          const text = of(entry);
          return text === null ? null : storableText(text);
        });
      const values = [
        column(({ entry }) => entry),
        entries.map(({ timeUs }) => timeUs),
        column(({ requestId }) => requestId),
        column(({ userId }) => userId),
        column(({ credentialKind }) => credentialKind),
        column(({ credentialId }) => credentialId),
        column(({ address }) => address),
        column(({ action }) => action),
        column((entry) => entry.arguments),
        column(({ result }) => result),
      ];
      await this.pool.query({ name: 'audit-append', text: APPEND, values });
    });
  }

  page(filter: AuditFilter, before: number | null, limit: number): Promise<readonly AuditRecord[]> {
    return this.#guarded(async () => {
      const { where, values } = conditionsOf(filter, before);
      const text = `SELECT * FROM audit_log ${where} ORDER BY id DESC LIMIT $${values.length + 1}`;
      const { rows } = await this.pool.query<AuditRow>(text, [...values, limit]);
      return rows.map(recordOf);
    });
  }
}

function conditionsOf(filter: AuditFilter, before: number | null) {
  const given: readonly (readonly [string, string | number | null])[] = [
    ['user_id =', stored(filter.userId)],
    ['credential_id =', stored(filter.credentialId)],
    ['address =', stored(filter.address)],
    ['action =', stored(filter.action)],
    ['result =', stored(filter.result)],
    ['time_us >=', filter.fromUs],
    ['time_us <', filter.toUs],
    ['id <', before],
  ];
  const present = given.filter(([, value]) => value !== null);
  const where = present.map(([condition], index) => `${condition} $${index + 1}`).join(' AND ');
  return { where: where === '' ? '' : `WHERE ${where}`, values: present.map(([, value]) => value) };
}

const stored = (text: string | null) => (text === null ? null : storableText(text));

function recordOf(row: AuditRow): AuditRecord {
  return {
    id: Number(row.id),
    entry: row.entry,
    timeUs: Number(row.time_us),
    requestId: row.request_id,
    userId: row.user_id,
    credentialKind: row.credential_kind as CredentialKind | null,
    credentialId: row.credential_id,
    address: row.address,
    action: row.action,
    arguments: row.arguments,
    result: row.result,
  };
}
