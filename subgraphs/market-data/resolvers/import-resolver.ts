import { Arg, Authorized, Directive, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import { Paged } from '../../../src/graphql/list-size.js';
import { MAX_PAGE_SIZE } from '../../../src/graphql/page.js';
import { DateTimeScalar } from '../../../src/graphql/scalars.js';
import type { MarketData } from '../services/market-data.js';
import { ImportCandlesInput, ImportedTradeConnection, ImportResult, ImportTradesInput } from '../types/imported.js';
import { Instrument } from '../types/instrument.js';

/** Market data of other venues: written by administrators, read by everybody. */
@Resolver(() => Instrument)
export class ImportResolver {
  readonly #market: MarketData;

  constructor(market: MarketData) {
    this.#market = market;
  }

  @Authorized('admin')
  @Directive('@cost(weight: 100)')
  @Mutation(() => ImportResult, {
    description:
      'Imports bars of another venue. Instrument.candles shows them in the intervals in which this venue had no trade. ' +
      'Importing the same again changes nothing. Needs scope admin.',
  })
  importCandles(
    @Arg('input', () => ImportCandlesInput, { description: 'The bars.' }) input: ImportCandlesInput,
  ): Promise<ImportResult> {
    const entry = this.#market.streams.entryOf(input.symbol, 'input.symbol');
    return this.#market.imports.importCandles(entry, input.interval, input.source, input.candles);
  }

  @Authorized('admin')
  @Directive('@cost(weight: 100)')
  @Mutation(() => ImportResult, {
    description:
      'Imports trades of another venue, which Instrument.importedTrades shows. Importing the same again changes nothing. Needs scope admin.',
  })
  importTrades(
    @Arg('input', () => ImportTradesInput, { description: 'The trades.' }) input: ImportTradesInput,
  ): Promise<ImportResult> {
    const entry = this.#market.streams.entryOf(input.symbol, 'input.symbol');
    return this.#market.imports.importTrades(entry, input.source, input.trades);
  }

  @Paged(50)
  @FieldResolver(() => ImportedTradeConnection, {
    description: 'Trades that another venue made, newest first; they are no trades of this one.',
  })
  importedTrades(
    @Root() { symbol }: Pick<Instrument, 'symbol'>,
    @Arg('source', () => String, {
      nullable: true,
      defaultValue: 'file',
      description: 'Where they came from, as named at the import.',
    })
    source: string | null,
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: 50,
      description: `Most trades of the page, 1 to ${MAX_PAGE_SIZE}.`,
    })
    first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last trade of the page before.' })
    after: string | null,
    @Arg('from', () => DateTimeScalar, {
      nullable: true,
      description: 'Earliest time, inclusive; absent = from the first.',
    })
    from: number | null,
    @Arg('to', () => DateTimeScalar, {
      nullable: true,
      description: 'Latest time, exclusive; absent = up to the last.',
    })
    to: number | null,
  ): Promise<ImportedTradeConnection> {
    const request = { first: first ?? 50, after: after ?? null, fromUs: from ?? null, toUs: to ?? null };
    const entry = this.#market.streams.entryOf(symbol);
    return this.#market.imports.trades(entry, source ?? 'file', request) as Promise<ImportedTradeConnection>;
  }
}
