/** What risk officers decide: limits and kill switches, sent as sequenced commands. */
import type { Command, RiskLimitValues } from '../../../src/core/exchange/command.js';
import type { AccountEntry } from '../../../src/core/exchange/reference-data.js';
import { badUserInput, limitExceeded, withClientErrors } from '../../../src/graphql/errors.js';
import type { EngineClient } from '../../../src/ports/engine-client.js';
import type { RiskView } from '../events.js';
import type { RiskLimitsInput } from '../types/limits.js';
import { AMOUNT_SCALE, PERCENT_SCALE, QTY_SCALE } from './figures.js';
import { parseLimit } from './money.js';

/** 100 %, in parts per million. */
const MAX_COLLAR_PPM = 1_000_000;

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
  async setLimits(account: AccountEntry, input: RiskLimitsInput, setBy: string): Promise<AccountEntry> {
    const limits = toLimits(input);
    await this.#submit({ type: 'SetRiskLimits', account: account.account, instrument: null, limits, setBy });
    return this.#view.reference.accountAt(account.account);
  }

  async setKillSwitch(account: AccountEntry, engaged: boolean, setBy: string): Promise<AccountEntry> {
    const { account: index } = account;
    const scope = { account: index, instrument: null, allowReduceOnly: false, reason: '' };
    await this.#submit({ type: 'SetKillSwitch', ...scope, engaged, setBy });
    return this.#view.reference.accountAt(account.account);
  }

  async #submit(command: Command): Promise<void> {
    const { events } = await withClientErrors(this.#engine.submit(command));
    for (const event of events) {
      if (event.type === 'RequestRejected') throw badUserInput('accountId', event.text);
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
