/** What the router tells of its sockets, and the dead-man timer. */
import 'reflect-metadata';
import { Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { DateTimeScalar } from '../../../src/graphql/scalars.js';

@Directive('@inaccessible')
@InputType({ description: 'A lease of a connection, as the router tells it.' })
export class LeaseRenewalInput {
  @Field(() => ID, { description: 'User of the connection.' })
  userId: string;

  @Field(() => ID, { description: 'The lease.' })
  leaseId: string;

  @Field(() => ID, { description: 'The connection.' })
  holder: string;

  @Field(() => Int, { description: 'How long orders stay after the connection is gone, ms.' })
  graceMs: number;

  @Field(() => Boolean, { description: 'True: it has just come up, and takes the lease over from an older one.' })
  claims: boolean;

  @Field(() => Boolean, { description: 'False: it is gone, and the grace begins.' })
  isOpen: boolean;
}

@ObjectType({ simpleResolvers: true, description: 'The dead-man timer of an account as it now stands.' })
export class CancelAllAfterPayload {
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When all orders of the account are canceled unless it is renewed before; null: it is stopped.',
  })
  readonly expiresAt: number | null;

  constructor(expiresAt: number | null) {
    this.expiresAt = expiresAt;
  }
}
