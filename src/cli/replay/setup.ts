/** What a replay needs on the platform: an instrument of its own, and two funded accounts. */
import { formatScaled } from '../../core/values/decimal.js';
import { CommandError } from '../exit-codes.js';
import type { GraphQLClient } from '../platform/client.js';
import { ADJUST_BALANCE, BALANCES, CANCEL_ALL, CREATE_INSTRUMENT, OPEN_ACCOUNT, SYMBOLS } from './operations.js';
import type { Recording } from './recording.js';

export const MAKER_ACCOUNT_ID = 'REPLAY-MAKER';
export const TAKER_ACCOUNT_ID = 'REPLAY-TAKER';

const CURRENCY = 'USD';
const MAX_SYMBOL_LENGTH = 32;
const MAX_ASSET_LENGTH = 16;
const MAX_SUFFIX = 1000;
/** Prices up to this multiple of the first one are taken. */
const PRICE_ROOM = 4;
const TARGET_CASH = 300_000_000;
const TARGET_LOTS = 500_000;
const MAX_QTY_LOTS = 100_000;
/** Value of all lots at the highest price that the exchange can count exactly, in 10⁻⁶ of the currency, with room to spare. */
const COUNTABLE_UNITS = 4_000_000_000_000_000;
const CURRENCY_UNITS = 1_000_000;

/** Who does what in a replay: an administrator prepares the market, a trader trades on it. */
export interface ReplayClients {
  readonly admin: GraphQLClient;
  readonly trader: GraphQLClient;
}

export interface ReplayMarket {
  readonly symbol: string;
  /** Orders of an earlier replay that were canceled. */
  readonly canceledCount: number;
}

/**
 * Opens the accounts, creates the instrument and funds both.
 * @param ownerId user who sends the orders
 * @param recording its steps, and the price around which it begins
 * @throws CommandError when the platform refuses
 */
export async function prepareMarket(
  { admin: client, trader }: ReplayClients,
  wantedSymbol: string,
  ownerId: string,
  { firstPriceTicks, steps }: Pick<Recording, 'firstPriceTicks' | 'steps'>,
): Promise<ReplayMarket> {
  const symbol = await freeSymbol(client, wantedSymbol);
  let canceledCount = 0;
  for (const id of [MAKER_ACCOUNT_ID, TAKER_ACCOUNT_ID]) {
    const name = id === MAKER_ACCOUNT_ID ? 'Replayed resting orders' : 'Replayed incoming orders';
    await client.run(OPEN_ACCOUNT, { input: { id, name, ownerId } });
    const canceled = await trader.run<{ cancelAllOrders: { canceledCount: number } }>(CANCEL_ALL, {
      input: { accountId: id },
    });
    canceledCount += canceled.cancelAllOrders.canceledCount;
  }
  const asset = symbol.slice(-MAX_ASSET_LENGTH);
  const maxPriceTicks = Math.max(1, firstPriceTicks) * PRICE_ROOM;
  const { tickSize, lotSize, tickUnits, priceScale, lotUnits, qtyScale } = steps;
  const price = (ticks: number) => formatScaled(ticks * tickUnits, priceScale);
  const qty = (lots: number) => formatScaled(lots * lotUnits, qtyScale);
  await client.run(CREATE_INSTRUMENT, {
    input: {
      symbol,
      description: `Replayed order flow (${wantedSymbol})`,
      baseAsset: asset,
      quoteAsset: CURRENCY,
      baseAssetScale: qtyScale,
      tickSize,
      lotSize,
      minPrice: tickSize,
      maxPrice: price(maxPriceTicks),
      minQty: lotSize,
      maxQty: qty(MAX_QTY_LOTS),
      referencePx: price(firstPriceTicks),
    },
  });
  const unitsPerTick = Number(tickSize) * Number(lotSize) * CURRENCY_UNITS;
  const countable = Math.floor(COUNTABLE_UNITS / (maxPriceTicks * unitsPerTick));
  const lots = Math.min(TARGET_LOTS, Math.floor(countable / 2));
  for (const id of [MAKER_ACCOUNT_ID, TAKER_ACCOUNT_ID]) {
    await topUp(client, id, CURRENCY, TARGET_CASH, 1, String);
    await topUp(client, id, asset, lots, Number(lotSize), qty);
  }
  return { symbol, canceledCount };
}

/** Returns the wanted symbol, or the first of it with -2, -3, … that is not listed. */
async function freeSymbol(client: GraphQLClient, wanted: string): Promise<string> {
  const { instruments } = await client.run<{ instruments: readonly { symbol: string }[] }>(SYMBOLS);
  const taken = new Set(instruments.map((instrument) => instrument.symbol));
  for (let count = 1; count <= MAX_SUFFIX; count += 1) {
    const symbol = count === 1 ? wanted : `${wanted}-${count}`;
    if (symbol.length > MAX_SYMBOL_LENGTH) break;
    if (!taken.has(symbol)) return symbol;
  }
  throw new CommandError(`no free symbol is left for ${wanted}; choose another with --symbol`);
}

/** @param target in steps of so much, which `format` prints */
async function topUp(
  client: GraphQLClient,
  accountId: string,
  currency: string,
  target: number,
  step: number,
  format: (steps: number) => string,
): Promise<void> {
  const { account } = await client.run<{
    account: { readonly balances: readonly { readonly currency: string; readonly total: string }[] } | null;
  }>(BALANCES, { id: accountId });
  const balance = account?.balances.find((each) => each.currency === currency);
  const missing = target - Math.floor(Number(balance?.total ?? '0') / step);
  if (missing <= 0) return;
  const input = { accountId, currency, amount: format(missing), transferId: `${accountId}-${currency}-${Date.now()}` };
  const { adjustBalance } = await client.run<{ adjustBalance: { __typename: string; text?: string } }>(ADJUST_BALANCE, {
    input,
  });
  if (adjustBalance.__typename === 'AdjustBalanceRejection') {
    throw new CommandError(`account ${accountId} could not be funded with ${currency}: ${adjustBalance.text}`);
  }
}
