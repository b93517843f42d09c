/** The data of a backtest's file: bars from CSV, or recorded orders from LOBSTER or L3 files. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { FlowAction, FlowEvent } from '../../adapters/feeds/flow.js';
import type { BadLine } from '../../adapters/feeds/lobster.js';
import type { InstrumentSpec } from '../../core/instrument/instrument.js';
import { createTerms, type InstrumentTerms, parsePriceTicks } from '../../core/instrument/terms.js';
import type { BacktestData, JobMarket } from '../../core/strategy/backtest/job.js';
import type { RecordedAction } from '../../core/strategy/backtest/order-flow.js';
import type { Bar } from '../../core/strategy/strategy.js';
import type { CandleInterval } from '../../core/values/vocabulary.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { CellProblem, roundToStep } from '../import/cells.js';
import { readCsv } from '../import/csv-rows.js';
import { CANDLES } from '../import/kinds.js';
import { DEFAULT_STEPS, flowOf } from '../replay/recording.js';
import type { BacktestFile } from './file.js';

/** Decimals of the currency that backtests of files are counted in. */
export const QUOTE_SCALE = 6;
const BASE_SCALE = 8;

export interface LoadedData {
  readonly markets: readonly JobMarket[];
  readonly data: BacktestData;
  /** Lines that could not be read, the first few with their problem. */
  readonly badLines: BadLines;
}

const SHOWN_BAD_LINES = 20;
/** Of a file that holds nothing else. */
const SHOWN_REASONS = 3;

/** Lines that are left out: the first few as they are told, and how many there are in all. */
export class BadLines {
  readonly shown: string[] = [];
  count = 0;

  add(file: string, line: number, problem: string): void {
    this.count += 1;
    if (this.shown.length < SHOWN_BAD_LINES) this.shown.push(`${file}:${line}: ${problem}`);
  }

  /** What to tell people, a line each. */
  get report(): readonly string[] {
    const more = this.count - this.shown.length;
    const lines = this.shown.map((line) => `left out: ${line}`);
    return more === 0 ? lines : [...lines, `left out: ${more} more lines, ${this.count} in all`];
  }
}

/** @throws CommandError where a file is missing or holds nothing */
export async function loadData(file: BacktestFile, path: string): Promise<LoadedData> {
  const { symbols } = file.strategy;
  const specs = symbols.map((symbol, at) => specOf(symbol, `ASSET${at + 1}`, file.instruments[symbol]));
  const markets = specs.map((spec) => ({ spec, baseScale: BASE_SCALE }));
  const badLines = new BadLines();
  const find = (name: string) => {
    const found = resolve(dirname(path), name);
    if (!existsSync(found)) throw new CommandError(`data: there is no file ${found}`, EXIT.USAGE);
    return found;
  };
  if ('lobster' in file.data) {
    const { messages, book } = file.data.lobster;
    const found = find(messages);
    const flow = flowOf('lobster', found, book === undefined ? null : find(book), DEFAULT_STEPS);
    return { markets, data: { kind: 'ORDERS', actions: await readOrders(found, flow, badLines) }, badLines };
  }
  if ('l3' in file.data) {
    const found = find(file.data.l3);
    const flow = flowOf('l3', found, null, specs[0] ?? DEFAULT_STEPS);
    return { markets, data: { kind: 'ORDERS', actions: await readOrders(found, flow, badLines) }, badLines };
  }
  const { interval, candles } = file.data;
  const bars = [];
  for (const spec of specs) {
    const name = candles[spec.symbol];
    if (name === undefined) throw new CommandError(`data.candles: there is no file for ${spec.symbol}`, EXIT.USAGE);
    bars.push(await readBars(find(name), interval, createTerms(spec, BASE_SCALE, QUOTE_SCALE), badLines));
  }
  return { markets, data: { kind: 'BARS', interval, bars }, badLines };
}

/** Says of a file in which no line could be read what is wrong with its first ones. */
function nothingIn(file: string, what: string, bad: BadLines): CommandError {
  const own = bad.shown.filter((problem) => problem.startsWith(`${file}:`)).slice(0, SHOWN_REASONS);
  return new CommandError([`${file} holds no ${what} that can be read`, ...own].join('\n  '));
}

