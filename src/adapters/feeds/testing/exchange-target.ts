/** A replay target on a real exchange in this process. */
import type { ExchangeEvent } from '../../../core/exchange/event.js';
import { anInstrument, anOrder, aReplace } from '../../../core/testing/fixtures.js';
import type { Side, TradingStatus } from '../../../core/values/vocabulary.js';
import type { ReplayAnswer, ReplayOrder, ReplayTarget } from '../replay.js';
import { ExchangeEngine } from './exchange-engine.js';

const MAKER = 1;
const TAKER = 2;
const FUNDS_UNITS = 1_000_000_000_000;

export interface BookRow {
  readonly priceTicks: number;
  readonly qtyLots: number;
}

export class ExchangeTarget implements ReplayTarget {
  readonly engine = new ExchangeEngine();
  readonly #makers = new Map<string, string>();
  readonly #levels = { BUY: new Map<number, number>(), SELL: new Map<number, number>() };

  constructor() {
    const { engine } = this;
    engine.send({ type: 'RegisterAsset', asset: 'USD', scale: 2 });
    engine.send({ type: 'RegisterAsset', asset: 'ABC', scale: 0 });
    engine.send({ type: 'ListInstrument', spec: anInstrument({ referencePxTicks: 58_500 }) });
    for (const [accountId, kind] of [
      ['VENUE', 'VENUE'],
      ['MAKER', 'CASH'],
      ['TAKER', 'CASH'],
    ] as const) {
      engine.send({ type: 'OpenAccount', accountId, name: accountId, ownerId: 'test', kind });
    }
    for (const account of [MAKER, TAKER]) {
      const deposit = { type: 'AdjustBalance', account, asset: 0, transferId: `USD ${account}` } as const;
      engine.send({ ...deposit, amountUnits: FUNDS_UNITS });
      engine.send({ ...deposit, asset: 1, amountUnits: 1_000_000, transferId: `ABC ${account}` });
    }
  }

  /** Returns the best levels of a side, best first. */
  levels(side: Side, depth: number): BookRow[] {
    return [...this.#levels[side]]
      .sort(([a], [b]) => (side === 'BUY' ? b - a : a - b))
      .slice(0, depth)
      .map(([priceTicks, qtyLots]) => ({ priceTicks, qtyLots }));
  }

  cancelAll(): void {
    this.#take(this.engine.send({ type: 'CancelAllOrders', account: MAKER, instrument: null, side: null }));
  }

  async place(order: ReplayOrder): Promise<ReplayAnswer> {
    const { side, qtyLots: orderQtyLots, priceTicks, timeInForce } = order;
    const account = order.role === 'MAKER' ? MAKER : TAKER;
    return this.#take(this.engine.send(anOrder({ account, side, orderQtyLots, priceTicks, timeInForce })));
  }

  async replace(orderId: string, orderQtyLots: number): Promise<ReplayAnswer> {
    return this.#take(this.engine.send(aReplace(Number(orderId), { account: MAKER, orderQtyLots })));
  }

  async cancel(orderId: string): Promise<ReplayAnswer> {
    return this.#take(this.engine.send({ type: 'CancelOrder', account: MAKER, orderId: Number(orderId) }));
  }

  async setTradingStatus(status: TradingStatus): Promise<void> {
    this.engine.send({ type: 'SetTradingStatus', instrument: 0, status, reason: 'as recorded' });
  }

  async restingOrders(tradeIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return new Map(tradeIds.map((id) => [id, this.#makers.get(id) ?? 'none']));
  }

  #take(events: readonly ExchangeEvent[]): ReplayAnswer {
    let orderId = '';
    let filledLots = 0;
    const tradeIds: string[] = [];
    for (const event of events) {
      switch (event.type) {
        case 'OrderRejected':
        case 'RequestRejected':
          return { ok: false, reason: event.reason };
        case 'OrdersTraded':
          tradeIds.push(String(event.tradeId));
          filledLots += event.qtyLots;
          this.#makers.set(String(event.tradeId), String(event.maker.orderId));
          break;
        case 'BookLevelChanged':
          if (event.qtyLots === 0) this.#levels[event.side].delete(event.priceTicks);
          else this.#levels[event.side].set(event.priceTicks, event.qtyLots);
          break;
        case 'OrderAccepted':
        case 'OrderReplaced':
        case 'OrderCanceled':
          orderId = String(event.orderId);
          break;
        default:
          break;
      }
    }
    return { ok: true, orderId, tradeIds, filledLots };
  }
}
