/** What administrators do to instruments: sequenced commands, refused by the exchange or told to everybody. */
import type { Command } from '../../../src/core/exchange/command.js';
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import type { InstrumentSpec } from '../../../src/core/instrument/instrument.js';
import {
  createTerms,
  type InstrumentTerms,
  InstrumentTermsError,
  parsePriceTicks,
  parseQtyLots,
} from '../../../src/core/instrument/terms.js';
import { parseScaled } from '../../../src/core/values/decimal.js';
import { type AuctionKind, SELF_TRADE_PREVENTIONS, type TradingStatus } from '../../../src/core/values/vocabulary.js';
import { badUserInput, clipped, limitExceeded, notFound, withClientErrors } from '../../../src/graphql/errors.js';
import type { EngineClient } from '../../../src/ports/engine-client.js';
import type { MarketView } from '../events.js';
import type { CreateInstrumentInput } from '../types/inputs.js';
import type { TradingCalendarInput } from '../types/trading-calendar.js';
import { toCalendarText } from './sessions.js';

const SYMBOL = /^[A-Z0-9._-]{1,32}$/;
const ASSET = /^[A-Z0-9._-]{1,16}$/;
const MAX_DESCRIPTION = 200;
const MAX_REASON = 200;
const MAX_ASSET_SCALE = 8;
/** Fees and collars in parts per million: 100 %. */
const MAX_PPM = 1_000_000;

export class InstrumentAdministration {
  readonly #engine: EngineClient;
  readonly #view: MarketView;

  constructor(engine: EngineClient, view: MarketView) {
    this.#engine = engine;
    this.#view = view;
  }

  /**
   * Lists an instrument, with its assets where they are new.
   * @throws GraphQLError BAD_USER_INPUT or LIMIT_EXCEEDED naming the field
   */
  async createInstrument(input: CreateInstrumentInput): Promise<InstrumentEntry> {
    checkNames(input);
    if (this.#view.reference.instrumentBySymbol(input.symbol) !== undefined) {
      throw badUserInput('input.symbol', `"${input.symbol}" is listed already`);
    }
    const baseScale = this.#scaleOf(input.baseAsset, input.baseAssetScale ?? 8, 'input.baseAssetScale');
    const quoteScale = this.#scaleOf(input.quoteAsset, input.quoteAssetScale ?? 6, 'input.quoteAssetScale');
    const spec = toSpec(input, baseScale, quoteScale);
    const calendar = input.calendar ? toCalendarText(input.calendar, 'input.calendar') : null;
    await this.#registerAsset(input.baseAsset, baseScale);
    await this.#registerAsset(input.quoteAsset, quoteScale);
    await this.#submit({ type: 'ListInstrument', spec }, 'input');
    if (calendar !== null) {
      const { instrument } = this.#entryOf(input.symbol);
      await this.#submit({ type: 'SetTradingCalendar', instrument, calendar }, 'input.calendar');
    }
    return this.#entryOf(input.symbol);
  }

  /**
   * @param auction kind of the auction to begin; null = the usual one
   * @throws GraphQLError NOT_FOUND, BAD_USER_INPUT
   */
  async setTradingStatus(
    symbol: string,
    status: TradingStatus,
    reason: string,
    auction: AuctionKind | null = null,
  ): Promise<InstrumentEntry> {
    if (reason.length > MAX_REASON) throw limitExceeded('reason', MAX_REASON, `longer than ${MAX_REASON} characters`);
    const { instrument } = this.#entryOf(symbol);
    if (auction === null) {
      await this.#submit({ type: 'SetTradingStatus', instrument, status, reason }, 'status');
    } else {
      if (status !== 'AUCTION') throw badUserInput('auction', 'goes with the status AUCTION only');
      await this.#submit({ type: 'StartAuction', instrument, auction, reason }, 'auction');
    }
    return this.#entryOf(symbol);
  }

  /**
   * Gives an instrument another calendar, or none.
   * @throws GraphQLError NOT_FOUND, BAD_USER_INPUT naming the field
   */
  async setTradingCalendar(symbol: string, input: TradingCalendarInput | null): Promise<InstrumentEntry> {
    const { instrument } = this.#entryOf(symbol);
    const calendar = input === null ? null : toCalendarText(input, 'calendar');
    await this.#submit({ type: 'SetTradingCalendar', instrument, calendar }, 'calendar');
    return this.#entryOf(symbol);
  }

