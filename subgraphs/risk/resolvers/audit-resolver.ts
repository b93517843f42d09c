import { Arg, Authorized, Ctx, Int, Query, Resolver } from 'type-graphql';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { decodePageCursor, encodePageCursor } from '../../../src/graphql/cursor.js';
import { historyUnavailable } from '../../../src/graphql/errors.js';
import { Paged } from '../../../src/graphql/list-size.js';
import { checkPageSize, toConnection } from '../../../src/graphql/page.js';
import { type History, HistoryUnreachableError, type RiskAuditRecord } from '../../../src/ports/history.js';
import type { Risk } from '../services/risk.js';
import { RiskAuditConnection, type RiskAuditEntry, RiskAuditFilterInput } from '../types/audit.js';

const CURSOR = 'risk-audit';

/** What risk officers set, read back. */
@Resolver()
export class RiskAuditResolver {
  readonly #risk: Risk;
  readonly #history: History;

  constructor(risk: Risk, history: History) {
    this.#risk = risk;
    this.#history = history;
  }

  @Authorized<Scope>('risk:write', 'admin')
  @Paged(50)
  @Query(() => RiskAuditConnection, {
    description:
      'Settings of risk policy, newest first: limits, tiers, states, kill switches, circuit breakers and halts, with who did it and what held before. Entries stand here within a second. Needs scope risk:write or admin.',
  })
  async riskAudit(
    @Arg('filter', () => RiskAuditFilterInput, { nullable: true, description: 'Which entries; absent = all.' })
    filter: RiskAuditFilterInput | null,
    @Arg('first', () => Int, { defaultValue: 50, description: 'Most entries, 1 to 500.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the entry before the page.' })
    after: string | null,
    @Ctx() context: RequestContext,
  ): Promise<RiskAuditConnection> {
    requireScope(context, 'risk:write', 'admin');
    const limit = checkPageSize(first);
    const before = after == null ? null : decodePageCursor(CURSOR, 1, after)[0]!;
    const accountId = filter?.accountId ?? null;
    const account = accountId === null ? null : this.#risk.required(accountId, context, 'filter.accountId').account;
    const of = { account, setBy: filter?.setBy ?? null, fromUs: filter?.from ?? null, toUs: filter?.to ?? null };
    const records = await this.#read(of, before, limit + 1);
    const cursorOf = ({ sequence }: RiskAuditRecord) => encodePageCursor(CURSOR, [sequence]);
    return toConnection(records, limit, before === null, cursorOf, (record) => this.#toEntry(record));
  }

  async #read(...question: Parameters<History['riskAudit']>): Promise<readonly RiskAuditRecord[]> {
    try {
      return await this.#history.riskAudit(...question);
    } catch (error) {
      if (error instanceof HistoryUnreachableError) throw historyUnavailable();
      throw error;
    }
  }

  #toEntry({ timeUs, account, instrument, sequence: _sequence, ...record }: RiskAuditRecord): RiskAuditEntry {
    const { reference } = this.#risk.view;
    return {
      ...record,
      transactTime: timeUs,
      accountId: account === null ? null : (reference.accounts[account]?.accountId ?? null),
      symbol: instrument === null ? null : (reference.instruments[instrument]?.symbol ?? null),
    };
  }
}
