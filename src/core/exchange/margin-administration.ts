/** Administration of margin: an instrument's terms and its mark. What makes no sense is told as RequestRejected. */
import { NONE, REJECT } from '../values/codes.js';
import type { SetMarginTerms, SetMark } from './command.js';
import { REQUEST } from './event-buffer.js';
import type { Listing } from './listing.js';
import { refusalText } from './refusal-text.js';
import type { ExchangeState } from './state.js';

const PPM = 1_000_000;

export class MarginAdministration {
  constructor(private readonly state: ExchangeState) {}

  /** What is open under the terms before is measured by the new ones at the end of the command. */
  setTerms(command: SetMarginTerms): void {
    const listing = this.#listingOf(command.instrument);
    if (listing === null) return;
    const { initialMarginPpm, maintenanceMarginPpm, shortSelling, setBy } = command;
    if (!inBounds(initialMarginPpm, 1, PPM)) {
      this.#refuse(`initialMarginPpm is a whole number from 1 to ${PPM}.`);
      return;
    }
    if (!inBounds(maintenanceMarginPpm, 0, initialMarginPpm)) {
      this.#refuse('maintenanceMarginPpm is a whole number from 0 to initialMarginPpm.');
      return;
    }
    const terms = { initialMarginPpm, maintenanceMarginPpm, shortSelling, setBy };
    this.state.margin.setTerms(listing.index, terms);
    this.state.events.body({ type: 'MarginTermsSet', instrument: listing.index, ...terms });
  }

  setMark(command: SetMark): void {
    const listing = this.#listingOf(command.instrument);
    if (listing === null) return;
    const { method, setBy } = command;
    const { settlementPxTicks: before } = this.state.margin.markOf(listing.index);
    const settlementPxTicks = command.settlementPxTicks ?? before;
    if (settlementPxTicks === null && method === 'SETTLEMENT') {
      this.#refuse('A mark at SETTLEMENT needs settlementPxTicks.');
      return;
    }
    if (settlementPxTicks !== null && !inBounds(settlementPxTicks, listing.minPriceTicks, listing.maxPriceTicks)) {
      this.#refuse(`settlementPxTicks is from ${listing.minPriceTicks} to ${listing.maxPriceTicks}.`);
      return;
    }
    const mark = { method, settlementPxTicks, setBy };
    this.state.margin.setMark(listing.index, mark);
    this.state.events.body({ type: 'MarkSet', instrument: listing.index, ...mark });
  }

  #listingOf(instrument: number): Listing | null {
    const listing = this.state.listings[instrument];
    if (listing === undefined) this.#refuse(refusalText(REJECT.UNKNOWN_SYMBOL), REJECT.UNKNOWN_SYMBOL);
    return listing ?? null;
  }

  #refuse(text: string, reason: number = REJECT.INVALID_REQUEST): void {
    const { events } = this.state;
    events.refusal(REQUEST.ADMINISTRATION, NONE, NONE, null, reason, text, Number.NaN, Number.NaN, Number.NaN);
  }
}

function inBounds(value: number, least: number, greatest: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= greatest;
}
