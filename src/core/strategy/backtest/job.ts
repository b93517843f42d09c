/** A backtest as plain data, so that it can be handed to another thread, and what makes it run. */
import type { InstrumentSpec } from '../../instrument/instrument.js';
import { createTerms } from '../../instrument/terms.js';
import { INTERVAL_US } from '../../market-data/candles.js';
import type { CandleInterval } from '../../values/vocabulary.js';
import { STRATEGIES, type StrategyType } from '../catalogue.js';
import type { Bar } from '../strategy.js';
import { Backtest, type BacktestMarket } from './backtest.js';
import { BarFlow } from './bar-flow.js';
import type { MarketFlow, OrderBounds } from './market-flow.js';
import { OrderFlow, type RecordedAction } from './order-flow.js';
import { type PastTrade, TradeFlow } from './trade-flow.js';

/** The past that a backtest is fed with. */
export type BacktestData =
  /** By market, oldest first. */
  | { readonly kind: 'BARS'; readonly interval: CandleInterval; readonly bars: readonly (readonly Bar[])[] }
  | { readonly kind: 'TRADES'; readonly trades: readonly PastTrade[] }
  | { readonly kind: 'ORDERS'; readonly actions: readonly RecordedAction[] };

export interface JobMarket {
  readonly spec: InstrumentSpec;
  readonly baseScale: number;
}

export interface BacktestJob {
  readonly type: StrategyType;
  /** Accepted by the type's schema, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly markets: readonly JobMarket[];
  readonly quoteScale: number;
  readonly data: BacktestData;
  readonly initialCashUnits: number;
  readonly latencyUs: number;
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  /** Share of the past's volume that the strategy may trade, above 0 to 1; bars and trades only. */
  readonly participation: number;
  readonly halfSpreadTicks: number;
}

const MOST_SAMPLES = 20_000;
/** Most of one order of the market: far from what it holds in all, and from what a strategy could trade with. */
const MARKET_ORDER_QUOTE_UNITS = 2.5e14;
const MARKET_ORDER_BASE_UNITS = 5e14;
/** How far prices may go beyond those of the data before an order is out of bounds. */
const PRICE_ROOM = 4;

/** @throws Error where the data hold nothing for a market */
export function createBacktest(job: BacktestJob): Backtest {
  const { data } = job;
  const ranges = job.markets.map((_, market) => rangeOf(data, market));
  const markets = job.markets.map(({ spec, baseScale }, market): BacktestMarket => {
    const range = ranges[market]!;
    if (range.first === 0) throw new Error(`there are no data of ${spec.symbol} in the range`);
    const bounds = {
      minPriceTicks: Math.max(1, Math.floor(range.low / PRICE_ROOM)),
      maxPriceTicks: Math.ceil(range.high * PRICE_ROOM),
      referencePxTicks: range.first,
    };
    return { spec: { ...spec, ...bounds }, baseScale, firstPriceTicks: range.first };
  });
  const strategy = STRATEGIES[job.type].create(job.parameters);
  const [fromUs, toUs] = spanOf(data);
  return new Backtest({
    strategy,
    markets,
    quoteScale: job.quoteScale,
    flow: flowOf(
      job,
      markets.map((market, index) => orderBounds(market, ranges[index]!.high, job.quoteScale)),
    ),
    initialCashUnits: job.initialCashUnits,
    latencyUs: job.latencyUs,
    makerFeePpm: job.makerFeePpm,
    takerFeePpm: job.takerFeePpm,
    sampleUs:
      data.kind === 'BARS'
        ? INTERVAL_US[data.interval]
        : Math.max(1_000_000, Math.ceil((toUs - fromUs) / MOST_SAMPLES)),
  });
}

/** What one order of the market may be: within the instrument's bounds, and a part of what the market holds. */
function orderBounds({ spec, baseScale }: BacktestMarket, highTicks: number, quoteScale: number): OrderBounds {
  const { quoteUnitsPerTickLot, baseUnitsPerLot } = createTerms(spec, baseScale, quoteScale);
  const { minPriceTicks, maxPriceTicks, minQtyLots, maxQtyLots } = spec;
  const payable = Math.floor(
    Math.min(MARKET_ORDER_QUOTE_UNITS / (quoteUnitsPerTickLot * highTicks), MARKET_ORDER_BASE_UNITS / baseUnitsPerLot),
  );
  return { minPriceTicks, maxPriceTicks, minQtyLots, maxQtyLots: Math.min(maxQtyLots, payable) };
}

function flowOf(job: BacktestJob, bounds: readonly OrderBounds[]): MarketFlow {
  const { data, participation, halfSpreadTicks } = job;
  if (data.kind === 'ORDERS') return new OrderFlow(data.actions);
  if (data.kind === 'TRADES') return new TradeFlow(data.trades, bounds, { participation, halfSpreadTicks });
  const series = data.bars.map((bars, market) => ({ ...bounds[market]!, bars }));
  return new BarFlow(series, { intervalUs: INTERVAL_US[data.interval], participation, halfSpreadTicks });
}

/** Lowest, highest and first price of a market; all 0 where there is none. */
function rangeOf(data: BacktestData, market: number): { low: number; high: number; first: number } {
  const range = { low: Number.POSITIVE_INFINITY, high: 0, first: 0 };
  const see = (low: number, high: number) => {
    if (range.first === 0) range.first = low;
    range.low = Math.min(range.low, low);
    range.high = Math.max(range.high, high);
  };
  if (data.kind === 'BARS') for (const bar of data.bars[market] ?? []) see(bar.lowTicks, bar.highTicks);
  else if (data.kind === 'TRADES') {
    for (const trade of data.trades) if (trade.market === market) see(trade.priceTicks, trade.priceTicks);
  } else {
    for (const action of data.actions) {
      if (action.kind === 'PLACE' && action.market === market) see(action.priceTicks, action.priceTicks);
    }
  }
  return range;
}

function spanOf(data: BacktestData): [number, number] {
  if (data.kind === 'BARS') return [0, 0];
  const times = data.kind === 'TRADES' ? data.trades : data.actions;
  return [times[0]?.timeUs ?? 0, times[times.length - 1]?.timeUs ?? 0];
}
