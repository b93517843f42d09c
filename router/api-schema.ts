/** The schema that clients see, with scalars that read their input as the subgraphs do. */
import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, type GraphQLSchema, isScalarType, isSpecifiedScalarType, parse } from 'graphql';
import { CursorScalar, DateTimeScalar, DecimalScalar, JSONScalar, SafeIntScalar } from '../src/graphql/scalars.js';
import type { LocalSubgraph } from './fast-path.js';

const SHARED_SCALARS = new Map(
  [DecimalScalar, DateTimeScalar, SafeIntScalar, CursorScalar, JSONScalar].map((scalar) => [scalar.name, scalar]),
);

/**
 * Returns the API schema of a supergraph. A scalar out of SDL accepts anything; with the real ones in place a bad value
 * is refused here, by the same words on every way to a subgraph, naming the variable and the field.
 */
export function buildApiSchema(supergraphSdl: string, subgraphs: readonly LocalSubgraph[]): GraphQLSchema {
  const schema = buildASTSchema(transformSupergraphToPublicSchema(parse(supergraphSdl)), { assumeValidSDL: true });
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isScalarType(type) || isSpecifiedScalarType(type)) continue;
    const local = subgraphs.map((subgraph) => subgraph.schema.getType(type.name)).find(isScalarType);
    const real = SHARED_SCALARS.get(type.name) ?? local;
    if (real === undefined) continue;
    type.serialize = real.serialize;
    type.parseValue = real.parseValue;
    type.parseLiteral = real.parseLiteral;
  }
  return schema;
}
