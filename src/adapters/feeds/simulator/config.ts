/** What the simulator trades, with whom and how fast. */

/** How an instrument's fundamental price moves, and how large its orders are. */
export interface SimulatedInstrument {
  readonly symbol: string;
  /** Instruments of a group share a common factor. */
  readonly group: string;
  /** Standard deviation of the group factor's part of the log price, per √s. */
  readonly commonSigma: number;
  /** Standard deviation of the instrument's own part, per √s. */
  readonly ownSigma: number;
  /** Half-life of the own part, seconds: how fast it returns to what the group says. */
  readonly halfLifeS: number;
  /** Half spread of a calm market, parts of the price. */
  readonly halfSpread: number;
  /** Value of a market maker's best level, quote currency. */
  readonly quoteNotional: number;
  /** Median value of an incoming order, quote currency. */
  readonly takeNotional: number;
  /** Mean number of arrivals a second in a calm market. */
  readonly arrivalsPerSecond: number;
}

export interface SimulatorConfig {
  readonly instruments: readonly SimulatedInstrument[];
  /** Time between two steps of the model, ms. */
  readonly stepMs: number;
  /** Most commands a second, all participants together. */
  readonly commandsPerSecond: number;
  /** Most commands without an answer at a time. */
  readonly maxInFlight: number;
  readonly makers: number;
  /** Quoted levels a side of each market maker. */
  readonly levels: number;
  /** What each participant begins with: quote currency, and value of each base asset at its reference price. */
  readonly cash: number;
  readonly inventory: number;
  /** Value of inventory above or below its beginning at which a participant only trades it back. */
  readonly maxInventory: number;
  /**
   * What happens to working orders at a stop. 'leave': they stay, and the next start goes on with them; where the exchange
   * stops too, nobody can trade against them meanwhile, and prices continue where they were. 'withdraw': they are canceled.
   */
  readonly atStop: 'leave' | 'withdraw';
}

const SHARE = { halfLifeS: 180, halfSpread: 1e-4, quoteNotional: 40_000, takeNotional: 6_000, arrivalsPerSecond: 0.5 };
const COIN = { halfLifeS: 120, halfSpread: 1.2e-4, quoteNotional: 60_000, takeNotional: 8_000, arrivalsPerSecond: 0.7 };

export const DEFAULT_SIMULATOR_CONFIG: SimulatorConfig = {
  instruments: [
    { ...SHARE, symbol: 'AAPL', group: 'technology', commonSigma: 0.7e-4, ownSigma: 0.7e-4 },
    { ...SHARE, symbol: 'MSFT', group: 'technology', commonSigma: 0.7e-4, ownSigma: 0.6e-4 },
    { ...SHARE, symbol: 'KO', group: 'beverages', commonSigma: 1e-4, ownSigma: 0.3e-4 },
    { ...SHARE, symbol: 'PEP', group: 'beverages', commonSigma: 1e-4, ownSigma: 0.3e-4 },
    { ...COIN, symbol: 'BTC-USD', group: 'crypto', commonSigma: 1.2e-4, ownSigma: 0.6e-4 },
    { ...COIN, symbol: 'ETH-USD', group: 'crypto', commonSigma: 1.2e-4, ownSigma: 0.8e-4 },
  ],
  stepMs: 100,
  commandsPerSecond: 120,
  maxInFlight: 16,
  makers: 2,
  levels: 5,
  cash: 50_000_000,
  inventory: 10_000_000,
  maxInventory: 2_000_000,
  atStop: 'leave',
};

/** @throws RangeError naming the setting that is out of its bounds */
export function checkSimulatorConfig(config: SimulatorConfig): void {
  const bounds: readonly (readonly [keyof SimulatorConfig, number, number])[] = [
    ['stepMs', 10, 10_000],
    ['commandsPerSecond', 1, 10_000],
    ['maxInFlight', 1, 1_000],
    ['makers', 1, 20],
    ['levels', 1, 20],
  ];
  for (const [name, least, greatest] of bounds) {
    const value = config[name] as number;
    if (!(value >= least && value <= greatest)) {
      throw new RangeError(`simulator setting ${name} must be from ${least} to ${greatest}, not ${value}`);
    }
  }
}
