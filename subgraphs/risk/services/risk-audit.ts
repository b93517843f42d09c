/** Settings of risk policy as they were kept, read back page by page. */
import type { RequestContext } from '../../../src/graphql/context.js';
import { decodePageCursor, encodePageCursor } from '../../../src/graphql/cursor.js';
import { historyUnavailable } from '../../../src/graphql/errors.js';
import { type Connection, checkPageSize, toConnection } from '../../../src/graphql/page.js';
import { type History, HistoryUnreachableError, type RiskAuditRecord } from '../../../src/ports/history.js';
import type { RiskAuditEntry, RiskAuditFilterInput } from '../types/audit.js';
import type { Risk } from './risk.js';

const CURSOR = 'risk-audit';

export class RiskAudit {
  constructor(
    private readonly risk: Risk,
    private readonly history: Pick<History, 'riskAudit'>,
  ) {}

  /** @throws GraphQLError NOT_FOUND of an account, BAD_USER_INPUT of a cursor or size, HISTORY_UNAVAILABLE */
  async page(
    filter: RiskAuditFilterInput | null,
    first: number,
    after: string | null,
    context: RequestContext,
  ): Promise<Connection<RiskAuditEntry>> {
    const limit = checkPageSize(first);
    const before = after == null ? null : decodePageCursor(CURSOR, 1, after)[0]!;
    const accountId = filter?.accountId ?? null;
    const account = accountId === null ? null : this.risk.required(accountId, context, 'filter.accountId').account;
    const of = { account, setBy: filter?.setBy ?? null, fromUs: filter?.from ?? null, toUs: filter?.to ?? null };
    const records = await this.#read(of, before, limit + 1);
    const cursorOf = ({ sequence }: RiskAuditRecord) => encodePageCursor(CURSOR, [sequence]);
    return toConnection(records, limit, before === null, cursorOf, (record) => this.#toEntry(record));
  }

  async #read(...question: Parameters<History['riskAudit']>): Promise<readonly RiskAuditRecord[]> {
    try {
      return await this.history.riskAudit(...question);
    } catch (error) {
      if (error instanceof HistoryUnreachableError) throw historyUnavailable();
      throw error;
    }
  }

  #toEntry({ timeUs, account, instrument, sequence: _sequence, ...record }: RiskAuditRecord): RiskAuditEntry {
    const { reference } = this.risk.view;
    return {
      ...record,
      transactTime: timeUs,
      accountId: account === null ? null : (reference.accounts[account]?.accountId ?? null),
      symbol: instrument === null ? null : (reference.instruments[instrument]?.symbol ?? null),
    };
  }
}
