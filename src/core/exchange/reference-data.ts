/**
 * Reference data: assets, instruments and accounts by index and by public name, followed from the event stream.
 *
 * A projection for the edge (subgraphs, feeds): what turns symbols and account ids into the indexes that commands
 * carry, and back. Memory: one entry an asset, instrument and account.
 */
import { createTerms, type InstrumentTerms } from '../instrument/terms.js';
import { NO_LIMITS } from '../risk/limit-values.js';
import { DEFAULT_MARK, FULL_PAYMENT, type MarginTerms, type MarkTerms } from '../risk/margin-book.js';
import type { AccountKind, AccountState, AuctionKind, Side, TradingStatus } from '../values/vocabulary.js';
import type { RiskLimitValues } from './command.js';
import type { ExchangeEvent } from './event.js';

export interface AssetEntry {
  readonly asset: number;
  readonly code: string;
  readonly scale: number;
}

export interface InstrumentEntry {
  readonly instrument: number;
  readonly symbol: string;
  readonly baseAsset: number;
  readonly quoteAsset: number;
  readonly terms: InstrumentTerms;
  readonly status: TradingStatus;
  readonly statusReason: string;
  readonly margin: MarginTerms;
  readonly mark: MarkTerms;
  /** Kind of the auction that is under way; null in every other phase. */
  readonly auction: AuctionKind | null;
  /** True where it is HALTED and takes orders for the auction that follows. */
  readonly queuesOrders: boolean;
  /** Calendar of its sessions as text; null = none. */
  readonly calendar: string | null;
  /** Due time of the calendar's last transition that was applied, microseconds since 1970 UTC; null before. */
  readonly scheduledUs: number | null;
}

export interface AccountEntry {
  readonly account: number;
  readonly accountId: string;
  readonly name: string;
  readonly ownerId: string;
  readonly kind: AccountKind;
  /** Its own, over all symbols. */
  readonly limits: RiskLimitValues;
  /** Its own on single symbols, by instrument. */
  readonly symbolLimits: ReadonlyMap<number, RiskLimitValues>;
  readonly tier: string | null;
  readonly state: AccountState;
  readonly killSwitch: boolean;
}

export { NO_LIMITS };

export class ReferenceData {
  /** Defaults of limits, by the name of their tier. */
  readonly tiers = new Map<string, RiskLimitValues>();
  readonly assets: AssetEntry[] = [];
  readonly instruments: InstrumentEntry[] = [];
  readonly accounts: AccountEntry[] = [];
  readonly #assetByCode = new Map<string, AssetEntry>();
  readonly #instrumentBySymbol = new Map<string, number>();
  readonly #accountById = new Map<string, number>();

  clear(): void {
    this.tiers.clear();
    this.assets.length = 0;
    this.instruments.length = 0;
    this.accounts.length = 0;
    this.#assetByCode.clear();
    this.#instrumentBySymbol.clear();
    this.#accountById.clear();
  }

  assetByCode(code: string): AssetEntry | undefined {
    return this.#assetByCode.get(code);
  }

  instrumentBySymbol(symbol: string): InstrumentEntry | undefined {
    const index = this.#instrumentBySymbol.get(symbol);
    return index === undefined ? undefined : this.instruments[index];
  }

  accountById(accountId: string): AccountEntry | undefined {
    const index = this.#accountById.get(accountId);
    return index === undefined ? undefined : this.accounts[index];
  }

  /** @throws RangeError for an index that no event has told: the caller missed part of the stream */
  instrumentAt(index: number): InstrumentEntry {
    return present(this.instruments[index], 'instrument', index);
  }

  /** @throws RangeError for an index that no event has told */
  accountAt(index: number): AccountEntry {
    return present(this.accounts[index], 'account', index);
  }

  /** @throws RangeError for an index that no event has told */
  assetAt(index: number): AssetEntry {
    return present(this.assets[index], 'asset', index);
  }

  /**
   * Returns the asset that the funds rule counts an order in: what a cash account pays with; for a margin account the
   * quote, but for a sale without short selling, which needs the base.
   */
  fundsAssetOf(account: number, instrument: number, side: Side): AssetEntry & { readonly onMargin: boolean } {
    const { baseAsset, quoteAsset, margin } = this.instrumentAt(instrument);
    const isMargin = this.accounts[account]?.kind === 'MARGIN';
    const paysQuote = side === 'BUY' || (isMargin && margin.shortSelling);
    return { ...this.assetAt(paysQuote ? quoteAsset : baseAsset), onMargin: isMargin && paysQuote };
  }

