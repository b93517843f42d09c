/** Ledgers: an account's postings out of history, which has caught up with what the account did before. */
import type { LedgerPosting } from '../../../src/core/exchange/ledger-postings.js';
import { formatScaled } from '../../../src/core/values/decimal.js';
import { decodePageCursor, encodePageCursor } from '../../../src/graphql/cursor.js';
import { notFound, withClientErrors } from '../../../src/graphql/errors.js';
import { type Connection, checkPageSize, toConnection } from '../../../src/graphql/page.js';
import type { History } from '../../../src/ports/history.js';
import type { AccountsView } from '../events.js';
import type { LedgerEntry } from '../types/ledger.js';

const CURSOR_KIND = 'l';

export class Ledgers {
  constructor(
    private readonly history: Pick<History, 'ledgerOf'>,
    private readonly view: AccountsView,
  ) {}

  /**
   * Returns a page of an account's postings, oldest first, as far as history reaches.
   * @throws GraphQLError BAD_USER_INPUT, LIMIT_EXCEEDED or HISTORY_UNAVAILABLE
   */
  async page(accountId: string, pageSize: number, after: string | null): Promise<Connection<LedgerEntry>> {
    const first = checkPageSize(pageSize);
    const entry = this.view.reference.accountById(accountId);
    if (entry === undefined) throw notFound('the account', 'id');
    const [sequence = 0, place = 0] = after === null ? [] : decodePageCursor(CURSOR_KIND, 2, after);
    const position = after === null ? null : { sequence, entry: place };
    const { records } = await withClientErrors(this.history.ledgerOf(entry.account, position, first + 1));
    const cursorOf = (posting: LedgerPosting) => encodePageCursor(CURSOR_KIND, [posting.sequence, posting.entry]);
    return toConnection(records, first, position === null, cursorOf, (posting) => this.#toEntry(posting));
  }

  #toEntry(posting: LedgerPosting): LedgerEntry {
    const { code, scale } = this.view.reference.assetAt(posting.asset);
    return {
      sequence: posting.sequence,
      kind: posting.kind,
      currency: code,
      amount: formatScaled(posting.amountUnits, scale),
      tradeId: posting.tradeId === null ? null : String(posting.tradeId),
      orderId: posting.orderId === null ? null : String(posting.orderId),
      transferId: posting.transferId,
      transactTime: posting.timeUs,
    };
  }
}
