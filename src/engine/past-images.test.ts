import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExchangeEvent } from '../core/exchange/event.js';
import { RewindLimitError } from '../ports/event-feed.js';
import { type OpenEngine, openEngine, setUpMarket, trade } from './testing/engine-kit.js';

interface Moment {
  readonly sequence: number;
  readonly image: readonly ExchangeEvent[];
}

/** The present state, as everybody who joins now is told it. */
async function now({ engine }: OpenEngine): Promise<Moment> {
  const taken: Moment[] = [];
  const leave = await engine.feed.follow({
    reset: (image, sequence) => {
      taken.push({ sequence, image });
    },
    apply: () => undefined,
  });
  leave();
  return taken[0] as Moment;
}

describe('A state of the past', () => {
  let directory: string;
  let opened: OpenEngine;
  const moments: Moment[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tradsys-past-'));
    opened = await openEngine(directory, { limits: { maxRewindCommands: 1_500 } });
    await setUpMarket(opened.engine);
    for (let part = 0; part < 4; part += 1) {
      await trade(opened.engine, part + 1, 400);
      moments.push(await now(opened));
      if (part === 1) await opened.engine.snapshotNow();
    }
  });
  afterAll(async () => {
    await opened.engine.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('is what everybody was told then, before and behind a snapshot', async () => {
    for (const { sequence, image } of moments) {
      const past = await opened.engine.feed.imageAt?.({ sequence });
      expect(past?.sequence).toBe(sequence);
      expect(past?.events).toEqual(image);
    }
  });

  it('is told by time as by sequence: of all commands up to then, none later', async () => {
    for (const { sequence, image } of moments) {
      const bySequence = await opened.engine.feed.imageAt?.({ sequence });
      const byTime = await opened.engine.feed.imageAt?.({ timeUs: bySequence?.timeUs ?? 0 });
      // A later command of the same microsecond belongs to that instant, too.
      if (byTime?.sequence === sequence) expect(byTime.events).toEqual(image);
      expect(byTime?.timeUs).toBe(bySequence?.timeUs);
      const before = await opened.engine.feed.imageAt?.({ timeUs: (bySequence?.timeUs ?? 0) - 1 });
      expect(before?.timeUs).toBeLessThan(bySequence?.timeUs ?? 0);
    }
    expect(await opened.engine.feed.imageAt?.({ timeUs: 0 })).toMatchObject({ sequence: 0, commandSequence: 0 });
  });

  it('is refused where it would cost more than it may', async () => {
    const far = await openEngine(await mkdtemp(join(directory, 'far-')), { limits: { maxRewindCommands: 10 } });
    try {
      await setUpMarket(far.engine);
      await trade(far.engine, 1, 100);
      const { sequence } = await now(far);
      await expect(far.engine.feed.imageAt?.({ sequence })).rejects.toThrow(RewindLimitError);
      expect((await far.engine.feed.imageAt?.({ sequence: 1 }))?.sequence).toBeGreaterThanOrEqual(1);
    } finally {
      await far.engine.stop();
    }
  });

  it('is told to a few at a time, and the others are asked to come again', async () => {
    const asked = Array.from({ length: 12 }, (_, at) => opened.engine.feed.imageAt?.({ sequence: 20 + at }));
    const settled = await Promise.allSettled(asked);
    const refused = settled.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(12);
  });
});
