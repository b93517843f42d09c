/** The engine's limits: every queue and every piece of memory that grows with load has one. */
export interface EngineLimits {
  /** Commands submitted and not answered yet; one more is refused. Default 20,000. */
  readonly maxPendingCommands: number;
  /** Commands that become durable together; default 1,024. Bounds how long one turn keeps the event loop. */
  readonly maxGroupCommands: number;
  /** Encoded bytes from which a group takes no further command; default 1 MiB. */
  readonly maxGroupBytes: number;
  /** Events kept in memory for consumers that ask for the recent past, about 0.5 kB each; default 100,000. */
  readonly recentEvents: number;
  /** Commands after which a snapshot is taken; 0 = only when stopping. Default 200,000. */
  readonly snapshotEveryCommands: number;
  /** Consumers that follow the stream; one more is refused. Default 1,000. */
  readonly maxConsumers: number;
  /** Readers of the older past at once, each with an exchange of its own in memory; default 2. */
  readonly maxRebuilds: number;
  /** Readers that wait for their turn to rebuild; one more is refused. Default 64. */
  readonly maxWaitingRebuilds: number;
  /** Commands that telling a state of the past may replay behind a snapshot; one more is refused. Default 2,000,000. */
  readonly maxRewindCommands: number;
}

const DEFAULT_ENGINE_LIMITS: EngineLimits = {
  maxPendingCommands: 20_000,
  maxGroupCommands: 1024,
  maxGroupBytes: 1024 * 1024,
  recentEvents: 100_000,
  snapshotEveryCommands: 200_000,
  maxConsumers: 1000,
  maxRebuilds: 2,
  maxWaitingRebuilds: 64,
  maxRewindCommands: 2_000_000,
};

/** Least and greatest value of each limit. */
const BOUNDS: { readonly [L in keyof EngineLimits]: readonly [least: number, greatest: number] } = {
  maxPendingCommands: [1, 1_000_000],
  maxGroupCommands: [1, 65_536],
  maxGroupBytes: [1, 32 * 1024 * 1024],
  recentEvents: [1, 10_000_000],
  snapshotEveryCommands: [0, Number.MAX_SAFE_INTEGER],
  maxConsumers: [1, 100_000],
  maxRebuilds: [1, 64],
  maxWaitingRebuilds: [0, 10_000],
  maxRewindCommands: [1, Number.MAX_SAFE_INTEGER],
};

/** Completes the limits by their defaults. @throws RangeError naming a limit and its bounds */
export function completeLimits(limits: Partial<EngineLimits>): EngineLimits {
  const complete = { ...DEFAULT_ENGINE_LIMITS, ...limits };
  for (const [name, [least, greatest]] of Object.entries(BOUNDS) as [keyof EngineLimits, [number, number]][]) {
    const value = complete[name];
    if (!Number.isSafeInteger(value) || value < least || value > greatest) {
      throw new RangeError(`${name} must be a whole number from ${least} to ${greatest}, not ${value}`);
    }
  }
  return complete;
}
