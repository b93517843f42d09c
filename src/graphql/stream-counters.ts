/**
 * What the push streams of this process did, by overflow policy.
 *
 * One set for the process rather than one a subgraph: a stream is opened deep inside of services that have no
 * business with telemetry, and what an operator watches is the process.
 */
import type { OverflowPolicy } from './enums.js';

/** left: the subscriber went; ended: the platform ended it; slow: it overflowed under CLOSE; failed: any other error. */
export const CLOSE_REASONS = ['left', 'ended', 'slow', 'failed'] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

export interface StreamCounts {
  /** Open now. */
  open: number;
  /** Items handed in; totals from here on. */
  items: number;
  /** Items that took the place of an older one of their key. */
  conflated: number;
  /** Items that went unread for want of room. */
  dropped: number;
  readonly closed: Record<CloseReason, number>;
}

const noneYet = (): StreamCounts => ({
  open: 0,
  items: 0,
  conflated: 0,
  dropped: 0,
  closed: { left: 0, ended: 0, slow: 0, failed: 0 },
});

export const streamCounters: Readonly<Record<OverflowPolicy, StreamCounts>> = {
  CLOSE: noneYet(),
  CONFLATE: noneYet(),
  DROP_OLDEST: noneYet(),
};
