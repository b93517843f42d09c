/** Pages of lists as GraphQL Cursor Connections, forward only. */
import 'reflect-metadata';
import { Directive, Field, ObjectType } from 'type-graphql';
import { limitExceeded } from './errors.js';

/** Most rows of one page. */
export const MAX_PAGE_SIZE = 500;

@ObjectType({
  simpleResolvers: true,
  description: 'Where a page lies in its list, as in the GraphQL Cursor Connections specification.',
})
@Directive('@shareable')
export class PageInfo {
  @Field(() => Boolean, { description: 'True where more rows follow behind endCursor.' })
  hasNextPage: boolean;

  @Field(() => Boolean, {
    description: 'True where the page was asked for with a cursor, so that rows stand before it.',
  })
  hasPreviousPage: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first row of the page; null on an empty page.' })
  startCursor: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last row of the page; null on an empty page.' })
  endCursor: string | null;
}

/** One row of a page. */
export interface Edge<Node> {
  readonly cursor: string;
  readonly node: Node;
}

export interface Connection<Node> {
  readonly edges: readonly Edge<Node>[];
  readonly pageInfo: PageInfo;
}

/**
 * Returns the number of rows asked for.
 * @throws GraphQLError LIMIT_EXCEEDED outside of 1 to MAX_PAGE_SIZE
 */
export function checkPageSize(first: number, field = 'first'): number {
  if (!Number.isInteger(first) || first < 1 || first > MAX_PAGE_SIZE) {
    throw limitExceeded(field, MAX_PAGE_SIZE, `${first} rows were asked for; one page has 1 to ${MAX_PAGE_SIZE}`);
  }
  return first;
}

/**
 * Builds a page.
 * @param records up to first + 1 records: the one too many only tells that more follow
 * @param isFirstPage false where `after` was given
 */
export function toConnection<RecordType, Node>(
  records: readonly RecordType[],
  first: number,
  isFirstPage: boolean,
  cursorOf: (record: RecordType) => string,
  nodeOf: (record: RecordType) => Node,
): Connection<Node> {
  const shown = records.length > first ? records.slice(0, first) : records;
  const edges = shown.map((record) => ({ cursor: cursorOf(record), node: nodeOf(record) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: records.length > first,
      hasPreviousPage: !isFirstPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges[edges.length - 1]?.cursor ?? null,
    },
  };
}
