/**
 * Commands of circuit breakers, manual halts and resumptions.
 *
 * Each is told as an event that names who did it and what held before: the audit entry. A command that makes no sense is
 * told as RequestRejected and changes nothing. New terms begin a new window at the last price and leave a halt that is
 * under way as it is.
 */
import type { Phases } from '../auction/phases.js';
import type { HaltTrading, ResumeTrading, SetCircuitBreaker, SetMarketBreaker } from '../exchange/command.js';
import { REQUEST } from '../exchange/event-buffer.js';
import { refusalText } from '../exchange/refusal-text.js';
import type { ExchangeState } from '../exchange/state.js';
import { NONE, REJECT, TRADING_STATUS } from '../values/codes.js';
import { copyOfTerms, MAX_PHASE_US, outside, termsProblem } from './breaker-terms.js';
import { setMarketBreaker, setOwn } from './guards.js';
import { MAX_MEMBERS, MarketBreaker } from './market-breaker.js';
import type { Resumption } from './resumption.js';
import { SymbolBreaker } from './trade-guard.js';

const MAX_REASON_LENGTH = 200;
const LONG_REASON = `The reason has at most ${MAX_REASON_LENGTH} characters.`;
const { HALTED, CLOSED, PRE_OPEN } = TRADING_STATUS;

export type BreakerCommand = SetCircuitBreaker | SetMarketBreaker | HaltTrading | ResumeTrading;

export class BreakerAdministration {
  constructor(
    private readonly state: ExchangeState,
    private readonly phases: Phases,
    private readonly resumption: Resumption,
  ) {}

  apply(command: BreakerCommand): void {
    const problem = this.#perform(command);
    if (problem === null) return;
    const isUnknown = problem === REJECT.UNKNOWN_SYMBOL;
    const [reason, text] = isUnknown ? [problem, refusalText(problem)] : [REJECT.INVALID_REQUEST, String(problem)];
    const { events } = this.state;
    events.refusal(REQUEST.ADMINISTRATION, NONE, NONE, null, reason, text, Number.NaN, Number.NaN, Number.NaN);
  }

  #perform(command: BreakerCommand): string | number | null {
    switch (command.type) {
      case 'SetCircuitBreaker':
        return this.#setBreaker(command);
      case 'SetMarketBreaker':
        return this.#setMarket(command);
      case 'HaltTrading':
        return this.#halt(command);
      case 'ResumeTrading':
        return this.#resume(command);
    }
  }

  #setBreaker({ instrument, terms, setBy }: SetCircuitBreaker): string | number | null {
    const { state } = this;
    const listing = state.listings[instrument];
    if (listing === undefined) return REJECT.UNKNOWN_SYMBOL;
    const problem = terms === null ? null : termsProblem(terms);
    if (problem !== null) return problem;
    const before = listing.tradeGuard?.own?.terms ?? null;
    if (terms === null && before === null) return `${listing.spec.symbol} has no circuit breaker.`;
    setOwn(listing, terms === null ? null : new SymbolBreaker(copyOfTerms(terms), setBy));
    listing.tradeGuard?.own?.window.seed(state.timeUs, listing.referencePxTicks);
    const now = listing.tradeGuard?.own?.terms ?? null;
    state.events.body({ type: 'CircuitBreakerSet', instrument, terms: now, before, setBy });
    return null;
  }

  #setMarket({ instruments, terms, setBy }: SetMarketBreaker): string | number | null {
    const { state } = this;
    const former = state.market;
    const before = former === null ? null : { instruments: [...former.members], terms: former.terms };
    if (terms === null) {
      if (former === null) return 'There is no market-wide circuit breaker.';
      setMarketBreaker(state, null);
      state.events.body({ type: 'MarketBreakerSet', instruments: [], terms: null, before, setBy });
      return null;
    }
    const problem = termsProblem(terms);
    if (problem !== null) return problem;
    if (instruments.length < 1 || instruments.length > MAX_MEMBERS) return `The index has 1 to ${MAX_MEMBERS} symbols.`;
    const members = [...new Set(instruments)].sort((a, b) => a - b);
    if (members.length < instruments.length) return 'The index has each symbol once.';
    const listings = members.map((member) => state.listings[member]);
    if (listings.includes(undefined)) return REJECT.UNKNOWN_SYMBOL;
    const bases = listings.map((listing) => listing!.referencePxTicks);
    const market = new MarketBreaker(members, bases, copyOfTerms(terms), setBy);
    for (const [member, base] of bases.entries()) market.rebase(member, base);
    market.window.seed(state.timeUs, market.sum);
    setMarketBreaker(state, market);
    state.events.body({ type: 'MarketBreakerSet', instruments: members, terms: market.terms, before, setBy });
    return null;
  }

  #halt({ instrument, queuesOrders, reason, setBy }: HaltTrading): string | number | null {
    const { state } = this;
    if (reason.length > MAX_REASON_LENGTH) return LONG_REASON;
    const listing = instrument === null ? null : state.listings[instrument];
    if (listing === undefined) return REJECT.UNKNOWN_SYMBOL;
    if (listing?.status === CLOSED)
      return `${listing.spec.symbol} is CLOSED; only an instrument in a session is halted.`;
    state.events.body({ type: 'TradingHalted', instrument, queuesOrders, reason, setBy });
    for (const each of listing === null ? state.listings : [listing]) {
      if (each.status !== CLOSED) this.phases.halt(each, queuesOrders, reason);
    }
    return null;
  }

  /** One whose session has not opened goes back to PRE_OPEN where no auction is asked for. */
  #resume({ instrument, auctionUs, reason, setBy }: ResumeTrading): string | number | null {
    const { state } = this;
    if (reason.length > MAX_REASON_LENGTH) return LONG_REASON;
    const problem = outside('auctionUs', auctionUs, 0, MAX_PHASE_US);
    if (problem !== null) return problem;
    const listing = instrument === null ? null : state.listings[instrument];
    if (listing === undefined) return REJECT.UNKNOWN_SYMBOL;
    if (listing !== null && listing.status !== HALTED) return `${listing.spec.symbol} is not HALTED.`;
    state.events.body({ type: 'TradingResumed', instrument, auctionUs, reason, setBy });
    // Chosen before any opens: what trades then may trip the market's breaker, and that halt is not the one to resume.
    const halted = listing === null ? state.listings.filter(({ status }) => status === HALTED) : [listing];
    for (const each of halted) {
      if (auctionUs > 0) this.resumption.call(each, auctionUs, reason, false);
      else if (each.hasOpened) this.phases.open(each, reason);
      else this.phases.move(each, PRE_OPEN, NONE, reason);
    }
    return null;
  }
}
