/** What risk officers decide: limits and kill switches, sent as sequenced commands. */
import type { Command, RiskLimitValues } from '../../../src/core/exchange/command.js';
import type { AccountEntry } from '../../../src/core/exchange/reference-data.js';
import type { AccountState } from '../../../src/core/values/vocabulary.js';
import { badUserInput, clipped, limitExceeded, notFound, withClientErrors } from '../../../src/graphql/errors.js';
import type { EngineClient } from '../../../src/ports/engine-client.js';
import type { RiskView } from '../events.js';
import type { RiskLimitsInput } from '../types/limits.js';
import { AMOUNT_SCALE, PERCENT_SCALE, QTY_SCALE } from './figures.js';
import { parseLimit } from './money.js';

/** 100 %, in parts per million. */
const MAX_COLLAR_PPM = 1_000_000;

/** What is done to a kill switch. */
export interface SwitchMove {
  readonly engaged: boolean;
  readonly allowReduceOnly: boolean;
  readonly reason: string;
}

export class RiskPolicy {
  readonly #engine: EngineClient;
  readonly #view: RiskView;

  constructor(engine: EngineClient, view: RiskView) {
    this.#engine = engine;
    this.#view = view;
  }

  /**
   * Replaces an account's limits and returns the account with the new ones.
   * @param setBy user who sets them
   * @throws GraphQLError BAD_USER_INPUT or LIMIT_EXCEEDED naming the field
   */
  async setLimits(
    account: AccountEntry,
    input: RiskLimitsInput,
    symbol: string | null,
    setBy: string,
  ): Promise<RiskLimitValues> {
    const limits = toLimits(input);
    const instrument = symbol === null ? null : this.#instrumentOf(symbol);
    await this.#submit({ type: 'SetRiskLimits', account: account.account, instrument, limits, setBy });
    return limits;
  }

  async setTierLimits(tier: string, input: RiskLimitsInput, setBy: string): Promise<RiskLimitValues> {
    const limits = toLimits(input);
    await this.#submit({ type: 'SetTierLimits', tier, limits, setBy }, 'tier');
    return limits;
  }

  async setAccountTier(account: AccountEntry, tier: string | null, setBy: string): Promise<AccountEntry> {
    await this.#submit({ type: 'SetAccountTier', account: account.account, tier, setBy }, 'tier');
    return this.#view.reference.accountAt(account.account);
  }

  async setAccountState(
    account: AccountEntry,
    state: AccountState,
    reason: string,
    setBy: string,
  ): Promise<AccountEntry> {
    await this.#submit({ type: 'SetAccountState', account: account.account, state, reason, setBy }, 'reason');
    return this.#view.reference.accountAt(account.account);
  }

  /** Moves the switch of an instrument, or, where symbol is null, of the whole venue. */
  async setMarketKillSwitch(symbol: string | null, move: SwitchMove, setBy: string): Promise<void> {
    const instrument = symbol === null ? null : this.#instrumentOf(symbol);
    await this.#submit({ type: 'SetKillSwitch', account: null, instrument, ...move, setBy }, 'reason');
  }

  async setKillSwitch(account: AccountEntry, move: SwitchMove, setBy: string): Promise<AccountEntry> {
    const scope = { account: account.account, instrument: null };
    await this.#submit({ type: 'SetKillSwitch', ...scope, ...move, setBy }, 'reason');
    return this.#view.reference.accountAt(account.account);
  }

  #instrumentOf(symbol: string): number {
    const entry = this.#view.reference.instrumentBySymbol(symbol);
    if (entry === undefined) throw notFound(`instrument "${clipped(symbol)}"`, 'symbol');
    return entry.instrument;
  }

  async #submit(command: Command, field = 'accountId'): Promise<void> {
    const { events } = await withClientErrors(this.#engine.submit(command));
    for (const event of events) {
      if (event.type === 'RequestRejected') throw badUserInput(field, event.text);
    }
  }
}

function toLimits(input: RiskLimitsInput): RiskLimitValues {
  return {
    maxOrderQtyE8: amount(input.maxOrderQty, QTY_SCALE, 'limits.maxOrderQty'),
    maxOrderNotionalE6: amount(input.maxOrderNotional, AMOUNT_SCALE, 'limits.maxOrderNotional'),
    maxPositionQtyE8: amount(input.maxPositionQty, QTY_SCALE, 'limits.maxPositionQty'),
    maxGrossExposureE6: amount(input.maxGrossExposure, AMOUNT_SCALE, 'limits.maxGrossExposure'),
    maxNetExposureE6: amount(input.maxNetExposure, AMOUNT_SCALE, 'limits.maxNetExposure'),
    maxOpenOrders: count(input.maxOpenOrders, 'limits.maxOpenOrders'),
    maxDailyLossE6: amount(input.maxDailyLoss, AMOUNT_SCALE, 'limits.maxDailyLoss'),
    maxOrdersPerSecond: count(input.maxOrdersPerSecond, 'limits.maxOrdersPerSecond'),
    maxCancelsPerSecond: count(input.maxCancelsPerSecond, 'limits.maxCancelsPerSecond'),
    priceCollarPpm: collar(input.priceCollarPercent),
  };
}

function amount(text: string | null | undefined, scale: number, field: string): number | null {
  const value = parseLimit(text, scale);
  if (value === 'INVALID') {
    throw badUserInput(field, `takes 0 or more with at most ${scale} decimals, within 2^53 - 1 of the last one`);
  }
  return value;
}

function count(value: number | null | undefined, field: string): number | null {
  if (value === null || value === undefined) return null;
  if (value < 0) throw badUserInput(field, 'takes 0 or more');
  return value;
}

function collar(text: string | null | undefined): number | null {
  const value = amount(text, PERCENT_SCALE, 'limits.priceCollarPercent');
  if (value !== null && value > MAX_COLLAR_PPM) {
    throw limitExceeded('limits.priceCollarPercent', 100, `${text} percent is above 100`);
  }
  return value;
}
