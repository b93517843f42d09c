/** Circuit breakers and manual halts: what is set and where it stands, commands for them, and the stream of their changes. */
import type { BreakerTerms } from '../../../src/core/breaker/breaker-terms.js';
import type { Command } from '../../../src/core/exchange/command.js';
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import { formatPrice } from '../../../src/core/instrument/terms.js';
import { badUserInput, clipped, limitExceeded, notFound, withClientErrors } from '../../../src/graphql/errors.js';
import { OpenStreams, type PushStream } from '../../../src/graphql/push-stream.js';
import type { EngineClient } from '../../../src/ports/engine-client.js';
import type { RiskView } from '../events.js';
import type {
  CircuitBreaker,
  CircuitBreakerInput,
  MarketCircuitBreaker,
  MarketCircuitBreakerInput,
} from '../types/breaker.js';
import { PERCENT_SCALE } from './figures.js';
import { formatScale, parseLimit } from './money.js';

/** Most subscriptions to circuit breakers that this subgraph keeps open. */
export const MAX_BREAKER_STREAMS = 10_000;
/** Changes that wait for a slow reader until its stream is closed. */
const MAX_WAITING_CHANGES = 1_000;
const SECOND_US = 1_000_000;
const MAX_SECONDS = 86_400;
const HUNDRED_PERCENT_PPM = 1_000_000;
/** How long an answer waits for the view to see what was done. */
const VIEW_WAIT_MS = 5_000;

type TermsInput = Omit<CircuitBreakerInput, 'symbol'>;

export class BreakerDesk {
  readonly #engine: EngineClient;
  readonly #view: RiskView;
  readonly #open = new OpenStreams();
  readonly #streams = new Set<PushStream<CircuitBreaker>>();

  constructor(engine: EngineClient, view: RiskView) {
    this.#engine = engine;
    this.#view = view;
  }

