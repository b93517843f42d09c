/** Makes a failing sequence of steps small: fewer steps first (delta debugging), then plainer ones. */
import type { Step } from './random-commands.js';

/** What a field is when it does not matter; tried one by one. */
const PLAIN: Readonly<Record<string, unknown>> = {
  clOrdId: null,
  displayQtyLots: null,
  stopPxTicks: null,
  trailingOffsetTicks: null,
  trailingPpm: null,
  expireTimeUs: null,
  postOnly: false,
  reduceOnly: false,
  selfTradePrevention: 'NONE',
  timeInForce: 'GTC',
  orderQtyLots: 2,
  priceTicks: 100,
  orderId: 9,
};

/**
 * Returns a smaller sequence that still fails; every step left over is needed.
 * @param fails deterministic; true for `steps`
 * @param maxTries calls of `fails`, after which the smallest so far is returned
 */
export function shrink(
  steps: readonly Step[],
  fails: (steps: readonly Step[]) => boolean,
  maxTries = 5000,
): readonly Step[] {
  let tries = 0;
  const stillFails = (candidate: readonly Step[]): boolean => {
    tries += 1;
    return tries <= maxTries && fails(candidate);
  };
  let smallest = fewer(steps, stillFails);
  for (;;) {
    const smaller = fewer(withoutPairs(plainer(smallest, stillFails), stillFails), stillFails);
    if (smaller.length === smallest.length) return smaller;
    smallest = smaller;
  }
}

/** Drops two steps at once, such as an order and its cancel; later references count one working order less, or as many. */
function withoutPairs(steps: readonly Step[], fails: (steps: readonly Step[]) => boolean): readonly Step[] {
  let left = steps;
  for (let first = 0; first < left.length; first += 1) {
    for (let second = first; second < left.length; second += 1) {
      const kept = left.filter((_step, index) => index !== first && index !== second);
      const found = [kept, kept.map(oneEarlier)].find((candidate) => candidate.length > 0 && fails(candidate));
      if (found === undefined) continue;
      left = found;
      second = first;
    }
  }
  return left;
}

/** References choose among working orders by their tens. */
function oneEarlier(step: Step): Step {
  if (!('orderId' in step.command) || step.command.orderId < 10) return step;
  return { ...step, command: { ...step.command, orderId: step.command.orderId - 10 } };
}

/** Drops ever smaller runs of steps, until no single one can go. */
function fewer(steps: readonly Step[], fails: (steps: readonly Step[]) => boolean): readonly Step[] {
  let left = steps;
  let width = Math.ceil(left.length / 2);
  for (;;) {
    let dropped = false;
    for (let from = 0; from < left.length; ) {
      const candidate = [...left.slice(0, from), ...left.slice(from + width)];
      if (candidate.length > 0 && candidate.length < left.length && fails(candidate)) {
        left = candidate;
        dropped = true;
      } else {
        from += width;
      }
    }
    if (!dropped && width === 1) return left;
    if (!dropped) width = Math.ceil(width / 2);
    else width = Math.min(width, Math.max(1, Math.ceil(left.length / 2)));
  }
}

function plainer(steps: readonly Step[], fails: (steps: readonly Step[]) => boolean): readonly Step[] {
  let left = steps;
  for (const index of steps.keys()) {
    for (const candidate of plainSteps(left[index]!)) {
      const changed = left.with(index, candidate(left[index]!));
      if (fails(changed)) left = changed;
    }
  }
  return left;
}

function plainSteps(step: Step): ((now: Step) => Step)[] {
  const fields = Object.entries(PLAIN).filter(([key, plain]) => {
    const value = (step.command as unknown as Record<string, unknown>)[key];
    return key in step.command && value !== plain && value !== null;
  });
  return [
    (now) => ({ ...now, waitUs: 0 }),
    ...fields.map(
      ([key, plain]) =>
        (now: Step) =>
          ({ ...now, command: { ...now.command, [key]: plain } }) as Step,
    ),
  ];
}
