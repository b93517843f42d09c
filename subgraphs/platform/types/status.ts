/** How the platform stands, and what it logs. */
import 'reflect-metadata';
import { Field, Float, ObjectType } from 'type-graphql';
import { defineEnum } from '../../../src/graphql/enums.js';
import { DateTimeScalar, JSONScalar } from '../../../src/graphql/scalars.js';

export type PlatformState = 'READY' | 'NOT_READY';

export const PlatformStateEnum = defineEnum<PlatformState>('PlatformState', 'Whether the platform serves.', {
  READY: 'Every dependency is ready.',
  NOT_READY: 'A dependency is not ready; dependencies tell which and why.',
});

export type LogThreshold = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'SILENT';

export const LogThresholdEnum = defineEnum<LogThreshold>('LogThreshold', 'Least level that is logged.', {
  DEBUG: 'Everything, each command with its stages too.',
  INFO: 'What happens in the ordinary course.',
  WARN: 'What an operator may want to look at.',
  ERROR: 'What an operator must look at.',
  SILENT: 'Nothing.',
});

@ObjectType({ simpleResolvers: true, description: 'One part that the platform depends on.' })
export class DependencyStatus {
  @Field(() => String, { description: 'Name of the part, as /readyz tells it, such as engine or database.' })
  readonly name: string;

  @Field(() => Boolean, { description: 'Whether it does its work.' })
  readonly ready: boolean;

  @Field(() => String, { nullable: true, description: 'Its state in its own words; null where it has no other.' })
  readonly state: string | null;

  @Field(() => String, { nullable: true, description: 'What is wrong; null while it is ready.' })
  readonly problem: string | null;

  @Field(() => Float, { description: 'Seconds since it came into this state, as far as this process has seen it.' })
  readonly ageS: number;

  @Field(() => JSONScalar, { description: 'Its figures, such as sequences and lag.' })
  readonly details: Record<string, unknown>;
}

@ObjectType({ simpleResolvers: true, description: 'How the platform stands, as this router sees it.' })
export class PlatformStatus {
  @Field(() => PlatformStateEnum, { description: 'Whether all of it serves.' })
  readonly state: PlatformState;

  @Field(() => String, { description: 'Version of the release.' })
  readonly version: string;

  @Field(() => DateTimeScalar, { description: 'When this process started.' })
  readonly startedAt: number;

  @Field(() => Float, { description: 'Seconds since then.' })
  readonly uptimeS: number;

  @Field(() => [DependencyStatus], { description: 'Each part that it depends on, by name.' })
  readonly dependencies: readonly DependencyStatus[];
}

@ObjectType({ simpleResolvers: true, description: 'What one module of this process logs.' })
export class ModuleLogLevel {
  @Field(() => String, { description: 'The module, as its lines name it.' })
  readonly module: string;

  @Field(() => LogThresholdEnum, { description: 'Least level that it logs.' })
  readonly level: LogThreshold;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the configured level comes back; null = at the next start.',
  })
  readonly until: number | null;
}
