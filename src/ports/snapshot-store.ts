/** Snapshots of the exchange's state, by the sequence of the last command in them. */

export interface SnapshotInfo {
  /** Last command that is in the snapshot. */
  readonly commandSequence: number;
  /** Last event that it caused. */
  readonly eventSequence: number;
}

export interface SnapshotStore {
  /** Snapshots that can be loaded, oldest first. */
  list(): Promise<readonly SnapshotInfo[]>;
  /** @throws Error when the snapshot is damaged; an older one or the whole journal serves instead */
  load(info: SnapshotInfo): Promise<Uint8Array>;
  /** Saves atomically and durably, keeping the newest `keep` of the store's configuration. */
  save(info: SnapshotInfo, bytes: Uint8Array): Promise<void>;
}
