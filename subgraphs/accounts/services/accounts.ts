/** Accounts: who sees which, and their administration. */
import type { Command } from '../../../src/core/exchange/command.js';
import type { RequestRejected } from '../../../src/core/exchange/event.js';
import type { AssetEntry } from '../../../src/core/exchange/reference-data.js';
import { formatScaled, parseScaled } from '../../../src/core/values/decimal.js';
import { canReadAccount, requireIdentity } from '../../../src/graphql/authorization.js';
import type { Identity, RequestContext } from '../../../src/graphql/context.js';
import { badUserInput, clipped, limitExceeded, notFound, withClientErrors } from '../../../src/graphql/errors.js';
import { type PointInTime, stateAt } from '../../../src/graphql/point-in-time.js';
import type { CommandOutcome, EngineClient } from '../../../src/ports/engine-client.js';
import type { EventFeed } from '../../../src/ports/event-feed.js';
import { AccountsView } from '../events.js';
import { Account, Balance } from '../types/account.js';
import type { AdjustBalanceInput, OpenAccountInput } from '../types/inputs.js';
import { AdjustBalanceRejection, AdjustBalanceSuccess } from '../types/results.js';

const ACCOUNT_ID = /^[A-Za-z0-9._-]{1,64}$/;
const TRANSFER_ID = /^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/;
const MAX_NAME_LENGTH = 200;
/** How long an answer waits for its own events to reach the view; in one process they are there before it. */
const VIEW_WAIT_MS = 1_000;

export class Accounts {
  constructor(
    private readonly engine: EngineClient,
    private readonly view: AccountsView,
    private readonly feed: EventFeed,
  ) {}

  /** Returns an account that the caller may see; null for any other. */
  account(id: string, identity: Identity): Account | null {
    const entry = this.view.reference.accountById(id);
    return entry !== undefined && canReadAccount(identity, entry) ? new Account(entry, this.view) : null;
  }

  /** Returns the account as it was, with who may see it as it is now; null where it was not open then. */
  async accountAt(id: string, at: PointInTime, context: RequestContext): Promise<Account | null> {
    if (this.account(id, requireIdentity(context)) === null) return null;
    const { events, sequence } = await stateAt(this.feed, at, context);
    const then = new AccountsView();
    then.reset(events, sequence);
    const entry = then.reference.accountById(id);
    return entry === undefined ? null : new Account(entry, then);
  }

  /** Returns every account that the caller may see, in the order in which they were opened. */
  accounts(identity: Identity): Account[] {
    return this.view.reference.accounts
      .filter((entry) => canReadAccount(identity, entry))
      .map((entry) => new Account(entry, this.view));
  }

  /**
   * Opens an account, or returns the one that is open already with the same name and owner.
   * @throws GraphQLError BAD_USER_INPUT or LIMIT_EXCEEDED naming the field
   */
  async open({ id, name, ownerId, kind = 'CASH' }: OpenAccountInput): Promise<Account> {
    if (!ACCOUNT_ID.test(id)) {
      throw badUserInput('input.id', 'takes 1 to 64 letters, digits, points, minuses and underscores');
    }
    checkLength('input.name', name);
    checkLength('input.ownerId', ownerId);
    const open = this.view.reference.accountById(id);
    if (open?.name === name && open.ownerId === ownerId && open.kind === kind) return new Account(open, this.view);
    const outcome = await this.#submit({ type: 'OpenAccount', accountId: id, name, ownerId, kind });
    const refused = refusalIn(outcome);
    if (refused !== undefined) throw badUserInput('input', refused.text);
    return new Account(this.#entryOf(id, 'input.id'), this.view);
  }

  /**
   * Deposits or withdraws.
   * @throws GraphQLError BAD_USER_INPUT or NOT_FOUND naming the field
   */
  async adjustBalance(input: AdjustBalanceInput): Promise<AdjustBalanceSuccess | AdjustBalanceRejection> {
    const { reference } = this.view;
    const entry = this.#entryOf(input.accountId, 'input.accountId');
    const asset = reference.assetByCode(input.currency);
    if (asset === undefined) {
      const known = reference.assets.map(({ code }) => code).join(', ');
      throw badUserInput(
        'input.currency',
        `"${clipped(input.currency)}" is not registered; there are ${clipped(known)}`,
      );
    }
    const amountUnits = toUnits(input.amount, asset);
    if (!TRANSFER_ID.test(input.transferId)) {
      throw badUserInput('input.transferId', 'takes 1 to 64 printable ASCII characters without a space at either end');
    }
    const command = { account: entry.account, asset: asset.asset, amountUnits, transferId: input.transferId };
    const outcome = await this.#submit({ type: 'AdjustBalance', ...command });
    const refused = refusalIn(outcome);
    if (refused !== undefined) return new AdjustBalanceRejection(refused.reason, explain(refused, asset));
    const done = outcome.events.find((event) => event.type === 'BalanceAdjusted');
    if (done?.type !== 'BalanceAdjusted') {
      throw new RangeError(`command ${outcome.commandSequence} was neither done nor refused`);
    }
    const balance = new Balance(asset, this.view.balanceOf(entry.account, asset.asset));
    return new AdjustBalanceSuccess(new Account(entry, this.view), balance, done.duplicate);
  }

  #entryOf(accountId: string, field: string) {
    const entry = this.view.reference.accountById(accountId);
    if (entry === undefined) throw notFound(`account "${clipped(accountId)}"`, field);
    return entry;
  }

  async #submit(command: Command): Promise<CommandOutcome> {
    const outcome = await withClientErrors(this.engine.submit(command));
    await this.view.reached.wait(outcome.lastSequence, VIEW_WAIT_MS);
    return outcome;
  }
}

function refusalIn(outcome: CommandOutcome): RequestRejected | undefined {
  return outcome.events.find((event) => event.type === 'RequestRejected');
}

function checkLength(field: string, text: string): void {
  if (text.trim() === '') throw badUserInput(field, 'is empty');
  if (text.length > MAX_NAME_LENGTH)
    throw limitExceeded(field, MAX_NAME_LENGTH, `is longer than ${MAX_NAME_LENGTH} characters`);
}

function toUnits(amount: string, asset: AssetEntry): number {
  const units = parseScaled(amount, asset.scale);
  if (units === 'TOO_PRECISE') {
    throw badUserInput('input.amount', `${clipped(amount)} has more than the ${asset.scale} decimals of ${asset.code}`);
  }
  if (typeof units !== 'number') {
    const largest = formatScaled(Number.MAX_SAFE_INTEGER, asset.scale);
    throw badUserInput(
      'input.amount',
      `${clipped(amount)} is out of range: at most ${largest} ${asset.code} either way`,
    );
  }
  if (units === 0) throw badUserInput('input.amount', 'is 0; nothing would move');
  return units;
}

function explain({ reason, text, limit, projected }: RequestRejected, asset: AssetEntry): string {
  if (reason !== 'INSUFFICIENT_FUNDS' || limit === null || projected === null) return text;
  const print = (units: number) => `${formatScaled(units, asset.scale)} ${asset.code}`;
  return `${text} (available ${print(limit)}, needed ${print(projected)})`;
}
