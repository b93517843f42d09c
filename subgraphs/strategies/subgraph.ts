/** The strategies subgraph: owner of Strategy and Backtest; runs strategies, and backtests them away from the thread that trades. */
import 'reflect-metadata';
import { authChecker } from '../../src/graphql/authorization.js';
import { buildFederatedSchema } from '../../src/graphql/build-subgraph.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import type { BacktestRunner } from '../../src/ports/backtest-runner.js';
import type { Clock } from '../../src/ports/clock.js';
import type { EngineClient } from '../../src/ports/engine-client.js';
import type { EventFeed } from '../../src/ports/event-feed.js';
import type { History } from '../../src/ports/history.js';
import type { ImportedMarketData } from '../../src/ports/imported-market-data.js';
import type { Log } from '../../src/ports/log.js';
import type { StrategyStore } from '../../src/ports/strategy-store.js';
import { BacktestResolver } from './resolvers/backtest-resolver.js';
import { StrategyResolver } from './resolvers/strategy-resolver.js';
import { createStrategySubscriptions } from './resolvers/subscriptions.js';
import { Backtests } from './services/backtests.js';
import { StrategyHost } from './services/host.js';
import { Strategies } from './services/strategies.js';

export interface StrategiesDeps {
  readonly engine: EngineClient;
  readonly feed: EventFeed;
  readonly history: History;
  readonly imported: ImportedMarketData;
  readonly strategies: StrategyStore;
  readonly backtestRunner: BacktestRunner;
  readonly clock: Clock;
  readonly log?: Log;
  /** How long a command of a strategy is sent again while the engine does not answer, ms; absent = a minute. */
  readonly retryForMs?: number;
}

/** @returns the subgraph, not started */
export async function createStrategiesSubgraph(deps: StrategiesDeps): Promise<Subgraph> {
  const {
    engine,
    feed,
    history,
    imported,
    strategies: store,
    backtestRunner: runner,
    clock,
    log = () => undefined,
    retryForMs,
  } = deps;
  const patience = retryForMs === undefined ? {} : { retryForMs };
  const host = new StrategyHost({ engine, feed, history, imported, store, clock, log, ...patience });
  const strategies = new Strategies(host);
  const backtests = new Backtests(host, strategies, { history, imported, store, runner, clock, log });
  const Subscriptions = createStrategySubscriptions(strategies, backtests);
  const instances = new Map<unknown, object>([
    [StrategyResolver, new StrategyResolver(strategies)],
    [BacktestResolver, new BacktestResolver(backtests)],
    [Subscriptions, new Subscriptions()],
  ]);
  const { schema, sdl } = await buildFederatedSchema({
    resolvers: [StrategyResolver, BacktestResolver, Subscriptions],
    references: {},
    container: { get: (resolverClass) => instances.get(resolverClass) },
    authChecker,
  });
  return {
    name: 'strategies',
    schema,
    sdl,
    start: async () => {
      await backtests.start();
      await host.start();
    },
    stop: async () => {
      await backtests.stop();
      await host.stop();
    },
  };
}
