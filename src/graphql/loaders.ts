/**
 * Loaders: lookups of one request gathered into one call.
 *
 * Keys asked for in the same tick go out as one batch, each once. Nothing is kept beyond its batch: a mutation's result
 * is seen by the next field, and a subscription that lives for days keeps no stale rows.
 */
import DataLoader from 'dataloader';
import type { RequestContext } from './context.js';

/** Most keys of one batch; more are split. */
export const MAX_LOADER_BATCH = 500;

/**
 * Returns a function that gives the request's own loader.
 * @param load values in the order of the keys; null (or an Error) where a key has none
 */
export function createRequestLoader<Key, Value>(
  load: (keys: readonly Key[], context: RequestContext) => Promise<readonly (Value | Error)[]>,
): (context: RequestContext) => DataLoader<Key, Value> {
  const loaders = new WeakMap<RequestContext, DataLoader<Key, Value>>();
  return (context) => {
    const known = loaders.get(context);
    if (known !== undefined) return known;
    const loader: DataLoader<Key, Value> = new DataLoader(
      async (keys) => {
        for (const key of keys) loader.clear(key);
        return load(keys, context);
      },
      { maxBatchSize: MAX_LOADER_BATCH },
    );
    loaders.set(context, loader);
    return loader;
  };
}
