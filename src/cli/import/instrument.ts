/** The instrument that an import is for: there already, or listed for it. */
import { scaleOf } from '../../core/values/decimal.js';
import { CommandError, EXIT } from '../exit-codes.js';
import type { GraphQLClient } from '../platform/client.js';
import { roundToStep } from './cells.js';

const FIND = 'query IsListed($symbol: ID!) { instrument(symbol: $symbol) { symbol } }';
const CREATE = 'mutation ListForImport($input: CreateInstrumentInput!) { createInstrument(input: $input) { symbol } }';
const MAX_ASSET_LENGTH = 16;
/** Highest price of an order, in steps: far from what the exchange cannot count. */
const MAX_STEPS = 10_000_000n;

export interface ListingOptions {
  readonly tickSize: string;
  readonly lotSize: string;
  readonly symbol: string;
  readonly create?: boolean;
  readonly quote: string;
}

/** Lists the instrument where that is asked for. @throws CommandError where it is not listed and is not to be */
export async function ensureInstrument(
  client: GraphQLClient,
  { symbol, create, tickSize, lotSize, quote }: ListingOptions,
  firstPrice: string | null,
): Promise<void> {
  const { instrument } = await client.run<{ instrument: object | null }>(FIND, { symbol });
  if (instrument !== null) return;
  if (create !== true) {
    throw new CommandError(`no instrument is listed as ${symbol}; --create lists it, closed to trading`, EXIT.USAGE);
  }
  const highest = BigInt(tickSize.replace('.', '')) * MAX_STEPS;
  const digits = highest.toString().padStart(scaleOf(tickSize) + 1, '0');
  const point = digits.length - scaleOf(tickSize);
  await client.run(CREATE, {
    input: {
      symbol,
      description: `${symbol}, listed for imported market data`,
      baseAsset: symbol.slice(0, MAX_ASSET_LENGTH),
      quoteAsset: quote,
      tickSize,
      lotSize,
      minPrice: tickSize,
      maxPrice: scaleOf(tickSize) === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`,
      minQty: lotSize,
      maxQty: roundToStep('100000', lotSize),
      referencePx:
        firstPrice === null || Number(firstPrice) < Number(tickSize) ? tickSize : roundToStep(firstPrice, tickSize),
      tradingStatus: 'CLOSED',
    },
  });
}
