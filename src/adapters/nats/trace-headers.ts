/** Trace contexts in headers of messages: `traceparent` as W3C has it, once for each traced part, beside the part's number. */
import type { MsgHdrs } from 'nats';
import { readTraceparent, type TraceMark } from '../../ports/tracing.js';

const TRACEPARENT_HEADER = 'traceparent';
const PART_HEADER = 'Tradsys-Traced-Part';
/** Most contexts of one message. */
const MAX_TRACES = 64;
const NONE: readonly TraceMark[] = [];

/** Returns the headers, with the first traces added. */
export function writeTraces(headers: MsgHdrs, traces: readonly TraceMark[]): MsgHdrs {
  for (const { at, traceparent } of traces.slice(0, MAX_TRACES)) {
    headers.append(TRACEPARENT_HEADER, traceparent);
    headers.append(PART_HEADER, String(at));
  }
  return headers;
}

export function readTraces(headers: MsgHdrs | undefined): readonly TraceMark[] {
  if (headers === undefined || !headers.has(TRACEPARENT_HEADER)) return NONE;
  const parts = headers.values(PART_HEADER);
  return headers
    .values(TRACEPARENT_HEADER)
    .slice(0, MAX_TRACES)
    .flatMap((text, index) => {
      const traceparent = readTraceparent(text);
      return traceparent === null ? [] : [{ at: Number(parts[index] ?? 0), traceparent }];
    });
}
