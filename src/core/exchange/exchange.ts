/**
 * The exchange: a deterministic state machine of commands and events.
 *
 * Same commands with the same times give the same events and the same state hash, on every machine. It has no
 * clock, no random numbers and no I/O. Events of a command, in order: what happened to orders and trades, as it
 * happened; then once for each key whose value changed, AuctionIndicative (by instrument), BookLevelChanged (by
 * instrument, BUY before SELL, best price first), BalanceUpdated (by account, asset), PositionUpdated (by account,
 * instrument) and, of accounts that have limits, ExposureUpdated (by account, instrument, all symbols together last).
 * What margin calls and liquidations do stands behind what the command itself did. A refusal is an event. A broken invariant throws, and the exchange then refuses every further command.
 * Complexity: O(1) for each order met or changed; see the parts for what allocates when tables grow.
 */
import { Gathering } from '../auction/gathering.js';
import { Phases } from '../auction/phases.js';
import { Uncross } from '../auction/uncross.js';
import { BreakerAdministration } from '../breaker/breaker-administration.js';
import { Resumption } from '../breaker/resumption.js';
import { Trips } from '../breaker/trips.js';
import { Matcher } from '../matching/matcher.js';
import { NIL } from '../matching/order-table.js';
import { StopTrigger } from '../matching/stop-trigger.js';
import { WorkingOrders } from '../matching/working-orders.js';
import { Liquidation } from '../risk/liquidation.js';
import { Margin } from '../risk/margin.js';
import { OrderCheck } from '../risk/order-check.js';
import { NONE } from '../values/codes.js';
import { InvariantError } from '../values/invariant.js';
import { StateHasher } from '../values/state-hash.js';
import { Administration } from './administration.js';
import { BatchEntry } from './batch-entry.js';
import type { Command, PlaceOrder } from './command.js';
import type { ExchangeEvent } from './event.js';
import { readEvents } from './event-reader.js';
import { stateImage } from './image.js';
import { LeaseEntry } from './lease-entry.js';
import { MarginAdministration } from './margin-administration.js';
import { takeMarks, tellExposures } from './marks.js';
import { OrderEntry } from './order-entry.js';
import { PlainOrders } from './plain-orders.js';
import { PlanEntry } from './plan-entry.js';
import { type OrderPreview, previewOrder } from './preview.js';
import { type QueuePosition, queuePositions } from './queue-position.js';
import { RiskAdministration } from './risk-administration.js';
import { readSnapshot, writeSnapshot } from './snapshot.js';
import { capacitiesOf, type ExchangeOptions, ExchangeState } from './state.js';
import { describeState } from './state-image.js';

export type { OrderPreview } from './preview.js';
export type { QueuePosition } from './queue-position.js';
export type { ExchangeOptions } from './state.js';

export class Exchange {
  #state: ExchangeState;
  #parts: Parts;
  #failure: string | null = null;

  /** @throws RangeError naming an option that is outside its bounds */
  constructor(options: ExchangeOptions = {}) {
    this.#state = new ExchangeState(capacitiesOf(options));
    this.#parts = partsOf(this.#state);
  }

  /**
   * Builds the exchange that a snapshot holds; its state hash is the one from before.
   * @throws SnapshotError when the bytes are damaged or of another version
   */
  static restore(bytes: Uint8Array): Exchange {
    const exchange = new Exchange();
    exchange.#state = readSnapshot(bytes);
    exchange.#parts = partsOf(exchange.#state);
    return exchange;
  }

  /** Sequence of the last command applied, 0 at the start. */
  get commandSequence(): number {
    return this.#state.commandSequence;
  }

  /** Sequence of the last event, 0 at the start. */
  get eventSequence(): number {
    return this.#state.eventSequence;
  }

  /** Time of the last command, microseconds since 1970 UTC. */
  get timeUs(): number {
    return this.#state.timeUs;
  }

  /**
   * Time at which the exchange has something to do by itself, microseconds since 1970 UTC: an order ends by time, a lease
   * runs out, a halt goes on to its auction or that ends, a margin pool is to be liquidated further; null while there is
   * nothing.
   */
  get nextDueUs(): number | null {
    const { expiries, orders, leases } = this.#state;
    const expiryUs = expiries.next === NIL ? Number.POSITIVE_INFINITY : orders.dueUs[expiries.next]!;
    const stepUs = this.#parts.resumption.next()?.resumesUs ?? Number.POSITIVE_INFINITY;
    const liquidationUs = this.#parts.liquidation.nextDueUs ?? Number.POSITIVE_INFINITY;
    const dueUs = Math.min(expiryUs, leases.nextUs, stepUs, liquidationUs);
    return dueUs === Number.POSITIVE_INFINITY ? null : dueUs;
  }

