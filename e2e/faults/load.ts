/** Clients that place orders through the router while something breaks, and remember what was answered. */
import { createRandom } from '../../src/engine/testing/engine-kit.js';
import { placeOrder } from '../support/operations.js';
import type { Services } from '../support/services.js';

export interface Answered {
  readonly clOrdId: string;
  readonly orderId: string;
}

const CLIENTS = 3;
const PRICES = ['69.98', '69.99', '70.00', '70.01', '70.02'];

export class Load {
  readonly answered: Answered[] = [];
  /** Codes of the errors that clients were told, with how often. */
  readonly refused = new Map<string, number>();
  #running = true;
  readonly #clients: Promise<void>[];

  constructor(services: Services, name: string, seed: number) {
    this.#clients = Array.from({ length: CLIENTS }, (_, at) => this.#trade(services, `${name}-${at}`, seed + at));
  }

  /** Resolves when so many more orders were answered. */
  async untilAnswered(more: number, withinMs: number): Promise<void> {
    const goal = this.answered.length + more;
    const deadline = Date.now() + withinMs;
    while (this.answered.length < goal) {
      if (Date.now() > deadline) {
        throw new Error(
          `${goal - this.answered.length} of ${more} orders not answered within ${withinMs} ms: ${JSON.stringify([...this.refused])}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#clients);
  }

  async #trade(services: Services, name: string, seed: number): Promise<void> {
    const random = createRandom(seed);
    const url = `${services.urls.get('router')}/graphql`;
    for (let count = 0; this.#running; count += 1) {
      const { token, accountId } = services.credentials[random(2) === 0 ? 'trader' : 'trader2'];
      const clOrdId = `${name}-${count}`;
      const input = {
        accountId,
        symbol: 'KO',
        side: random(2) === 0 ? ('BUY' as const) : ('SELL' as const),
        ordType: 'LIMIT' as const,
        orderQty: String(1 + random(5)),
        price: PRICES[random(PRICES.length)] ?? '70.00',
        timeInForce: random(3) === 0 ? 'IOC' : 'GTC',
        clOrdId,
      };
      try {
        const { data, errors } = await placeOrder(url, token, input);
        const result = data?.placeOrder;
        if (result?.__typename === 'PlaceOrderSuccess') this.answered.push({ clOrdId, orderId: result.order.id });
        else this.#refuse(errors?.[0]?.extensions?.code ?? String(result?.reason));
      } catch {
        this.#refuse('no answer');
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #refuse(code: string): void {
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
  }
}
