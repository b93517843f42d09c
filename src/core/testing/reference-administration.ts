/** Administration and transfers in the reference exchange. */
import type { AdjustBalance, Command, SetTradingStatus, StartAuction } from '../exchange/command.js';
import { createTerms } from '../instrument/terms.js';
import { NO_LIMITS } from '../risk/account.js';
import { StateHasher } from '../values/state-hash.js';
import { movePhase, tellPhase } from './reference-auction.js';
import { setBreakers } from './reference-breakers.js';
import { prune, type ReferenceCore } from './reference-core.js';
import { setMarginTerms, setMark } from './reference-liquidation.js';
import { canLose, isMargin, withdrawableOf } from './reference-margin.js';
import { setPolicy } from './reference-policy.js';
import { neutrally } from './reference-risk.js';
import { referencePx, refusalFor } from './reference-rules.js';
import { NOT_HALTED, RELEASED } from './reference-state.js';

/** Valid administration only: its refusals are tested by tables, not by comparison. */
export function administer(core: ReferenceCore, command: Command): void {
  const { state } = core;
  if (command.type === 'RegisterAsset') {
    const { asset: code, scale } = command;
    core.tell({ type: 'AssetRegistered', asset: state.assets.length, code, scale });
    state.assets.push({ code, scale, supply: 0 });
  } else if (command.type === 'ListInstrument') {
    const { spec } = command;
    const base = state.assets.findIndex(({ code }) => code === spec.baseAsset);
    const quote = state.assets.findIndex(({ code }) => code === spec.quoteAsset);
    const terms = createTerms(spec, state.assets[base]!.scale, state.assets[quote]!.scale);
    const index = state.instruments.length;
    const fresh = {
      auction: spec.initialStatus === 'AUCTION' ? ('OPENING' as const) : null,
      auctionsBegun: 0,
      hasOpened: spec.initialStatus === 'OPEN',
      haltQueues: false,
      scheduledUs: null,
      calendar: null,
      mark: spec.referencePxTicks,
      kill: RELEASED,
      breaker: null,
      halt: NOT_HALTED,
    };
    state.instruments.push({
      index,
      spec,
      terms,
      base,
      quote,
      status: spec.initialStatus,
      reason: '',
      lastPx: null,
      ...fresh,
    });
    core.tell({ type: 'InstrumentListed', instrument: index, spec, status: spec.initialStatus });
  } else if (command.type === 'OpenAccount') {
    const { accountId, name, ownerId, kind } = command;
    core.tell({ type: 'AccountOpened', account: state.accounts.length, accountId, name, ownerId, kind });
    const limits = { limits: NO_LIMITS, limitsSetBy: null, symbolLimits: [], tier: null, tierSetBy: null, buckets: [] };
    const stops = { kill: RELEASED, state: 'ACTIVE' as const, stateReason: '', stateSetBy: null };
    state.accounts.push({ accountId, name, ownerId, kind, ...limits, ...stops });
  } else if (command.type === 'SetTradingStatus') {
    const { instrument, status, reason } = command;
    if (!movePhase(core, state.instruments[instrument]!, status, null, reason)) refuseMove(core, command);
  } else if (command.type === 'StartAuction') {
    const instrument = state.instruments[command.instrument]!;
    const { auction, reason } = command;
    const begins = instrument.status !== 'AUCTION' && movePhase(core, instrument, 'AUCTION', auction, reason);
    if (!begins) refuseMove(core, command);
  } else if (command.type === 'AdvanceSession') {
    const instrument = state.instruments[command.instrument]!;
    const { status, auction, scheduledUs, reason } = command;
    if (scheduledUs <= (instrument.scheduledUs ?? -1)) return;
    instrument.scheduledUs = scheduledUs;
    const isHeld = instrument.status === 'HALTED' || instrument.halt.resumesUs !== null;
    const stays = instrument.status === status || (isHeld && status !== 'CLOSED');
    if (stays || !movePhase(core, instrument, status, auction, reason)) tellPhase(core, instrument);
  } else if (command.type === 'SetTradingCalendar') {
    const { instrument: index, calendar } = command;
    Object.assign(state.instruments[index]!, { calendar, scheduledUs: null });
    core.tell({ type: 'TradingCalendarSet', instrument: index, calendar });
    const dayUs = 86_400_000_000;
    for (const order of [...state.resting, ...state.waiting, ...state.gathered, ...state.held]) {
      if (order.instrument !== index || order.terms.timeInForce !== 'DAY') continue;
      order.due = calendar === null ? state.timeUs - (state.timeUs % dayUs) + dayUs : null;
    }
  } else if (command.type === 'SetMarginTerms') {
    setMarginTerms(core, command);
  } else if (command.type === 'SetMark') {
    setMark(core, command);
  } else if (!setPolicy(core, command) && !setBreakers(core, command)) {
    throw new Error(`the reference does not know ${command.type}`);
  }
}

