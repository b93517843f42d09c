/** What passes between the thread that makes a snapshot and the one that trades. */
import type { FileJournalExtent } from '../../adapters/file/file-journal.js';
import type { ExchangeOptions } from '../../core/exchange/exchange.js';
import type { SnapshotInfo } from '../../ports/snapshot-store.js';

/** Where the thread finds journal and snapshots. */
export type SnapshotSource =
  | { readonly kind: 'FILE'; readonly directory: string; readonly extent: FileJournalExtent }
  | { readonly kind: 'POSTGRES'; readonly url: string };

export interface SnapshotJob {
  readonly source: SnapshotSource;
  readonly exchange?: ExchangeOptions;
  readonly info: SnapshotInfo;
}

export type SnapshotMessage =
  | { readonly kind: 'MADE'; readonly bytes: number }
  | { readonly kind: 'DIVERGED'; readonly eventSequence: number }
  | { readonly kind: 'FAILED'; readonly error: string }
  | { readonly kind: 'WARNED'; readonly message: string; readonly fields: Readonly<Record<string, unknown>> };
