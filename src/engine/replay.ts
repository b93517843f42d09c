/** Journal groups back into an exchange, with the checks that make a gap or a foreign record impossible to miss. */
import { type CommandRecord, decodeCommand } from '../core/exchange/command-codec.js';
import type { Exchange } from '../core/exchange/exchange.js';
import { ByteReader, FormatError } from '../core/values/byte-reader.js';
import { JournalCorruptError, type JournalGroup } from '../ports/journal.js';

/**
 * Applies the group's commands that the exchange has not seen, and yields after each one, so that the caller may take
 * its events.
 * @param isBeyond tells the first command that is not to be applied, with which it ends
 * @throws JournalCorruptError when a record can't be read, leaves a gap or runs back in time
 */
export function* replayGroup(
  exchange: Exchange,
  group: JournalGroup,
  isBeyond: (record: CommandRecord) => boolean = () => false,
): Generator<CommandRecord> {
  const reader = new ByteReader(group.bytes);
  const last = group.firstSequence + group.count - 1;
  for (let sequence = group.firstSequence; sequence <= last; sequence += 1) {
    const record = decode(reader, group);
    if (record.sequence !== sequence)
      throw damaged(group, `it holds command ${record.sequence} in place of ${sequence}`);
    if (sequence <= exchange.commandSequence) continue;
    if (sequence !== exchange.commandSequence + 1) {
      throw damaged(group, `command ${exchange.commandSequence + 1} is missing before it`);
    }
    if (record.timeUs < exchange.timeUs) throw damaged(group, `the time of command ${sequence} runs backwards`);
    if (isBeyond(record)) return;
    exchange.apply(record.command, record.timeUs);
    yield record;
  }
  if (reader.remaining !== 0) throw damaged(group, `${reader.remaining} bytes follow its last command`);
}

function decode(reader: ByteReader, group: JournalGroup): CommandRecord {
  try {
    return decodeCommand(reader);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw damaged(group, error.message);
  }
}

function damaged(group: JournalGroup, problem: string): JournalCorruptError {
  return new JournalCorruptError(
    `the journal group of commands ${group.firstSequence} to ${group.firstSequence + group.count - 1} can't be replayed: ` +
      `${problem}. Put the journal back from a backup or a copy, then start again.`,
  );
}
