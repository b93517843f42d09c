/** The engine's part of a trace, told once a command is answered: its execution and its way into the journal. */
import type { StageTimes } from '../ports/stage-times.js';
import type { Tracing } from '../ports/tracing.js';
import type { TraceLinks } from './trace-links.js';

export function recordEngineSpans(tracing: Tracing, times: StageTimes, links: TraceLinks): void {
  const { traceparent, enqueued, executed, durable, commandSequence, lastSequence } = times;
  if (traceparent === null || Number.isNaN(durable)) return;
  const attributes = { 'tradsys.command_sequence': commandSequence, 'tradsys.event_sequence': lastSequence };
  tracing.record('engine.execute', 'INTERNAL', traceparent, enqueued, executed, attributes);
  tracing.record('journal.append', 'INTERNAL', traceparent, executed, durable, attributes);
  links.add(lastSequence, traceparent);
}
