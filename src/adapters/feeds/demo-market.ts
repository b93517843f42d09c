/**
 * The demo market: assets and instruments of a development start.
 *
 * Prices are near those of 2025. maxPriceTicks also bounds how much of a base asset may exist (its supply at the highest
 * price has to stay countable exactly), so it leaves room for price and supply alike.
 */
import type { Command } from '../../core/exchange/command.js';
import type { ReferenceData } from '../../core/exchange/reference-data.js';
import type { InstrumentSpec } from '../../core/instrument/instrument.js';
import { SELF_TRADE_PREVENTIONS } from '../../core/values/vocabulary.js';
import type { EngineClient } from '../../ports/engine-client.js';

/** An asset by code and decimals of its unit. */
interface DemoAsset {
  readonly code: string;
  readonly scale: number;
}

export const DEMO_ASSETS: readonly DemoAsset[] = [
  { code: 'USD', scale: 6 },
  { code: 'AAPL', scale: 0 },
  { code: 'MSFT', scale: 0 },
  { code: 'KO', scale: 0 },
  { code: 'PEP', scale: 0 },
  { code: 'BTC', scale: 8 },
  { code: 'ETH', scale: 8 },
];

const SHARES = {
  quoteAsset: 'USD',
  tickSize: '0.01',
  lotSize: '1',
  minPriceTicks: 1,
  maxPriceTicks: 200_000,
  minQtyLots: 1,
  maxQtyLots: 100_000,
  // A rebate of 0.2 basis points for who rests, 0.5 basis points from who takes.
  makerFeePpm: -20,
  takerFeePpm: 50,
  priceCollarPpm: 100_000,
  initialStatus: 'OPEN',
  allowedSelfTradePrevention: SELF_TRADE_PREVENTIONS,
} as const;

const COINS = {
  ...SHARES,
  lotSize: '0.0001',
  maxPriceTicks: 50_000_000,
  maxQtyLots: 10_000_000,
  makerFeePpm: 20,
  takerFeePpm: 100,
  priceCollarPpm: 150_000,
} as const;

export const DEMO_INSTRUMENTS: readonly InstrumentSpec[] = [
  { ...SHARES, symbol: 'AAPL', description: 'Apple Inc.', baseAsset: 'AAPL', referencePxTicks: 23_000 },
  { ...SHARES, symbol: 'MSFT', description: 'Microsoft Corporation', baseAsset: 'MSFT', referencePxTicks: 43_000 },
  { ...SHARES, symbol: 'KO', description: 'The Coca-Cola Company', baseAsset: 'KO', referencePxTicks: 7_000 },
  { ...SHARES, symbol: 'PEP', description: 'PepsiCo, Inc.', baseAsset: 'PEP', referencePxTicks: 14_500 },
  { ...COINS, symbol: 'BTC-USD', description: 'Bitcoin in US dollars', baseAsset: 'BTC', referencePxTicks: 9_500_000 },
  {
    ...COINS,
    symbol: 'ETH-USD',
    description: 'Ether in US dollars',
    baseAsset: 'ETH',
    maxPriceTicks: 5_000_000,
    referencePxTicks: 350_000,
  },
];

/**
 * Registers the demo assets and lists the demo instruments, open for trading, where they are missing.
 * @throws Error naming the asset or instrument that the engine refused; whatever `engine.submit` throws
 */
export async function seedDemoMarket(engine: EngineClient, reference: ReferenceData): Promise<void> {
  for (const { code, scale } of DEMO_ASSETS) {
    const found = reference.assetByCode(code);
    if (found === undefined) await accepted(engine, { type: 'RegisterAsset', asset: code, scale }, code);
    else if (found.scale !== scale) {
      throw new Error(`asset ${code} is registered with ${found.scale} decimals; the demo market needs ${scale}`);
    }
  }
  for (const spec of DEMO_INSTRUMENTS) {
    if (reference.instrumentBySymbol(spec.symbol) !== undefined) continue;
    await accepted(engine, { type: 'ListInstrument', spec }, spec.symbol);
  }
}

async function accepted(engine: EngineClient, command: Command, name: string): Promise<void> {
  const { events } = await engine.submit(command);
  for (const event of events) {
    if (event.type === 'RequestRejected') throw new Error(`${command.type} of ${name} was refused: ${event.text}`);
  }
}
