/** Real events for tests of what lies behind the engine: a seeded random run of the exchange, one batch a command. */
import fc from 'fast-check';
import type { Command } from '../../core/exchange/command.js';
import type { ExchangeEvent } from '../../core/exchange/event.js';
import { Exchange } from '../../core/exchange/exchange.js';
import { limits, START_US } from '../../core/testing/fixtures.js';
import {
  RANDOM_OPTIONS,
  RANDOM_SETUP,
  randomSteps,
  type Step,
  StepResolver,
} from '../../core/testing/random-commands.js';
import type { EventBatch } from '../event-feed.js';

export interface ExchangeRun {
  /** The exchange after the last command. */
  readonly exchange: Exchange;
  /** One batch a command that caused events. */
  readonly batches: readonly EventBatch[];
  readonly events: readonly ExchangeEvent[];
}

/** Room for orders to rest and keys to be used again. */
const OPTIONS = { ...RANDOM_OPTIONS, maxOrders: 200, maxClOrdIds: 2000, maxTransferIds: 100_000 };
const RELIEF_EVERY = 25;

/** Runs the set-up and `commandCount` random commands, with relief from halts, limits and poverty in between. */
export function runExchange(seed: number, commandCount: number): ExchangeRun {
  const exchange = new Exchange(OPTIONS);
  const resolver = new StepResolver();
  const batches: EventBatch[] = [];
  const setup = RANDOM_SETUP.map((command): Step => ({ command, waitUs: 1 }));
  for (const step of [...setup, ...stepsOf(seed, commandCount)]) {
    exchange.apply(resolver.resolve(step), Math.max(START_US, exchange.timeUs) + step.waitUs);
    const events = exchange.takeEvents();
    resolver.note(events);
    if (events.length > 0) batches.push(batchOf(events));
  }
  return { exchange, batches, events: batches.flatMap(({ events }) => events) };
}

function stepsOf(seed: number, commandCount: number): Step[] {
  const steps: Step[] = [];
  for (let round = 0; steps.length < commandCount; round += 1) {
    steps.push(...fc.sample(randomSteps(500), { seed: seed + round, numRuns: 1 }).flat());
  }
  return steps
    .slice(0, commandCount)
    .flatMap((step, index) => (index % RELIEF_EVERY === 0 ? [...relief(index), step] : [step]));
}

/** Without it a halt, an engaged kill switch or an empty account soon ends all trading of a long run. */
function relief(index: number): Step[] {
  const commands: Command[] = [1, 2, 3].flatMap((account): Command[] => [
    {
      type: 'SetKillSwitch',
      account,
      instrument: null,
      engaged: false,
      allowReduceOnly: false,
      reason: '',
      setBy: 'tester',
    },
    { type: 'SetRiskLimits', account, instrument: null, limits: limits({ maxOrderQtyE8: 20e8 }), setBy: 'tester' },
    { type: 'SetTradingStatus', instrument: account - 1, status: 'OPEN', reason: 'relief' },
    ...[0, 1, 2, 3].map(
      (asset): Command => ({
        type: 'AdjustBalance',
        account,
        asset,
        amountUnits: [20_000, 1_234, 9_000_000_000, 4_000_000][asset] ?? 0,
        transferId: `relief ${index} ${account} ${asset}`,
      }),
    ),
  ]);
  return commands.map((command) => ({ command, waitUs: 1 }));
}

/** Puts consecutive events under their first and last sequence. */
export function batchOf(events: readonly ExchangeEvent[]): EventBatch {
  return { firstSequence: events[0]?.sequence ?? 0, lastSequence: events.at(-1)?.sequence ?? 0, events };
}