  /**
   * Executes a command as commandSequence + 1; its events are then in `takeEvents`.
   * @param timeUs microseconds since 1970 UTC, never below that of the command before
   * @throws InvariantError when time runs backwards (nothing happened), or the state is or was found broken
   */
  apply(command: Command, timeUs: number): void {
    const state = this.#state;
    if (this.#failure !== null) throw new InvariantError(`the exchange stopped: ${this.#failure}`);
    if (!Number.isSafeInteger(timeUs) || timeUs < state.timeUs) {
      throw new InvariantError(`time ${timeUs} is before ${state.timeUs}`);
    }
    state.commandSequence += 1;
    const beforeUs = state.timeUs;
    state.timeUs = timeUs;
    state.events.begin(state.eventSequence, state.commandSequence, timeUs);
    try {
      this.#begin(beforeUs, true);
      this.#execute(command);
      this.#parts.liquidation.endCommand(command.type === 'SetMarginTerms' || command.type === 'SetMark');
      this.#tellChanges();
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
      throw error;
    }
    state.orders.endCommand();
    state.eventSequence += state.events.rowCount;
  }

  /**
   * Works out what placing the order would do and takes it back: no event is published, no sequence is used, the state
   * hash is the same. Complexity: that of placing it.
   * @param timeUs as in `apply`; an earlier time than that of the last command counts as that time
   * @throws InvariantError when the state is or was found broken
   */
  preview(command: PlaceOrder, timeUs: number): OrderPreview {
    if (this.#failure !== null) throw new InvariantError(`the exchange stopped: ${this.#failure}`);
    try {
      return previewOrder(this.#state, this.#parts.entry, command, timeUs, (beforeUs) => this.#begin(beforeUs, false));
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  /**
   * Returns where each order stands in the queue of its price level; null for one that does not rest.
   * Complexity: O(orders ahead), once for each level.
   */
  queuePositions(orderIds: readonly number[]): (QueuePosition | null)[] {
    return queuePositions(this.#state, orderIds);
  }

  /** Returns the events of the last command as objects. */
  takeEvents(): ExchangeEvent[] {
    return readEvents(this.#state.events);
  }

  /** Returns the state told as events, each under the present sequence, in the order that EventConsumer.reset names. */
  image(): ExchangeEvent[] {
    return stateImage(this.#state);
  }

  /** Returns 16 hex digits over the whole logical state. Complexity: O(size of the state). */
  stateHash(): string {
    const hasher = new StateHasher();
    describeState(this.#state, hasher);
    return hasher.digest();
  }

  /** Returns the whole state as bytes for `restore`. */
  snapshot(): Uint8Array {
    return writeSnapshot(this.#state);
  }

  #execute(command: Command): void {
    switch (command.type) {
      case 'PlaceOrder':
        this.#parts.entry.place(command);
        break;
      case 'CancelOrder':
        this.#parts.entry.cancel(command);
        break;
      case 'ReplaceOrder':
        this.#parts.entry.replace(command);
        break;
      case 'CancelAllOrders':
        this.#parts.entry.cancelAll(command);
        break;
      case 'PlaceOrders':
        this.#parts.batches.placeAll(command);
        break;
      case 'CancelOrders':
        this.#parts.batches.cancelSome(command);
        break;
      case 'MassQuote':
        this.#parts.batches.quote(command);
        break;
      case 'PlaceUnderLease':
        this.#parts.leases.place(command);
        break;
      case 'RenewLeases':
        this.#parts.leases.renew(command);
        break;
      case 'CancelAllAfter':
        this.#parts.leases.cancelAllAfter(command);
        break;
      case 'PlacePlan':
        this.#parts.plans.place(command);
        break;
      case 'AdjustBalance':
        this.#parts.administration.adjustBalance(command);
        break;
      case 'RegisterAsset':
        this.#parts.administration.registerAsset(command);
        break;
      case 'ListInstrument':
        this.#parts.administration.listInstrument(command);
        break;
      case 'SetTradingStatus':
        this.#parts.administration.setTradingStatus(command);
        break;
      case 'StartAuction':
        this.#parts.administration.startAuction(command);
        break;
      case 'AdvanceSession':
        this.#parts.administration.advanceSession(command);
        break;
      case 'SetTradingCalendar':
        this.#parts.administration.setTradingCalendar(command);
        break;
      case 'OpenAccount':
        this.#parts.administration.openAccount(command);
        break;
      case 'SetRiskLimits':
      case 'SetTierLimits':
      case 'SetAccountTier':
      case 'SetAccountState':
      case 'SetKillSwitch':
        this.#parts.policy.apply(command);
        break;
      case 'SetCircuitBreaker':
      case 'SetMarketBreaker':
      case 'HaltTrading':
      case 'ResumeTrading':
        this.#parts.breakers.apply(command);
        break;
      case 'AdvanceTime':
        break;
      case 'SetMarginTerms':
        this.#parts.marginAdministration.setTerms(command);
        break;
      case 'SetMark':
        this.#parts.marginAdministration.setMark(command);
        break;
      default:
        throw new InvariantError(`no command is named ${(command as { type: string }).type}`);
    }
  }

  /** What time alone does, before a command acts. @param moves false in a preview, which moves no instrument */
  #begin(beforeUs: number, moves: boolean): void {
    const { resuming, timeUs } = this.#state;
    takeMarks(this.#state, beforeUs);
    if (moves && resuming.size > 0) {
      const { resumption } = this.#parts;
      for (let due = resumption.next(); due !== null && due.resumesUs <= timeUs; due = resumption.next()) {
        this.#expireDue(due.resumesUs);
        resumption.advance(due);
      }
    }
    this.#expireDue(timeUs);
  }

  /** Orders whose time has come by a time end, the earliest first, then those under leases that have run out by it. */
  #expireDue(byUs: number): void {
    const { expiries, orders } = this.#state;
    for (let slot = expiries.next; slot !== NIL && orders.dueUs[slot]! <= byUs; slot = expiries.next) {
      this.#parts.working.expire(slot);
    }
    if (this.#state.leases.nextUs <= byUs) this.#parts.leases.expireDue(byUs);
  }

  /** Tells levels, balances, positions and exposures whose value changed, and forgets that they were touched. */
  #tellChanges(): void {
    if (this.#state.auctionCount > 0 || this.#state.touchedAuctions.length > 0) this.#tellIndicatives();
    this.#tellLevels();
    this.#tellBalances();
    this.#tellPositions();
    if (this.#state.exposures.rows.touchedCount > 0) tellExposures(this.#state);
  }

  #tellIndicatives(): void {
    const state = this.#state;
    const { levels } = state;
    for (let index = 0; index < levels.touchedCount; index += 1) {
      const listing = state.listings[levels.sideIndex[levels.touched[index]!]! >>> 1]!;
      if (listing.auctionKind !== NONE) state.touchAuction(listing);
    }
    this.#parts.phases.tellIndicatives();
  }

  #tellLevels(): void {
    const state = this.#state;
    const { levels, events } = state;
    if (levels.touchedCount === 0) return;
    levels.sortTouched();
    for (let index = 0; index < levels.touchedCount; index += 1) {
      const level = levels.touched[index]!;
      const isEmpty = levels.orderCount[level] === 0;
      if (levels.qtyLots[level] !== levels.qtyBefore[level] || levels.orderCount[level] !== levels.countBefore[level]) {
        events.level(levels, level);
      }
      if (isEmpty) state.sideAt(levels.sideIndex[level]!).drop(level);
    }
    levels.clearTouched();
  }

  #tellBalances(): void {
    const { ledger, events } = this.#state;
    ledger.checkConserved();
    ledger.rows.sortTouched();
    for (let index = 0; index < ledger.rows.touchedCount; index += 1) {
      const row = ledger.rows.touched[index]!;
      if (ledger.total[row] !== ledger.totalBefore[row] || ledger.held[row] !== ledger.heldBefore[row]) {
        events.balance(ledger, row);
      }
    }
    ledger.rows.clearTouched();
  }

  #tellPositions(): void {
    const { accounts, exposures, positions, events } = this.#state;
    positions.rows.sortTouched();
    for (let index = 0; index < positions.rows.touchedCount; index += 1) {
      const row = positions.rows.touched[index]!;
      if (!positions.hasChanged(row)) continue;
      events.position(positions, row);
      const account = accounts[positions.rows.firstOf(row)]!;
      if (account.guard !== null) exposures.settle(account, positions.rows.secondOf(row));
    }
    positions.rows.clearTouched();
  }
}

/** The parts that act on one state. */
interface Parts {
  readonly entry: OrderEntry;
  readonly administration: Administration;
  readonly policy: RiskAdministration;
  readonly marginAdministration: MarginAdministration;
  readonly batches: BatchEntry;
  readonly leases: LeaseEntry;
  readonly plans: PlanEntry;
  readonly phases: Phases;
  readonly breakers: BreakerAdministration;
  readonly resumption: Resumption;
  readonly working: WorkingOrders;
  readonly liquidation: Liquidation;
}

function partsOf(state: ExchangeState): Parts {
  const working = new WorkingOrders(state);
  const margin = new Margin(state);
  const matcher = new Matcher(state, working, new Trips(state));
  const gathering = new Gathering(state, working);
  working.gather = (slot, listing) => gathering.gather(slot, listing);
  const stops = new StopTrigger(state, working, matcher, margin, gathering);
  const check = new OrderCheck(state, matcher, margin);
  const phases = new Phases(state, working, gathering, new Uncross(state, working, matcher), stops);
  const plain = new PlainOrders(state, working, matcher, stops);
  const entry = new OrderEntry(state, working, matcher, check, stops, gathering, plain);
  const batches = new BatchEntry(state, working, check, entry);
  const leases = new LeaseEntry(state, working, entry, batches);
  const liquidation = new Liquidation(state, working, margin, (...order) => entry.reduceAtMarket(...order));
  const administration = new Administration(state, phases, margin, working);
  const policy = new RiskAdministration(state, entry);
  const resumption = new Resumption(state, phases);
  const breakers = new BreakerAdministration(state, phases, resumption);
  const marginAdministration = new MarginAdministration(state);
  const plans = new PlanEntry(state, check, entry);
  return {
    entry,
    administration,
    policy,
    marginAdministration,
    batches,
    leases,
    plans,
    phases,
    breakers,
    resumption,
    working,
    liquidation,
  };
}
