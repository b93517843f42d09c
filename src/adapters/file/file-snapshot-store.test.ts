import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeSnapshotStore } from '../../ports/snapshot-store.contract.js';
import { FileSnapshotStore, SnapshotDamagedError } from './file-snapshot-store.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tradsys-snapshots-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describeSnapshotStore('a folder of files', async () => ({
  open: () => FileSnapshotStore.open({ directory }),
  dispose: async () => undefined,
}));

describe('file snapshot store', () => {
  const info = { commandSequence: 12, eventSequence: 34 };

  it('refuses a snapshot that is cut anywhere or has any bit flipped', async () => {
    const store = await FileSnapshotStore.open({ directory });
    await store.save(info, Buffer.from('the state of the exchange'));
    const path = join(directory, 'snapshots', (await readdir(join(directory, 'snapshots')))[0] ?? '');
    const whole = await readFile(path);
    for (let at = 0; at < whole.length; at += 1) {
      await writeFile(path, whole.subarray(0, at));
      await expect(store.load(info)).rejects.toThrow(SnapshotDamagedError);
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      await writeFile(path, flipped);
      await expect(store.load(info)).rejects.toThrow(SnapshotDamagedError);
    }
  });

  it('forgets what a crash left half written, and leaves foreign files alone', async () => {
    await FileSnapshotStore.open({ directory });
    const folder = join(directory, 'snapshots');
    await writeFile(join(folder, '0000000000000001-0000000000000002.snapshot.tmp'), 'half');
    await writeFile(join(folder, 'notes.txt'), 'mine');
    const store = await FileSnapshotStore.open({ directory });
    expect(await store.list()).toEqual([]);
    expect(await readdir(folder)).toEqual(['notes.txt']);
  });
});
