import { Arg, Directive, ID, Int, Query, Resolver } from 'type-graphql';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import { MarketRead } from '../../../src/graphql/declared-scopes.js';
import { CandleIntervalEnum } from '../../../src/graphql/enums.js';
import { DateTimeScalar } from '../../../src/graphql/scalars.js';
import type { MarketData } from '../services/market-data.js';
import { MAX_SYMBOLS, MAX_TEST_LAGS } from '../services/relations.js';
import { Cointegration, Correlation } from '../types/relations.js';

const INTERVAL = 'Width of the bars; only closed ones count.';
const FROM = 'Earliest start of a bar, inclusive; absent = from the first.';
const TO = 'Latest start of a bar, exclusive; absent = up to the last closed one.';

/** Public reads: no identity is needed. */
@Resolver()
export class RelationResolver {
  readonly #market: MarketData;

  constructor(market: MarketData) {
    this.#market = market;
  }

  @Directive('@cost(weight: 50)')
  @MarketRead()
  @Query(() => Correlation, { description: 'Correlation of the log returns of several symbols on their common bars.' })
  correlation(
    @Arg('symbols', () => [ID], { description: `2 to ${MAX_SYMBOLS} different symbols.` }) symbols: string[],
    @Arg('interval', () => CandleIntervalEnum, { description: INTERVAL }) interval: CandleInterval,
    @Arg('from', () => DateTimeScalar, { nullable: true, description: FROM }) from: number | null,
    @Arg('to', () => DateTimeScalar, { nullable: true, description: TO }) to: number | null,
  ): Promise<Correlation> {
    const range = { interval, fromUs: from ?? null, toUs: to ?? null };
    return this.#market.relations.correlation(
      symbols.map((symbol) => this.#market.streams.entryOf(symbol, 'symbols')),
      range,
    );
  }

  @Directive('@cost(weight: 50)')
  @MarketRead()
  @Query(() => Cointegration, { description: 'Whether the closing prices of two symbols share a long-run relation.' })
  cointegration(
    @Arg('y', () => ID, { description: 'The symbol explained.' }) y: string,
    @Arg('x', () => ID, { description: 'The symbol that explains.' }) x: string,
    @Arg('interval', () => CandleIntervalEnum, { description: INTERVAL }) interval: CandleInterval,
    @Arg('from', () => DateTimeScalar, { nullable: true, description: FROM }) from: number | null,
    @Arg('to', () => DateTimeScalar, { nullable: true, description: TO }) to: number | null,
    @Arg('lags', () => Int, {
      nullable: true,
      defaultValue: 1,
      description: `Lagged differences in the test of the residuals, 0 to ${MAX_TEST_LAGS}.`,
    })
    lags: number | null,
  ): Promise<Cointegration> {
    const range = { interval, fromUs: from ?? null, toUs: to ?? null };
    const { streams, relations } = this.#market;
    return relations.cointegration(streams.entryOf(y, 'y'), streams.entryOf(x, 'x'), range, lags ?? 1);
  }
}
