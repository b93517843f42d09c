/** Accounts and balances as clients see them. */
import 'reflect-metadata';
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type { AccountEntry, AssetEntry } from '../../../src/core/exchange/reference-data.js';
import { formatScaled } from '../../../src/core/values/decimal.js';
import type { AccountKind } from '../../../src/core/values/vocabulary.js';
import { AccountKindEnum } from '../../../src/graphql/enums.js';
import { About } from '../../../src/graphql/list-size.js';
import { DecimalScalar } from '../../../src/graphql/scalars.js';
import type { AccountsView, BalanceState } from '../events.js';

@ObjectType({
  description:
    'An amount of one currency, coin or share in an account: total = available + held. In a margin account all three but held may be below 0: a loan or a short sale; what it may still trade is in Account.margin.',
})
export class Balance {
  constructor(
    private readonly asset: AssetEntry,
    private readonly state: BalanceState,
  ) {}

  @Field(() => String, { description: 'Code of the currency, coin or share, e.g. USD, BTC, AAPL; FIX tag 15.' })
  get currency(): string {
    return this.asset.code;
  }

  @Field(() => DecimalScalar, {
    description: 'All of it, in units of the currency; below 0 what a margin account owes.',
  })
  get total(): string {
    return formatScaled(this.state.totalUnits, this.asset.scale);
  }

  @Field(() => DecimalScalar, { description: 'What new orders and withdrawals may use, in units of the currency.' })
  get available(): string {
    return formatScaled(this.state.totalUnits - this.state.heldUnits, this.asset.scale);
  }

  @Field(() => DecimalScalar, {
    description: 'What working orders hold, fees included where they may fall due, in units of the currency.',
  })
  get held(): string {
    return formatScaled(this.state.heldUnits, this.asset.scale);
  }
}

@ObjectType({ description: 'A trading account with its money and positions.' })
@Directive('@key(fields: "id")')
export class Account {
  constructor(
    private readonly entry: AccountEntry,
    private readonly view: AccountsView,
  ) {}

  @Field(() => ID, { description: 'Public id of the account, 1 to 64 characters; FIX tag 1.' })
  get id(): string {
    return this.entry.accountId;
  }

  @Field(() => String, { description: 'Name for people, at most 200 characters.' })
  get name(): string {
    return this.entry.name;
  }

  @Field(() => AccountKindEnum, { description: 'How it pays for what it buys.' })
  get kind(): AccountKind {
    return this.entry.kind;
  }

  @About(10)
  @Field(() => [Balance], {
    description: 'Its balances other than 0, in the order in which currencies were registered.',
  })
  get balances(): Balance[] {
    const { reference } = this.view;
    return this.view.balancesOf(this.entry.account).map((state) => new Balance(reference.assetAt(state.asset), state));
  }
}
