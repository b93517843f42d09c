import { Arg, Authorized, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Scope } from '../../../src/graphql/context.js';
import { About } from '../../../src/graphql/list-size.js';
import type { LatencyRequest, Observatory } from '../services/observatory.js';
import { Latency, LatencyWindowEnum } from '../types/latency.js';
import { type LogThreshold, LogThresholdEnum, ModuleLogLevel, PlatformStatus } from '../types/status.js';

export const ONE_NAME = 'At most one of operation, symbol and key narrows what is counted.';

@Resolver()
export class PlatformResolver {
  constructor(private readonly observatory: Observatory) {}

  @Authorized<Scope>('admin')
  @Query(() => Latency, {
    description: `How long commands took, stage by stage, counted by the router that answers. ${ONE_NAME} Needs scope admin.`,
  })
  latency(
    @Arg('window', () => LatencyWindowEnum, { defaultValue: 'MINUTE', description: 'Time that is counted over.' })
    window: LatencyRequest['window'],
    @Arg('operation', () => String, { nullable: true, description: 'Commands of this mutation, e.g. placeOrder.' })
    operation: string | null,
    @Arg('symbol', () => ID, { nullable: true, description: 'Commands on this instrument; FIX tag 55.' })
    symbol: string | null,
    @Arg('key', () => ID, { nullable: true, description: 'Commands under this API key, or of this user.' })
    key: string | null,
  ): Latency {
    return this.observatory.latency({ window, operation, symbol, key });
  }

  @Authorized<Scope>('admin')
  @Query(() => PlatformStatus, {
    description: 'State and age of each part that the platform depends on, as its router sees them. Needs scope admin.',
  })
  platformStatus(): Promise<PlatformStatus> {
    return this.observatory.status();
  }

  @Authorized<Scope>('admin')
  @About(20)
  @Query(() => [ModuleLogLevel], {
    description: 'What each module of the answering process logs. Needs scope admin.',
  })
  logLevels(): ModuleLogLevel[] {
    return this.observatory.logLevels();
  }

  @Authorized<Scope>('admin')
  @About(20)
  @Mutation(() => [ModuleLogLevel], {
    description:
      'Changes what modules of the answering process log, at once and for a while. Other processes take SIGUSR2, which turns debug on and off. Needs scope admin.',
  })
  setLogLevel(
    @Arg('level', () => LogThresholdEnum, { description: 'Least level that is logged.' }) level: LogThreshold,
    @Arg('module', () => String, { nullable: true, description: 'Only this module; absent = all.' })
    module: string | null,
    @Arg('seconds', () => Int, {
      nullable: true,
      defaultValue: 900,
      description: 'Until the configured level comes back, 1 to 86,400; null = at the next start.',
    })
    seconds: number | null,
  ): ModuleLogLevel[] {
    return this.observatory.setLogLevel(module ?? null, level, seconds ?? null);
  }
}
