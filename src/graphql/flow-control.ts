/** The flow contract: what a subscriber wants done when it reads slower than the stream runs. */
import 'reflect-metadata';
import { Field, InputType, Int } from 'type-graphql';
import { type OverflowPolicy, OverflowPolicyEnum } from './enums.js';
import { badUserInput, limitExceeded } from './errors.js';
import type { ResumableOptions } from './resumable-stream.js';

/** Longest pause between two deliveries that a subscriber may ask for. */
export const MAX_CONFLATE_MS = 60_000;
/** Most items that a subscription lets wait: what one stalled reader holds stays under a megabyte. */
export const MAX_FLOW_BUFFER = 2_000;
const DEFAULT_FLOW_BUFFER = 1000;

@InputType({ description: 'What a subscriber wants done when it reads slower than the stream runs.' })
export class FlowControl {
  @Field(() => Int, {
    nullable: true,
    defaultValue: 0,
    description: `Least time between two deliveries for one symbol, in ms; 0 = every change. At most ${MAX_CONFLATE_MS}.`,
  })
  conflateMs: number | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: DEFAULT_FLOW_BUFFER,
    description: `Most deliveries that wait to be read; then onOverflow decides. 1 to ${MAX_FLOW_BUFFER}.`,
  })
  maxBuffer: number | null;

  @Field(() => OverflowPolicyEnum, {
    nullable: true,
    defaultValue: 'CONFLATE',
    description: 'What happens when maxBuffer deliveries wait and one more comes.',
  })
  onOverflow: OverflowPolicy | null;
}

/** Description of the argument on streams that merge. */
export const FLOW = 'What to do when the subscriber reads slower than the stream runs.';
/** Description of the argument on streams of which every item counts. */
export const LOSSLESS_FLOW =
  'Given: behind maxBuffer the subscription ends with SLOW_CONSUMER and is resumed by its last cursor; nothing is ' +
  'merged or dropped, so conflateMs must be 0 and onOverflow not DROP_OLDEST. Absent: a subscriber that falls behind is ' +
  'served from the journal and the database at its own pace.';

/** A FlowControl with its defaults. */
export interface Flow {
  readonly conflateMs: number;
  readonly maxBuffer: number;
  readonly onOverflow: OverflowPolicy;
}

/** @throws GraphQLError LIMIT_EXCEEDED naming the field */
export function checkFlow(flow: FlowControl | null): Flow {
  const conflateMs = flow?.conflateMs ?? 0;
  const maxBuffer = flow?.maxBuffer ?? DEFAULT_FLOW_BUFFER;
  if (conflateMs < 0 || conflateMs > MAX_CONFLATE_MS) {
    throw limitExceeded('flow.conflateMs', MAX_CONFLATE_MS, `${conflateMs} ms is not within 0 to ${MAX_CONFLATE_MS}`);
  }
  if (maxBuffer < 1 || maxBuffer > MAX_FLOW_BUFFER) {
    throw limitExceeded('flow.maxBuffer', MAX_FLOW_BUFFER, `${maxBuffer} is not within 1 to ${MAX_FLOW_BUFFER}`);
  }
  return { conflateMs, maxBuffer, onOverflow: flow?.onOverflow ?? 'CONFLATE' };
}

/**
 * Returns what a flow means for a stream of which every item counts.
 * @throws GraphQLError LIMIT_EXCEEDED or BAD_USER_INPUT naming the field
 */
export function checkLosslessFlow(
  flow: FlowControl | null,
): Pick<ResumableOptions<unknown>, 'maxLiveBuffer' | 'closeWhenBehind'> {
  if (flow === null) return {};
  const { conflateMs, maxBuffer, onOverflow } = checkFlow(flow);
  if (conflateMs > 0) throw badUserInput('flow.conflateMs', 'every item of this stream counts: leave it out or 0');
  if (onOverflow === 'DROP_OLDEST') {
    throw badUserInput('flow.onOverflow', 'every item of this stream counts: leave it out, or choose CLOSE');
  }
  return { maxLiveBuffer: maxBuffer, closeWhenBehind: true };
}
