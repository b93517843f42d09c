import 'reflect-metadata';
import { Field, ID, ObjectType } from 'type-graphql';
import { DateTimeScalar, SafeIntScalar } from '../../../src/graphql/scalars.js';

@ObjectType({ simpleResolvers: true, description: 'How far the streams of one instrument have come.' })
export class StreamHeads {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => SafeIntScalar, {
    description: 'Sequence of the last tick. A subscriber of ticks without conflation has seen it, or is missing some.',
  })
  tickSequence: number;

  @Field(() => SafeIntScalar, {
    nullable: true,
    description:
      'Sequence of the last trade; null before the first. A subscriber of trades has seen it, or is missing some.',
  })
  tradeSequence: number | null;

  @Field(() => SafeIntScalar, {
    description:
      'Sequence of the last change of the whole book. A copy down to a depth may stand lower, since changes out of its sight are not told: compare the checksum.',
  })
  orderBookSequence: number;

  @Field(() => SafeIntScalar, {
    description: "Checksum of the book's best ten levels a side, by the rule of OrderBook.checksum.",
  })
  checksum: number;
}

@ObjectType({ simpleResolvers: true, description: 'A sign of life, by which silence is told from loss.' })
export class Heartbeat {
  @Field(() => SafeIntScalar, {
    description:
      'Sequence of the last event of the platform that this stream has seen; rises with whatever happens anywhere.',
  })
  sequence: number;

  @Field(() => [StreamHeads], { description: 'The streams of each instrument asked for.' })
  streams: StreamHeads[];

  @Field(() => DateTimeScalar, {
    description: 'Engine time of the last event; it stands still while nothing happens. FIX tag 60.',
  })
  transactTime: number;
}
