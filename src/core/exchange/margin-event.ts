/** Events of margin accounts: terms, marks, and how their pools stand. */
import type { MarginStatus, MarkMethod } from '../values/vocabulary.js';
import type { EventHeader } from './event-header.js';

export interface MarginTermsSet extends EventHeader {
  readonly type: 'MarginTermsSet';
  readonly instrument: number;
  readonly initialMarginPpm: number;
  readonly maintenanceMarginPpm: number;
  readonly shortSelling: boolean;
  readonly setBy: string;
}

export interface MarkSet extends EventHeader {
  readonly type: 'MarkSet';
  readonly instrument: number;
  readonly method: MarkMethod;
  /** Price of the last settlement; null = none. */
  readonly settlementPxTicks: number | null;
  readonly setBy: string;
}

/** A margin pool stands otherwise than before. After LIQUIDATION follows what was canceled and sold to mend it. */
export interface MarginStatusChanged extends EventHeader {
  readonly type: 'MarginStatusChanged';
  readonly account: number;
  /** Quote asset of the pool. */
  readonly asset: number;
  readonly status: MarginStatus;
  /** Money and positions at their marks, quote units. */
  readonly equityUnits: number;
  readonly initialUnits: number;
  readonly maintenanceUnits: number;
}
