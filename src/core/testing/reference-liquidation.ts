/** Margin terms, margin calls and liquidation in the reference exchange: every pool is measured after every command. */
import type { SetMarginTerms, SetMark } from '../exchange/command.js';
import type { MarginStatus } from '../values/vocabulary.js';
import type { ReferenceCore } from './reference-core.js';
import { ceilShare, isMargin, marginTermsOf, PPM, poolOf, valueAt } from './reference-margin.js';
import type { ReferenceInstrument, ReferenceState } from './reference-state.js';

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

export function setMarginTerms(core: ReferenceCore, command: SetMarginTerms): void {
  const { type: _type, instrument, ...terms } = command;
  core.state.marginTerms.set(instrument, terms);
  core.tell({ type: 'MarginTermsSet', instrument, ...terms });
}

export function setMark(core: ReferenceCore, command: SetMark): void {
  const { state } = core;
  const { instrument, method, setBy } = command;
  const settlementPxTicks = command.settlementPxTicks ?? state.marks.get(instrument)?.settlementPxTicks ?? null;
  state.marks.set(instrument, { method, settlementPxTicks, setBy });
  core.tell({ type: 'MarkSet', instrument, method, settlementPxTicks, setBy });
}

function measure(state: ReferenceState, account: number, quote: number) {
  let equity = BigInt(state.balance(account, quote).total);
  let [initial, maintenance] = [0n, 0n];
  for (const instrument of poolOf(state, quote)) {
    const value = valueAt(state, instrument, state.position(account, instrument.index).qty);
    const terms = marginTermsOf(state, instrument.index);
    equity += value;
    initial += ceilShare(magnitude(value), terms.initialMarginPpm);
    maintenance += ceilShare(magnitude(value), terms.maintenanceMarginPpm);
  }
  let status: MarginStatus = 'HEALTHY';
  if (equity < (initial + maintenance) / 2n) status = 'CALL';
  if (equity < maintenance) status = 'LIQUIDATION';
  return { equity, initial, maintenance, status };
}

function tellStatus(core: ReferenceCore, account: number, asset: number): MarginStatus {
  const { equity, initial, maintenance, status } = measure(core.state, account, asset);
  const key = `${account}/${asset}`;
  if ((core.state.marginStatuses.get(key) ?? 'HEALTHY') === status) return status;
  core.state.marginStatuses.set(key, status);
  const figures = { equityUnits: Number(equity), initialUnits: Number(initial), maintenanceUnits: Number(maintenance) };
  core.tell({ type: 'MarginStatusChanged', account, asset, status, ...figures });
  return status;
}

/** What an exchange must offer for a liquidation. */
export type MarketSeller = (
  account: number,
  instrument: ReferenceInstrument,
  side: 'BUY' | 'SELL',
  lots: number,
) => boolean;

/** Measures every pool after a command and liquidates the broken ones, until a pass liquidates nothing. */
export function settleMargins(core: ReferenceCore, sell: MarketSeller): void {
  const { state } = core;
  const done = new Set<string>();
  const assets = [...new Set(state.instruments.map(({ quote }) => quote))].sort((a, b) => a - b);
  let sent = 0;
  const liquidate = (account: number, asset: number): void => {
    const pool = poolOf(state, asset);
    for (const order of state.ordersOf(account)) {
      if (pool.some(({ index }) => index === order.instrument)) core.cancel(order, 'LIQUIDATION');
    }
    const left = new Set(pool);
    while (left.size > 0 && sent < 64) {
      const { equity, initial, status } = measure(state, account, asset);
      if (status !== 'LIQUIDATION') return;
      const requirement = (one: ReferenceInstrument): bigint => {
        const value = magnitude(valueAt(state, one, state.position(account, one.index).qty));
        return (value * BigInt(marginTermsOf(state, one.index).maintenanceMarginPpm)) / PPM;
      };
      const [worst] = [...left]
        .filter((one) => state.position(account, one.index).qty !== 0)
        .sort((a, b) => Number(requirement(b) - requirement(a)) || a.index - b.index);
      if (worst === undefined) return;
      left.delete(worst);
      const { qty } = state.position(account, worst.index);
      const perLot = (valueAt(state, worst, 1) * BigInt(marginTermsOf(state, worst.index).initialMarginPpm)) / PPM;
      const wanted = perLot === 0n ? BigInt(Math.abs(qty)) : (initial - equity + perLot - 1n) / perLot;
      // The exchange caps at what stays exactly countable too; the bounds of every compared instrument lie far below that.
      const lots = Math.min(Math.abs(qty), worst.spec.maxQtyLots, Number(wanted));
      if (worst.status === 'OPEN' && sell(account, worst, qty > 0 ? 'SELL' : 'BUY', lots)) sent += 1;
    }
  };
  for (let calm = false; !calm; ) {
    calm = true;
    for (const [account] of state.accounts.entries()) {
      if (!isMargin(state, account)) continue;
      for (const asset of assets) {
        const key = `${account}/${asset}`;
        if (tellStatus(core, account, asset) !== 'LIQUIDATION' || done.has(key)) continue;
        done.add(key);
        calm = false;
        liquidate(account, asset);
        tellStatus(core, account, asset);
      }
    }
  }
}
