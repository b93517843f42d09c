/** What every snapshot store must do; each adapter runs this suite on itself. */
import type { SnapshotStore } from './snapshot-store.js';

export interface SnapshotStoreFixture {
  /** Opens a store that keeps the newest three; a second call finds what the first one saved. */
  open(): Promise<SnapshotStore>;
  dispose(): Promise<void>;
}

const bytesOf = (seed: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (seed + at * 3) & 0xff);

export function describeSnapshotStore(name: string, createFixture: () => Promise<SnapshotStoreFixture>): void {
  describe(`${name} as a snapshot store`, () => {
    let fixture: SnapshotStoreFixture;
    let store: SnapshotStore;
    beforeEach(async () => {
      fixture = await createFixture();
      store = await fixture.open();
    });
    afterEach(() => fixture.dispose());

    it('is empty at first', async () => {
      expect(await store.list()).toEqual([]);
      await expect(store.load({ commandSequence: 1, eventSequence: 1 })).rejects.toThrow();
    });

    it('gives back what was saved, byte for byte, at once and after reopening', async () => {
      const saved = [
        { info: { commandSequence: 9, eventSequence: 30 }, bytes: bytesOf(1, 0) },
        { info: { commandSequence: 10, eventSequence: 31 }, bytes: bytesOf(2, 3_000_000) },
      ];
      for (const { info, bytes } of saved) await store.save(info, bytes);
      for (const current of [store, await fixture.open()]) {
        expect(await current.list()).toEqual(saved.map(({ info }) => info));
        for (const { info, bytes } of saved) expect(Buffer.compare(await current.load(info), bytes)).toBe(0);
      }
    });

    it('keeps the newest three by command sequence, oldest first', async () => {
      for (const commandSequence of [5, 100, 20, 1000, 300]) {
        await store.save({ commandSequence, eventSequence: commandSequence * 2 }, bytesOf(commandSequence, 10));
      }
      expect((await store.list()).map((info) => info.commandSequence)).toEqual([100, 300, 1000]);
    });

    it('replaces a snapshot that is saved again', async () => {
      const info = { commandSequence: 7, eventSequence: 8 };
      await store.save(info, bytesOf(1, 10));
      await store.save(info, bytesOf(2, 5));
      expect(await store.list()).toEqual([info]);
      expect(Buffer.compare(await store.load(info), bytesOf(2, 5))).toBe(0);
    });
  });
}
