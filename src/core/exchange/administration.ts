/**
 * Administration: assets, instruments, phases, accounts and transfers.
 *
 * A command that makes no sense is told as RequestRejected and changes nothing. A deposit is remembered by its
 * transferId and done once; a refused one is not remembered, so that it can be tried again.
 * Deposits and withdrawals of a base asset count into the position of the first instrument listed with that base,
 * in whole lots of the account's balance, at the instrument's reference price.
 */

import { tellStatus } from '../auction/enter-phase.js';
import type { Phases } from '../auction/phases.js';
import type { InstrumentSpec } from '../instrument/instrument.js';
import { createTerms, InstrumentTermsError } from '../instrument/terms.js';
import { NIL } from '../matching/order-table.js';
import type { WorkingOrders } from '../matching/working-orders.js';
import { Account, VENUE_ACCOUNT } from '../risk/account.js';
import { transferLots } from '../risk/daily-profit.js';
import type { Margin } from '../risk/margin.js';
import { AUCTION_KIND, codeOf, NONE, REJECT, TRADING_STATUS } from '../values/codes.js';
import { StateHasher } from '../values/state-hash.js';
import type {
  AdjustBalance,
  AdvanceSession,
  ListInstrument,
  OpenAccount,
  RegisterAsset,
  SetTradingCalendar,
  SetTradingStatus,
  StartAuction,
} from './command.js';
import { REQUEST } from './event-buffer.js';
import { Listing, MAX_NOTIONAL_UNITS } from './listing.js';
import { listingProblem } from './listing-rules.js';
import { refusalText } from './refusal-text.js';
import type { ExchangeState } from './state.js';

const MAX_ID_LENGTH = 64;
const MAX_NAME_LENGTH = 200;
const MAX_REASON_LENGTH = 200;
/** Longest text of a calendar, characters. */
export const MAX_CALENDAR_LENGTH = 32_768;
const MAX_ASSET_CODE_LENGTH = 16;
const MAX_ASSET_SCALE = 8;
/** Transfers share one key space, whatever their account. */
const TRANSFER_OWNER = 0;

export class Administration {
  readonly #hasher = new StateHasher();

  constructor(
    private readonly state: ExchangeState,
    private readonly phases: Phases,
    private readonly margin: Margin,
    private readonly working: WorkingOrders,
  ) {}

  registerAsset(command: RegisterAsset): void {
    const { assets, assetByCode, capacities, events, ledger } = this.state;
    const { asset: code, scale } = command;
    if (!isText(code, 1, MAX_ASSET_CODE_LENGTH)) {
      this.#refuse('An asset code has 1 to 16 characters.');
      return;
    }
    if (!Number.isInteger(scale) || scale < 0 || scale > MAX_ASSET_SCALE) {
      this.#refuse(`An asset's scale is a whole number from 0 to ${MAX_ASSET_SCALE}.`);
      return;
    }
    if (assetByCode.has(code)) {
      this.#refuse(`Asset ${code} is registered already.`);
      return;
    }
    if (assets.length >= capacities.maxAssets) {
      this.#refuse(`All ${capacities.maxAssets} assets are in use.`);
      return;
    }
    const index = assets.length;
    assets.push({ code, scale, positionInstrument: NIL });
    assetByCode.set(code, index);
    ledger.addAsset(index);
    events.body({ type: 'AssetRegistered', asset: index, code, scale });
  }

  listInstrument(command: ListInstrument): void {
    const { state } = this;
    const { spec } = command;
    if (state.listingBySymbol.has(spec.symbol)) {
      this.#refuse(`Instrument ${spec.symbol} is listed already.`);
      return;
    }
    const { maxInstruments } = state.capacities;
    if (state.listings.length >= maxInstruments) {
      this.#refuse(`All ${maxInstruments} instruments are in use.`);
      return;
    }
    const problem = listingProblem(spec) ?? this.#list(spec);
    if (problem !== null) this.#refuse(problem);
  }

  setTradingStatus({ instrument, status, reason }: SetTradingStatus): void {
    const listing = this.#movable(instrument, reason);
    if (listing === null) return;
    const problem = this.phases.move(listing, codeOf(TRADING_STATUS, status), NONE, reason);
    if (problem !== null) this.#refuse(problem);
  }