  #entryOf(symbol: string): InstrumentEntry {
    const entry = this.#view.reference.instrumentBySymbol(symbol);
    if (entry === undefined) throw notFound(`instrument "${clipped(symbol)}"`, 'symbol');
    return entry;
  }

  #scaleOf(code: string, scale: number, field: string): number {
    const known = this.#view.reference.assetByCode(code);
    if (known !== undefined) return known.scale;
    if (scale < 0 || scale > MAX_ASSET_SCALE) {
      throw limitExceeded(field, MAX_ASSET_SCALE, `${scale} is not within 0 to ${MAX_ASSET_SCALE}`);
    }
    return scale;
  }

  async #registerAsset(asset: string, scale: number): Promise<void> {
    if (this.#view.reference.assetByCode(asset) === undefined) {
      await this.#submit({ type: 'RegisterAsset', asset, scale }, 'input');
    }
  }

  async #submit(command: Command, field: string): Promise<void> {
    const { events } = await withClientErrors(this.#engine.submit(command));
    for (const event of events) {
      if (event.type === 'RequestRejected') throw badUserInput(field, event.text);
    }
  }
}

function checkNames(input: CreateInstrumentInput): void {
  if (!SYMBOL.test(input.symbol)) {
    throw badUserInput('input.symbol', 'takes 1 to 32 characters of A-Z, 0-9, point, minus and underscore');
  }
  for (const field of ['baseAsset', 'quoteAsset'] as const) {
    if (!ASSET.test(input[field])) {
      throw badUserInput(`input.${field}`, 'takes 1 to 16 characters of A-Z, 0-9, point, minus and underscore');
    }
  }
  if (input.baseAsset === input.quoteAsset) throw badUserInput('input.quoteAsset', 'must differ from baseAsset');
  if (input.description.length > MAX_DESCRIPTION) {
    throw limitExceeded('input.description', MAX_DESCRIPTION, `longer than ${MAX_DESCRIPTION} characters`);
  }
}

function toSpec(input: CreateInstrumentInput, baseScale: number, quoteScale: number): InstrumentSpec {
  const draft: InstrumentSpec = {
    symbol: input.symbol,
    description: input.description,
    baseAsset: input.baseAsset,
    quoteAsset: input.quoteAsset,
    tickSize: input.tickSize,
    lotSize: input.lotSize,
    minPriceTicks: 1,
    maxPriceTicks: 1,
    minQtyLots: 1,
    maxQtyLots: 1,
    makerFeePpm: ppm(input.makerFeeBps ?? '0', 2, -MAX_PPM, 'input.makerFeeBps'),
    takerFeePpm: ppm(input.takerFeeBps ?? '0', 2, -MAX_PPM, 'input.takerFeeBps'),
    priceCollarPpm:
      input.priceCollarPercent === null || input.priceCollarPercent === undefined
        ? null
        : ppm(input.priceCollarPercent, 4, 1, 'input.priceCollarPercent'),
    referencePxTicks: 1,
    initialStatus: input.tradingStatus ?? 'OPEN',
    allowedSelfTradePrevention: SELF_TRADE_PREVENTIONS,
  };
  const terms = termsOf(draft, baseScale, quoteScale);
  const price = (field: 'minPrice' | 'maxPrice' | 'referencePx') =>
    steps(parsePriceTicks(terms, input[field]), `input.${field}`, `tickSize ${input.tickSize}`);
  const qty = (field: 'minQty' | 'maxQty') =>
    steps(parseQtyLots(terms, input[field]), `input.${field}`, `lotSize ${input.lotSize}`);
  const bounds = {
    minPriceTicks: price('minPrice'),
    maxPriceTicks: price('maxPrice'),
    referencePxTicks: price('referencePx'),
    minQtyLots: qty('minQty'),
    maxQtyLots: qty('maxQty'),
  };
  if (bounds.maxPriceTicks < bounds.minPriceTicks) throw badUserInput('input.maxPrice', 'is below minPrice');
  if (bounds.maxQtyLots < bounds.minQtyLots) throw badUserInput('input.maxQty', 'is below minQty');
  if (bounds.referencePxTicks < bounds.minPriceTicks || bounds.referencePxTicks > bounds.maxPriceTicks) {
    throw badUserInput('input.referencePx', 'is not within minPrice and maxPrice');
  }
  return { ...draft, ...bounds };
}

function termsOf(spec: InstrumentSpec, baseScale: number, quoteScale: number): InstrumentTerms {
  try {
    return createTerms(spec, baseScale, quoteScale);
  } catch (error) {
    if (error instanceof InstrumentTermsError) throw badUserInput('input.tickSize', error.message);
    throw error;
  }
}

function steps(value: number | string, field: string, step: string): number {
  if (typeof value !== 'number') throw badUserInput(field, `is not a multiple of ${step} within 2^53 - 1 steps`);
  if (value < 1) throw badUserInput(field, 'must be above 0');
  return value;
}

/** Reads basis points (scale 2) or percent (scale 4) as parts per million. */
function ppm(text: string, scale: number, min: number, field: string): number {
  const value = parseScaled(text, scale);
  if (typeof value !== 'number') throw badUserInput(field, `takes at most ${scale} decimals`);
  if (value < min || value > MAX_PPM) {
    throw limitExceeded(field, MAX_PPM, `must lie within ${min} and ${MAX_PPM} parts per million`);
  }
  return value;
}