  /** Takes what concerns reference data from an event; every other event changes nothing. */
  apply(event: ExchangeEvent): void {
    switch (event.type) {
      case 'AssetRegistered': {
        const entry = { asset: event.asset, code: event.code, scale: event.scale };
        this.assets[event.asset] = entry;
        this.#assetByCode.set(event.code, entry);
        break;
      }
      case 'InstrumentListed': {
        const base = this.#assetNamed(event.spec.baseAsset);
        const quote = this.#assetNamed(event.spec.quoteAsset);
        this.instruments[event.instrument] = {
          instrument: event.instrument,
          symbol: event.spec.symbol,
          baseAsset: base.asset,
          quoteAsset: quote.asset,
          terms: createTerms(event.spec, base.scale, quote.scale),
          status: event.status,
          statusReason: '',
          margin: FULL_PAYMENT,
          mark: DEFAULT_MARK,
          auction: event.status === 'AUCTION' ? 'OPENING' : null,
          queuesOrders: false,
          calendar: null,
          scheduledUs: null,
        };
        this.#instrumentBySymbol.set(event.spec.symbol, event.instrument);
        break;
      }
      case 'TradingStatusChanged':
        this.instruments[event.instrument] = {
          ...this.instrumentAt(event.instrument),
          status: event.status,
          statusReason: event.reason,
          auction: event.auction,
          queuesOrders: event.queuesOrders,
          scheduledUs: event.scheduledUs,
        };
        break;
      case 'TradingCalendarSet':
        this.instruments[event.instrument] = {
          ...this.instrumentAt(event.instrument),
          calendar: event.calendar,
          scheduledUs: null,
        };
        break;
      case 'MarginTermsSet': {
        const { initialMarginPpm, maintenanceMarginPpm, shortSelling, setBy } = event;
        const margin = { initialMarginPpm, maintenanceMarginPpm, shortSelling, setBy };
        this.instruments[event.instrument] = { ...this.instrumentAt(event.instrument), margin };
        break;
      }
      case 'MarkSet': {
        const { method, settlementPxTicks, setBy } = event;
        const mark = { method, settlementPxTicks, setBy };
        this.instruments[event.instrument] = { ...this.instrumentAt(event.instrument), mark };
        break;
      }
      case 'AccountOpened':
        this.accounts[event.account] = {
          account: event.account,
          accountId: event.accountId,
          name: event.name,
          ownerId: event.ownerId,
          kind: event.kind,
          limits: NO_LIMITS,
          symbolLimits: new Map(),
          tier: null,
          state: 'ACTIVE',
          killSwitch: false,
        };
        this.#accountById.set(event.accountId, event.account);
        break;
      case 'RiskLimitsSet':
        this.#change(event.account, ({ symbolLimits }) =>
          event.instrument === null
            ? { limits: event.limits }
            : { symbolLimits: new Map(symbolLimits).set(event.instrument, event.limits) },
        );
        break;
      case 'TierLimitsSet':
        this.tiers.set(event.tier, event.limits);
        break;
      case 'AccountTierSet':
        this.#change(event.account, () => ({ tier: event.tier }));
        break;
      case 'AccountStateSet':
        this.#change(event.account, () => ({ state: event.state }));
        break;
      case 'KillSwitchSet':
        if (event.account !== null) this.#change(event.account, () => ({ killSwitch: event.engaged }));
        break;
      default:
        break;
    }
  }

  #change(account: number, change: (entry: AccountEntry) => Partial<AccountEntry>): void {
    const entry = this.accountAt(account);
    this.accounts[account] = { ...entry, ...change(entry) };
  }

  #assetNamed(code: string): AssetEntry {
    const entry = this.#assetByCode.get(code);
    if (entry === undefined) throw new RangeError(`asset ${code} was not registered before its instrument`);
    return entry;
  }
}

function present<T>(value: T | undefined, what: string, index: number): T {
  if (value === undefined) throw new RangeError(`no ${what} has index ${index}`);
  return value;
}
