/** Margin: terms and marks of instruments, pools of accounts as of now, and the stream of their margin calls. */
import type { MarginStatusChanged } from '../../../src/core/exchange/event.js';
import type { AccountEntry, InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import { formatPrice, parsePriceTicks } from '../../../src/core/instrument/terms.js';
import { ceilPpm, formatScaled } from '../../../src/core/values/decimal.js';
import { badUserInput, clipped, limitExceeded, notFound, withClientErrors } from '../../../src/graphql/errors.js';
import type { EngineClient } from '../../../src/ports/engine-client.js';
import type { RiskView } from '../events.js';
import type { MarginAlert, MarginPool, MarginTerms, MarginTermsInput, MarkInput } from '../types/margin.js';
import { AlertStreams } from './alert-streams.js';
import { PERCENT_SCALE } from './figures.js';
import { formatScale, parseLimit } from './money.js';

/** Most subscriptions to margin alerts that this subgraph keeps open. */
export const MAX_ALERT_STREAMS = 10_000;
const HUNDRED_PERCENT_PPM = 1_000_000;

export class MarginDesk {
  readonly #engine: EngineClient;
  readonly #view: RiskView;
  readonly #streams = new AlertStreams<MarginAlert>('margin', MAX_ALERT_STREAMS);

  constructor(engine: EngineClient, view: RiskView) {
    this.#engine = engine;
    this.#view = view;
  }

  /** @throws GraphQLError NOT_FOUND for an unknown symbol */
  terms(symbol: string): MarginTerms {
    return toMarginTerms(this.#instrument(symbol, 'symbol'));
  }

  /** @throws GraphQLError BAD_USER_INPUT, LIMIT_EXCEEDED or NOT_FOUND naming the field */
  async setTerms(input: MarginTermsInput, setBy: string): Promise<MarginTerms> {
    const { instrument } = this.#instrument(input.symbol, 'input.symbol');
    const initialMarginPpm = percent(input.initialMarginPercent, 'input.initialMarginPercent');
    const maintenanceMarginPpm = percent(input.maintenanceMarginPercent, 'input.maintenanceMarginPercent');
    const { shortSelling } = input;
    return this.#submit({
      type: 'SetMarginTerms',
      instrument,
      initialMarginPpm,
      maintenanceMarginPpm,
      shortSelling,
      setBy,
    });
  }

  /** @throws GraphQLError BAD_USER_INPUT or NOT_FOUND naming the field */
  async setMark({ symbol, method, settlementPx }: MarkInput, setBy: string): Promise<MarginTerms> {
    const { instrument, terms } = this.#instrument(symbol, 'input.symbol');
    const given = settlementPx ?? null;
    const settlementPxTicks = given === null ? null : parsePriceTicks(terms, given);
    if (typeof settlementPxTicks === 'string') {
      const problem = `${clipped(given ?? '')} is no price on the tick ${terms.spec.tickSize}`;
      throw badUserInput('input.settlementPx', problem);
    }
    return this.#submit({ type: 'SetMark', instrument, method, settlementPxTicks, setBy });
  }

  /** Pools of a margin account that hold or owe anything, by quote currency; none for any other account. */
  pools({ account, kind }: AccountEntry): MarginPool[] {
    if (kind !== 'MARGIN') return [];
    const { reference } = this.#view;
    const quotes = [...new Set(reference.instruments.map(({ quoteAsset }) => quoteAsset))].sort((a, b) => a - b);
    return quotes.map((asset) => this.#pool(account, asset)).filter((pool) => pool !== null);
  }

  /** Tells an alert to everybody who follows the account. */
  tell(event: MarginStatusChanged): void {
    if (this.#streams.isIdle) return;
    const { reference } = this.#view;
    const { code, scale } = reference.assetAt(event.asset);
    const alert: MarginAlert = {
      accountId: reference.accountAt(event.account).accountId,
      currency: code,
      status: event.status,
      equity: formatScaled(event.equityUnits, scale),
      initialMargin: formatScaled(event.initialUnits, scale),
      maintenanceMargin: formatScaled(event.maintenanceUnits, scale),
      transactTime: event.timeUs,
    };
    this.#streams.tell(event.account, alert);
  }

  /** Follows an account, or all. @throws GraphQLError LIMIT_EXCEEDED */
  follow(account: AccountEntry | null): AsyncIterableIterator<MarginAlert> {
    return this.#streams.follow(account);
  }

  endAll(): void {
    this.#streams.endAll();
  }

  #pool(account: number, asset: number): MarginPool | null {
    const { reference } = this.#view;
    const { code: currency, scale } = reference.assetAt(asset);
    const { positions, money } = this.#view.account(account);
    let equity = money.get(asset) ?? 0;
    let [initial, maintenance] = [0, 0];
    let isUsed = equity !== 0;
    for (const { instrument, quoteAsset, terms, margin } of reference.instruments) {
      const qty = positions.get(instrument)?.qtyLots ?? 0;
      if (quoteAsset !== asset || qty === 0) continue;
      const value = qty * this.#view.marginMarkOf(instrument) * terms.quoteUnitsPerTickLot;
      isUsed = true;
      equity += value;
      initial += ceilPpm(Math.abs(value), margin.initialMarginPpm);
      maintenance += ceilPpm(Math.abs(value), margin.maintenanceMarginPpm);
    }
    if (!isUsed) return null;
    return {
      currency,
      status: this.#view.account(account).marginStatuses.get(asset) ?? 'HEALTHY',
      equity: formatScaled(equity, scale),
      initialMargin: formatScaled(initial, scale),
      maintenanceMargin: formatScaled(maintenance, scale),
      excess: formatScaled(equity - maintenance, scale),
    };
  }

  async #submit(
    command: Parameters<EngineClient['submit']>[0] & { readonly instrument: number },
  ): Promise<MarginTerms> {
    const { events } = await withClientErrors(this.#engine.submit(command));
    for (const event of events) if (event.type === 'RequestRejected') throw badUserInput('input', event.text);
    return toMarginTerms(this.#view.reference.instrumentAt(command.instrument));
  }

  #instrument(symbol: string, field: string): InstrumentEntry {
    const entry = this.#view.reference.instrumentBySymbol(symbol);
    if (entry === undefined) throw notFound(`instrument "${clipped(symbol)}"`, field);
    return entry;
  }
}

function toMarginTerms({ terms, margin, mark }: InstrumentEntry): MarginTerms {
  return {
    initialMarginPercent: formatScale(margin.initialMarginPpm, PERCENT_SCALE)!,
    maintenanceMarginPercent: formatScale(margin.maintenanceMarginPpm, PERCENT_SCALE)!,
    shortSelling: margin.shortSelling,
    markMethod: mark.method,
    settlementPx: mark.settlementPxTicks === null ? null : formatPrice(terms, mark.settlementPxTicks),
  };
}

function percent(text: string, field: string): number {
  const value = parseLimit(text, PERCENT_SCALE);
  if (value === null || value === 'INVALID') throw badUserInput(field, 'takes 0 to 100 with at most four decimals');
  if (value > HUNDRED_PERCENT_PPM) throw limitExceeded(field, 100, `${text} percent is above 100`);
  return value;
}
