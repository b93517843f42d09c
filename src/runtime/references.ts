/** The feed of another venue's prices, where one is configured; ccxt is loaded only then. */
import type { ReferenceFeedConfig } from '../config/reference-feed.js';
import type { Log } from '../ports/log.js';
import type { ReferenceFeed } from '../ports/reference-feed.js';

/**
 * Returns the feed as dependencies of subgraphs have it; none without settings.
 * @throws UnknownVenueError where ccxt has no such exchange
 */
export async function openReferences(
  config: ReferenceFeedConfig | null,
  log: Log,
): Promise<{ readonly references?: ReferenceFeed }> {
  if (config === null) return {};
  const { createCcxtFeed, DEFAULT_TIMES } = await import('../adapters/ccxt/ccxt-feed.js');
  return { references: await createCcxtFeed({ ...DEFAULT_TIMES, ...config, log }) };
}
