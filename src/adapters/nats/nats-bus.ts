/**
 * The bus on NATS: requests and signs of life on core subjects, events on a JetStream stream.
 *
 * Nothing here is the book of record. A connection that is lost comes back by itself, with back-off and jitter; meanwhile
 * requests are refused at once rather than kept, so that what was told as not executed is never sent later.
 */
import {
  type ConnectionOptions,
  connect,
  ErrorCode,
  Events,
  headers,
  type JetStreamClient,
  type MsgHdrs,
  type NatsConnection,
  NatsError,
} from 'nats';
import { type Bus, type EventLog, NoAnswerError, NotDeliveredError, type Unsubscribe } from '../../ports/bus.js';
import type { Log } from '../../ports/log.js';
import type { TraceMark } from '../../ports/tracing.js';
import { consumeEvents } from './event-consumer.js';
import {
  EVENT_STREAM,
  EVENTS_SUBJECT,
  ensureEventStream,
  FIRST_HEADER,
  JOURNAL_HEADER,
  LAST_HEADER,
} from './event-stream.js';
import { readTraces, writeTraces } from './trace-headers.js';

export interface NatsOptions {
  /** One address or several, separated by commas: nats://host:port, tls://host:port. */
  readonly url: string;
  /** User of the role, and what its inboxes are named after. */
  readonly user: string | null;
  readonly password: string | null;
  /** Files of the authority and of this role's certificate and key; null = not used. */
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** Role, as the server shows the connection. */
  readonly role: string;
  readonly log: Log;
  /** Called when the connection is over for good, e.g. because the password was changed. */
  readonly onClosed: (error: Error) => void;
}

/** NATS answers and refuses this role; the message says what to mend. */
export class NatsRefusedError extends Error {
  override readonly name = 'NatsRefusedError';
}

const CONNECT_TIMEOUT_MS = 3_000;
const RECONNECT_WAIT_MS = 200;
const RECONNECT_JITTER_MS = 300;
const PING_INTERVAL_MS = 5_000;
const PUBLISH_TIMEOUT_MS = 2_000;
const REFUSALS: ReadonlySet<string> = new Set([
  ErrorCode.AuthorizationViolation,
  ErrorCode.AuthenticationExpired,
  ErrorCode.BadAuthentication,
  ErrorCode.BadCreds,
  ErrorCode.AuthenticationTimeout,
]);

/**
 * Connects once.
 * @throws NatsRefusedError when the server does not take this role; anything else means that it is away
 */
export async function connectNats(options: NatsOptions): Promise<NatsBus> {
  try {
    return new NatsBus(await connect(connectionOptions(options)), options);
  } catch (error) {
    throw explain(error);
  }
}

function connectionOptions(options: NatsOptions): ConnectionOptions {
  const { url, user, password, caFile, certFile, keyFile, role } = options;
  const wantsTls = url.includes('tls://') || caFile !== null || certFile !== null;
  return {
    servers: url.split(',').map((server) => server.trim()),
    name: `tradsys ${role}`,
    inboxPrefix: `_INBOX_${role}`,
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_JITTER_MS,
    reconnectJitterTLS: RECONNECT_JITTER_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: 2,
    ...(user === null ? {} : { user, pass: password ?? '' }),
    ...(wantsTls
      ? {
          tls: {
            ...(caFile === null ? {} : { caFile }),
            ...(certFile === null ? {} : { certFile }),
            ...(keyFile === null ? {} : { keyFile }),
          },
        }
      : {}),
  };
}

function explain(error: unknown): unknown {
  if (!(error instanceof NatsError)) return error;
  const cause = error.chainedError ?? error;
  if (REFUSALS.has(error.code)) {
    return new NatsRefusedError(
      'NATS refused this role’s user or password: set NATS_USER and NATS_PASSWORD to a user of its configuration',
      { cause },
    );
  }
  if (error.code === ErrorCode.Tls || /certificate|self[- ]signed|secure tls/i.test(cause.message)) {
    return new NatsRefusedError(
      `NATS and this role do not agree on TLS (${cause.message}): set NATS_CA_FILE, and NATS_CERT_FILE and NATS_KEY_FILE where the server asks for a certificate`,
      { cause },
    );
  }
  return error;
}

export class NatsBus implements Bus, EventLog {
  readonly #connection: NatsConnection;
  readonly #jetStream: JetStreamClient;
  readonly #log: Log;
  readonly #reconnected = new Set<() => void>();
  #connected = true;

