/**
 * Consumers of the event stream that never give up: a durable one for who should find what came while it was away, an
 * ordered one from now on for the others. Either is made anew when its connection, its stream or itself is gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamClient,
  type JsMsg,
  type NatsConnection,
  NatsError,
  nanos,
} from 'nats';
import type { Unsubscribe } from '../../ports/bus.js';
import type { Log } from '../../ports/log.js';
import type { TraceMark } from '../../ports/tracing.js';
import { EVENT_STREAM } from './event-stream.js';
import { readTraces } from './trace-headers.js';

export interface EventConsumerOptions {
  readonly connection: NatsConnection;
  readonly jetStream: JetStreamClient;
  /** null = ordered, from now on. */
  readonly durable: string | null;
  readonly handler: (message: Uint8Array, traces: readonly TraceMark[]) => void;
  readonly onReconnect: (listener: () => void) => Unsubscribe;
  readonly log: Log;
}

const MIN_RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
const MAX_MESSAGES = 500;
const ACK_WAIT_MS = 10_000;
/** A durable consumer that nobody reads any more is forgotten. */
const FORGOTTEN_AFTER_MS = 3_600_000;

/** Hands each message over until the returned function is called. */
export function consumeEvents(options: EventConsumerOptions): Unsubscribe {
  const stopping = new AbortController();
  let messages: ConsumerMessages | null = null;
  const unlisten = options.onReconnect(() => messages?.stop());
  const run = async (): Promise<void> => {
    for (let retryMs = MIN_RETRY_MS; !stopping.signal.aborted; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
      try {
        messages = await open(options, () => {
          retryMs = MIN_RETRY_MS;
        });
        if (stopping.signal.aborted) messages.stop();
        const ended = await messages.closed();
        if (ended instanceof Error) throw ended;
      } catch (error) {
        options.log('debug', 'the event stream cannot be consumed, trying again', { error: String(error), retryMs });
      }
      const pauseMs = retryMs * (0.5 + Math.random() / 2);
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  void run();
  return () => {
    stopping.abort();
    unlisten();
    messages?.stop();
  };
}

async function open(options: EventConsumerOptions, onMessage: () => void): Promise<ConsumerMessages> {
  const { jetStream, durable, handler } = options;
  if (durable !== null) await ensureDurable(options, durable);
  const consumer =
    durable === null
      ? await jetStream.consumers.get(EVENT_STREAM, { deliver_policy: DeliverPolicy.New })
      : await jetStream.consumers.get(EVENT_STREAM, durable);
  return consumer.consume({
    max_messages: MAX_MESSAGES,
    abort_on_missing_resource: true,
    callback: (message: JsMsg) => {
      onMessage();
      handler(message.data, readTraces(message.headers));
      // Handed over is enough: what is lost behind it is seen as a gap.
      if (durable !== null) message.ack();
    },
  });
}

async function ensureDurable({ connection }: EventConsumerOptions, durable: string): Promise<void> {
  const manager = await connection.jetstreamManager({ checkAPI: false });
  try {
    await manager.consumers.info(EVENT_STREAM, durable);
  } catch (error) {
    if (!(error instanceof NatsError) || error.api_error?.code !== 404) throw error;
    await manager.consumers.add(EVENT_STREAM, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WAIT_MS),
      deliver_policy: DeliverPolicy.New,
      max_ack_pending: MAX_MESSAGES * 2,
      inactive_threshold: nanos(FORGOTTEN_AFTER_MS),
    });
  }
}
