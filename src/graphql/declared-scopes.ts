/**
 * What a field asks of its caller, declared on the schema: `@authenticated` (anybody who is somebody) or `@requiresScopes` (one
 * of the scopes), so that clients, tools and tests read off the SDL what the subgraph enforces.
 *
 * The declaration is made of the check itself, `@Authorized` or `@MarketRead`, so that the two cannot differ.
 */
import { Directive, Extensions, getMetadataStorage } from 'type-graphql';
import type { Scope } from './context.js';

/** Extension of fields that `@MarketRead` marks. */
export const MARKET_READ = 'marketRead';

/** A declared field, by what the library keeps of `@Authorized`. */
const declared = new WeakSet<object>();

/** Declares every `@Authorized` of the classes loaded so far; again does nothing. */
export function declareAuthorized(): void {
  const storage = getMetadataStorage();
  for (const field of storage.authorizedFields) {
    if (declared.has(field)) continue;
    declared.add(field);
    const { target, fieldName, roles } = field;
    const directive = { nameOrDefinition: declarationOf(roles as readonly Scope[]), args: {} };
    storage.fieldDirectives.push({ target, fieldName, directive });
  }
}

/** @param anyOf scopes of which one is needed; none: any identity will do */
function declarationOf(anyOf: readonly Scope[]): string {
  if (anyOf.length === 0) return '@authenticated';
  return `@requiresScopes(scopes: [${anyOf.map((scope) => `["${scope}"]`).join(', ')}])`;
}

/**
 * A root field of market data: public, unless the operator closes market data; then it needs scope market:read. Checked once
 * an operation and not for each event of a stream, see `guardMarketReads`.
 */
export function MarketRead(): MethodDecorator {
  const declare = Directive(declarationOf(['market:read'])) as MethodDecorator;
  const mark = Extensions({ [MARKET_READ]: true }) as MethodDecorator;
  return (target, name, descriptor) => {
    declare(target, name, descriptor);
    mark(target, name, descriptor);
  };
}
