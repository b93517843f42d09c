import { Arg, Authorized, Ctx, Int, Query, Resolver } from 'type-graphql';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { Paged } from '../../../src/graphql/list-size.js';
import type { Audit } from '../services/audit.js';
import { AuditLogConnection, AuditLogFilter } from '../types/audit.js';

@Resolver()
export class AuditResolver {
  constructor(private readonly audit: Audit) {}

  @Authorized<Scope>('admin')
  @Paged(50)
  @Query(() => AuditLogConnection, {
    description:
      'Mutations that were asked for, newest first: who, with what, from where, and what came of it; refused ones too. ' +
      'Entries are never changed or removed, and stand here within a second of the answer. Needs scope admin.',
  })
  auditLog(
    @Arg('filter', () => AuditLogFilter, { nullable: true, description: 'Which entries; absent = all.' })
    filter: AuditLogFilter | null,
    @Arg('first', () => Int, { defaultValue: 50, description: 'Most entries, 1 to 500.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the entry before the page.' })
    after: string | null,
    @Ctx() context: RequestContext,
  ): Promise<AuditLogConnection> {
    requireScope(context, 'admin');
    return this.audit.page(filter ?? {}, first, after ?? null) as Promise<AuditLogConnection>;
  }
}
