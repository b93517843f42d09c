/** Accounts of a start: the venue's own, and in development those of the demo traders with money and shares. */
import type { Command } from '../core/exchange/command.js';
import type { ReferenceData } from '../core/exchange/reference-data.js';
import { parseScaled } from '../core/values/decimal.js';
import type { AccountKind } from '../core/values/vocabulary.js';
import type { CommandOutcome, EngineClient } from '../ports/engine-client.js';
import { DEV_USERS } from './dev-credentials.js';

/** The account that earns the fees; always the first one opened. */
export const VENUE_ACCOUNT_ID = 'VENUE';

/** What each demo trader begins with, by asset. */
const DEMO_FUNDS: Readonly<Record<string, string>> = {
  USD: '10000000',
  AAPL: '10000',
  MSFT: '10000',
  KO: '10000',
  PEP: '10000',
  BTC: '100',
  ETH: '1000',
};

/** Opens the venue's account where there is none. */
export async function openVenueAccount(engine: EngineClient, reference: ReferenceData): Promise<void> {
  await openAccount(engine, reference, VENUE_ACCOUNT_ID, 'Fees of the venue', 'venue', 'VENUE');
}

/**
 * Opens and funds the demo traders' accounts; repeating it moves nothing.
 * @param hasBalance tells whether an account ever had a balance of an asset: transfer ids are remembered for a limited
 * time only, balances for ever
 */
export async function openDemoAccounts(
  engine: EngineClient,
  reference: ReferenceData,
  hasBalance: (account: number, asset: number) => boolean,
): Promise<void> {
  for (const user of Object.values(DEV_USERS)) {
    if (user.accountId === null) continue;
    await openAccount(engine, reference, user.accountId, `Demo account of ${user.userId}`, user.userId, 'CASH');
    const account = reference.accountById(user.accountId);
    if (account === undefined) throw new Error(`account ${user.accountId} was opened but is not in the reference data`);
    for (const [code, amount] of Object.entries(DEMO_FUNDS)) {
      const asset = reference.assetByCode(code);
      if (asset === undefined) throw new Error(`demo funds name the asset ${code}, which is not registered`);
      if (hasBalance(account.account, asset.asset)) continue;
      const amountUnits = parseScaled(amount, asset.scale);
      if (typeof amountUnits !== 'number') throw new Error(`demo funds of ${code} are no amount: ${amountUnits}`);
      const transferId = `DEMO-${user.accountId}-${code}`;
      await accepted(engine, {
        type: 'AdjustBalance',
        account: account.account,
        asset: asset.asset,
        amountUnits,
        transferId,
      });
    }
  }
}

async function openAccount(
  engine: EngineClient,
  reference: ReferenceData,
  accountId: string,
  name: string,
  ownerId: string,
  kind: AccountKind,
): Promise<void> {
  if (reference.accountById(accountId) !== undefined) return;
  await accepted(engine, { type: 'OpenAccount', accountId, name, ownerId, kind });
}

/** Submits an administrative command that has no reason to be refused. */
async function accepted(engine: EngineClient, command: Command): Promise<CommandOutcome> {
  const outcome = await engine.submit(command);
  for (const event of outcome.events) {
    if (event.type === 'RequestRejected')
      throw new Error(`${command.type} was refused: ${event.reason}: ${event.text}`);
  }
  return outcome;
}
