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
/** Limits that the engine stores but does not hold orders to: accepting one would promise what nobody keeps. */
const NOT_ENFORCED = ['maxPositionQty', 'maxGrossExposure', 'maxDailyLoss', 'maxOrdersPerSecond'] as const;

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
    await this.#submit({ type: 'SetRiskLimits', account: account.account, limits, setBy });
    return this.#view.reference.accountAt(account.account);
  }

  async setKillSwitch(account: AccountEntry, engaged: boolean, setBy: string): Promise<AccountEntry> {
    await this.#submit({ type: 'SetKillSwitch', account: account.account, engaged, setBy });
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
  for (const field of NOT_ENFORCED) {
    if (input[field] !== null && input[field] !== undefined) {
      throw badUserInput(`limits.${field}`, 'is not enforced by this engine yet; leave it out');
    }
  }
  return {
    maxOrderQtyE8: amount(input.maxOrderQty, QTY_SCALE, 'limits.maxOrderQty'),
    maxOrderNotionalE6: amount(input.maxOrderNotional, AMOUNT_SCALE, 'limits.maxOrderNotional'),
    maxPositionQtyE8: null,
    maxGrossExposureE6: null,
    maxOpenOrders: count(input.maxOpenOrders, 'limits.maxOpenOrders'),
    maxDailyLossE6: null,
    maxOrdersPerSecond: null,
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
