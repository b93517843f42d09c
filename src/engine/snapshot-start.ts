/** Where every replay begins: the newest snapshot that serves, or an empty exchange. */
import { Exchange, type ExchangeOptions } from '../core/exchange/exchange.js';
import type { Log } from '../ports/log.js';
import type { SnapshotInfo, SnapshotStore } from '../ports/snapshot-store.js';

export interface SnapshotStart {
  readonly snapshots: Pick<SnapshotStore, 'list' | 'load'>;
  /** Of the empty exchange. */
  readonly exchange?: ExchangeOptions;
  readonly log: Log;
}

/**
 * Returns the exchange of the newest snapshot that may serve and can be used; one that can't is passed over with a warning.
 * @param mayServe asked of what its name says, before it is loaded
 * @param serves asked of the exchange, for what the name does not say
 */
export async function startFromSnapshot(
  { snapshots, exchange: options, log }: SnapshotStart,
  mayServe: (info: SnapshotInfo) => boolean,
  serves: (exchange: Exchange) => boolean = () => true,
): Promise<Exchange> {
  const infos = (await snapshots.list()).filter(mayServe);
  for (const info of infos.reverse()) {
    try {
      const exchange = await loadSnapshot(snapshots, info);
      if (serves(exchange)) return exchange;
    } catch (error) {
      log('warn', 'passed over a snapshot that can not be used', { ...info, error: (error as Error).message });
    }
  }
  return new Exchange(options);
}

/** Returns the exchange as the snapshot tells it. @throws Error when it is damaged or not what its name says */
export async function loadSnapshot(snapshots: Pick<SnapshotStore, 'load'>, info: SnapshotInfo): Promise<Exchange> {
  const exchange = Exchange.restore(await snapshots.load(info));
  if (exchange.commandSequence !== info.commandSequence || exchange.eventSequence !== info.eventSequence) {
    throw new RangeError(
      `it holds command ${exchange.commandSequence} and event ${exchange.eventSequence}, not what its name says`,
    );
  }
  return exchange;
}
