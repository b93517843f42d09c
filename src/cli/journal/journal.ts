/** `tradsys journal inspect|verify|export|diff`: what happened, whether it reads, and where two journals part. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { FileSnapshotStore } from '../../adapters/file/file-snapshot-store.js';
import { loadSnapshot } from '../../engine/snapshot-start.js';
import { CommandError, EXIT, type ExitCode } from '../exit-codes.js';
import type { Terminal } from '../terminal/terminal.js';
import { type Step, toPlain, walk } from './walk.js';

export interface JournalOptions {
  readonly dataDir: string;
  readonly json?: boolean;
}

export interface InspectOptions extends JournalOptions {
  readonly from?: number;
  readonly to?: number;
  readonly type?: readonly string[];
  readonly account?: string;
  readonly symbol?: string;
  readonly order?: string;
  readonly events?: boolean;
  readonly limit: number;
}

export interface VerifyOptions extends JournalOptions {
  readonly at?: number;
}

/** Prints the commands that match, oldest first. */
export async function runInspect(options: InspectOptions, terminal: Terminal): Promise<ExitCode> {
  let shown = 0;
  for await (const plain of matching(options)) {
    terminal.print(options.json === true ? JSON.stringify(plain) : oneLine(plain));
    shown += 1;
    if (shown < options.limit) continue;
    terminal.report(`the first ${shown}; --limit shows more`);
    break;
  }
  if (shown === 0) terminal.report('no command matches');
  return EXIT.DONE;
}

/** Writes the commands that match as NDJSON. */
export async function runExportJournal(
  options: Omit<InspectOptions, 'limit'> & { readonly out: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const file = createWriteStream(resolve(options.out), { flags: 'wx' });
  const opened = new Promise<void>((done, fail) => {
    file.once('open', () => done());
    file.once('error', (error) => fail(new CommandError(`--out: ${error.message}`, EXIT.USAGE)));
  });
  await opened;
  let count = 0;
  for await (const plain of matching({ ...options, limit: Number.POSITIVE_INFINITY })) {
    count += 1;
    if (!file.write(`${JSON.stringify(plain)}\n`)) await new Promise<void>((done) => file.once('drain', () => done()));
  }
  file.end();
  await finished(file);
  terminal.report(`${count} commands in ${options.out}`);
  return EXIT.DONE;
}

async function* matching(options: InspectOptions): AsyncGenerator<Record<string, unknown>> {
  const { from = 1, to = Number.POSITIVE_INFINITY, type = [], account, symbol, order } = options;
  const { steps, reference } = await walk(options.dataDir);
  for await (const step of steps) {
    if (step.sequence > to) return;
    if (step.sequence < from || (type.length > 0 && !type.includes(step.command.type))) continue;
    const plain = toPlain(step, reference, true) as Record<string, unknown> & { events: Record<string, unknown>[] };
    const told = [plain, ...plain.events];
    if (account !== undefined && !told.some((one) => one.accountId === account)) continue;
    if (symbol !== undefined && !told.some((one) => one.symbol === symbol)) continue;
    if (order !== undefined && !told.some((one) => String(one.orderId) === order)) continue;
    const { events, ...alone } = plain;
    yield options.events === true ? plain : alone;
  }
}

function oneLine({ sequence, time, type, ...fields }: Record<string, unknown>): string {
  return `${String(sequence).padStart(9)}  ${String(time)}  ${String(type).padEnd(22)} ${JSON.stringify(fields)}`;
}

/** Reads and replays all of it, holds each snapshot to the replay, and tells the state hash. */
export async function runVerify(options: VerifyOptions, terminal: Terminal): Promise<ExitCode> {
  const journal = await walk(options.dataDir);
  const { exchange } = journal;
  const store = await FileSnapshotStore.open({ directory: resolve(options.dataDir) });
  const snapshots = new Map((await store.list()).map((info) => [info.commandSequence, info]));
  const problems: string[] = [];
  let commands = 0;
  let checked = 0;
  let hashAt: string | null = null;
  for await (const { sequence } of journal.steps) {
    commands += 1;
    if (sequence === options.at) hashAt = exchange.stateHash();
    const info = snapshots.get(sequence);
    if (info === undefined) continue;
    snapshots.delete(sequence);
    checked += 1;
    const kept = await loadSnapshot(store, info).then(
      (restored) => restored.stateHash(),
      (error: Error) => `unreadable: ${error.message}`,
    );
    if (kept !== exchange.stateHash())
      problems.push(`the snapshot of command ${sequence} is not what the journal gives (${kept})`);
  }
  for (const sequence of snapshots.keys())
    problems.push(`a snapshot holds command ${sequence}, which the journal lacks`);
  if (options.at !== undefined && hashAt === null) {
    throw new CommandError(`--at: the journal holds commands 1 to ${commands}`, EXIT.USAGE);
  }
  const result = {
    ok: problems.length === 0,
    commands,
    events: exchange.eventSequence,
    snapshots: checked,
    stateHash: exchange.stateHash(),
    ...(hashAt === null ? {} : { at: options.at, stateHashAt: hashAt }),
    tornTail: journal.tail,
    problems,
  };
  if (options.json === true) terminal.print(JSON.stringify(result));
  else {
    terminal.print(`${commands} commands and ${result.events} events read; ${checked} snapshots agree`);
    if (hashAt !== null) terminal.print(`state hash at command ${options.at}: ${hashAt}`);
    terminal.print(`state hash: ${result.stateHash}`);
    if (journal.tail !== null) terminal.print(`${journal.tail.bytes} bytes of an unfinished append at the end`);
    for (const problem of problems) terminal.report(problem);
  }
  return result.ok ? EXIT.DONE : EXIT.FAILED;
}

/** Tells the first command in which two journals differ. */
export async function runDiff(one: string, other: string, json: boolean, terminal: Terminal): Promise<ExitCode> {
  const [a, b] = [await walk(one), await walk(other)];
  let same = 0;
  for (;;) {
    const [left, right] = await Promise.all([a.steps.next(), b.steps.next()]);
    if (left.done === true && right.done === true) break;
    const differs = left.done === true || right.done === true || digestOf(left.value) !== digestOf(right.value);
    if (!differs) {
      same += 1;
      continue;
    }
    const told = {
      same,
      first: left.done === true ? null : toPlain(left.value, a.reference, false),
      second: right.done === true ? null : toPlain(right.value, b.reference, false),
    };
    if (json) terminal.print(JSON.stringify({ equal: false, ...told }));
    else {
      terminal.print(`${same} commands are the same, then`);
      for (const [name, plain] of [
        [one, told.first],
        [other, told.second],
      ] as const) {
        terminal.print(`${name}: ${plain === null ? 'ends' : oneLine(plain)}`);
      }
    }
    return EXIT.FAILED;
  }
  const stateHash = a.exchange.stateHash();
  if (json) terminal.print(JSON.stringify({ equal: true, same, stateHash }));
  else terminal.print(`both hold the same ${same} commands; state hash ${stateHash}`);
  return EXIT.DONE;
}

function digestOf({ sequence, timeUs, command }: Step): string {
  return createHash('sha256')
    .update(JSON.stringify([sequence, timeUs, command]))
    .digest('hex');
}
