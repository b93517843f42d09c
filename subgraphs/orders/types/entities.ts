/** Entities of other subgraphs, as far as orders name them: the key from which their owners load the rest. */
import 'reflect-metadata';
import { Directive, Field, ID, ObjectType } from 'type-graphql';

@ObjectType({ simpleResolvers: true, description: 'A trading account with its money and positions.' })
@Directive('@key(fields: "id", resolvable: false)')
export class Account {
  @Field(() => ID, { description: 'Public id of the account, 1 to 64 characters; FIX tag 1.' })
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What is traded: a pair of a base asset and a quote currency.' })
@Directive('@key(fields: "symbol", resolvable: false)')
export class Instrument {
  @Field(() => ID, { description: 'Public symbol, e.g. BTC-USD; FIX tag 55.' })
  readonly symbol: string;

  constructor(symbol: string) {
    this.symbol = symbol;
  }
}
