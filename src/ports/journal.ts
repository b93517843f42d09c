/** The book of record: encoded commands in sequence, durable before any answer. */

/** One group of commands that becomes durable as a whole. */
export interface JournalGroup {
  /** Sequence of the first command in the group. */
  readonly firstSequence: number;
  /** Number of commands. */
  readonly count: number;
  /** Commands one behind the other, in the command codec with sequence and time. */
  readonly bytes: Uint8Array;
}

export interface Journal {
  /** Sequence of the last durable command; 0 when empty. */
  readonly lastSequence: number;
  /**
   * Appends the group and resolves when it is durable. Groups are appended one at a time, in sequence.
   * @throws JournalFailedError when durability is not certain; the journal then refuses every later append
   */
  append(group: JournalGroup): Promise<void>;
  /** Groups that hold commands with sequence > after, oldest first. */
  read(after: number): AsyncIterable<JournalGroup>;
  close(): Promise<void>;
}

/** Writing or syncing failed: the process must stop, since what it holds may be ahead of the journal. */
export class JournalFailedError extends Error {
  override readonly name: string = 'JournalFailedError';
}

/** Another engine has taken the lead: nothing was written under the older epoch, and nothing will be. */
export class JournalDeposedError extends JournalFailedError {
  constructor(
    readonly epoch: number,
    readonly currentEpoch: number,
  ) {
    super(`another engine has taken the lead (epoch ${currentEpoch}); this one wrote under epoch ${epoch} and ends`);
  }
}

/** The journal is damaged before its end, or was written by another format: nothing may start on it. */
export class JournalCorruptError extends Error {
  override readonly name = 'JournalCorruptError';
}
