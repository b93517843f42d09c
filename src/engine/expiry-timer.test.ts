import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../core/exchange/command.js';
import { ExpiryTimer } from './expiry-timer.js';

const START_US = 1_000_000_000;

/** A venue of due times on a clock that follows the machine's. */
function makeVenue(dueInMs: number[]) {
  const startedMs = performance.now();
  const nowUs = () => START_US + Math.floor((performance.now() - startedMs) * 1000);
  const due = dueInMs.map((ms) => START_US + ms * 1000);
  const submitted: Command[] = [];
  let refusals = 0;
  const timer = new ExpiryTimer({
    clock: { nowUs },
    nextDueUs: () => due[0] ?? null,
    submit: async (command) => {
      if (refusals > 0) {
        refusals -= 1;
        throw new Error('the queue is full');
      }
      submitted.push(command);
      while (due[0] !== undefined && due[0] <= nowUs()) due.shift();
    },
    log: () => undefined,
  });
  return { timer, due, submitted, refuse: (times: number) => (refusals = times) };
}

describe('ExpiryTimer', () => {
  it('advances time once for each moment at which orders end', async () => {
    const { timer, submitted, due } = makeVenue([30, 30, 90]);
    timer.arm();
    await sleep(250);
    expect(submitted).toEqual([{ type: 'AdvanceTime' }, { type: 'AdvanceTime' }]);
    expect(due).toEqual([]);
    timer.stop();
  });

  it('wakes earlier when an earlier end comes in', async () => {
    const { timer, submitted, due } = makeVenue([60_000]);
    timer.arm();
    due.unshift(START_US + 20_000);
    timer.arm();
    await sleep(200);
    expect(submitted).toHaveLength(1);
    timer.stop();
  });

  it('tries again after a refusal, and does nothing once stopped or with nothing due', async () => {
    const refused = makeVenue([10]);
    refused.refuse(1);
    refused.timer.arm();
    const stopped = makeVenue([10]);
    stopped.timer.arm();
    stopped.timer.stop();
    const idle = makeVenue([]);
    idle.timer.arm();
    await sleep(900);
    expect(refused.submitted).toHaveLength(1);
    expect(stopped.submitted).toEqual([]);
    expect(idle.submitted).toEqual([]);
    refused.timer.stop();
  });
});
