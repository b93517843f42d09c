/** A moment of the past, as queries take it, and the state at it. */
import 'reflect-metadata';
import { Field, InputType } from 'type-graphql';
import { type EventFeed, type PastImage, RewindLimitError } from '../ports/event-feed.js';
import { requireIdentity } from './authorization.js';
import type { RequestContext } from './context.js';
import { badUserInput, limitExceeded, withClientErrors } from './errors.js';
import { DateTimeScalar, SafeIntScalar } from './scalars.js';

@InputType({
  description:
    'A moment of the past: exactly one of its fields. The state is rebuilt from snapshot and journal, at a bounded cost.',
})
export class PointInTime {
  @Field(() => SafeIntScalar, {
    nullable: true,
    description:
      'Event sequence, as books, ticks and cursors tell it: the state once the command of this event was done.',
  })
  readonly sequence?: number | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'Instant: the state after the last command of no later engine time.',
  })
  readonly time?: number | null;
}

/** What an argument of it says, for all queries alike. */
export const AT =
  'Moment of the past at which it is told, rebuilt from snapshot and journal; absent = now. A moment that would take too long to rebuild is an error, LIMIT_EXCEEDED. Needs an identity.';

/**
 * Returns the state at the moment.
 * @throws GraphQLError UNAUTHENTICATED, BAD_USER_INPUT, LIMIT_EXCEEDED, HISTORY_UNAVAILABLE or ENGINE_UNAVAILABLE
 */
export async function stateAt(
  feed: EventFeed,
  { sequence, time }: PointInTime,
  context: RequestContext,
): Promise<PastImage> {
  requireIdentity(context);
  if ((sequence == null) === (time == null)) throw badUserInput('at', 'takes exactly one of sequence and time');
  if (sequence != null && (sequence < 0 || sequence > feed.lastSequence)) {
    throw badUserInput('at.sequence', `${sequence} is not within 0 and ${feed.lastSequence}, the newest event`);
  }
  if (feed.imageAt === undefined) throw badUserInput('at', 'the past cannot be asked for here');
  const moment = sequence != null ? { sequence } : { timeUs: time as number };
  try {
    return await withClientErrors(feed.imageAt(moment));
  } catch (error) {
    if (!(error instanceof RewindLimitError)) throw error;
    throw limitExceeded('at', error.maxCommands, `${error.message}; ask for a moment nearer to a snapshot or to now`);
  }
}
