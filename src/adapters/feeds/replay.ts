/**
 * Replay: recorded order flow sent to a market as orders, in order, at a chosen multiple of the speed at which it
 * happened, and compared with what the recording says came of it.
 *
 * One request at a time: the recording's order is the market's. Which resting order each incoming one met is asked of
 * the market when the flow has ended.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { OrdRejReason, Side, TradingStatus } from '../../core/values/vocabulary.js';
import type { ExecuteAction, FlowAction, FlowEvent, NoActionReason, OrderRef } from './flow.js';
import type { BadLine } from './lobster.js';

export interface ReplayOrder {
  readonly role: 'MAKER' | 'TAKER';
  readonly side: Side;
  readonly qtyLots: number;
  readonly priceTicks: number;
  /** GTC for what rests, IOC for what takes. */
  readonly timeInForce: 'GTC' | 'IOC';
}

/** What a market answered. */
export type ReplayAnswer =
  | { readonly ok: true; readonly orderId: string; readonly tradeIds: readonly string[]; readonly filledLots: number }
  | { readonly ok: false; readonly reason: OrdRejReason };

/** A market that orders can be sent to. Faults other than refusals are thrown and end the replay. */
export interface ReplayTarget {
  place(order: ReplayOrder): Promise<ReplayAnswer>;
  /** @param orderQtyLots new total quantity, what was filled included */
  replace(orderId: string, orderQtyLots: number): Promise<ReplayAnswer>;
  cancel(orderId: string): Promise<ReplayAnswer>;
  setTradingStatus(status: TradingStatus): Promise<void>;
  /** Resting order of each trade, by trade id; asked once, at the end. */
  restingOrders(tradeIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface ReplayOptions {
  /** 1 = as fast as it happened, 10 = ten times as fast, 'max' = without waiting. */
  readonly speed: number | 'max';
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** Ends the replay before the next event. */
  readonly signal?: AbortSignal;
}

export interface ReplayProgress {
  readonly events: number;
  readonly timeNs: number;
  readonly fills: number;
}

/** An execution of the recording that did not meet the same resting order here. */
export interface ReplayMiss {
  readonly line: number;
  readonly expected: OrderRef;
  readonly met: readonly OrderRef[];
  readonly explanation: string;
}

export interface ReplaySummary {
  /** Lines replayed. */
  readonly events: number;
  readonly badLines: number;
  /** The first bad lines, at most 20. */
  readonly badLineSamples: readonly string[];
  /** Orders accepted: from the recording, and synthetic ones for quantity that it did not add. */
  readonly orders: number;
  readonly syntheticOrders: number;
  readonly replaces: number;
  readonly cancels: number;
  /** Trades. */
  readonly fills: number;
  /** Requests of the recording that the market refused, by reason. */
  readonly rejects: Readonly<Record<string, number>>;
  /** Lines without an effect on the book, by reason. */
  readonly withoutEffect: Readonly<Record<string, number>>;
  readonly executions: {
    /** Executions of orders that the recording added, and how many of them met that very order alone. */
    readonly ofRecordedOrders: number;
    readonly sameRestingOrder: number;
    /** sameRestingOrder ÷ ofRecordedOrders; null without any. */
    readonly ratio: number | null;
    readonly ofEarlierOrders: number;
    /** At most 10,000. */
    readonly misses: readonly ReplayMiss[];
  };
  readonly durationMs: number;
  readonly eventsPerSecond: number;
  /** True where the signal ended it early. */
  readonly aborted: boolean;
}

const MAX_BAD_LINE_SAMPLES = 20;
const MAX_MISSES = 10_000;

interface Execution {
  readonly line: number;
  readonly action: ExecuteAction;
  readonly tradeIds: readonly string[];
  readonly filledLots: number;
  readonly refusal: OrdRejReason | null;
}

/**
 * Replays a flow.
 * @throws RangeError when the speed is not above 0; whatever the target throws
 */
export async function replayFlow(
  flow: AsyncIterable<FlowEvent | BadLine>,
  target: ReplayTarget,
  options: ReplayOptions,
): Promise<ReplaySummary> {
  if (options.speed !== 'max' && !(options.speed > 0 && Number.isFinite(options.speed))) {
    throw new RangeError(`speed ${options.speed} is not above 0`);
  }
  const replay = new Replay(target);
  const clock = new ReplayClock(options.speed, options.signal);
  const startedMs = performance.now();
  for await (const item of flow) {
    if (options.signal?.aborted) break;
    if (item.kind === 'bad') {
      replay.addBadLine(item);
      continue;
    }
    if (!(await clock.reach(item.timeNs))) break;
    await replay.apply(item);
    options.onProgress?.({ events: replay.events, timeNs: item.timeNs, fills: replay.fills });
  }
  return replay.summarize(performance.now() - startedMs, options.signal?.aborted ?? false);
}

/** Waits until the recording's time has come on this machine's clock. */
class ReplayClock {
  #originNs: number | null = null;
  #originMs = 0;

  constructor(
    private readonly speed: number | 'max',
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Resolves with false where the signal came first. */
  async reach(timeNs: number): Promise<boolean> {
    if (this.speed === 'max') return true;
    if (this.#originNs === null) {
      this.#originNs = timeNs;
      this.#originMs = performance.now();
    }
    const dueMs = this.#originMs + (timeNs - this.#originNs) / 1e6 / this.speed;
    const waitMs = dueMs - performance.now();
    if (waitMs <= 0) return true;
    try {
      await sleep(waitMs, undefined, { signal: this.signal });
      return true;
    } catch (error) {
      if (this.signal?.aborted) return false;
      throw error;
    }
  }
}

class Replay {
  events = 0;
  fills = 0;
  #orders = 0;
  #syntheticOrders = 0;
  #replaces = 0;
  #cancels = 0;
  #badLines = 0;
  readonly #badLineSamples: string[] = [];
  readonly #rejects: Record<string, number> = {};
  readonly #withoutEffect: Record<string, number> = {};
  readonly #executions: Execution[] = [];
  /** The market's id of each order sent, and back; kept to the end, since misses are explained by them. */
  readonly #orderIds = new Map<OrderRef, string>();
  readonly #refs = new Map<string, OrderRef>();

  constructor(private readonly target: ReplayTarget) {}

  addBadLine(bad: BadLine): void {
    this.#badLines += 1;
    if (this.#badLineSamples.length < MAX_BAD_LINE_SAMPLES) {
      this.#badLineSamples.push(`line ${bad.line}: ${bad.problem}`);
    }
  }

  async apply(event: FlowEvent): Promise<void> {
    if (event.line > 0) this.events += 1;
    for (const action of event.actions) await this.#do(action, event.line, false);
    for (const action of event.corrections) await this.#do(action, event.line, true);
  }

  async #do(action: FlowAction, line: number, synthetic: boolean): Promise<void> {
    switch (action.kind) {
      case 'PLACE': {
        const { side, qtyLots, priceTicks } = action;
        const answer = await this.target.place({ role: 'MAKER', side, qtyLots, priceTicks, timeInForce: 'GTC' });
        if (!this.#accepted(answer)) return;
        if (synthetic) this.#syntheticOrders += 1;
        else this.#orders += 1;
        this.#orderIds.set(action.ref, answer.orderId);
        this.#refs.set(answer.orderId, action.ref);
        return;
      }
      case 'REDUCE':
      case 'CANCEL': {
        const orderId = this.#orderIds.get(action.ref);
        // The order itself was refused and counted when it was placed.
        if (orderId === undefined) return;
        const reduce = action.kind === 'REDUCE';
        const answer = reduce
          ? await this.target.replace(orderId, action.orderQtyLots)
          : await this.target.cancel(orderId);
        if (!this.#accepted(answer)) return;
        if (reduce) this.#replaces += 1;
        else this.#cancels += 1;
        return;
      }
      case 'EXECUTE':
        await this.#execute(action, line);
        return;
      case 'STATUS':
        await this.target.setTradingStatus(action.status);
        return;
      case 'NONE':
        this.#countWithoutEffect(action.reason);
    }
  }

  async #execute(action: ExecuteAction, line: number): Promise<void> {
    const { side, qtyLots, priceTicks } = action;
    const answer = await this.target.place({ role: 'TAKER', side, qtyLots, priceTicks, timeInForce: 'IOC' });
    const accepted = this.#accepted(answer);
    if (accepted) this.#orders += 1;
    this.#executions.push({
      line,
      action,
      tradeIds: answer.ok ? answer.tradeIds : [],
      filledLots: answer.ok ? answer.filledLots : 0,
      refusal: answer.ok ? null : answer.reason,
    });
  }

  #accepted(answer: ReplayAnswer): answer is Extract<ReplayAnswer, { ok: true }> {
    if (answer.ok) {
      this.fills += answer.tradeIds.length;
      return true;
    }
    this.#rejects[answer.reason] = (this.#rejects[answer.reason] ?? 0) + 1;
    return false;
  }

