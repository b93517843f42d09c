/** The running platform as a market for replays: orders are mutations, fills come over a subscription. */
import { randomUUID } from 'node:crypto';
import type { ReplayAnswer, ReplayOrder, ReplayTarget } from '../../adapters/feeds/replay.js';
import { formatScaled } from '../../core/values/decimal.js';
import type { OrdRejReason, TradingStatus } from '../../core/values/vocabulary.js';
import { CommandError } from '../exit-codes.js';
import { CANCEL_ORDER, FILLS, FIRST_REPORT, PLACE_ORDER, REPLACE_ORDER, SET_TRADING_STATUS } from './operations.js';
import type { Steps } from './recording.js';
import type { ReplayClients } from './setup.js';

const FILLS_WITHIN_MS = 10_000;

/** What the order mutations answer. */
interface OrderResult {
  readonly __typename: string;
  readonly order?: { readonly id: string };
  readonly fills?: readonly { readonly tradeId: string; readonly lastQty: string }[];
  readonly ordRejReason?: OrdRejReason;
}

type FillEvent =
  | { readonly __typename: 'Fill'; readonly tradeId: string; readonly orderId: string; readonly symbol: string }
  | { readonly __typename: 'StreamGap'; readonly reason: string };

export interface PlatformTargetOptions {
  readonly symbol: string;
  readonly makerAccountId: string;
  readonly takerAccountId: string;
  readonly steps: Steps;
}

export class PlatformTarget implements ReplayTarget {
  /** Resting order by trade id, as the maker's fills tell it. */
  readonly #restingOrders = new Map<string, string>();
  readonly #run = randomUUID().slice(0, 8);
  #requests = 0;
  #failure: Error | null = null;
  #wake: () => void = () => undefined;
  #unsubscribe: (() => void) | null = null;

  constructor(
    private readonly clients: ReplayClients,
    private readonly options: PlatformTargetOptions,
  ) {}

  async place(order: ReplayOrder): Promise<ReplayAnswer> {
    const { makerAccountId, takerAccountId, symbol, steps } = this.options;
    const input = {
      accountId: order.role === 'MAKER' ? makerAccountId : takerAccountId,
      symbol,
      side: order.side,
      ordType: 'LIMIT',
      timeInForce: order.timeInForce,
      orderQty: this.#qty(order.qtyLots),
      price: formatScaled(order.priceTicks * steps.tickUnits, steps.priceScale),
      clOrdId: this.#nextKey(),
    };
    const { placeOrder } = await this.clients.trader.run<{ placeOrder: OrderResult }>(PLACE_ORDER, { input });
    const answer = answerOf(placeOrder, steps);
    if (answer.ok && order.role === 'MAKER' && this.#unsubscribe === null) await this.#followFills(answer.orderId);
    return answer;
  }

  async replace(orderId: string, orderQtyLots: number): Promise<ReplayAnswer> {
    const input = { orderId, orderQty: this.#qty(orderQtyLots), clOrdId: this.#nextKey() };
    const { replaceOrder } = await this.clients.trader.run<{ replaceOrder: OrderResult }>(REPLACE_ORDER, { input });
    return answerOf(replaceOrder, this.options.steps);
  }

  async cancel(orderId: string): Promise<ReplayAnswer> {
    const { cancelOrder } = await this.clients.trader.run<{ cancelOrder: OrderResult }>(CANCEL_ORDER, { orderId });
    return answerOf(cancelOrder, this.options.steps);
  }

  async setTradingStatus(status: TradingStatus): Promise<void> {
    await this.clients.admin.run(SET_TRADING_STATUS, { symbol: this.options.symbol, status });
  }

  /** @throws CommandError when the fills subscription failed or lags too far behind */
  async restingOrders(tradeIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const deadline = performance.now() + FILLS_WITHIN_MS;
    while (tradeIds.some((id) => !this.#restingOrders.has(id))) {
      if (this.#failure !== null) throw this.#failure;
      const leftMs = deadline - performance.now();
      // What did not come is reported as a miss whose resting order is unknown.
      if (leftMs <= 0) break;
      await this.#nextFill(leftMs);
    }
    return this.#restingOrders;
  }

  close(): void {
    this.#unsubscribe?.();
  }

  /**
   * Follows the resting orders' fills from the first of them on: with its cursor nothing is missed, however long the
   * subscription takes to begin. After a lost connection the same cursor tells all again, which changes nothing.
   */
  async #followFills(firstOrderId: string): Promise<void> {
    const { order } = await this.clients.trader.run<{
      order: { executionReports: { edges: readonly { node: { cursor: string } }[] } } | null;
    }>(FIRST_REPORT, { id: firstOrderId });
    const after = order?.executionReports.edges[0]?.node.cursor;
    if (after === undefined) throw new CommandError(`order ${firstOrderId} was accepted but has no execution report`);
    this.#unsubscribe = this.clients.trader.subscribe(
      FILLS,
      { accountId: this.options.makerAccountId, after },
      (data) => this.#take((data as { fills: FillEvent }).fills),
      (error) => this.#fail(error),
    );
  }

  #take(event: FillEvent): void {
    if (event.__typename === 'StreamGap') {
      this.#fail(new CommandError(`the fills subscription has a gap: ${event.reason}`));
      return;
    }
    if (event.symbol === this.options.symbol) this.#restingOrders.set(event.tradeId, event.orderId);
    this.#wake();
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#wake();
  }

  #nextFill(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #qty(lots: number): string {
    return formatScaled(lots * this.options.steps.lotUnits, this.options.steps.qtyScale);
  }

  #nextKey(): string {
    this.#requests += 1;
    return `replay-${this.#run}-${this.#requests}`;
  }
}

function answerOf(result: OrderResult, { lotSize }: Steps): ReplayAnswer {
  if (result.order === undefined || result.__typename === 'OrderRejection') {
    return { ok: false, reason: result.ordRejReason ?? 'INVALID_REQUEST' };
  }
  const fills = result.fills ?? [];
  const filledLots = fills.reduce((sum, fill) => sum + Math.round(Number(fill.lastQty) / Number(lotSize)), 0);
  return { ok: true, orderId: result.order.id, tradeIds: fills.map((fill) => fill.tradeId), filledLots };
}
