import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSnapshotStore } from '../adapters/file/file-snapshot-store.js';
import { Exchange } from '../core/exchange/exchange.js';
import { JournalCorruptError } from '../ports/journal.js';
import type { SnapshotMaker } from '../ports/snapshot-maker.js';
import type { EngineOptions } from './engine.js';
import { replaySnapshot } from './snapshot-replay.js';
import { type OpenEngine, openEngine, SMALL_EXCHANGE, setUpMarket, trade } from './testing/engine-kit.js';

let directory: string;
let opened: OpenEngine | null;

/** Makes snapshots as the thread does, from the files of the test. */
const replaying: SnapshotMaker = {
  async make(info) {
    const { journal } = mustBeOpen();
    const snapshots = await FileSnapshotStore.open({ directory });
    return replaySnapshot({ journal, snapshots, exchange: SMALL_EXCHANGE, log: () => undefined }, info);
  },
};
const mustBeOpen = (): OpenEngine => {
  if (opened === null) throw new Error('no engine is open');
  return opened;
};
const open = async (over: Partial<EngineOptions>): Promise<OpenEngine> => {
  opened = await openEngine(directory, { limits: { snapshotEveryCommands: 0 }, ...over });
  return opened;
};
const trading = async (over: Partial<EngineOptions>): Promise<OpenEngine> => {
  const kit = await open(over);
  await setUpMarket(kit.engine);
  await trade(kit.engine, 3, 300);
  return kit;
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tradsys-snapshot-'));
  opened = null;
});
afterEach(async () => {
  await opened?.engine.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('snapshots made beside trading', () => {
  it('hold the state as it was when they were due, while trading went on', async () => {
    const { engine } = await trading({ snapshotMaker: replaying });
    const hash = await engine.stateHash();
    const saving = engine.snapshotNow();
    await trade(engine, 4, 100);
    await saving;
    const store = await FileSnapshotStore.open({ directory });
    const [info] = await store.list();
    expect(info).toBeDefined();
    const restored = Exchange.restore(await store.load(info ?? { commandSequence: 0, eventSequence: 0 }));
    expect(restored.stateHash()).toBe(hash);
    expect(engine.status.commandSequence).toBeGreaterThan(restored.commandSequence);
    expect(engine.status.snapshots).toMatchObject({ saved: 1, failed: 0, lastTakeMs: 0 });
  });

  it('build on the one before', async () => {
    const { engine } = await trading({ snapshotMaker: replaying });
    await engine.snapshotNow();
    await trade(engine, 5, 50);
    const hash = await engine.stateHash();
    await engine.snapshotNow();
    const store = await FileSnapshotStore.open({ directory });
    const infos = await store.list();
    expect(infos).toHaveLength(2);
    const newest = Exchange.restore(await store.load(infos[1] ?? { commandSequence: 0, eventSequence: 0 }));
    expect(newest.stateHash()).toBe(hash);
  });

  it('are taken in the trading thread where they can not be made, with a warning', async () => {
    const { engine, warnings } = await trading({
      snapshotMaker: { make: () => Promise.reject(new Error('no thread')) },
    });
    await engine.snapshotNow();
    expect(engine.status.snapshots).toMatchObject({ saved: 1, failed: 0 });
    expect(warnings).toContainEqual(expect.stringContaining('could not be made beside trading'));
  });

  it('end the engine where the journal gives back something else than was traded', async () => {
    const { engine, fatal } = await trading({
      snapshotMaker: {
        make: (info, ...rest) => replaying.make({ ...info, eventSequence: info.eventSequence + 1 }, ...rest),
      },
    });
    await expect(engine.snapshotNow()).rejects.toThrow('replaying the journal');
    expect(fatal.map(({ message }) => message)).toEqual([expect.stringContaining('replaying the journal')]);
    expect(engine.status.state).toBe('failed');
    expect(engine.status.snapshots.saved).toBe(0);
  });

  it('are given up when the engine stops, which takes its own', async () => {
    const { engine } = await trading({
      snapshotMaker: {
        make: (_info, _newest, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
          }),
      },
    });
    const saving = engine.snapshotNow();
    const givenUp = expect(saving).rejects.toThrow('the engine is stopping');
    await engine.stop();
    await givenUp;
    expect(engine.status.state).toBe('stopped');
    expect(engine.status.snapshots).toMatchObject({ saved: 1, lastCommandSequence: engine.status.commandSequence });
  });

  it('can not reach beyond the journal', async () => {
    const { engine } = await trading({});
    const { commandSequence, eventSequence } = engine.status;
    const behind = { commandSequence: commandSequence + 1, eventSequence };
    await expect(replaying.make(behind, 0, new AbortController().signal)).rejects.toThrow(JournalCorruptError);
  });
});
