/**
 * The way of one command in times: a mutable record that the router makes and each part on the way marks.
 *
 * Times are milliseconds of this process's monotonic clock (`performance.now()`), NaN until reached. What another process
 * marked comes back as spans and is set into this process's time as NTP does it: what the round trip took beyond the other's
 * own span is halved between the way there and the way back. An operation of several commands is enqueued with its first and
 * executed, durable with its last.
 */

/**
 * ROUTER: received → subgraph entered; SUBGRAPH: → enqueued; ENGINE: → executed (queue and execution);
 * JOURNAL: → durable; ANSWER: → answered; TOTAL: received → answered.
 */
export const LATENCY_STAGES = ['ROUTER', 'SUBGRAPH', 'ENGINE', 'JOURNAL', 'ANSWER', 'TOTAL'] as const;
export type LatencyStage = (typeof LATENCY_STAGES)[number];

/** What a process tells of its part, milliseconds since it began; null where it was not reached. */
export interface StageSpans {
  readonly enqueued: number | null;
  readonly executed: number | null;
  readonly durable: number | null;
  /** From the beginning to the answer. */
  readonly total: number;
  readonly symbol?: string | null;
  readonly orderId?: number;
  readonly commandSequence?: number;
}

export class StageTimes {
  received = Number.NaN;
  entered = Number.NaN;
  enqueued = Number.NaN;
  executed = Number.NaN;
  durable = Number.NaN;
  answered = Number.NaN;
  /** Whether the client asked for the receipt. */
  receipt = false;
  /** Instrument of the command, where it has one. */
  symbol: string | null = null;
  /** First order that the command told of; 0 = none. */
  orderId = 0;
  /** Last command; 0 = none was sent. */
  commandSequence = 0;
  /** Last event that the command caused or followed; 0 = none is known. */
  lastSequence = 0;
  /** W3C trace context that spans of later parts hang on; null = not traced. */
  traceparent: string | null = null;

  /** True once a command was sent. */
  get sent(): boolean {
    return !Number.isNaN(this.enqueued);
  }

  enter(nowMs: number): void {
    if (Number.isNaN(this.entered)) this.entered = nowMs;
  }

  enqueue(nowMs: number): void {
    if (Number.isNaN(this.enqueued)) this.enqueued = nowMs;
  }

  /** Milliseconds of a stage; NaN where one of its ends was not reached. */
  span(stage: LatencyStage): number {
    switch (stage) {
      case 'ROUTER':
        return this.entered - this.received;
      case 'SUBGRAPH':
        return this.enqueued - this.entered;
      case 'ENGINE':
        return this.executed - this.enqueued;
      case 'JOURNAL':
        return this.durable - this.executed;
      case 'ANSWER':
        return this.answered - this.durable;
      case 'TOTAL':
        return this.answered - this.received;
    }
  }

  /** What this process tells the one that asked it, of its part since `fromMs`. */
  spansSince(fromMs: number, nowMs: number): StageSpans {
    const since = (mark: number) => (Number.isNaN(mark) ? null : mark - fromMs);
    return {
      enqueued: since(this.enqueued),
      executed: since(this.executed),
      durable: since(this.durable),
      total: nowMs - fromMs,
      symbol: this.symbol,
      orderId: this.orderId,
      commandSequence: this.commandSequence,
    };
  }

  /**
   * Takes over what another process told of its part.
   * @param sentMs when it was asked
   * @param nowMs when its answer came
   * @returns when it began, in this process's time
   */
  adopt(spans: StageSpans, sentMs: number, nowMs: number): number {
    const beganMs = sentMs + Math.max(0, nowMs - sentMs - spans.total) / 2;
    if (spans.enqueued !== null) this.enqueue(beganMs + spans.enqueued);
    if (spans.executed !== null) this.executed = beganMs + spans.executed;
    if (spans.durable !== null) this.durable = beganMs + spans.durable;
    if (spans.symbol != null) this.symbol = spans.symbol;
    if (spans.orderId !== undefined && spans.orderId > 0) this.orderId = spans.orderId;
    if (spans.commandSequence !== undefined && spans.commandSequence > 0) this.commandSequence = spans.commandSequence;
    return beganMs;
  }
}
