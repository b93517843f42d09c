/**
 * State of the reference exchange: plain objects, arrays and maps, chosen to be obviously right, never to be fast.
 * `reference-image.ts` tells it in the canonical order of the state hash.
 */

import type { BreakerTerms } from '../breaker/breaker-terms.js';
import type { PlaceOrder, RiskLimitValues } from '../exchange/command.js';
import type { Capacities } from '../exchange/state.js';
import type { InstrumentSpec } from '../instrument/instrument.js';
import type { InstrumentTerms } from '../instrument/terms.js';
import type { MarginTerms, MarkTerms } from '../risk/margin-book.js';
import type {
  AccountState,
  AuctionKind,
  Contingency,
  MarginStatus,
  OrdStatus,
  PlanLegName,
  TradingStatus,
} from '../values/vocabulary.js';

export interface ReferenceOrder {
  readonly slot: number;
  readonly orderId: number;
  readonly terms: PlaceOrder;
  /** −1 where the command named none that exists. */
  readonly account: number;
  readonly instrument: number;
  readonly createdUs: number;
  status: OrdStatus;
  orderQty: number;
  price: number | null;
  stopPx: number | null;
  /** One side of a mass quote. */
  quote: boolean;
  /** Row of the lease that it ends with. */
  lease: number | null;
  /** A stop that has not been triggered. */
  waiting: boolean;
  /** Place among the waiting stops. */
  waitNumber: number;
  /** Gathers for an auction and does not trade when it comes in. */
  gathers: boolean;
  /** Where it gathers for an auction outside of the book: at market, or until the close; null = not there. */
  gathered: 'market' | 'close' | null;
  /** Worst price of a MARKET order in an auction. */
  protection: number | null;
  /** Its part in a plan; null for an order on its own. */
  plan: ReferencePlan | null;
  due: number | null;
  displayQty: number | null;
  cum: number;
  leaves: number;
  shown: number;
  notional: number;
  held: number;
  /** Place in the queue of its price: the smaller, the earlier. */
  queueNumber: number;
  /** Place among its account's orders. */
  accountNumber: number;
  /** Among its account's orders, at rest or waiting. */
  listed: boolean;
}

/** What a leg of a plan knows of the others; an order that ended is nobody's link. */
export interface ReferencePlan {
  readonly planId: number;
  readonly contingency: Contingency;
  readonly name: PlanLegName;
  /** An exit that its entry has not put to work yet. */
  held: boolean;
  entry: ReferenceOrder | null;
  exits: ReferenceOrder[];
  counter: ReferenceOrder | null;
  leads: boolean;
  /** Fills that the exits were told of. */
  followed: number;
}

export interface ReferenceInstrument {
  readonly index: number;
  readonly spec: InstrumentSpec;
  readonly terms: InstrumentTerms;
  readonly base: number;
  readonly quote: number;
  status: TradingStatus;
  reason: string;
  lastPx: number | null;
  auction: AuctionKind | null;
  /** Auctions that have begun, so that one is told from the next; no part of the state that is hashed. */
  auctionsBegun: number;
  hasOpened: boolean;
  haltQueues: boolean;
  scheduledUs: number | null;
  calendar: string | null;
  /** Price that limits value positions at. */
  mark: number;
  kill: ReferenceSwitch;
  breaker: ReferenceWindow | null;
  halt: ReferenceHalt;
}

/** Values since a time, under a breaker's terms. */
export interface ReferenceWindow {
  readonly terms: BreakerTerms;
  readonly setBy: string;
  seedUs: number;
  seed: number;
  noted: { timeUs: number; value: number }[];
}

export interface ReferenceMarket extends ReferenceWindow {
  readonly members: readonly number[];
  readonly bases: readonly number[];
  readonly parts: number[];
  trippedUs: number | null;
}

/** What the exchange will do by itself with a halted instrument, and why. */
export interface ReferenceHalt {
  readonly cause: 'SYMBOL' | 'MARKET' | null;
  readonly trippedUs: number | null;
  readonly referencePx: number | null;
  readonly tripPx: number | null;
  readonly resumesUs: number | null;
  readonly reopeningUs: number;
}

export const NOT_HALTED: ReferenceHalt = {
  cause: null,
  trippedUs: null,
  referencePx: null,
  tripPx: null,
  resumesUs: null,
  reopeningUs: 0,
};

export interface ReferenceAccount {
  readonly accountId: string;
  readonly name: string;
  readonly ownerId: string;
  readonly kind: string;
  limits: RiskLimitValues;
  limitsSetBy: string | null;
  symbolLimits: { instrument: number; limits: RiskLimitValues; setBy: string }[];
  tier: string | null;
  tierSetBy: string | null;
  kill: ReferenceSwitch;
  state: AccountState;
  stateReason: string;
  stateSetBy: string | null;
  buckets: ReferenceBucket[];
}

export interface ReferenceSwitch {
  readonly engaged: boolean;
  readonly allowReduceOnly: boolean;
  readonly reason: string;
  readonly setBy: string | null;
}

