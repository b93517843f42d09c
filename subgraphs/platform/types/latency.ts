/** Latency of commands by stage. */
import 'reflect-metadata';
import { Field, Float, ObjectType } from 'type-graphql';
import { defineEnum } from '../../../src/graphql/enums.js';
import { DateTimeScalar, SafeIntScalar } from '../../../src/graphql/scalars.js';
import type { LatencyStage as Stage } from '../../../src/ports/stage-times.js';
import type { LatencyWindow as Window } from '../../../src/telemetry/latency.js';

export const LatencyStageEnum = defineEnum<Stage>('LatencyStage', 'Part of the way of a command, by monotonic time.', {
  ROUTER:
    'From the request at the router until a subgraph has it: reading, authentication, limits, planning, transport.',
  SUBGRAPH: 'Until the engine has the command: checks and translation; as services, the transport to the engine too.',
  ENGINE: 'Until it is executed: waiting in the queue, pre-trade risk, matching.',
  JOURNAL: 'Until it is durable.',
  ANSWER: 'Until the answer is made: publishing, resolving; as services, the transport back too.',
  TOTAL: 'From the request at the router to the answer.',
});

export const LatencyWindowEnum = defineEnum<Window>('LatencyWindow', 'Time that latencies are counted over.', {
  MINUTE: 'The last 30 to 60 seconds.',
  HOUR: 'The last 30 to 60 minutes.',
  START: 'Since the router started.',
});

@ObjectType({
  simpleResolvers: true,
  description: 'Percentiles of one stage, HDR with 3 significant digits; 0 where nothing was counted.',
})
export class StageLatency {
  @Field(() => LatencyStageEnum, { description: 'The stage.' })
  readonly stage: Stage;

  @Field(() => SafeIntScalar, { description: 'Commands counted.' })
  readonly count: number;

  @Field(() => Float, { description: 'Half of them took no longer, microseconds.' })
  readonly p50Us: number;

  @Field(() => Float, { description: '90 % of them took no longer, microseconds.' })
  readonly p90Us: number;

  @Field(() => Float, { description: '99 % of them took no longer, microseconds.' })
  readonly p99Us: number;

  @Field(() => Float, { description: '99.9 % of them took no longer, microseconds.' })
  readonly p999Us: number;

  @Field(() => Float, { description: 'The slowest, microseconds; a minute where it was longer.' })
  readonly maxUs: number;
}

@ObjectType({ simpleResolvers: true, description: 'Latencies of the commands that this router answered.' })
export class Latency {
  @Field(() => LatencyWindowEnum, { description: 'Time that they are counted over.' })
  readonly window: Window;

  @Field(() => DateTimeScalar, { description: 'When they were read.' })
  readonly readAt: number;

  @Field(() => [StageLatency], { description: 'Every stage, in the order in which a command passes them.' })
  readonly stages: readonly StageLatency[];

  @Field(() => [String], { description: 'Operations that can be asked for, at most 64; others count as `other`.' })
  readonly operations: readonly string[];

  @Field(() => [String], { description: 'Symbols that can be asked for, at most 200; others count as `other`.' })
  readonly symbols: readonly string[];

  @Field(() => [String], {
    description: 'Ids of API keys, and of users where a session was used, at most 200; others count as `other`.',
  })
  readonly keys: readonly string[];
}
