import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../core/exchange/command.js';
import { Exchange } from '../core/exchange/exchange.js';
import { anOrder } from '../core/testing/fixtures.js';
import { EngineUnavailableError, OutcomeUnknownError } from '../ports/engine-client.js';
import { JournalCorruptError, JournalFailedError } from '../ports/journal.js';
import type { SnapshotStore } from '../ports/snapshot-store.js';
import { type OpenEngine, openEngine, Recorder, setUpMarket, trade } from './testing/engine-kit.js';

let directory: string;
let opened: OpenEngine[];
const open = async (...args: Parameters<typeof openEngine> extends [string, ...infer Rest] ? Rest : never) => {
  const engine = await openEngine(directory, ...args);
  opened.push(engine);
  return engine;
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tradsys-engine-'));
  opened = [];
});
afterEach(async () => {
  for (const { journal, engine } of opened) {
    journal.open();
    await engine.stop();
  }
  await rm(directory, { recursive: true, force: true });
});

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const asset: Command = { type: 'RegisterAsset', asset: 'EUR', scale: 2 };

describe('previews and places in the queue', () => {
  it('rest on durable state only, and leave no trace in state, journal or stream', async () => {
    const { engine, journal } = await open();
    await setUpMarket(engine);
    journal.hold();
    const answer = engine.submit(anOrder({ account: 1, side: 'SELL', priceTicks: 100, orderQtyLots: 4 }));
    await turns(5);
    const told: string[] = [];
    const preview = engine.preview(anOrder({ account: 2 })).finally(() => told.push('preview'));
    const hash = engine.stateHash();
    await turns(20);
    expect(told).toEqual([]);
    journal.open();
    expect(await preview).toMatchObject({ accepted: true, fillQtyLots: 4, bestAskTicks: 100 });
    const { events, commandSequence } = await answer;
    const accepted = events.find((event) => event.type === 'OrderAccepted');
    const orderId = accepted?.type === 'OrderAccepted' ? accepted.orderId : 0;
    expect(await engine.queuePositions([orderId, 1])).toEqual([{ ordersAhead: 0, qtyAheadLots: 0 }, null]);
    expect(await engine.stateHash()).toBe(await hash);
    expect(engine.status.commandSequence).toBe(commandSequence);
  });

  it('are refused once the engine stops', async () => {
    const { engine } = await open();
    await setUpMarket(engine);
    await engine.stop();
    await expect(engine.preview(anOrder())).rejects.toThrow(EngineUnavailableError);
    await expect(engine.queuePositions([1])).rejects.toThrow(EngineUnavailableError);
  });
});

describe('answers and events', () => {
  it('leave only once the journal is durable, events first', async () => {
    const { engine, journal } = await open();
    const order: string[] = [];
    await engine.feed.follow({
      reset: () => undefined,
      apply: (batch) => order.push(`events to ${batch.lastSequence}`),
    });
    journal.hold();
    const answer = engine.submit(asset).then((outcome) => order.push(`answer ${outcome.commandSequence}`));
    await turns(20);
    expect(journal.started).toHaveLength(1);
    expect(order).toEqual([]);
    expect(engine.feed.lastSequence).toBe(0);
    expect(engine.status).toMatchObject({ commandSequence: 0, eventSequence: 0, pendingCommands: 1 });
    journal.open();
    await answer;
    expect(order).toEqual(['events to 1', 'answer 1']);
    expect(engine.status).toMatchObject({ commandSequence: 1, eventSequence: 1, pendingCommands: 0 });
  });

  it('carry the command’s own events, sequence and a time that never runs backwards', async () => {
    const times = [5000, 7000, 6000, 6500, 9000];
    const { engine } = await open({ clock: { nowUs: () => times.shift() ?? 9000 } });
    const outcomes = await Promise.all(
      ['A', 'B', 'C', 'D', 'E'].map((code) => engine.submit({ type: 'RegisterAsset', asset: code, scale: 2 })),
    );
    expect(outcomes.map((outcome) => outcome.timeUs)).toEqual([5000, 7000, 7000, 7000, 9000]);
    expect(outcomes.map((outcome) => outcome.commandSequence)).toEqual([1, 2, 3, 4, 5]);
    expect(outcomes.map((outcome) => outcome.lastSequence)).toEqual([1, 2, 3, 4, 5]);
    expect(outcomes[3]?.events).toMatchObject([{ type: 'AssetRegistered', code: 'D', sequence: 4, timeUs: 7000 }]);
  });

  it('share a sync: what arrives while the disk works becomes one group, up to the limit', async () => {
    const { engine, journal } = await open({ limits: { maxGroupCommands: 64 } });
    journal.hold();
    const first = engine.submit(asset);
    await turns(2);
    const rest = Array.from({ length: 100 }, (_, at) => engine.submit({ ...asset, asset: `X${at}` }));
    await turns(2);
    expect(engine.status).toMatchObject({ pendingCommands: 101, queuedCommands: 36 });
    journal.open();
    await Promise.all([first, ...rest]);
    expect(journal.started.map((group) => group.count)).toEqual([1, 64, 36]);
    expect(engine.status.sequencer).toMatchObject({ commands: 101, groups: 3, largestGroupCommands: 64 });
  });
});