/** Tells that a move is not allowed; which sentence says it is tested by tables. */
function refuseMove(core: ReferenceCore, command: SetTradingStatus | StartAuction): void {
  const { instruments } = core.state;
  const { status, hasOpened } = instruments[command.instrument]!;
  const text =
    command.type === 'SetTradingStatus'
      ? `An instrument can't go from ${status} to ${command.status} within a session; close it first.`
      : status === 'AUCTION'
        ? 'An auction is under way already; end it first.'
        : hasOpened
          ? 'The session has opened already; its next auction is INTRADAY, REOPENING or CLOSING.'
          : 'The session has not opened yet; its first auction is the OPENING one.';
  core.refuse({ request: 'Administration', account: null }, refusalFor('INVALID_REQUEST'), text);
}

export function adjustBalance(core: ReferenceCore, command: AdjustBalance): void {
  const { state } = core;
  const { account, asset, amountUnits, transferId } = command;
  if (state.accounts[account] === undefined) {
    core.refuse({ request: 'AdjustBalance', account: null }, refusalFor('UNKNOWN_ACCOUNT'));
    return;
  }
  prune(state.transferIds, state.timeUs - state.capacities.transferIdRetentionUs);
  const seen = state.transferIds.find(({ key }) => key === transferId);
  const hasher = new StateHasher();
  for (const value of [account, asset, amountUnits]) hasher.number(value);
  const input = JSON.stringify([account, asset, amountUnits]);
  const request = { request: 'AdjustBalance' as const, account };
  if (seen !== undefined) {
    if (seen.input !== input) core.refuse(request, refusalFor('DUPLICATE_CL_ORD_ID'));
    else core.tell({ type: 'BalanceAdjusted', account, asset, amountUnits, transferId, duplicate: true });
    return;
  }
  const balance = state.balance(account, asset);
  const listed = state.instruments.find(({ base }) => base === asset);
  const perLot = listed?.terms.baseUnitsPerLot ?? 1;
  const lots = Math.floor((balance.total + amountUnits) / perLot) - Math.floor(balance.total / perLot);
  const onMargin = isMargin(state, account);
  const available = onMargin ? withdrawableOf(state, account, asset) : balance.total - balance.held;
  const breaksMargin = onMargin && listed !== undefined && !canLose(state, account, listed, -lots);
  if (amountUnits < 0 && (available + amountUnits < 0 || breaksMargin)) {
    const refusal = { limit: available, current: balance.held, projected: -amountUnits };
    core.refuse(request, { reason: 'INSUFFICIENT_FUNDS', ...refusal });
    return;
  }
  core.remember(state.transferIds, 0, transferId, input, 0, hasher);
  core.tell({ type: 'BalanceAdjusted', account, asset, amountUnits, transferId, duplicate: false });
  if (listed !== undefined) {
    neutrally(state, account, listed, () => core.changePosition(account, listed, lots, referencePx(listed), 0, false));
  }
  balance.total += amountUnits;
  state.assets[asset]!.supply += amountUnits;
  if (listed !== undefined) core.followPosition(account, listed.index);
}
