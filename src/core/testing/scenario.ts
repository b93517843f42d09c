/** Scenarios as people tell them: named clients and orders, and books, orders and trades as tables. */
import type { PlaceOrder, ReplaceOrder } from '../exchange/command.js';
import type { ExchangeEvent, OrderRejected, RequestRejected } from '../exchange/event.js';
import { Exchange } from '../exchange/exchange.js';
import type { InstrumentSpec } from '../instrument/instrument.js';
import type { Side } from '../values/vocabulary.js';
import { anAccount, anInstrument, anOrder, aReplace, Driver } from './fixtures.js';

/** A table as rows of cells joined by ` | `, whatever the spacing of the text; made to stand beside what a scenario tells. */
export function table(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => row(line.split('|')));
}

const row = (cells: readonly (string | number)[]): string => cells.map((cell) => String(cell).trim()).join(' | ');

export class Scenario {
  readonly #driver = new Driver(new Exchange());
  readonly #assets: string[];
  readonly #clients = ['venue'];
  readonly #ids = new Map<string, number>();
  #last: ExchangeEvent[] = [];
  #transfers = 0;

  /** @param scales decimals of each asset's unit */
  constructor(scales: Readonly<Record<string, number>>, spec: Partial<InstrumentSpec>) {
    this.#assets = Object.keys(scales);
    for (const [asset, scale] of Object.entries(scales)) this.#driver.send({ type: 'RegisterAsset', asset, scale });
    this.#driver.expect('InstrumentListed', { type: 'ListInstrument', spec: anInstrument(spec) });
    this.#driver.send(anAccount('venue', 'VENUE'));
  }

  /** Opens an account with units of assets. */
  client(name: string, balances: Readonly<Record<string, number>>): void {
    this.#clients.push(name);
    this.#driver.send(anAccount(name));
    for (const [asset, units] of Object.entries(balances)) this.deposit(name, asset, units);
  }

  deposit(name: string, asset: string, amountUnits: number): void {
    this.#transfers += 1;
    const transferId = `transfer ${this.#transfers}`;
    const [account, index] = [this.#account(name), this.#assets.indexOf(asset)];
    this.#driver.expect('BalanceAdjusted', {
      type: 'AdjustBalance',
      account,
      asset: index,
      amountUnits,
      transferId,
    });
  }

  /** Places an order under a name of the scenario's own. @returns the rejection, null when it was accepted */
  place(client: string, id: string, side: Side, qty: number, price: number | null, over: Partial<PlaceOrder> = {}) {
    const ordType = price === null ? 'MARKET' : 'LIMIT';
    const terms = { side, ordType, orderQtyLots: qty, priceTicks: price, ...over } as const;
    this.#last = this.#driver.send(anOrder({ account: this.#account(client), ...terms }));
    for (const event of this.#last) if (event.type === 'OrderAccepted') this.#ids.set(id, event.orderId);
    return this.#refusal('OrderRejected');
  }

  /** @returns the refusal, null when the order was changed */
  replace(client: string, id: string, change: Partial<Pick<ReplaceOrder, 'orderQtyLots' | 'priceTicks'>>) {
    this.#last = this.#driver.send(aReplace(this.#idOf(id), { account: this.#account(client), ...change }));
    return this.#refusal('RequestRejected');
  }

  /** @returns the refusal, null when the order was canceled */
  cancel(client: string, id: string) {
    const [account, orderId] = [this.#account(client), this.#idOf(id)];
    this.#last = this.#driver.send({ type: 'CancelOrder', account, orderId });
    return this.#refusal('RequestRejected');
  }

  /** Asks above bids, best in the middle: bid quantity, price, ask quantity. */
  book(): string[] {
    const levels = this.#driver.exchange.image().filter((event) => event.type === 'BookLevelChanged');
    const bids = levels.filter(({ side }) => side === 'BUY').map((level) => row([level.qtyLots, level.priceTicks, '']));
    const asks = levels
      .filter(({ side }) => side === 'SELL')
      .map((level) => row(['', level.priceTicks, level.qtyLots]));
    return [row(['bid', 'price', 'ask']), ...asks.reverse(), ...bids];
  }

  /** A client's working orders: side, quantity, price, filled, left. */
  orders(client: string): string[] {
    const account = this.#account(client);
    const working = this.#driver.exchange.image().filter((event) => event.type === 'OrderAccepted');
    const rows = working
      .filter((order) => order.account === account)
      .map(({ orderId, side, orderQtyLots: qty, priceTicks: price, cumQtyLots: cum, leavesQtyLots: leaves }) =>
        row([this.#nameOf(orderId), side, qty, price ?? '', cum, leaves]),
      );
    return [row(['id', 'side', 'qty', 'price', 'cum', 'leaves']), ...rows];
  }

  /** Trades of the last command: names of the orders, price, quantity. */
  trades(): string[] {
    const traded = this.#last.filter((event) => event.type === 'OrdersTraded');
    const rows = traded.map(({ maker, taker, priceTicks, qtyLots }) =>
      row([this.#nameOf(maker.orderId), this.#nameOf(taker.orderId), priceTicks, qtyLots]),
    );
    return [row(['maker', 'taker', 'price', 'qty']), ...rows];
  }

  /** How the last command left an order: ordStatus, cumQty, leavesQty and why it ended, where it was canceled. */
  outcome(id: string): string {
    const orderId = this.#idOf(id);
    let told = '';
    for (const event of this.#last) {
      if (event.type === 'OrdersTraded') {
        for (const leg of [event.maker, event.taker]) {
          if (leg.orderId === orderId) told = `${leg.ordStatus} ${leg.cumQtyLots} + ${leg.leavesQtyLots}`;
        }
      } else if ('ordStatus' in event && event.orderId === orderId) {
        told = `${event.ordStatus} ${event.cumQtyLots} + ${event.leavesQtyLots}`;
        if (event.type === 'OrderCanceled') told += ` ${event.reason}`;
      }
    }
    return told;
  }

  /** Units of an asset that no working order holds. */
  available(client: string, asset: string): number {
    const [account, index] = [this.#account(client), this.#assets.indexOf(asset)];
    for (const event of this.#driver.exchange.image()) {
      if (event.type !== 'BalanceUpdated' || event.account !== account || event.asset !== index) continue;
      return event.totalUnits - event.heldUnits;
    }
    return 0;
  }

  /** Whether the last replace kept the order's place in its queue. */
  priorityKept(): boolean {
    const replaced = this.#last.find((event) => event.type === 'OrderReplaced');
    if (replaced?.type !== 'OrderReplaced') throw new Error('the last command replaced no order');
    return replaced.priorityKept;
  }

  #refusal<T extends 'OrderRejected' | 'RequestRejected'>(type: T): Refusal | null {
    const event = this.#last.find((other): other is OrderRejected | RequestRejected => other.type === type);
    if (event === undefined) return null;
    const { reason, limit, projected } = event;
    return { reason, limit, projected };
  }

  #account(name: string): number {
    const index = this.#clients.indexOf(name);
    if (index < 0) throw new Error(`no client is named ${name}`);
    return index;
  }

  #idOf(id: string): number {
    const orderId = this.#ids.get(id);
    if (orderId === undefined) throw new Error(`no accepted order is named ${id}`);
    return orderId;
  }

  #nameOf(orderId: number): string {
    return [...this.#ids].find(([, known]) => known === orderId)?.[0] ?? `#${orderId}`;
  }
}

type Refusal = Pick<OrderRejected, 'reason' | 'limit' | 'projected'>;