describe('refusals', () => {
  it('name the limit when too many commands wait, and end when they are answered', async () => {
    const { engine, journal } = await open({ limits: { maxPendingCommands: 3 } });
    journal.hold();
    const waiting = ['A', 'B', 'C'].map((code) => engine.submit({ ...asset, asset: code }));
    await expect(engine.submit(asset)).rejects.toThrow(/3 commands wait.*maxPendingCommands/);
    await expect(engine.submit(asset)).rejects.toBeInstanceOf(EngineUnavailableError);
    journal.open();
    await Promise.all(waiting);
    expect((await engine.submit(asset)).commandSequence).toBe(4);
  });

  it('of a command that could not be replayed name the field and change nothing', async () => {
    const { engine } = await open();
    await setUpMarket(engine);
    const before = await engine.stateHash();
    const wrong = [anOrder({ orderQtyLots: Number.NaN }), anOrder({ orderQtyLots: 0.5 })];
    for (const command of wrong) await expect(engine.submit(command)).rejects.toThrow(/orderQtyLots must be a whole/);
    expect(await engine.stateHash()).toBe(before);
    expect((await engine.submit(anOrder())).events[0]).toMatchObject({ type: 'OrderAccepted' });
  });

  it('meet every command that comes while the engine stops, and the earlier ones are answered', async () => {
    const { engine, journal } = await open();
    journal.hold();
    const earlier = [engine.submit(asset), engine.submit({ ...asset, asset: 'GBP' })];
    const stopped = engine.stop();
    await expect(engine.submit(asset)).rejects.toThrow(EngineUnavailableError);
    expect(engine.status.state).toBe('stopping');
    journal.open();
    await stopped;
    expect((await Promise.all(earlier)).map((outcome) => outcome.commandSequence)).toEqual([1, 2]);
    expect(engine.status).toMatchObject({ state: 'stopped', commandSequence: 2 });
    await expect(engine.submit(asset)).rejects.toThrow(EngineUnavailableError);
    await expect(engine.feed.follow(new Recorder())).rejects.toThrow(EngineUnavailableError);
  });
});

describe('a failure', () => {
  it('of the journal leaves what was being written unknown and the rest not executed, and stops everything', async () => {
    const { engine, journal, fatal } = await open();
    await setUpMarket(engine);
    const recorder = new Recorder();
    await engine.feed.follow(recorder);
    journal.hold();
    const written = engine.submit(anOrder());
    await turns(2);
    const waiting = engine.submit(anOrder());
    const hash = engine.stateHash();
    const outcomes = Promise.allSettled([written, waiting, hash]);
    await turns(2);
    journal.break(new JournalFailedError('disk full'));
    const [first, second, third] = await outcomes;
    expect(first).toMatchObject({ reason: expect.any(OutcomeUnknownError) });
    expect(second).toMatchObject({ reason: expect.any(EngineUnavailableError) });
    expect(third).toMatchObject({ reason: expect.any(EngineUnavailableError) });
    expect(fatal.map((error) => error.message)).toEqual(['disk full']);
    expect(recorder.events).toEqual([]);
    await expect(engine.submit(anOrder())).rejects.toThrow(EngineUnavailableError);
    expect(engine.status.state).toBe('failed');
  });

  it('of a consumer is fatal, and neither the other consumers nor the submitter miss anything', async () => {
    const { engine, fatal } = await open();
    const recorder = new Recorder();
    await engine.feed.follow({
      reset: () => undefined,
      apply() {
        throw new RangeError('broken view');
      },
    });
    await engine.feed.follow(recorder);
    const outcome = await engine.submit(asset);
    expect(outcome.commandSequence).toBe(1);
    expect(recorder.events).toHaveLength(1);
    expect(fatal).toHaveLength(1);
    await expect(engine.submit(asset)).rejects.toThrow(EngineUnavailableError);
  });

  it('inside the exchange is fatal, and the command that caused it is not in the journal', async () => {
    const { engine, fatal, journal } = await open();
    await setUpMarket(engine);
    const before = journal.lastSequence;
    const apply = Exchange.prototype.apply;
    Exchange.prototype.apply = () => {
      throw new Error('invariant');
    };
    try {
      await expect(engine.submit(anOrder())).rejects.toThrow(EngineUnavailableError);
    } finally {
      Exchange.prototype.apply = apply;
    }
    expect(fatal.map((error) => error.message)).toEqual(['invariant']);
    await engine.stop();
    expect((await open()).engine.status.commandSequence).toBe(before);
  });
});

