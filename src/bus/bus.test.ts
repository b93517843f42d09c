/** The engine over a bus in memory: what it promises while messages are lost, repeated and reordered. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBroker, MemoryBus, type Network } from '../adapters/memory/memory-bus.js';
import { anOrder } from '../core/testing/fixtures.js';
import type { Engine } from '../engine/engine.js';
import { createRandom, openEngine, Recorder, readAll, setUpMarket, trade } from '../engine/testing/engine-kit.js';
import { EngineUnavailableError, OutcomeUnknownError } from '../ports/engine-client.js';
import { EngineService } from './engine-service.js';
import { createEventPublisher } from './event-publisher.js';
import { LeaderWatch } from './leader-watch.js';
import { CommandsWriter, decodeBatch, decodeCommands, encodeBatches, MessageFormatError } from './messages.js';
import { RemoteEngine } from './remote-engine.js';
import { RemoteFeed } from './remote-feed.js';

const silent = () => undefined;
const fatal = (error: Error): never => {
  throw error;
};

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn > 2_000) throw new Error('never came');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('The engine over the bus', () => {
  let directory: string;
  let engine: Engine;
  const ends: (() => Promise<void> | void)[] = [];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tradsys-bus-'));
    ({ engine } = await openEngine(directory));
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await engine.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function serve(network?: Network, timeoutMs = 2_000, readTimeoutMs = 100) {
    const broker = new MemoryBroker(network);
    const bus = new MemoryBus(broker, 'engine');
    const service = new EngineService({ engine, bus, journalId: 'j', epoch: 1, log: silent });
    const publisher = createEventPublisher({
      feed: engine.feed,
      events: bus,
      journalId: 'j',
      maxMessageBytes: 2_000,
      log: silent,
    });
    const own = new MemoryBus(broker, 'client');
    const watch = new LeaderWatch(own, silent, fatal);
    await until(() => watch.leader !== null);
    const feed = new RemoteFeed({
      bus: own,
      log: own,
      watch,
      durable: null,
      logger: silent,
      onFatal: fatal,
      recentEvents: 50,
      timeoutMs: readTimeoutMs,
    });
    feed.start();
    const client = new RemoteEngine({ bus: own, watch, feed, client: 'c', timeoutMs });
    ends.push(
      () => service.stop(),
      () => publisher.stop(),
      () => watch.stop(),
      () => feed.stop(),
      () => client.stop(),
    );
    return { broker, service, watch, feed, client };
  }

  it('answers commands with what they did, and tells views the same events in order', async () => {
    const { client, feed } = await serve();
    const before = new Recorder();
    await feed.follow(before);
    await setUpMarket({ submit: (command) => client.submit(command) } as Engine);
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => client.submit(anOrder({}))));
    expect(outcomes.map(({ commandSequence }) => commandSequence)).toEqual(
      Array.from({ length: 50 }, (_, at) => engine.status.commandSequence - 49 + at),
    );
    await until(() => feed.lastSequence === engine.feed.lastSequence);
    expect(before.events).toEqual(await readAll(engine.feed, before.imageSequence, engine.feed.lastSequence));
    expect(outcomes.flatMap(({ events }) => events)).toEqual(
      before.events.slice(-outcomes.reduce((sum, { events }) => sum + events.length, 0)),
    );
    expect(await readAll(feed, 0, feed.lastSequence)).toEqual(await readAll(engine.feed, 0, feed.lastSequence));
  });

  it('answers when the views of the process have taken the events, by the answer or by the stream', async () => {
    const { client, feed } = await serve();
    const view = new Recorder();
    await feed.follow(view);
    await setUpMarket({ submit: (command) => client.submit(command) } as Engine);
    const other = trade(engine, 5, 100);
    for (let count = 0; count < 50; count += 1) {
      const { lastSequence } = await client.submit(anOrder({}));
      expect(view.events.at(-1)?.sequence).toBeGreaterThanOrEqual(lastSequence);
    }
    await other;
  });

  it('keeps every view whole where the bus loses, repeats and reorders, or forgets everything', async () => {
    const random = createRandom(7);
    const { feed, broker } = await serve((_from, _to, arrive) => {
      const kind = random(10);
      if (kind === 0) return;
      setTimeout(arrive, random(4));
      if (kind === 1) setTimeout(arrive, random(30));
    }, 300);
    await setUpMarket(engine);
    const early = new Recorder();
    const follow = async (view: Recorder) => {
      for (;;) {
        try {
          await feed.follow(view);
          return;
        } catch (error) {
          expect(error).toBeInstanceOf(EngineUnavailableError);
        }
      }
    };
    await follow(early);
    await trade(engine, 3, 300);
    broker.wipe();
    const late = new Recorder();
    await follow(late);
    await trade(engine, 4, 300);
    await until(() => feed.lastSequence === engine.feed.lastSequence);
    for (const view of [early, late]) {
      expect(view.events).toEqual(await readAll(engine.feed, view.imageSequence, engine.feed.lastSequence));
    }
  }, 60_000);

  it('catches up where answers to a read of the past are lost, though only one reader has a turn', async () => {
    await engine.stop();
    ({ engine } = await openEngine(directory, { limits: { recentEvents: 1, maxRebuilds: 1 } }));
    let isCut = false;
    let awaitsRead = false;
    const { feed, broker } = await serve((from, to, arrive) => {
      if (from === 'client' && awaitsRead) {
        awaitsRead = false;
        isCut = true;
        // Four attempts of the client long.
        setTimeout(() => {
          isCut = false;
        }, 500);
      }
      if (to === 'client' && isCut) return;
      setImmediate(arrive);
    });
    const view = new Recorder();
    await feed.follow(view);
    isCut = true;
    await setUpMarket(engine);
    await trade(engine, 5, 200);
    await until(() => broker.kept.at(-1)?.lastSequence === engine.feed.lastSequence);
    await new Promise((resolve) => setImmediate(resolve));
    awaitsRead = true;
    isCut = false;
    await until(() => feed.lastSequence === engine.feed.lastSequence);
    expect(awaitsRead).toBe(false);
    expect(view.events).toEqual(await readAll(engine.feed, view.imageSequence, engine.feed.lastSequence));
  }, 30_000);

  it('gives the turn of a reader that leaves before the end to the next one', async () => {
    await engine.stop();
    ({ engine } = await openEngine(directory, { limits: { recentEvents: 1, maxRebuilds: 1 } }));
    await setUpMarket(engine);
    await trade(engine, 5, 600);
    const { feed } = await serve(undefined, 2_000, 8_000);
    const last = feed.lastSequence;
    expect(last).toBeGreaterThan(1_000);
    for await (const batch of feed.read(0, last)) {
      expect(batch.lastSequence).toBeLessThan(last);
      break;
    }
    expect((await readAll(feed, 0, last)).length).toBe(last);
  }, 30_000);

  it('executes a message of commands once, however often it comes', async () => {
    const { client } = await serve((_from, _to, arrive) => {
      setImmediate(arrive);
      setImmediate(arrive);
    });
    const before = engine.status.commandSequence;
    await setUpMarket({ submit: (command) => client.submit(command) } as Engine);
    await client.submit(anOrder({}));
    const commands = engine.status.commandSequence - before;
    await setUpMarket(engine);
    expect(engine.status.commandSequence - before - commands).toBe(commands - 1);
  });

  it('says "unknown" where an answer is lost, "not executed" where nobody was asked, and refuses what cannot be written', async () => {
    let lose = false;
    const { client, service, watch } = await serve((from, _to, arrive) => {
      if (!lose || from !== 'engine') setImmediate(arrive);
    }, 100);
    await setUpMarket(engine);
    await expect(client.submit(anOrder({ orderQtyLots: 0.5 }))).rejects.toThrow(RangeError);
    lose = true;
    const before = engine.status.commandSequence;
    await expect(client.submit(anOrder({ clOrdId: 'lost' }))).rejects.toThrow(OutcomeUnknownError);
    expect(engine.status.commandSequence).toBe(before + 1);
    lose = false;
    service.stop();
    await expect(client.submit(anOrder({}))).rejects.toThrow(EngineUnavailableError);
    await until(() => watch.leader === null);
    await expect(client.submit(anOrder({}))).rejects.toThrow('no engine leads');
  });
});

describe('Messages', () => {
  it('come back as they were, in parts where they are large', async () => {
    const writer = new CommandsWriter();
    writer.begin('me', 3);
    writer.add(anOrder({}));
    writer.add({ type: 'AdvanceTime' });
    expect(decodeCommands(writer.finish())).toEqual({
      client: 'me',
      batch: 3,
      commands: [anOrder({}), { type: 'AdvanceTime' }],
    });
    const events = Array.from({ length: 10 }, (_, at) => ({
      type: 'AssetRegistered' as const,
      sequence: at + 5,
      commandSequence: 1,
      timeUs: 1,
      asset: at,
      code: 'x'.repeat(50),
      scale: 2,
    }));
    const parts = [...encodeBatches({ firstSequence: 5, lastSequence: 14, events }, 500)];
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.flatMap(({ bytes }) => decodeBatch(bytes).events)).toEqual(events);
  });

  it('of another release, cut or with something behind them are refused', () => {
    const writer = new CommandsWriter();
    writer.begin('me', 1);
    writer.add({ type: 'AdvanceTime' });
    const bytes = writer.finish();
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeCommands(bytes.subarray(0, length))).toThrow(MessageFormatError);
    }
    expect(() => decodeCommands(Uint8Array.from([...bytes, 0]))).toThrow(MessageFormatError);
    expect(() => decodeCommands(Uint8Array.from([9, ...bytes.subarray(1)]))).toThrow(
      'run all roles from the same release',
    );
  });
});
