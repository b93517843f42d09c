/** The audit log, read a page at a time. */
import { decodePageCursor, encodePageCursor } from '../../../src/graphql/cursor.js';
import { withClientErrors } from '../../../src/graphql/errors.js';
import { type Connection, checkPageSize, toConnection } from '../../../src/graphql/page.js';
import type { AuditRecord, AuditStore } from '../../../src/ports/audit-store.js';
import type { AuditLogEntry, AuditLogFilter } from '../types/audit.js';

const CURSOR_KIND = 'a';

export class Audit {
  constructor(private readonly store: Pick<AuditStore, 'page'>) {}

  /** Newest first. @throws GraphQLError BAD_USER_INPUT, LIMIT_EXCEEDED or HISTORY_UNAVAILABLE */
  async page(filter: AuditLogFilter, pageSize: number, after: string | null): Promise<Connection<AuditLogEntry>> {
    const first = checkPageSize(pageSize);
    const [before = null] = after === null ? [] : decodePageCursor(CURSOR_KIND, 1, after);
    const wanted = {
      userId: filter.userId ?? null,
      credentialId: filter.credentialId ?? null,
      address: filter.address ?? null,
      action: filter.action ?? null,
      result: filter.result ?? null,
      fromUs: filter.from ?? null,
      toUs: filter.to ?? null,
    };
    const records = await withClientErrors(this.store.page(wanted, before, first + 1));
    return toConnection(records, first, before === null, ({ id }) => encodePageCursor(CURSOR_KIND, [id]), toEntry);
  }
}

function toEntry({ id, timeUs, entry: _entry, ...rest }: AuditRecord): AuditLogEntry {
  return { ...rest, id: String(id), time: timeUs };
}