  constructor(connection: NatsConnection, { log, onClosed }: NatsOptions) {
    this.#connection = connection;
    this.#jetStream = connection.jetstream({ timeout: PUBLISH_TIMEOUT_MS });
    this.#log = log;
    void this.#watch();
    void connection.closed().then((error) => {
      this.#connected = false;
      if (error instanceof Error) onClosed(explain(error) as Error);
    });
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Totals of the connection, for telemetry. */
  get figures() {
    const { inMsgs, outMsgs, inBytes, outBytes } = this.#connection.stats();
    return { connected: this.#connected, inMessages: inMsgs, outMessages: outMsgs, inBytes, outBytes };
  }

  get maxMessageBytes(): number {
    return this.#connection.info?.max_payload ?? 1_048_576;
  }

  publish(subject: string, message: Uint8Array): void {
    if (this.#connected && !this.#connection.isClosed()) this.#connection.publish(subject, message);
  }

  subscribe(subject: string, handler: (message: Uint8Array) => void): Unsubscribe {
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) this.#log('error', 'a subscription was refused', { subject, error: error.message });
        else handler(message.data);
      },
    });
    return () => subscription.unsubscribe();
  }

  serve(
    subject: string,
    handler: (request: Uint8Array, traces: readonly TraceMark[]) => Promise<Uint8Array>,
  ): Unsubscribe {
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) {
          this.#log('error', 'a service was refused', { subject, error: error.message });
          return;
        }
        handler(message.data, readTraces(message.headers)).then(
          (answer) => this.#respond(subject, answer, (bytes) => message.respond(bytes)),
          (failure: unknown) => this.#log('error', 'a request cannot be answered', { subject, error: String(failure) }),
        );
      },
    });
    return () => subscription.unsubscribe();
  }

  async request(
    subject: string,
    request: Uint8Array,
    timeoutMs: number,
    traces: readonly TraceMark[] = [],
  ): Promise<Uint8Array> {
    if (!this.#connected || this.#connection.isClosed()) throw new NotDeliveredError('NATS is away');
    try {
      return (await this.#connection.request(subject, request, { timeout: timeoutMs, ...tracedHeaders(traces) })).data;
    } catch (error) {
      const code = error instanceof NatsError ? error.code : '';
      if (code === ErrorCode.NoResponders) throw new NotDeliveredError(`nobody serves ${subject}`, { cause: error });
      if (code === ErrorCode.PermissionsViolation) {
        this.#log('error', 'NATS does not let this role ask', { subject });
        throw new NotDeliveredError(`this role may not ask ${subject}`, { cause: error });
      }
      throw new NoAnswerError(`no answer from ${subject}`, { cause: error });
    }
  }

  async lastSequence(journalId: string): Promise<number | null> {
    const manager = await this.#connection.jetstreamManager({ timeout: PUBLISH_TIMEOUT_MS, checkAPI: false });
    await ensureEventStream(manager);
    try {
      const { header } = await manager.streams.getMessage(EVENT_STREAM, { last_by_subj: EVENTS_SUBJECT });
      return header.get(JOURNAL_HEADER) === journalId ? Number(header.get(LAST_HEADER)) : null;
    } catch (error) {
      if (error instanceof NatsError && error.api_error?.code === 404) return null;
      throw error;
    }
  }

  async append(
    journalId: string,
    firstSequence: number,
    lastSequence: number,
    message: Uint8Array,
    traces: readonly TraceMark[] = [],
  ): Promise<void> {
    if (!this.#connected) throw new NotDeliveredError('NATS is away');
    const own = headers();
    own.set(JOURNAL_HEADER, journalId);
    own.set(FIRST_HEADER, String(firstSequence));
    own.set(LAST_HEADER, String(lastSequence));
    writeTraces(own, traces);
    const msgID = `${journalId}/${firstSequence}-${lastSequence}`;
    await this.#jetStream.publish(EVENTS_SUBJECT, message, {
      msgID,
      headers: own,
      expect: { streamName: EVENT_STREAM },
    });
  }

  consume(durable: string | null, handler: (message: Uint8Array, traces: readonly TraceMark[]) => void): Unsubscribe {
    return consumeEvents({
      connection: this.#connection,
      jetStream: this.#jetStream,
      durable,
      handler,
      onReconnect: (listener) => {
        this.#reconnected.add(listener);
        return () => this.#reconnected.delete(listener);
      },
      log: this.#log,
    });
  }

  /** Sends what was handed over, then ends the connection. */
  async close(): Promise<void> {
    if (this.#connection.isClosed()) return;
    await this.#connection.drain().catch(() => this.#connection.close());
  }

  #respond(subject: string, answer: Uint8Array, respond: (bytes: Uint8Array) => boolean): void {
    try {
      respond(answer);
    } catch (error) {
      this.#log('error', 'an answer cannot be sent', { subject, bytes: answer.byteLength, error: String(error) });
    }
  }

  async #watch(): Promise<void> {
    for await (const { type, data } of this.#connection.status()) {
      if (type === Events.Disconnect) {
        this.#connected = false;
        this.#log('warn', 'NATS is away, trying again');
      } else if (type === Events.Reconnect) {
        this.#connected = true;
        this.#log('info', 'NATS is back');
        for (const listener of [...this.#reconnected]) listener();
      } else if (type === Events.Error) {
        this.#log('error', 'NATS reports an error', { error: String(data) });
      }
    }
  }
}

function tracedHeaders(traces: readonly TraceMark[]): { headers?: MsgHdrs } {
  return traces.length === 0 ? {} : { headers: writeTraces(headers(), traces) };
}
