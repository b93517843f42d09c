/** What can be imported: the columns that are looked for, how a row is read, and the mutation that takes it. */
import { openTimeOf } from '../../core/market-data/candles.js';
import type { CandleInterval } from '../../core/values/vocabulary.js';
import { CellProblem, decimalOf, formatInstantUs, timeUsOf, wholeNumberOf } from './cells.js';
import type { CsvRow } from './csv-rows.js';

export interface ImportKind<Column extends string = string> {
  readonly names: Readonly<Record<Column, readonly string[]>>;
  readonly required: readonly Column[];
  readonly mutation: string;
  readonly field: string;
  /** Name of the list in the mutation's input. */
  readonly list: string;
  /** Column whose first value tells what the instrument is worth. */
  readonly price: Column;
  /** Returns a function that reads rows one after the other; it remembers what it has seen. */
  reader(interval: CandleInterval): (row: CsvRow<Column>) => Readonly<Record<string, unknown>>;
}

const TIME = ['time', 'timestamp', 'date', 'datetime', 'open_time', 'transact_time', 'ts', 'epoch'];
const RESULT = '{ inserted updated unchanged refused { index field problem } }';
function timeOf(text: string | undefined): number {
  if (text === undefined) throw new CellProblem('time is empty');
  return timeUsOf(text);
}

type CandleColumn = 'time' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'vwap' | 'trades';

export const CANDLES: ImportKind<CandleColumn> = {
  names: {
    time: ['open_time', ...TIME],
    open: ['open', 'o'],
    high: ['high', 'h'],
    low: ['low', 'l'],
    close: ['close', 'c', 'last'],
    volume: ['volume', 'vol', 'v', 'qty', 'quantity'],
    vwap: ['vwap', 'average', 'weighted_average'],
    trades: ['trades', 'trade_count', 'number_of_trades', 'count', 'n'],
  },
  required: ['time', 'open', 'high', 'low', 'close', 'volume'],
  mutation: `mutation ImportCandles($input: ImportCandlesInput!) { importCandles(input: $input) ${RESULT} }`,
  field: 'importCandles',
  list: 'candles',
  price: 'close',
  reader(interval) {
    const lines = new Map<number, number>();
    return ({ line, cells }) => {
      const openTimeUs = openTimeOf(interval, timeOf(cells.time));
      const before = lines.get(openTimeUs);
      if (before !== undefined) {
        throw new CellProblem(
          `another bar of the same ${interval} (${formatInstantUs(openTimeUs)}) is on line ${before}`,
        );
      }
      const row = {
        openTime: formatInstantUs(openTimeUs),
        open: decimalOf('open', cells.open),
        high: decimalOf('high', cells.high),
        low: decimalOf('low', cells.low),
        close: decimalOf('close', cells.close),
        volume: decimalOf('volume', cells.volume),
        vwap: cells.vwap === undefined ? null : decimalOf('vwap', cells.vwap),
        tradeCount: cells.trades === undefined ? null : wholeNumberOf('trades', cells.trades),
      };
      lines.set(openTimeUs, line);
      return row;
    };
  },
};

type TradeColumn = 'time' | 'price' | 'qty' | 'side' | 'id';

const SIDES: Readonly<Record<string, 'BUY' | 'SELL'>> = {
  buy: 'BUY',
  b: 'BUY',
  bid: 'BUY',
  sell: 'SELL',
  s: 'SELL',
  ask: 'SELL',
};

export const TRADES: ImportKind<TradeColumn> = {
  names: {
    time: TIME,
    price: ['price', 'px', 'last_px', 'p'],
    qty: ['qty', 'quantity', 'size', 'amount', 'volume', 'last_qty', 'q'],
    side: ['aggressor_side', 'side', 'taker_side', 'type'],
    id: ['id', 'trade_id', 'tid', 'exec_id'],
  },
  required: ['time', 'price', 'qty'],
  mutation: `mutation ImportTrades($input: ImportTradesInput!) { importTrades(input: $input) ${RESULT} }`,
  field: 'importTrades',
  list: 'trades',
  price: 'price',
  reader() {
    // Without ids a trade is told by its place among those of its microsecond, which a second import counts alike.
    let lastUs = -1;
    const places = new Map<number, number>();
    return ({ cells }) => {
      const timeUs = timeOf(cells.time);
      let id: number;
      if (cells.id === undefined) {
        id = places.get(timeUs) ?? 0;
      } else {
        id = wholeNumberOf('id', cells.id);
      }
      const side = cells.side === undefined ? 'NONE' : SIDES[cells.side.toLowerCase()];
      if (side === undefined) throw new CellProblem(`side "${cells.side?.slice(0, 40)}" is neither buy nor sell`);
      const row = {
        id,
        time: formatInstantUs(timeUs),
        px: decimalOf('price', cells.price),
        qty: decimalOf('qty', cells.qty),
        aggressorSide: side,
      };
      if (cells.id === undefined) {
        // In a file that is sorted by time, only the present microsecond is remembered.
        if (timeUs > lastUs) places.clear();
        lastUs = Math.max(lastUs, timeUs);
        places.set(timeUs, id + 1);
      }
      return row;
    };
  },
};