describe('recovery', () => {
  it('has the same state after an orderly stop, from the snapshot alone', async () => {
    const { engine } = await open();
    await setUpMarket(engine);
    await trade(engine, 1, 600);
    const hash = await engine.stateHash();
    const { commandSequence, eventSequence } = engine.status;
    await engine.stop();
    const again = await open();
    expect(await again.engine.stateHash()).toBe(hash);
    expect(again.engine.status).toMatchObject({
      commandSequence,
      eventSequence,
      recovered: { snapshotCommandSequence: commandSequence, replayedCommands: 0 },
    });
    await trade(again.engine, 2, 100);
    expect(again.engine.status.commandSequence).toBe(commandSequence + 100);
  });

  it('has the same state from a periodic snapshot and the journal behind it, and from the journal alone', async () => {
    const { engine } = await open({ limits: { snapshotEveryCommands: 200 } });
    await setUpMarket(engine);
    await trade(engine, 3, 900);
    const hash = await engine.stateHash();
    const total = engine.status.commandSequence;
    await engine.stop();
    expect(engine.status.snapshots.saved).toBeGreaterThan(2);
    const snapshots = join(directory, 'snapshots');
    const names = (await readdir(snapshots)).sort();
    await rm(join(snapshots, names.pop() ?? ''));
    const behind = await open();
    expect(await behind.engine.stateHash()).toBe(hash);
    const { snapshotCommandSequence, replayedCommands } = behind.engine.status.recovered;
    expect(snapshotCommandSequence).toBeGreaterThan(0);
    expect(snapshotCommandSequence + replayedCommands).toBe(total);
    await behind.engine.stop();
    await rm(snapshots, { recursive: true });
    const alone = await open();
    expect(await alone.engine.stateHash()).toBe(hash);
    expect(alone.engine.status.recovered).toMatchObject({ snapshotCommandSequence: 0, replayedCommands: total });
  });

  it('passes over a damaged snapshot with a warning', async () => {
    const { engine } = await open();
    await setUpMarket(engine);
    await trade(engine, 4, 100);
    const hash = await engine.stateHash();
    await engine.stop();
    const path = join(directory, 'snapshots', (await readdir(join(directory, 'snapshots')))[0] ?? '');
    const bytes = await readFile(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4;
    await writeFile(path, bytes);
    const again = await open();
    expect(await again.engine.stateHash()).toBe(hash);
    expect(again.warnings).toContain('passed over a snapshot that can not be used');
  });

  it('refuses a journal that has lost commands which a snapshot holds', async () => {
    const { engine } = await open();
    await setUpMarket(engine);
    await engine.stop();
    await rm(join(directory, 'journal'), { recursive: true });
    const failure: unknown = await open().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(JournalCorruptError);
    expect((failure as Error).message).toMatch(/answered commands are missing/);
    // The folder is free again: nothing holds its lock.
    await rm(join(directory, 'snapshots'), { recursive: true });
    expect((await open()).engine.status.commandSequence).toBe(0);
  });

  it('never finds a snapshot that is ahead of the journal, and goes on when one can not be saved', async () => {
    const saved: number[] = [];
    const failing: SnapshotStore = {
      list: async () => [],
      load: () => Promise.reject(new Error('none')),
      save: async (info) => {
        saved.push(info.commandSequence);
        throw new Error('disk full');
      },
    };
    const { engine, journal, warnings, fatal } = await open({ snapshots: failing });
    await setUpMarket(engine);
    journal.hold();
    const submitted = engine.submit(anOrder());
    await turns(3);
    const snapshot = engine.snapshotNow();
    const outcome = Promise.allSettled([snapshot]);
    await turns(10);
    expect(saved).toEqual([]);
    journal.open();
    const { commandSequence } = await submitted;
    await outcome;
    await expect(snapshot).rejects.toThrow('disk full');
    expect(saved).toEqual([commandSequence]);
    await engine.stop();
    expect(fatal).toEqual([]);
    expect(warnings).toContain('the last snapshot could not be saved; the next start replays more of the journal');
  });
});

describe('limits', () => {
  it('refuse a value outside their range by name', async () => {
    await expect(open({ limits: { maxGroupCommands: 0 } })).rejects.toThrow(/maxGroupCommands must be a whole number/);
    expect((await open()).engine.status.state).toBe('running');
  });
});
