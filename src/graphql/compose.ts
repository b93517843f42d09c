/** Composition: subgraphs into one supergraph and the API that clients see. */
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';

export interface ComposableSubgraph {
  readonly name: string;
  readonly sdl: string;
}

/** The subgraphs contradict each other; the message lists every contradiction. */
export class CompositionError extends Error {
  override readonly name = 'CompositionError';
}

/**
 * Returns the supergraph (for the gateway) and the API schema (for clients).
 * @throws CompositionError with all contradictions
 */
export function composeSupergraph(subgraphs: readonly ComposableSubgraph[]): { supergraphSdl: string; apiSdl: string } {
  const result = composeServices(
    subgraphs.map(({ name, sdl }) => ({ name, typeDefs: parse(sdl), url: `http://${name}.subgraph/graphql` })),
  );
  if (result.errors !== undefined && result.errors.length > 0) {
    throw new CompositionError(result.errors.map((error) => error.message).join('\n'));
  }
  if (result.supergraphSdl === undefined || result.publicSdl === undefined) {
    throw new CompositionError('composition gave neither a supergraph nor errors');
  }
  return { supergraphSdl: result.supergraphSdl, apiSdl: result.publicSdl };
}