export const RELEASED: ReferenceSwitch = { engaged: false, allowReduceOnly: false, reason: '', setBy: null };

/** Tokens of a rate, in millionths. */
export interface ReferenceBucket {
  /** null = all symbols. */
  readonly scope: number | null;
  readonly kind: 'order' | 'cancel';
  tokens: number;
  timeUs: number;
}

export interface ReferencePosition {
  qty: number;
  cost: number;
  realized: number;
  fees: number;
  /** Profit since the beginning as it was at 00:00. */
  dayBase: number;
}

export interface ReferenceKey {
  readonly owner: number;
  readonly key: string;
  readonly input: string;
  readonly orderId: number;
  readonly commandSequence: number;
  readonly timeUs: number;
  readonly hashHigh: number;
  readonly hashLow: number;
}

export interface ReferenceLease {
  readonly row: number;
  readonly account: number;
  readonly leaseId: string | null;
  holder: string;
  expiresUs: number;
}

export class ReferenceState {
  leases: ReferenceLease[] = [];
  commandSequence = 0;
  eventSequence = 0;
  timeUs = 0;
  tradeId = 0;
  queueNumber = 0;
  assets: { code: string; scale: number; supply: number }[] = [];
  instruments: ReferenceInstrument[] = [];
  accounts: ReferenceAccount[] = [];
  /** By `account/asset`. */
  balances = new Map<string, { total: number; held: number }>();
  /** By `account/instrument`. */
  positions = new Map<string, ReferencePosition>();
  /** Resting orders of all instruments, in no particular order. */
  resting: ReferenceOrder[] = [];
  /** Stops that wait for their trigger, oldest first. */
  waiting: ReferenceOrder[] = [];
  /** Orders that gather outside of the book, oldest first. */
  gathered: ReferenceOrder[] = [];
  /** Orders that match now, before they rest or end. */
  acting: ReferenceOrder[] = [];
  tiers: { name: string; limits: RiskLimitValues; setBy: string }[] = [];
  /** The venue's switch. */
  kill: ReferenceSwitch = RELEASED;
  market: ReferenceMarket | null = null;
  /** Stops triggered in the present command that have not acted yet. */
  triggered: { order: ReferenceOrder; px: number }[] = [];
  /** Exits of plans that wait for their entry. */
  held: ReferenceOrder[] = [];
  /** Fills of entries that their exits have not followed yet. */
  fills: { exits: ReferenceOrder[]; lots: number }[] = [];
  slots: { generation: number; account: number; lastOrder: ReferenceOrder | null }[] = [];
  freeSlots: number[] = [];
  freedInCommand: number[] = [];
  clOrdIds: ReferenceKey[] = [];
  transferIds: ReferenceKey[] = [];
  /** By instrument, where they were set. */
  marginTerms = new Map<number, MarginTerms>();
  marks = new Map<number, MarkTerms>();
  /** Pools, by `account/quote asset`. */
  marginStatuses = new Map<string, MarginStatus>();

  constructor(readonly capacities: Capacities) {}

  /** Returns a copy that shares nothing with this state. */
  copy(): ReferenceState {
    return Object.assign(new ReferenceState(this.capacities), structuredClone({ ...this }));
  }

  balance(account: number, asset: number): { total: number; held: number } {
    const key = `${account}/${asset}`;
    const found = this.balances.get(key) ?? { total: 0, held: 0 };
    this.balances.set(key, found);
    return found;
  }

  position(account: number, instrument: number): ReferencePosition {
    const key = `${account}/${instrument}`;
    const found = this.positions.get(key) ?? { qty: 0, cost: 0, realized: 0, fees: 0, dayBase: 0 };
    this.positions.set(key, found);
    return found;
  }

  /** Resting orders of one side, the one that trades first in front. */
  queue(instrument: number, side: 'BUY' | 'SELL'): ReferenceOrder[] {
    return this.resting
      .filter((order) => order.instrument === instrument && order.terms.side === side)
      .sort((a, b) => {
        const better = side === 'BUY' ? b.price! - a.price! : a.price! - b.price!;
        return better !== 0 ? better : a.queueNumber - b.queueNumber;
      });
  }

  ordersOf(account: number): ReferenceOrder[] {
    return [...this.resting, ...this.waiting, ...this.gathered, ...this.held]
      .filter((order) => order.account === account)
      .sort((a, b) => a.accountNumber - b.accountNumber);
  }
}

/** Two numbers of a `a/b` key. */
export function pairOf(key: string): [number, number] {
  const [first = '', second = ''] = key.split('/');
  return [Number(first), Number(second)];
}

/** Keys of a map of pairs, sorted by their first, then their second number. */
export function sortedPairs(keys: Iterable<string>): string[] {
  return [...keys].sort((a, b) => pairOf(a)[0] - pairOf(b)[0] || pairOf(a)[1] - pairOf(b)[1]);
}