  #countWithoutEffect(reason: NoActionReason): void {
    this.#withoutEffect[reason] = (this.#withoutEffect[reason] ?? 0) + 1;
  }

  async summarize(durationMs: number, aborted: boolean): Promise<ReplaySummary> {
    const recorded = this.#executions.filter((execution) => execution.action.expected !== null);
    const resting = await this.target.restingOrders(recorded.flatMap((execution) => execution.tradeIds));
    const misses = recorded.flatMap((execution) => this.#missOf(execution, resting) ?? []);
    const sameRestingOrder = recorded.length - misses.length;
    return {
      events: this.events,
      badLines: this.#badLines,
      badLineSamples: this.#badLineSamples,
      orders: this.#orders,
      syntheticOrders: this.#syntheticOrders,
      replaces: this.#replaces,
      cancels: this.#cancels,
      fills: this.fills,
      rejects: this.#rejects,
      withoutEffect: this.#withoutEffect,
      executions: {
        ofRecordedOrders: recorded.length,
        sameRestingOrder,
        ratio: recorded.length === 0 ? null : sameRestingOrder / recorded.length,
        ofEarlierOrders: this.#executions.length - recorded.length,
        misses: misses.slice(0, MAX_MISSES),
      },
      durationMs,
      eventsPerSecond: durationMs === 0 ? 0 : (this.events * 1000) / durationMs,
      aborted,
    };
  }

  #missOf(execution: Execution, resting: ReadonlyMap<string, string>): ReplayMiss | null {
    const { action, line } = execution;
    const expected = action.expected;
    if (expected === null) return null;
    const orderIds = new Set(execution.tradeIds.map((tradeId) => resting.get(tradeId) ?? null));
    const met = [...orderIds].map((id) => (id === null ? 'unknown' : (this.#refs.get(id) ?? `order ${id}`)));
    const complete = execution.filledLots === action.qtyLots;
    if (complete && met.length === 1 && met[0] === expected) return null;
    return { line, expected, met, explanation: explain(execution, met, expected) };
  }
}

function explain(execution: Execution, met: readonly OrderRef[], expected: OrderRef): string {
  const { action, filledLots, refusal } = execution;
  if (refusal !== null) return `the incoming order was refused: ${refusal}`;
  if (met.length === 0) return `nothing rested at the price: the order had been filled before in another's place`;
  const others = met.filter((ref) => ref !== expected);
  if (others.length === 0) return `only ${filledLots} of ${action.qtyLots} lots were left of the order`;
  if (others.every((ref) => ref.startsWith('book:'))) {
    return 'quantity that the recording did not add stood in front: it rested outside of the visible levels';
  }
  return `${others.join(', ')} stood in front of the order here`;
}
