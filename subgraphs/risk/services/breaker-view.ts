/** Circuit breakers as the event stream tells them. Memory: one entry a breaker and halted instrument. */
import type { BreakerTerms } from '../../../src/core/breaker/breaker-terms.js';
import type { CircuitBreakerChanged, ExchangeEvent } from '../../../src/core/exchange/event.js';

/** What breakers are set and where they stand, followed from the event stream. */
export class BreakerView {
  readonly #terms = new Map<number, BreakerTerms>();
  readonly #halts = new Map<number, CircuitBreakerChanged>();
  #market: { instruments: readonly number[]; terms: BreakerTerms; trippedUs: number | null } | null = null;
  /** Instruments whose breaker changed in the batch under way. */
  readonly changed = new Set<number>();

  get market() {
    return this.#market;
  }

  /** Instruments that have a breaker, in the order of listing. */
  get instruments(): number[] {
    return [...this.#terms.keys()].sort((a, b) => a - b);
  }

  termsOf(instrument: number): BreakerTerms | undefined {
    return this.#terms.get(instrument);
  }

  haltOf(instrument: number): CircuitBreakerChanged | undefined {
    return this.#halts.get(instrument);
  }

  clear(): void {
    this.#terms.clear();
    this.#halts.clear();
    this.changed.clear();
    this.#market = null;
  }

  apply(event: ExchangeEvent): void {
    switch (event.type) {
      case 'CircuitBreakerSet':
        if (event.terms === null) this.#terms.delete(event.instrument);
        else this.#terms.set(event.instrument, event.terms);
        this.changed.add(event.instrument);
        break;
      case 'CircuitBreakerChanged':
        if (event.cause === null && event.resumesUs === null) this.#halts.delete(event.instrument);
        else this.#halts.set(event.instrument, event);
        this.changed.add(event.instrument);
        break;
      case 'MarketBreakerSet': {
        const { instruments, terms } = event;
        this.#market = terms === null ? null : { instruments, terms, trippedUs: null };
        break;
      }
      case 'MarketBreakerChanged':
        if (this.#market !== null) this.#market.trippedUs = event.trippedUs;
        break;
      default:
        break;
    }
  }
}
