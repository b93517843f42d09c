/** The stream of events in JetStream: the recent past, bounded by age and bytes. The engine alone makes it. */
import { DiscardPolicy, type JetStreamManager, NatsError, nanos, RetentionPolicy, StorageType } from 'nats';

export const EVENT_STREAM = 'EVENTS';
export const EVENTS_SUBJECT = 'engine.events';
export const JOURNAL_HEADER = 'Tradsys-Journal';
export const FIRST_HEADER = 'Tradsys-First';
export const LAST_HEADER = 'Tradsys-Last';

const MAX_AGE_MS = 3_600_000;
const MAX_BYTES = 256 * 1024 * 1024;
/** Within it the same batch again is dropped by its Nats-Msg-Id. */
const DUPLICATE_WINDOW_MS = 120_000;

/** Makes the stream where there is none. */
export async function ensureEventStream(manager: JetStreamManager): Promise<void> {
  try {
    await manager.streams.info(EVENT_STREAM);
  } catch (error) {
    if (!(error instanceof NatsError) || error.api_error?.code !== 404) throw error;
    await manager.streams.add({
      name: EVENT_STREAM,
      subjects: [EVENTS_SUBJECT],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      max_age: nanos(MAX_AGE_MS),
      max_bytes: MAX_BYTES,
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    });
  }
}