  startAuction({ instrument, auction, reason }: StartAuction): void {
    const listing = this.#movable(instrument, reason);
    if (listing === null) return;
    if (listing.status === TRADING_STATUS.AUCTION) {
      this.#refuse('An auction is under way already; end it first.');
      return;
    }
    const problem = this.phases.startAuction(listing, codeOf(AUCTION_KIND, auction), reason);
    if (problem !== null) this.#refuse(problem);
  }

  /**
   * Moves to the phase that the calendar has due; a halt and the auction behind it hold until the close, and where no move
   * fits only the time is noted.
   */
  advanceSession({ instrument, status, auction, scheduledUs, reason }: AdvanceSession): void {
    const listing = this.#movable(instrument, reason);
    if (listing === null || scheduledUs <= listing.scheduledUs) return;
    listing.scheduledUs = scheduledUs;
    const to = codeOf(TRADING_STATUS, status);
    const isHeld = listing.status === TRADING_STATUS.HALTED || listing.resumesUs !== NONE;
    const holds = isHeld && to !== TRADING_STATUS.CLOSED;
    const kind = auction === null ? NONE : codeOf(AUCTION_KIND, auction);
    const isMoved = !holds && listing.status !== to && this.phases.move(listing, to, kind, reason) === null;
    if (!isMoved) tellStatus(this.state, listing);
  }

  setTradingCalendar({ instrument, calendar }: SetTradingCalendar): void {
    const listing = this.#movable(instrument, '');
    if (listing === null) return;
    if (calendar !== null && !isText(calendar, 1, MAX_CALENDAR_LENGTH)) {
      this.#refuse(`A calendar has 1 to ${MAX_CALENDAR_LENGTH} characters.`);
      return;
    }
    listing.calendar = calendar;
    // The transitions of the calendar before mean nothing in this one.
    listing.scheduledUs = NONE;
    this.state.events.body({ type: 'TradingCalendarSet', instrument, calendar });
    this.phases.redateDayOrders(listing);
  }

