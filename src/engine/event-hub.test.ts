import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../core/exchange/command.js';
import { decodeCommands } from '../core/exchange/command-codec.js';
import { Exchange } from '../core/exchange/exchange.js';
import { EngineUnavailableError } from '../ports/engine-client.js';
import { HistoryUnavailableError } from '../ports/event-feed.js';
import type { Journal } from '../ports/journal.js';
import type { EngineLimits } from './limits.js';
import {
  createRandom,
  type OpenEngine,
  openEngine,
  orderFlow,
  Recorder,
  readAll,
  SMALL_EXCHANGE,
  setUpMarket,
  trade,
} from './testing/engine-kit.js';

let directory: string;
let opened: OpenEngine[];
const open = async (limits: Partial<EngineLimits> = {}): Promise<OpenEngine> => {
  const engine = await openEngine(directory, { limits });
  opened.push(engine);
  return engine;
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tradsys-feed-'));
  opened = [];
});
afterEach(async () => {
  for (const { journal, engine } of opened) {
    journal.open();
    await engine.stop();
  }
  await rm(directory, { recursive: true, force: true });
});

/** Replays the journal from the first command up to an event and returns the exchange there. */
async function exchangeAt(journal: Journal, eventSequence: number): Promise<Exchange> {
  const exchange = new Exchange(SMALL_EXCHANGE);
  for await (const group of journal.read(0)) {
    for (const { command, timeUs } of decodeCommands(group.bytes)) {
      if (exchange.eventSequence >= eventSequence) return exchange;
      exchange.apply(command, timeUs);
    }
  }
  return exchange;
}