  all(): CircuitBreaker[] {
    return this.#view.breakers.instruments
      .map((instrument) => this.#present(instrument))
      .filter((each) => each !== null);
  }

  market(): MarketCircuitBreaker | null {
    const { market } = this.#view.breakers;
    if (market === null) return null;
    const { instruments, terms, trippedUs } = market;
    const symbols = instruments.map((instrument) => this.#view.reference.instrumentAt(instrument).symbol);
    return { symbols, tripped: trippedUs !== null, ...toFields(terms), trippedAt: trippedUs };
  }

  /** @throws GraphQLError BAD_USER_INPUT, LIMIT_EXCEEDED or NOT_FOUND naming the field */
  async set(input: CircuitBreakerInput, setBy: string): Promise<CircuitBreaker> {
    const { instrument } = this.#instrument(input.symbol, 'input.symbol');
    await this.#submit({ type: 'SetCircuitBreaker', instrument, terms: toTerms(input), setBy });
    const breaker = this.#present(instrument);
    if (breaker === null) throw notFound(`circuit breaker of "${clipped(input.symbol)}"`, 'input.symbol');
    return breaker;
  }

  async remove(symbol: string, setBy: string): Promise<void> {
    const { instrument } = this.#instrument(symbol, 'symbol');
    await this.#submit({ type: 'SetCircuitBreaker', instrument, terms: null, setBy }, 'symbol');
  }

  /** @throws GraphQLError BAD_USER_INPUT, LIMIT_EXCEEDED or NOT_FOUND naming the field */
  async setMarket(input: MarketCircuitBreakerInput, setBy: string): Promise<MarketCircuitBreaker> {
    const instruments = input.symbols.map((symbol) => this.#instrument(symbol, 'input.symbols').instrument);
    await this.#submit({ type: 'SetMarketBreaker', instruments, terms: toTerms(input), setBy });
    const market = this.market();
    if (market === null) throw notFound('market-wide circuit breaker', 'input');
    return market;
  }

  async removeMarket(setBy: string): Promise<void> {
    await this.#submit({ type: 'SetMarketBreaker', instruments: [], terms: null, setBy });
  }

  async halt(symbol: string | null, queuesOrders: boolean, reason: string, setBy: string): Promise<void> {
    const instrument = symbol === null ? null : this.#instrument(symbol, 'symbol').instrument;
    await this.#submit({ type: 'HaltTrading', instrument, queuesOrders, reason, setBy }, 'symbol');
  }

  async resume(symbol: string | null, auctionSeconds: number, reason: string, setBy: string): Promise<void> {
    const instrument = symbol === null ? null : this.#instrument(symbol, 'symbol').instrument;
    const auctionUs = microseconds(auctionSeconds, 0, 'auctionSeconds');
    await this.#submit({ type: 'ResumeTrading', instrument, auctionUs, reason, setBy }, 'symbol');
  }

  /** Follows the changes of all breakers. @throws GraphQLError LIMIT_EXCEEDED */
  follow(): AsyncIterableIterator<CircuitBreaker> {
    if (this.#open.size >= MAX_BREAKER_STREAMS) {
      const problem = `${MAX_BREAKER_STREAMS} subscriptions to circuit breakers are open; try again later`;
      throw limitExceeded('subscription', MAX_BREAKER_STREAMS, problem);
    }
    const stream: PushStream<CircuitBreaker> = this.#open.open({
      maxBuffer: MAX_WAITING_CHANGES,
      onOverflow: 'CLOSE',
      onClose: () => this.#streams.delete(stream),
    });
    this.#streams.add(stream);
    return stream;
  }

  /** Tells what changed in a batch. */
  tell(): void {
    const { changed } = this.#view.breakers;
    for (const instrument of changed) {
      const breaker = this.#streams.size === 0 ? null : this.#present(instrument);
      if (breaker !== null) for (const stream of this.#streams) stream.push(breaker);
    }
    changed.clear();
  }

  endAll(): void {
    this.#open.endAll();
  }

  #present(instrument: number): CircuitBreaker | null {
    const terms = this.#view.breakers.termsOf(instrument);
    if (terms === undefined) return null;
    const entry = this.#view.reference.instrumentAt(instrument);
    const halt = this.#view.breakers.haltOf(instrument);
    const px = (ticks: number | null | undefined) => (ticks == null ? null : formatPrice(entry.terms, ticks));
    return {
      symbol: entry.symbol,
      tripped: halt?.cause != null,
      cause: halt?.cause ?? null,
      ...toFields(terms),
      referencePx: px(halt?.referencePxTicks),
      tripPx: px(halt?.tripPxTicks),
      trippedAt: halt?.trippedUs ?? null,
      resumesAt: halt?.resumesUs ?? null,
    };
  }

  async #submit(command: Command, field = 'input'): Promise<void> {
    const { events, lastSequence } = await withClientErrors(this.#engine.submit(command));
    for (const event of events) if (event.type === 'RequestRejected') throw badUserInput(field, event.text);
    await this.#view.whenReached(lastSequence, VIEW_WAIT_MS);
  }

  #instrument(symbol: string, field: string): InstrumentEntry {
    const entry = this.#view.reference.instrumentBySymbol(symbol);
    if (entry === undefined) throw notFound(`instrument "${clipped(symbol)}"`, field);
    return entry;
  }
}

function toFields({ movePpm, windowUs, cooldownUs, auctionUs, queuesOrders }: BreakerTerms) {
  return {
    movePercent: formatScale(movePpm, PERCENT_SCALE)!,
    windowSeconds: Math.ceil(windowUs / SECOND_US),
    cooldownSeconds: Math.ceil(cooldownUs / SECOND_US),
    auctionSeconds: Math.ceil(auctionUs / SECOND_US),
    queueOrders: queuesOrders,
  };
}

function toTerms({
  movePercent,
  windowSeconds,
  cooldownSeconds,
  auctionSeconds,
  queueOrders,
}: TermsInput): BreakerTerms {
  const movePpm = parseLimit(movePercent, PERCENT_SCALE);
  if (movePpm === null || movePpm === 'INVALID' || movePpm === 0) {
    throw badUserInput('input.movePercent', 'takes 0.0001 to 100 with at most four decimals');
  }
  if (movePpm > HUNDRED_PERCENT_PPM) {
    throw limitExceeded('input.movePercent', 100, `${movePercent} percent is above 100`);
  }
  return {
    movePpm,
    windowUs: microseconds(windowSeconds, 1, 'input.windowSeconds'),
    cooldownUs: microseconds(cooldownSeconds, 1, 'input.cooldownSeconds'),
    auctionUs: microseconds(auctionSeconds ?? 60, 0, 'input.auctionSeconds'),
    queuesOrders: queueOrders ?? true,
  };
}

function microseconds(seconds: number, least: number, field: string): number {
  if (seconds < least) throw badUserInput(field, `takes ${least} to ${MAX_SECONDS} seconds`);
  if (seconds > MAX_SECONDS) throw limitExceeded(field, MAX_SECONDS, `${seconds} seconds are more than ${MAX_SECONDS}`);
  return seconds * SECOND_US;
}
