/** Entities of other subgraphs, as far as risk names and extends them. */
import 'reflect-metadata';
import { Directive, Field, ID, ObjectType } from 'type-graphql';

@ObjectType({ simpleResolvers: true, description: 'A trading account with its money and positions.' })
@Directive('@key(fields: "id")')
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
