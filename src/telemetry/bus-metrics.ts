/** The bus and the event stream over it, as a role sees them. */
import type { Registry } from 'prom-client';
import { sampledCounter, sampledGauge } from './sampled.js';

/** What the connection counts itself. */
export interface BusFigures {
  readonly connected: boolean;
  readonly inMessages: number;
  readonly outMessages: number;
  readonly inBytes: number;
  readonly outBytes: number;
}

export interface FeedFigures {
  /** Durable events that are known of and have not come. */
  readonly lag: number;
  readonly batches: number;
  readonly repeated: number;
  readonly gaps: number;
  readonly images: number;
}

export function addBus(registry: Registry, bus: () => BusFigures): void {
  sampledGauge(registry, { name: 'tradsys_nats_connected', help: '1 while NATS is connected.' }, (tell) =>
    tell(bus().connected ? 1 : 0),
  );
  sampledCounter(
    registry,
    { name: 'tradsys_nats_messages_total', help: 'Messages of the connection by direction.', labels: ['direction'] },
    (tell) => {
      tell(bus().inMessages, 'in');
      tell(bus().outMessages, 'out');
    },
  );
  sampledCounter(
    registry,
    { name: 'tradsys_nats_bytes_total', help: 'Bytes of the connection by direction.', labels: ['direction'] },
    (tell) => {
      tell(bus().inBytes, 'in');
      tell(bus().outBytes, 'out');
    },
  );
}

export function addFeed(registry: Registry, feed: () => FeedFigures): void {
  sampledGauge(
    registry,
    { name: 'tradsys_feed_lag_events', help: 'Durable events that this process knows of and has not taken yet.' },
    (tell) => tell(feed().lag),
  );
  sampledCounter(
    registry,
    {
      name: 'tradsys_feed_batches_total',
      help: 'Batches of events by what became of them (gap: missing ones were read from the journal).',
      labels: ['kind'],
    },
    (tell) => {
      tell(feed().batches, 'taken');
      tell(feed().repeated, 'repeated');
      tell(feed().gaps, 'gap');
      tell(feed().images, 'image');
    },
  );
}
