/**
 * The simulated market without its clock and its wire: fundamentals, arrivals and participants, moved step by step.
 * The same seed, steps and market give the same decisions.
 */
import type { InstrumentEntry } from '../../../core/exchange/reference-data.js';
import type { SimulatedInstrument, SimulatorConfig } from './config.js';
import { clamp, type Desk, type DeskMarket, type Intent } from './desk.js';
import { Fundamentals } from './fundamentals.js';
import { MarketMaker } from './market-maker.js';
import type { SimulatorMarketView } from './market-view.js';
import { Arrivals, NoiseTaker, PatientTrader, TrendFollower } from './traders.js';

/** Share of the collar that participants use: it moves with every trade. */
const COLLAR_USED = 0.9;
/** Commands that a market maker's look at the market costs on average, as measured. */
const COMMANDS_PER_LOOK = 3;
/** Share of the command rate that market makers may plan with; the rest is for those who trade. */
const MAKERS_SHARE = 0.7;
const MAX_LOOKS_PER_SECOND = 5;

/** Accounts of the participants, by role. */
export interface SimulatorAccounts {
  readonly makers: readonly number[];
  readonly taker: number;
  readonly patient: number;
  readonly trend: number;
}

interface InstrumentModel {
  readonly settings: SimulatedInstrument;
  readonly entry: InstrumentEntry;
  readonly arrivals: Arrivals;
  arrived: number;
}

export class MarketModel {
  readonly desks: readonly Desk[];
  readonly #fundamentals: Fundamentals;
  readonly #instruments = new Map<number, InstrumentModel>();
  readonly #stepS: number;

  constructor(
    seed: number,
    private readonly config: SimulatorConfig,
    accounts: SimulatorAccounts,
    private readonly view: SimulatorMarketView,
  ) {
    this.#stepS = config.stepMs / 1000;
    const references = new Map<string, number>();
    for (const settings of config.instruments) {
      const entry = view.reference.instrumentBySymbol(settings.symbol);
      if (entry === undefined) throw new RangeError(`instrument ${settings.symbol} is not listed`);
      references.set(settings.symbol, entry.terms.spec.referencePxTicks);
      const arrivals = new Arrivals(settings.arrivalsPerSecond, seed, `arrivals/${settings.symbol}`);
      this.#instruments.set(entry.instrument, { settings, entry, arrivals, arrived: 0 });
    }
    this.#fundamentals = new Fundamentals(seed, config.instruments, references);
    this.#fundamentals.startFrom(this.#marketPrices());
    this.desks = [...this.#instruments].flatMap(([instrument, { settings }]) =>
      this.#desksOf(instrument, settings, accounts, seed),
    );
  }

  /** Lets time pass: fundamentals move, orders arrive. */
  step(): void {
    this.#fundamentals.step(this.#stepS);
    for (const model of this.#instruments.values()) model.arrived = model.arrivals.step(this.#stepS);
  }

  /** Asks a participant what it does now. Commands are to be sent in order, or none of those behind the first left out. */
  decide(desk: Desk): Intent[] {
    return desk.decide(this.#marketOf(desk));
  }

  /** True where the exchange takes orders in the desk's instrument. */
  isOpen(desk: Desk): boolean {
    return this.view.reference.instrumentAt(desk.instrument).status === 'OPEN';
  }

  /** Fundamental price, ticks. */
  fairTicks(instrument: number): number {
    return this.#fundamentals.price(this.#model(instrument).settings.symbol);
  }

  /** Half spread of the present mood, ticks: wider when volatile or busy. */
  halfSpreadTicks(instrument: number): number {
    const { settings, arrivals } = this.#model(instrument);
    const volatility = clamp(this.#fundamentals.volatility(settings.symbol), 0.2, 5);
    const mood = 0.4 + 0.45 * volatility + 0.15 * clamp(arrivals.excitement, 1, 8);
    return Math.max(0.5, this.fairTicks(instrument) * settings.halfSpread * mood);
  }

  /** Inventory of an account above its beginning, in parts of the most it wants. */
  inventory(account: number, instrument: number): number {
    const { entry } = this.#model(instrument);
    const { baseUnitsPerLot } = entry.terms;
    const lots = this.view.balanceUnits(account, entry.baseAsset) / baseUnitsPerLot;
    return (
      (lots - inventoryLots(entry, this.config.inventory)) / Math.max(1, inventoryLots(entry, this.config.maxInventory))
    );
  }

  #marketOf(desk: Desk): DeskMarket {
    const { account, instrument } = desk;
    const { view } = this;
    const { entry, arrived } = this.#model(instrument);
    const { spec } = entry.terms;
    const reference = view.referenceTicks(instrument);
    const reach =
      spec.priceCollarPpm === null
        ? Number.MAX_SAFE_INTEGER
        : Math.floor((reference * spec.priceCollarPpm * COLLAR_USED) / 1e6);
    const fairTicks = this.fairTicks(instrument);
    return {
      stepS: this.#stepS,
      fairTicks,
      halfSpreadTicks: this.halfSpreadTicks(instrument),
      arrivals: arrived,
      bidTicks: view.bestTicks(instrument, 'BUY'),
      askTicks: view.bestTicks(instrument, 'SELL'),
      lowTicks: Math.max(spec.minPriceTicks, reference - reach),
      highTicks: Math.min(spec.maxPriceTicks, reference + reach),
      orders: view.ordersOf(account, instrument),
      inventory: this.inventory(account, instrument),
      lotValue: fairTicks * tickLotValue(entry),
      maxQtyLots: spec.maxQtyLots,
    };
  }

  #desksOf(instrument: number, settings: SimulatedInstrument, accounts: SimulatorAccounts, seed: number): Desk[] {
    const { levels, commandsPerSecond, instruments, makers } = this.config;
    const looks = (MAKERS_SHARE * commandsPerSecond) / (COMMANDS_PER_LOOK * instruments.length * makers);
    return [
      new NoiseTaker(accounts.taker, instrument, settings, seed),
      new TrendFollower(accounts.trend, instrument, settings, seed),
      new PatientTrader(accounts.patient, instrument, settings, seed),
      ...accounts.makers.map(
        (account, at) =>
          new MarketMaker(
            account,
            instrument,
            settings,
            seed,
            `maker-${at + 1}`,
            levels,
            Math.min(looks, MAX_LOOKS_PER_SECOND),
          ),
      ),
    ];
  }

  #marketPrices(): Map<string, number> {
    const prices = new Map<string, number>();
    for (const [instrument, { settings }] of this.#instruments) {
      const mid = this.view.midTicks(instrument);
      if (mid !== null) prices.set(settings.symbol, mid);
    }
    return prices;
  }

  #model(instrument: number): InstrumentModel {
    const model = this.#instruments.get(instrument);
    if (model === undefined) throw new RangeError(`instrument ${instrument} is not simulated`);
    return model;
  }
}

/** Value of one lot at a price of one tick, quote currency. */
function tickLotValue(entry: InstrumentEntry): number {
  return entry.terms.quoteUnitsPerTickLot / 10 ** entry.terms.quoteScale;
}

/** Whole lots of a value at the instrument's reference price. */
export function inventoryLots(entry: InstrumentEntry, value: number): number {
  return Math.floor(value / (entry.terms.spec.referencePxTicks * tickLotValue(entry)));
}