describe('following', () => {
  it('gives an image and every event behind it to each of many that join under load', async () => {
    const { engine, journal } = await open();
    const all = new Recorder();
    await engine.feed.follow(all);
    await setUpMarket(engine);
    const flow = orderFlow(5);
    const random = createRandom(6);
    const joined: Promise<Recorder>[] = [];
    const answers: Promise<unknown>[] = [];
    for (let wave = 0; wave < 60; wave += 1) {
      for (let at = 0; at < 40; at += 1) answers.push(engine.submit(flow.next().value as Command));
      const turns = random(4);
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const recorder = new Recorder();
      joined.push(engine.feed.follow(recorder).then(() => recorder));
    }
    await Promise.all(answers);
    const recorders = await Promise.all(joined);
    expect(all.events.length).toBe(engine.feed.lastSequence);
    const headerless = (events: readonly object[]): object[] =>
      events.map((event) => ({ ...event, commandSequence: 0, timeUs: 0 }));
    for (const [at, recorder] of recorders.entries()) {
      expect(recorder.imageSequence + recorder.events.length).toBe(engine.feed.lastSequence);
      if (at % 10 !== 0) continue;
      expect(recorder.events).toEqual(all.events.slice(recorder.imageSequence));
      // The image is the state at its sequence, as any other exchange that has come there tells it.
      const there = await exchangeAt(journal, recorder.imageSequence);
      expect(there.eventSequence).toBe(recorder.imageSequence);
      expect(headerless(recorder.image)).toEqual(headerless(there.image()));
    }
    expect(new Set(recorders.map((recorder) => recorder.imageSequence)).size).toBeGreaterThan(10);
  });

  it('holds the image back while its events are not durable, and trading goes on meanwhile', async () => {
    const { engine, journal } = await open();
    await setUpMarket(engine);
    const durable = engine.feed.lastSequence;
    journal.hold();
    const flow = orderFlow(9);
    const answers = [engine.submit(flow.next().value as Command), engine.submit(flow.next().value as Command)];
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const recorder = new Recorder();
    const joining = engine.feed.follow(recorder);
    for (let turn = 0; turn < 5; turn += 1) {
      answers.push(engine.submit(flow.next().value as Command));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(recorder.imageSequence).toBe(-1);
    expect(engine.status.consumers).toBe(1);
    journal.open();
    const leave = await joining;
    await Promise.all(answers);
    expect(recorder.imageSequence).toBeGreaterThan(durable);
    expect(recorder.imageSequence + recorder.events.length).toBe(engine.feed.lastSequence);
    leave();
    await trade(engine, 10, 50);
    expect(recorder.imageSequence + recorder.events.length).toBeLessThan(engine.feed.lastSequence);
    expect(engine.status.consumers).toBe(0);
  });

  it('is refused beyond the limit of consumers', async () => {
    const { engine } = await open({ maxConsumers: 2 });
    const leave = await engine.feed.follow(new Recorder());
    await engine.feed.follow(new Recorder());
    await expect(engine.feed.follow(new Recorder())).rejects.toThrow(/maxConsumers/);
    leave();
    await engine.feed.follow(new Recorder());
  });
});

describe('reading the past', () => {
  it('gives exactly the events that were published, over memory, snapshots and the whole journal', async () => {
    const { engine } = await open({ recentEvents: 500, snapshotEveryCommands: 150 });
    const live = new Recorder();
    await engine.feed.follow(live);
    await setUpMarket(engine);
    await trade(engine, 7, 1200, 30);
    const last = engine.feed.lastSequence;
    expect(last).toBeGreaterThan(2000);
    expect(await readAll(engine.feed, 0, last)).toEqual(live.events);
    const random = createRandom(8);
    for (let attempt = 0; attempt < 25; attempt += 1) {
      const after = random(last);
      const through = after + random(attempt % 2 === 0 ? 20 : last);
      const expected = live.events.slice(after, through);
      expect(await readAll(engine.feed, after, through)).toEqual(expected);
    }
    expect(await readAll(engine.feed, last, last + 10)).toEqual([]);
    expect(await readAll(engine.feed, 10, 5)).toEqual([]);
  });

  it('comes in batches without gaps and of bounded size', async () => {
    const { engine } = await open({ recentEvents: 300 });
    await setUpMarket(engine);
    await trade(engine, 11, 1500, 300);
    let next = 1;
    for await (const batch of engine.feed.read(0, engine.feed.lastSequence)) {
      expect(batch.firstSequence).toBe(next);
      expect(batch.events.map((event) => event.sequence)).toEqual(
        Array.from({ length: batch.lastSequence - batch.firstSequence + 1 }, (_, at) => next + at),
      );
      expect(batch.events.length).toBeLessThan(1200);
      next = batch.lastSequence + 1;
    }
    expect(next - 1).toBe(engine.feed.lastSequence);
  });

  it('is the same after a restart, and goes on into what is published then', async () => {
    const first = await open({ recentEvents: 400, snapshotEveryCommands: 300 });
    const live = new Recorder();
    await first.engine.feed.follow(live);
    await setUpMarket(first.engine);
    await trade(first.engine, 12, 700);
    await first.engine.stop();
    const second = await open({ recentEvents: 400 });
    const later = new Recorder();
    await second.engine.feed.follow(later);
    await trade(second.engine, 13, 100);
    const all = [...live.events, ...later.events];
    expect(await readAll(second.engine.feed, 0, second.engine.feed.lastSequence)).toEqual(all);
    expect(await readAll(second.engine.feed, live.events.length - 50, live.events.length + 50)).toEqual(
      all.slice(live.events.length - 50, live.events.length + 50),
    );
  });

  it('goes on while more is published and memory moves on beneath it', async () => {
    const { engine } = await open({ recentEvents: 200 });
    const live = new Recorder();
    await engine.feed.follow(live);
    await setUpMarket(engine);
    await trade(engine, 14, 300, 20);
    const seen: number[] = [];
    const through = engine.feed.lastSequence;
    let seed = 20;
    for await (const batch of engine.feed.read(through - 150, through)) {
      seen.push(...batch.events.map((event) => event.sequence));
      await trade(engine, seed, 100);
      seed += 1;
    }
    expect(seen).toEqual(Array.from({ length: 150 }, (_, at) => through - 149 + at));
  });

  it('bounds how many rebuild and wait, and frees the place of a reader that leaves early', async () => {
    const { engine } = await open({ recentEvents: 1, maxRebuilds: 1, maxWaitingRebuilds: 1 });
    await setUpMarket(engine);
    await trade(engine, 15, 200);
    const iterator = engine.feed.read(0, 100)[Symbol.asyncIterator]();
    await iterator.next();
    const second = readAll(engine.feed, 0, 100);
    await expect(readAll(engine.feed, 0, 100)).rejects.toThrow(EngineUnavailableError);
    await iterator.return?.();
    expect(await second).toHaveLength(100);
    expect(await readAll(engine.feed, 0, 100)).toHaveLength(100);
  });

  it('says from where on there is history when the journal does not reach back', async () => {
    const { engine } = await open({ recentEvents: 1 });
    await setUpMarket(engine);
    await trade(engine, 16, 3000, 100);
    await engine.stop();
    const folder = join(directory, 'journal');
    const names = (await readdir(folder)).sort();
    expect(names.length).toBeGreaterThan(1);
    await rm(join(folder, names[0] ?? ''));
    const again = await open({ recentEvents: 1 });
    const failure: unknown = await readAll(again.engine.feed, 0, 100).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HistoryUnavailableError);
    expect((failure as HistoryUnavailableError).firstAvailable).toBe(again.engine.feed.lastSequence + 1);
  });
});
