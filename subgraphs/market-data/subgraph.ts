/** The market data subgraph: instruments, tickers, books, trades and candles; owner of Instrument (key symbol). */
import 'reflect-metadata';
import { authChecker, requireMarketRead } from '../../src/graphql/authorization.js';
import { buildFederatedSchema } from '../../src/graphql/build-subgraph.js';
import { createRequestLoader } from '../../src/graphql/loaders.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import { AdministrationResolver } from './resolvers/administration-resolver.js';
import { ImportResolver } from './resolvers/import-resolver.js';
import { InstrumentResolver } from './resolvers/instrument-resolver.js';
import { RelationResolver } from './resolvers/relation-resolver.js';
import { createStreamResolver } from './resolvers/stream-resolver.js';
import { MarketData, type MarketDataDeps } from './services/market-data.js';
import { toInstrument } from './services/payloads.js';
import type { Instrument } from './types/instrument.js';

/** @returns the subgraph, not started */
export async function createMarketDataSubgraph(deps: MarketDataDeps): Promise<Subgraph> {
  const market = new MarketData(deps);
  const StreamResolver = createStreamResolver(market.streams);
  const instances = new Map<unknown, object>([
    [InstrumentResolver, new InstrumentResolver(market)],
    [AdministrationResolver, new AdministrationResolver(market)],
    [ImportResolver, new ImportResolver(market)],
    [RelationResolver, new RelationResolver(market)],
    [StreamResolver, new StreamResolver()],
  ]);
  const instrumentLoader = createRequestLoader<string, Instrument | null>((symbols) =>
    Promise.resolve(
      symbols.map((symbol) => {
        const entry = market.view.reference.instrumentBySymbol(symbol);
        return entry === undefined ? null : toInstrument(entry);
      }),
    ),
  );
  const { schema, sdl } = await buildFederatedSchema({
    resolvers: [InstrumentResolver, AdministrationResolver, ImportResolver, RelationResolver, StreamResolver],
    references: {
      Instrument: ({ symbol }: { symbol: string }, context) => {
        requireMarketRead(context);
        return instrumentLoader(context).load(symbol);
      },
    },
    container: { get: (resolverClass) => instances.get(resolverClass) },
    authChecker,
  });
  return { name: 'market-data', schema, sdl, start: () => market.start(), stop: () => market.stop() };
}
