/** A store of the read model whose writes join the traces of the commands that caused what is written. */
import type { ReadModelStore } from '../ports/read-model-store.js';
import type { Tracing } from '../ports/tracing.js';
import type { TraceLinks } from './trace-links.js';

export function tracedStore(store: ReadModelStore, tracing: Tracing | null, links: TraceLinks): ReadModelStore {
  if (tracing === null) return store;
  return {
    offset: () => store.offset(),
    async apply(batch) {
      const startMs = performance.now();
      await store.apply(batch);
      const endMs = performance.now();
      for (const { at, traceparent } of links.between(batch.firstSequence, batch.lastSequence)) {
        tracing.record('projector.write', 'CONSUMER', traceparent, startMs, endMs, {
          'tradsys.event_sequence': at,
          'tradsys.batch_events': batch.events.length,
          'db.system.name': 'postgresql',
        });
      }
    },
  };
}
