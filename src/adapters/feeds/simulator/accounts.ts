/** The participants' accounts: opened and funded once, found again after a restart, and kept in money. */
import type { AdjustBalance, Command } from '../../../core/exchange/command.js';
import { powerOfTen } from '../../../core/values/decimal.js';
import type { EngineClient } from '../../../ports/engine-client.js';
import type { SimulatorConfig } from './config.js';
import { inventoryLots, type SimulatorAccounts } from './market-model.js';
import { SIMULATOR_OWNER_ID, type SimulatorMarketView } from './market-view.js';

/** An account is brought back to what it began with when it has less or more than these shares of it. */
const LOW_SHARE = 0.4;
const HIGH_SHARE = 1.8;

/**
 * Opens and funds the accounts where they are missing.
 * @throws RangeError where an instrument is not listed; Error where the engine refuses
 */
export async function openSimulatorAccounts(
  engine: EngineClient,
  view: SimulatorMarketView,
  config: SimulatorConfig,
): Promise<SimulatorAccounts> {
  const open = async (accountId: string, name: string): Promise<number> => {
    const found = view.reference.accountById(accountId);
    if (found !== undefined && found.ownerId !== SIMULATOR_OWNER_ID) {
      throw new Error(`account ${accountId} belongs to ${found.ownerId}; the simulator needs it for itself`);
    }
    if (found !== undefined) return found.account;
    await accepted(engine, { type: 'OpenAccount', accountId, name, ownerId: SIMULATOR_OWNER_ID, kind: 'CASH' });
    const opened = view.reference.accountById(accountId);
    if (opened === undefined) throw new Error(`account ${accountId} was opened but the event feed does not tell it`);
    return opened.account;
  };
  const makers: number[] = [];
  for (let at = 1; at <= config.makers; at += 1) makers.push(await open(`SIM-MAKER-${at}`, `Market maker ${at}`));
  const accounts: SimulatorAccounts = {
    makers,
    taker: await open('SIM-TAKER', 'Takers'),
    patient: await open('SIM-PATIENT', 'Patient traders'),
    trend: await open('SIM-TREND', 'Trend followers'),
  };
  for (const { account, asset, target } of targetsOf(view, accounts, config)) {
    if (view.balanceUnits(account, asset) > 0) continue;
    const { accountId } = view.reference.accountAt(account);
    const transferId = `${accountId}-${view.reference.assetAt(asset).code}`;
    await accepted(engine, { type: 'AdjustBalance', account, asset, amountUnits: target, transferId });
  }
  return accounts;
}

/**
 * Returns the transfers that bring accounts with too little or too much back to what they began with.
 * @param nonce makes the transfers' ids unique: the sequence of the newest event
 */
export function replenish(
  view: SimulatorMarketView,
  accounts: SimulatorAccounts,
  config: SimulatorConfig,
  nonce: number,
): AdjustBalance[] {
  return targetsOf(view, accounts, config).flatMap(({ account, asset, target }) => {
    const units = view.balanceUnits(account, asset);
    if (units >= LOW_SHARE * target && units <= HIGH_SHARE * target) return [];
    const { accountId } = view.reference.accountAt(account);
    const transferId = `${accountId}-${view.reference.assetAt(asset).code}-${nonce}`;
    return [{ type: 'AdjustBalance', account, asset, amountUnits: target - units, transferId }];
  });
}

interface Target {
  readonly account: number;
  readonly asset: number;
  readonly target: number;
}

function targetsOf(view: SimulatorMarketView, accounts: SimulatorAccounts, config: SimulatorConfig): Target[] {
  const { makers, taker, patient, trend } = accounts;
  const targets = new Map<number, number>();
  for (const { symbol } of config.instruments) {
    const entry = view.reference.instrumentBySymbol(symbol);
    if (entry === undefined) throw new RangeError(`instrument ${symbol} is not listed; list the demo market first`);
    targets.set(entry.baseAsset, inventoryLots(entry, config.inventory) * entry.terms.baseUnitsPerLot);
    targets.set(entry.quoteAsset, config.cash * powerOfTen(entry.terms.quoteScale));
  }
  return [...makers, taker, patient, trend].flatMap((account) =>
    [...targets].map(([asset, target]) => ({ account, asset, target })),
  );
}

async function accepted(engine: EngineClient, command: Command): Promise<void> {
  const { events } = await engine.submit(command);
  for (const event of events) {
    if (event.type === 'RequestRejected') throw new Error(`simulator: ${command.type} was refused: ${event.text}`);
  }
}