  /** Returns the listing, or null where it is unknown or the reason too long, which is told. */
  #movable(instrument: number, reason: string): Listing | null {
    const listing = this.state.listings[instrument];
    if (listing === undefined) {
      this.#refuse(refusalText(REJECT.UNKNOWN_SYMBOL), REJECT.UNKNOWN_SYMBOL);
      return null;
    }
    if (isText(reason, 0, MAX_REASON_LENGTH)) return listing;
    this.#refuse(`The reason has at most ${MAX_REASON_LENGTH} characters.`);
    return null;
  }

  openAccount(command: OpenAccount): void {
    const { accounts, accountById, capacities, events } = this.state;
    const { accountId, name, ownerId, kind } = command;
    if (!isText(accountId, 1, MAX_ID_LENGTH)) {
      this.#refuse('An account id has 1 to 64 characters.');
      return;
    }
    if (!isText(name, 0, MAX_NAME_LENGTH) || !isText(ownerId, 0, MAX_NAME_LENGTH)) {
      this.#refuse(`Name and owner of an account have at most ${MAX_NAME_LENGTH} characters.`);
      return;
    }
    if (accountById.has(accountId)) {
      this.#refuse(`Account ${accountId} is open already.`);
      return;
    }
    if ((accounts.length === VENUE_ACCOUNT) !== (kind === 'VENUE')) {
      this.#refuse('The first account is of kind VENUE, and no other is.');
      return;
    }
    if (accounts.length >= capacities.maxAccounts) {
      this.#refuse(`All ${capacities.maxAccounts} accounts are in use.`);
      return;
    }
    const account = accounts.length;
    this.state.addAccount(new Account(account, accountId, name, ownerId, kind));
    events.body({ type: 'AccountOpened', account, accountId, name, ownerId, kind });
  }

  adjustBalance(command: AdjustBalance): void {
    const { state } = this;
    const { account, asset, amountUnits, transferId } = command;
    if (state.accounts[account] === undefined) {
      this.#refuseTransfer(command, REJECT.UNKNOWN_ACCOUNT);
      return;
    }
    if (state.assets[asset] === undefined) {
      this.#refuseTransfer(command, REJECT.INVALID_REQUEST, 'No asset has this index; register it first.');
      return;
    }
    if (!isText(transferId, 1, MAX_ID_LENGTH)) {
      this.#refuseTransfer(command, REJECT.INVALID_REQUEST, 'A transfer id has 1 to 64 characters.');
      return;
    }
    if (!Number.isSafeInteger(amountUnits) || amountUnits === 0) {
      this.#refuseTransfer(command, REJECT.INVALID_QTY, 'The amount is a whole number of units other than 0.');
      return;
    }
    const { transferIds } = state;
    transferIds.prune(state.timeUs);
    this.#hasher.reset();
    this.#hasher.number(account);
    this.#hasher.number(asset);
    this.#hasher.number(amountUnits);
    const found = transferIds.find(TRANSFER_OWNER, transferId);
    if (found >= 0) {
      if (!transferIds.sameInput(found, this.#hasher.high(), this.#hasher.low())) {
        this.#refuseTransfer(command, REJECT.DUPLICATE_CL_ORD_ID);
        return;
      }
      state.events.body({ type: 'BalanceAdjusted', account, asset, amountUnits, transferId, duplicate: true });
      return;
    }
    if (transferIds.isFull) {
      this.#refuseTransfer(command, REJECT.ORDER_RATE_LIMIT);
      return;
    }
    this.#transfer(command);
  }

  /** Lists an instrument whose own bounds are right; returns what is wrong with it otherwise. */
  #list(spec: InstrumentSpec): string | null {
    const { state } = this;
    const baseAsset = state.assetByCode.get(spec.baseAsset);
    const quoteAsset = state.assetByCode.get(spec.quoteAsset);
    if (baseAsset === undefined) return `Asset ${spec.baseAsset} is not registered.`;
    if (quoteAsset === undefined) return `Asset ${spec.quoteAsset} is not registered.`;
    const index = state.listings.length;
    const listing = createListing(state, spec, index, baseAsset, quoteAsset);
    if (typeof listing === 'string') return listing;
    const isFirst = state.assets[baseAsset]!.positionInstrument === NIL;
    if (isFirst && !this.#canTakeOver(listing)) {
      return `Balances of ${spec.baseAsset} at referencePxTicks are beyond what can be counted exactly; lower it.`;
    }
    listing.stopLevel = state.kill.level;
    state.listings.push(listing);
    if (listing.status === TRADING_STATUS.AUCTION) {
      state.auctionCount += 1;
    }
    state.listingBySymbol.set(spec.symbol, index);
    state.events.body({ type: 'InstrumentListed', instrument: index, spec, status: spec.initialStatus });
    if (isFirst) {
      state.assets[baseAsset]!.positionInstrument = index;
      this.#takeOverBalances(listing);
    }
    return null;
  }

  #canTakeOver(listing: Listing): boolean {
    const lots = Math.floor((this.state.ledger.supply[listing.baseAsset] ?? 0) / listing.baseUnitsPerLot);
    return lots <= MAX_NOTIONAL_UNITS / (listing.referencePxTicks * listing.unitsPerTickLot);
  }

  /** Turns balances of the base asset from before the listing into positions. */
  #takeOverBalances(listing: Listing): void {
    const { accounts, ledger, positions } = this.state;
    for (const account of accounts) {
      const lots = Math.floor(ledger.totalOf(account.index, listing.baseAsset) / listing.baseUnitsPerLot);
      transferLots(positions, account.index, listing, lots);
    }
  }

  #transfer(command: AdjustBalance): void {
    const { state } = this;
    const { account, asset, amountUnits, transferId } = command;
    const { ledger } = state;
    const available = this.#withdrawable(account, asset);
    if (amountUnits < 0 && (-amountUnits > available || !this.#keepsMargin(account, asset, amountUnits))) {
      const text = refusalText(REJECT.INSUFFICIENT_FUNDS);
      const held = ledger.heldOf(account, asset);
      this.#refuseTransfer(command, REJECT.INSUFFICIENT_FUNDS, text, available, held, -amountUnits);
      return;
    }
    const supply = ledger.supply[asset]!;
    const listing = state.listings[state.assets[asset]!.positionInstrument];
    const before = ledger.totalOf(account, asset);
    const perLot = listing?.baseUnitsPerLot ?? 1;
    const lots = Math.floor((before + amountUnits) / perLot) - Math.floor(before / perLot);
    if (supply + amountUnits > Number.MAX_SAFE_INTEGER || !this.#isCountable(account, listing, lots)) {
      const text = 'The balance, or its value at the reference price, would be beyond what can be counted exactly.';
      this.#refuseTransfer(command, REJECT.INVALID_QTY, text, Number.MAX_SAFE_INTEGER, supply, Number.NaN);
      return;
    }
    const [high, low] = [this.#hasher.high(), this.#hasher.low()];
    state.transferIds.add(TRANSFER_OWNER, transferId, 0, state.commandSequence, state.timeUs, high, low);
    state.events.body({ type: 'BalanceAdjusted', account, asset, amountUnits, transferId, duplicate: false });
    ledger.adjust(account, asset, amountUnits);
    if (listing === undefined) return;
    transferLots(state.positions, account, listing, lots);
    if (state.reduceOnlyOrders !== 0) this.working.reduceOnly.followPosition(account, listing.index);
  }

  #withdrawable(account: number, asset: number): number {
    const { ledger, accounts } = this.state;
    if (accounts[account]!.kind !== 'MARGIN') return ledger.availableOf(account, asset);
    return this.margin.withdrawable(account, asset);
  }

  /** Tells whether a margin account still meets its requirements without what it would withdraw of a base asset. */
  #keepsMargin(account: number, asset: number, amountUnits: number): boolean {
    const { accounts, assets, ledger, listings } = this.state;
    const listing = listings[assets[asset]!.positionInstrument];
    if (accounts[account]!.kind !== 'MARGIN' || listing === undefined) return true;
    const before = ledger.totalOf(account, asset);
    const perLot = listing.baseUnitsPerLot;
    const lots = Math.floor(before / perLot) - Math.floor((before + amountUnits) / perLot);
    return this.margin.canLose(account, listing, lots);
  }

  /** Tells whether the cost of the account's position stays exact when the lots come in at the reference price. */
  #isCountable(account: number, listing: Listing | undefined, lots: number): boolean {
    if (listing === undefined) return true;
    const cost = Math.abs(this.state.positions.costOf(account, listing.index));
    const perLot = listing.referencePxTicks * listing.unitsPerTickLot;
    return Math.abs(lots) <= Math.floor((MAX_NOTIONAL_UNITS - Math.min(cost, MAX_NOTIONAL_UNITS)) / perLot);
  }

  #refuse(text: string, reason: number = REJECT.INVALID_REQUEST): void {
    const { events } = this.state;
    events.refusal(REQUEST.ADMINISTRATION, NONE, NONE, null, reason, text, Number.NaN, Number.NaN, Number.NaN);
  }

  #refuseTransfer(
    command: AdjustBalance,
    reason: number,
    text: string = refusalText(reason),
    limit = Number.NaN,
    current = Number.NaN,
    projected = Number.NaN,
  ): void {
    const { accounts, events } = this.state;
    const account = accounts[command.account] === undefined ? NONE : command.account;
    events.refusal(REQUEST.ADJUST, account, NONE, null, reason, text, limit, current, projected);
  }
}

/** Builds a listing with an empty book, or returns what is wrong with its steps. */
export function createListing(
  state: ExchangeState,
  spec: InstrumentSpec,
  index: number,
  baseAsset: number,
  quoteAsset: number,
): Listing | string {
  try {
    const terms = createTerms(spec, state.assets[baseAsset]!.scale, state.assets[quoteAsset]!.scale);
    const listing = new Listing(
      index,
      terms,
      baseAsset,
      quoteAsset,
      state.newBookSide(index, 0),
      state.newBookSide(index, 1),
      state.orders,
    );
    if (listing.maxQtyLots >= listing.minQtyLots) return listing;
    return 'maxPriceTicks × minQtyLots is beyond what can be counted exactly; lower maxPriceTicks or coarsen the steps.';
  } catch (error) {
    if (error instanceof InstrumentTermsError || error instanceof RangeError) return error.message;
    throw error;
  }
}

function isText(value: string, least: number, most: number): boolean {
  return value.length >= least && value.length <= most;
}