async function readBars(file: string, interval: CandleInterval, terms: InstrumentTerms, bad: BadLines): Promise<Bar[]> {
  const bars: Bar[] = [];
  const read = CANDLES.reader(interval);
  for await (const row of readCsv(file, CANDLES.names, CANDLES.required)) {
    try {
      bars.push(toBar(read(row) as Record<'openTime' | 'open' | 'high' | 'low' | 'close' | 'volume', string>, terms));
    } catch (error) {
      if (!(error instanceof CellProblem)) throw error;
      bad.add(file, row.line, error.message);
    }
  }
  if (bars.length === 0) throw nothingIn(file, 'bars', bad);
  return bars.sort((a, b) => a.openTimeUs - b.openTimeUs);
}

function toBar(
  row: Record<'openTime' | 'open' | 'high' | 'low' | 'close' | 'volume', string>,
  terms: InstrumentTerms,
): Bar {
  const ticks = (name: 'open' | 'high' | 'low' | 'close') => {
    const value = parsePriceTicks(terms, roundToStep(row[name], terms.spec.tickSize));
    if (typeof value !== 'number' || value < 1) throw new CellProblem(`${name} ${row[name]} is no price`);
    return value;
  };
  const [openTicks, highTicks, lowTicks, closeTicks] = [ticks('open'), ticks('high'), ticks('low'), ticks('close')];
  if (highTicks < Math.max(openTicks, closeTicks) || lowTicks > Math.min(openTicks, closeTicks)) {
    throw new CellProblem('open and close do not lie between low and high');
  }
  const volumeLots = Math.floor(Number(row.volume) / Number(terms.spec.lotSize));
  const openTimeUs = Date.parse(row.openTime) * 1_000;
  return { openTimeUs, openTicks, highTicks, lowTicks, closeTicks, volumeLots };
}

async function readOrders(
  file: string,
  flow: AsyncIterable<FlowEvent | BadLine>,
  bad: BadLines,
): Promise<RecordedAction[]> {
  const actions: RecordedAction[] = [];
  for await (const event of flow) {
    if (event.kind === 'bad') {
      bad.add(file, event.line, event.problem);
      continue;
    }
    const timeUs = Math.floor(event.timeNs / 1_000);
    for (const action of [...event.actions, ...event.corrections]) {
      const recorded = toRecorded(action, timeUs);
      if (recorded !== null) actions.push(recorded);
    }
  }
  if (actions.length === 0) throw nothingIn(file, 'orders', bad);
  return actions;
}

function toRecorded(action: FlowAction, timeUs: number): RecordedAction | null {
  switch (action.kind) {
    case 'PLACE':
      return { ...action, kind: 'PLACE', timeUs, market: 0 };
    case 'REDUCE':
      return { kind: 'REDUCE', timeUs, ref: action.ref, orderQtyLots: action.orderQtyLots };
    case 'CANCEL':
      return { kind: 'CANCEL', timeUs, ref: action.ref };
    case 'EXECUTE':
      return {
        kind: 'EXECUTE',
        timeUs,
        market: 0,
        side: action.side,
        qtyLots: action.qtyLots,
        priceTicks: action.priceTicks,
      };
    default:
      return null;
  }
}

/** @param baseAsset a code of its own: a symbol may be longer than a code, or be that of the currency */
function specOf(
  symbol: string,
  baseAsset: string,
  terms: BacktestFile['instruments'][string] | undefined,
): InstrumentSpec {
  return {
    symbol,
    description: symbol,
    baseAsset,
    quoteAsset: 'CASH',
    tickSize: terms?.tickSize ?? '0.01',
    lotSize: terms?.lotSize ?? '1',
    minPriceTicks: 1,
    maxPriceTicks: 1_000_000_000,
    minQtyLots: 1,
    maxQtyLots: 1_000_000_000,
    makerFeePpm: 0,
    takerFeePpm: 0,
    priceCollarPpm: null,
    referencePxTicks: 1,
    initialStatus: 'OPEN',
    allowedSelfTradePrevention: ['NONE', 'CANCEL_NEWEST'],
  };
}
