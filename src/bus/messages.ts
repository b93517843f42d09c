/**
 * Messages as bytes. Commands are in the command codec, as the journal holds them; what comes back is JSON, since events
 * are plain data. Every message begins with the format's version, so that processes of two releases tell each other apart.
 */
import type { Command } from '../core/exchange/command.js';
import { decodeCommand, encodeCommand } from '../core/exchange/command-codec.js';
import type { ExchangeEvent } from '../core/exchange/event.js';
import { ByteReader, FormatError } from '../core/values/byte-reader.js';
import { ByteWriter } from '../core/values/byte-writer.js';
import type { EventBatch, PointInTime } from '../ports/event-feed.js';
import type { StageSpans } from '../ports/stage-times.js';

/** Changes with anything that a process of the release before could not read. */
const MESSAGE_VERSION = 1;

/** A message is cut or of another release. */
export class MessageFormatError extends Error {
  override readonly name = 'MessageFormatError';
}

/** Commands of one turn of one client. */
export interface CommandsMessage {
  /** Names the client's process; with `batch` it tells a message that comes twice. */
  readonly client: string;
  readonly batch: number;
  readonly commands: readonly Command[];
}

/** Packs the commands of one turn. */
export class CommandsWriter {
  readonly #writer = new ByteWriter(16 * 1024);
  #count = 0;
  #countAt = 0;

  get count(): number {
    return this.#count;
  }

  get byteCount(): number {
    return this.#writer.position;
  }

  begin(client: string, batch: number): void {
    this.#writer.reset();
    this.#writer.uint8(MESSAGE_VERSION);
    this.#writer.string(client, 'client');
    this.#writer.integer(batch, 'batch');
    this.#countAt = this.#writer.position;
    this.#writer.uint32(0);
    this.#count = 0;
  }

  /** @throws RangeError naming a field that can't be written; the message is as before */
  add(command: Command): void {
    encodeCommand(this.#writer, command, this.#count + 1, 0);
    this.#count += 1;
  }

  /** The message, as bytes of its own. */
  finish(): Uint8Array {
    this.#writer.patchUint32(this.#countAt, this.#count);
    return this.#writer.written().slice();
  }
}

/** @throws MessageFormatError */
export function decodeCommands(bytes: Uint8Array): CommandsMessage {
  try {
    const reader = new ByteReader(bytes);
    checkVersion(reader.uint8());
    const client = reader.string();
    const batch = reader.integer();
    const count = reader.uint32();
    const commands: Command[] = [];
    while (commands.length < count) commands.push(decodeCommand(reader).command);
    if (reader.remaining > 0) throw new MessageFormatError(`${reader.remaining} bytes follow the last command`);
    return { client, batch, commands };
  } catch (error) {
    if (error instanceof FormatError) throw new MessageFormatError(error.message);
    throw error;
  }
}

/** What became of one command: done (events null = too many for a message, read them), or why not. */
export type CommandResult =
  | {
      readonly commandSequence: number;
      readonly lastSequence: number;
      readonly timeUs: number;
      readonly eventCount: number;
      readonly events: readonly ExchangeEvent[] | null;
      /** The engine's part, since the message came. */
      readonly spans?: StageSpans;
    }
  | { readonly error: ErrorKind; readonly message: string };

/** As the port's errors: not executed; perhaps executed; a bug of the caller; the past is gone; it would cost too much. */
export type ErrorKind = 'UNAVAILABLE' | 'UNKNOWN' | 'RANGE' | 'GONE' | 'LIMIT' | 'FAILED';

/** The leader's sign of life. */
export interface Head {
  readonly journalId: string;
  readonly epoch: number;
  readonly commandSequence: number;
  /** Sequence of the last durable event. */
  readonly lastSequence: number;
}

/** What is asked of the engine without changing anything: a method of EngineQueries by name. */
export interface QueryRequest {
  readonly method: string;
  readonly arguments: readonly unknown[];
}

/** IMAGE opens an image at a sequence of `from` or later, PAST one at a moment of the past, CHUNK gives a part of it; READ opens the past or gives its next part, END closes it. */
export type ReadRequest =
  | { readonly kind: 'IMAGE'; readonly from: number }
  | { readonly kind: 'PAST'; readonly moment: PointInTime }
  | { readonly kind: 'CHUNK'; readonly id: string; readonly index: number }
  | { readonly kind: 'READ'; readonly id: string; readonly after: number; readonly through: number }
  | { readonly kind: 'END'; readonly id: string };

export interface ImageAnswer {
  readonly id: string;
  readonly sequence: number;
  readonly chunks: number;
  /** Of an image of the past. */
  readonly commandSequence?: number;
  readonly timeUs?: number;
}

export interface Failure {
  readonly error: ErrorKind;
  readonly message: string;
  readonly firstAvailable?: number;
  readonly maxCommands?: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Encodes plain data. */
export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(`${MESSAGE_VERSION}${JSON.stringify(value)}`);
}

/** @throws MessageFormatError */
export function decodeJson<T>(bytes: Uint8Array): T {
  checkVersion((bytes[0] ?? 0) - 0x30);
  try {
    return JSON.parse(decoder.decode(bytes.subarray(1))) as T;
  } catch {
    throw new MessageFormatError('a message is cut');
  }
}

/** Encodes a batch as messages of at most about `maxBytes`, at least one event each. */
export function* encodeBatches(
  batch: EventBatch,
  maxBytes: number,
): Generator<{ first: number; last: number; bytes: Uint8Array }> {
  for (const { first, texts } of packed(batch.events, maxBytes)) {
    const last = first + texts.length - 1;
    const text = `${MESSAGE_VERSION}{"firstSequence":${first},"lastSequence":${last},"events":[${texts.join(',')}]}`;
    yield { first, last, bytes: encoder.encode(text) };
  }
}

/** Texts of events in parts of at most about `maxChars` characters. */
export function* packed(
  events: readonly ExchangeEvent[],
  maxChars: number,
): Generator<{ first: number; texts: string[] }> {
  let texts: string[] = [];
  let first = events[0]?.sequence ?? 0;
  let size = 0;
  for (const event of events) {
    const text = JSON.stringify(event);
    if (texts.length > 0 && size + text.length > maxChars) {
      yield { first, texts };
      texts = [];
      first = event.sequence;
      size = 0;
    }
    texts.push(text);
    size += text.length + 1;
  }
  if (texts.length > 0) yield { first, texts };
}

/** @throws MessageFormatError */
export function decodeBatch(bytes: Uint8Array): EventBatch {
  const batch = decodeJson<EventBatch>(bytes);
  if (batch.lastSequence - batch.firstSequence + 1 !== batch.events.length || batch.events.length === 0) {
    throw new MessageFormatError(
      `events ${batch.firstSequence} to ${batch.lastSequence} come as ${batch.events.length}`,
    );
  }
  return batch;
}

function checkVersion(version: number): void {
  if (version === MESSAGE_VERSION) return;
  throw new MessageFormatError(
    `a message has version ${version}, this build reads ${MESSAGE_VERSION}: run all roles from the same release`,
  );
}
