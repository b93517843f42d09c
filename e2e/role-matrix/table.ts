/**
 * Who may do what: every operation of the API and every entity, for each kind of caller. An operation of the schema without
 * a row fails the test, and so does a row that names none.
 */

/** Callers, as the columns stand. All but `own` ask about what is the trader's. */
export const CALLERS = [
  /** Without a token. */
  'nobody',
  /** The trader whose account, orders and strategies are asked about. */
  'own',
  /** Another trader. */
  'foreign',
  'risk',
  'admin',
  /** An API key of the trader's that holds market:read alone. */
  'key',
] as const;
export type Caller = (typeof CALLERS)[number];

/** What becomes of a call. `NOT_FOUND`: it is answered as if there were no such thing. */
export type Outcome = 'ALLOWED' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND';

export interface Row {
  /** `Query.account`; fields of entities as `Account.balances`; what stands behind a space tells cases apart. */
  readonly operation: string;
  readonly expected: Readonly<Record<Caller, Outcome>>;
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  A: 'ALLOWED',
  U: 'UNAUTHENTICATED',
  F: 'FORBIDDEN',
  '-': 'NOT_FOUND',
};

/** A allowed, U unauthenticated, F forbidden, - like what does not exist. */
const TABLE = `
                                      nobody own foreign risk admin key
Query.account                           U     A     -     A     A    F
Query.accounts                          U     A     -     A     A    F
Query.auditLog                          U     F     F     F     A    F
Query.apiKeys                           U     A     -     -     -    A
Query.users                             U     F     F     F     A    F
Query.instrument                        A     A     A     A     A    A
Query.instruments                       A     A     A     A     A    A
Query.correlation                       A     A     A     A     A    A
Query.cointegration                     A     A     A     A     A    A
Query.previewOrder                      U     A     -     -     -    F
Query.order                             U     A     -     A     A    F
Query.orderByClOrdId                    U     A     -     A     A    F
Query.orders                            U     A     -     A     A    F
Query.executionReports                  U     A     -     A     A    F
Query.latency                           U     F     F     F     A    F
Query.platformStatus                    U     F     F     F     A    F
Query.logLevels                         U     F     F     F     A    F
Query.riskAudit                         U     F     F     A     A    F
Query.circuitBreakers                   U     A     A     A     A    A
Query.marketCircuitBreaker              U     A     A     A     A    A
Query.marginTerms                       U     A     A     A     A    A
Query.portfolioRisk                     U     A     -     A     A    F
Query.stressTest                        U     A     -     A     A    F
Query.backtest                          U     A     -     -     -    F
Query.backtests                         U     A     -     -     -    F
Query.strategyTypes                     A     A     A     A     A    A
Query.strategies                        U     A     -     A     A    F
Query.strategy                          U     A     -     A     A    F

Account.balances                        U     A     -     A     A    F
Account.ledger                          U     A     -     A     A    F
Account.margin                          U     A     -     A     A    F
Account.positions                       U     A     -     A     A    F
Account.risk                            U     A     -     A     A    F
Instrument.orderBook                    A     A     A     A     A    A
Instrument.orderBookL3                  U     F     F     F     A    F
Instrument.importedTrades               A     A     A     A     A    A
Instrument.trades                       A     A     A     A     A    A
Order.account                           U     A     -     A     A    F
Order.executionReports                  U     A     -     A     A    F
Order.linkedOrders                      U     A     -     A     A    F
Order.queuePosition                     U     A     -     A     A    F
Position.account                        U     A     -     A     A    F

Subscription.ticks                      A     A     A     A     A    A
Subscription.orderBook                  A     A     A     A     A    A
Subscription.orderBookL3                U     F     F     F     A    F
Subscription.trades                     A     A     A     A     A    A
Subscription.candles                    A     A     A     A     A    A
Subscription.tradingStatus              A     A     A     A     A    A
Subscription.auction                    A     A     A     A     A    A
Subscription.heartbeat                  A     A     A     A     A    A
Subscription.fills                      U     A     -     A     A    F
Subscription.executionReports           U     A     -     A     A    F
Subscription.latency                    U     F     F     F     A    F
Subscription.positions                  U     A     -     A     A    F
Subscription.marginAlerts               U     A     -     A     A    F
Subscription.marginAlerts everybody's   U     F     F     A     A    F
Subscription.riskAlerts                 U     A     -     A     A    F
Subscription.riskAlerts everybody's     U     F     F     A     A    F
Subscription.circuitBreakers            U     A     A     A     A    A
Subscription.strategies                 U     A     -     A     A    F
Subscription.backtest                   U     A     -     -     -    F

Mutation.openAccount                    U     F     F     F     A    F
Mutation.adjustBalance                  U     F     F     F     A    F
Mutation.createSession                  A     A     A     A     A    A
Mutation.refreshSession                 A     A     A     A     A    A
Mutation.logout                         U     A     A     A     A    A
Mutation.createApiKey                   U     A     A     A     A    F
Mutation.revokeApiKey                   U     A     -     -     A    F
Mutation.saveUser                       U     F     F     F     A    F
Mutation.disableUser                    U     F     F     F     A    F
Mutation.createInstrument               U     F     F     F     A    F
Mutation.setTradingStatus               U     F     F     A     A    F
Mutation.setTradingCalendar             U     F     F     F     A    F
Mutation.importCandles                  U     F     F     F     A    F
Mutation.importTrades                   U     F     F     F     A    F
Mutation.placeOrders                    U     A     -     F     F    F
Mutation.cancelOrders                   U     A     -     F     F    F
Mutation.placeOrderPlan                 U     A     -     F     F    F
Mutation.massQuote                      U     A     -     F     F    F
Mutation.cancelAllAfter                 U     A     -     F     F    F
Mutation.placeOrder                     U     A     -     F     F    F
Mutation.replaceOrder                   U     A     -     F     F    F
Mutation.cancelOrder                    U     A     -     F     F    F
Mutation.cancelAllOrders                U     A     -     F     F    F
Mutation.setLogLevel                    U     F     F     F     A    F
Mutation.setCircuitBreaker              U     F     F     A     F    F
Mutation.removeCircuitBreaker           U     F     F     A     F    F
Mutation.setMarketCircuitBreaker        U     F     F     A     F    F
Mutation.removeMarketCircuitBreaker     U     F     F     A     F    F
Mutation.haltTrading                    U     F     F     A     F    F
Mutation.resumeTrading                  U     F     F     A     F    F
Mutation.setMarginTerms                 U     F     F     A     F    F
Mutation.setMark                        U     F     F     A     F    F
Mutation.setRiskLimits                  U     F     F     A     F    F
Mutation.setKillSwitch                  U     F     F     A     F    F
Mutation.setTierLimits                  U     F     F     A     F    F
Mutation.setAccountTier                 U     F     F     A     F    F
Mutation.setAccountState                U     F     F     A     F    F
Mutation.setMarketKillSwitch            U     F     F     A     F    F
Mutation.runBacktest                    U     A     -     F     F    F
Mutation.runBacktestGrid                U     A     -     F     F    F
Mutation.cancelBacktest                 U     A     -     F     F    F
Mutation.createStrategy                 U     A     -     F     F    F
Mutation.startStrategy                  U     A     -     F     F    F
Mutation.pauseStrategy                  U     A     -     A     F    F
Mutation.stopStrategy flattening        U     A     -     F     F    F
Mutation.stopStrategy                   U     A     -     A     F    F
Mutation.deleteStrategy                 U     A     -     F     F    F
`;

/** The rows. @throws Error where one is not as long as the columns */
export function readTable(): Row[] {
  const [columns = '', ...lines] = TABLE.split('\n').filter((line) => line.trim() !== '');
  if (columns.trim().split(/\s+/).join() !== CALLERS.join())
    throw new Error(`the columns are not ${CALLERS.join(' ')}`);
  return lines.map((line) => {
    const cells = /^(\S.*?)\s{2,}(\S(?:\s+\S)*)$/.exec(line);
    const outcomes = cells?.[2]?.split(/\s+/).map((letter) => OUTCOMES[letter]) ?? [];
    const [nobody, own, foreign, risk, admin, key] = outcomes;
    if (outcomes.length !== CALLERS.length || !nobody || !own || !foreign || !risk || !admin || !key) {
      throw new Error(`this row has not one of ${Object.keys(OUTCOMES).join(' ')} for each caller: ${line}`);
    }
    return { operation: cells?.[1] ?? '', expected: { nobody, own, foreign, risk, admin, key } };
  });
}
