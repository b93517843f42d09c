/** Entities of other subgraphs, as far as strategies name them: the key from which their owners load the rest. */
import 'reflect-metadata';
import { Directive, Field, ID, ObjectType } from 'type-graphql';

@ObjectType({ simpleResolvers: true, description: 'A trading account with its money and positions.' })
@Directive('@key(fields: "id", resolvable: false)')
export class Account {
  @Field(() => ID, { description: 'Public id of the account, 1 to 64 characters; FIX tag 1.' })
  id: string;
}

@ObjectType({ simpleResolvers: true, description: 'What is traded: its steps, bounds, fees and trading phase.' })
@Directive('@key(fields: "symbol", resolvable: false)')
export class Instrument {
  @Field(() => ID, { description: 'Public symbol, e.g. BTC-USD; FIX tag 55.' })
  symbol: string;
}

@ObjectType({
  simpleResolvers: true,
  description: 'What an account holds of an instrument, at average cost, valued at the mark.',
})
@Directive('@key(fields: "account { id } instrument { symbol }", resolvable: false)')
export class Position {
  @Field(() => Account, { description: 'Who holds it; FIX tag 1.' })
  account: Account;

  @Field(() => Instrument, { description: 'What is held; FIX tag 55.' })
  instrument: Instrument;
}
