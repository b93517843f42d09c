import fc from 'fast-check';
import { START_US } from '../testing/fixtures.js';
import { checkInvariants } from '../testing/invariants.js';
import { RANDOM_OPTIONS, RANDOM_SETUP, randomSteps, type Step, StepResolver } from '../testing/random-commands.js';
import { ReferenceExchange } from '../testing/reference-exchange.js';
import { Exchange } from './exchange.js';

/** More sequences on demand: `TRADSYS_FUZZ_RUNS=2000`. */
const RUNS = Number(process.env.TRADSYS_FUZZ_RUNS ?? 150);
const LENGTH = 200;

/** Plays the steps in both exchanges and compares events after each command and hashes at the end. */
function compare(steps: readonly Step[], snapshotEvery: number): void {
  let exchange = new Exchange(RANDOM_OPTIONS);
  const reference = new ReferenceExchange(RANDOM_OPTIONS);
  const resolver = new StepResolver();
  const supply = new Map<number, number>();
  const all = [...RANDOM_SETUP.map((command) => ({ command, waitUs: 1 })), ...steps];
  for (const [index, step] of all.entries()) {
    const resolved = resolver.resolve(step);
    const timeUs = Math.max(START_US, exchange.timeUs) + step.waitUs;
    const before = exchange.eventSequence;
    reference.apply(resolved, timeUs);
    exchange.apply(resolved, timeUs);
    const events = exchange.takeEvents();
    expect(events).toEqual(reference.takeEvents());
    resolver.note(events);
    for (const event of events) {
      if (event.type !== 'BalanceAdjusted' || event.duplicate) continue;
      supply.set(event.asset, (supply.get(event.asset) ?? 0) + event.amountUnits);
    }
    checkInvariants(exchange, events, before, supply);
    if (index % snapshotEvery === 0) exchange = Exchange.restore(exchange.snapshot());
  }
  expect(exchange.stateHash()).toBe(reference.stateHash());
}

describe('Exchange under random commands', () => {
  it('tells the same events and reaches the same state as the reference exchange, restored from snapshots on the way', () => {
    fc.assert(
      fc.property(randomSteps(LENGTH), fc.integer({ min: 5, max: 400 }), (steps, snapshotEvery) => {
        compare(steps, snapshotEvery);
      }),
      { numRuns: RUNS },
    );
  }, 1_800_000);
});
